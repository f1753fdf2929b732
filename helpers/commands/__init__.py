"""Commands that have a module of their own; `helpers.cli` puts them together."""
