"""How well single explanations repeat themselves, and in which mode."""
