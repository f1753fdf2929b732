"""Curves, the optimum, aggregation over models, and identities."""
