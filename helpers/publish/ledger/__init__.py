"""The ledger as a page shows it: whole, to be filtered, and to be linked row by row."""
