"""How each statement is judged, one module a section of the paper."""
