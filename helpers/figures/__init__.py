"""Tables to figures; nothing is computed here that a table does not hold."""
