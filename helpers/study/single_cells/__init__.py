"""Steps: single cells (chapter 14), the same whatever data set a run is about."""
