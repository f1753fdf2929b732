"""Networks and scores → whether the genes that explanations name are those that networks use."""
