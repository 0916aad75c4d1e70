"""Marks of the catalogue."""
