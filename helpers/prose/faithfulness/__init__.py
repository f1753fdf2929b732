"""Facts of chapters 20 and 21: faithfulness, sources of disagreement, what to use."""
