"""Screens of organisations and of sharings."""
