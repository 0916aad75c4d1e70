"""Screens of Meterdesk as an Identity Provider."""
