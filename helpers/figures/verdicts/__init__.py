"""Pictures of verdicts: the ledger, and what the book found."""
