"""What steps share: families, choices, seeds, samples, references, combining."""
