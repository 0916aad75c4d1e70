"""Screens of log-in, set-up, profile and people."""
