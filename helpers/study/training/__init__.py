"""Data, ensembles, accuracy and cross-validation."""
