"""Facts that speak for or against a statement, beside its verdict."""
