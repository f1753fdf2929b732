"""Explaining any network through Captum: the fallback of all engines."""
