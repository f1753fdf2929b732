"""Sensitivity analysis: what changes with each choice."""
