"""Facts on verdicts: the ledger, its protocols, and rules that were changed."""
