"""Steps: networks that know nothing, and which of the paper's statements they meet (chapter 20)."""
