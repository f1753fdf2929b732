"""Steps: whether explanations are faithful to networks, and what to use."""
