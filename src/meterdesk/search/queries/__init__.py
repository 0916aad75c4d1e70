"""Reads of the one box and of the start page."""

from meterdesk.search.queries.box import find
from meterdesk.search.queries.start import Start, start

__all__ = ["Start", "find", "start"]
