"""Scores and known genes → how much of the truth explanations find, and how alike they are."""
