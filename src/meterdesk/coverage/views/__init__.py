"""Screens of coverage."""
