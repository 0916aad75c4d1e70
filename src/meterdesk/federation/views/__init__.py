"""Screens of logging in through an organisation, and of failed log-ins."""
