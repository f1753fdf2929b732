"""Notebooks and artefacts to executed notebooks to a static book."""

PRELOADED = ("helpers.publish.preloaded",)
"""What workers and kernels have imported when they start."""
