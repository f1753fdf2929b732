"""What the paper states, and what a run says of each statement."""
