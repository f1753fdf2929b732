"""The ledger of this run, and those of others."""
