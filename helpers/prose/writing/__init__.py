"""How facts become sentences: templates, wording, escaping."""
