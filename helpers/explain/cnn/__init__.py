"""The engine for CNNs: what estimates have in common is computed once."""
