"""Screens of the operator's desk."""
