"""The lists of top genes, and what they are tested against."""
