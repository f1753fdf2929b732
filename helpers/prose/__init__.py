"""Tables to sentences: every number in the book's running text is put there by a run."""
