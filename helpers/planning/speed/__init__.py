"""The exact engine beside other ways to the same scores: time and memory of each."""
