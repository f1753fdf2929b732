"""Sensitivity analysis: what changes with each choice, and with shuffled labels."""
