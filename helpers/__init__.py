"""Helper package of the book: data → models → explanations → tables → figures → pages."""
