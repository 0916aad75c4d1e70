"""Writes of coverage: whole versions of it."""
