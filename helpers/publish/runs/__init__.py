"""Several runs of the study: over seeds, side by side, and published ones on a page."""
