"""Reads of the operator's desk."""
