"""Meter points and who is registered at them on a date (REG-2)."""
