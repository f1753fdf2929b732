"""Steps: explanations held against genes that are known, because they were planted (chapter 19)."""
