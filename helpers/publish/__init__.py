"""Notebooks and artefacts to executed notebooks to a static book."""
