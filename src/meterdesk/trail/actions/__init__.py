"""Writes of the trail: messages, days and their archive, and what is asked of the archive."""

from meterdesk.trail.actions.archive import Archived, archive_days, due_days, forget_old_days
from meterdesk.trail.actions.days import drop_partitions, make_partitions
from meterdesk.trail.actions.messages import DuisDocument, record_documents, record_messages
from meterdesk.trail.actions.recall import ask_archive, forget_requests, recall

__all__ = [
    "Archived",
    "DuisDocument",
    "archive_days",
    "ask_archive",
    "drop_partitions",
    "due_days",
    "forget_old_days",
    "forget_requests",
    "make_partitions",
    "recall",
    "record_documents",
    "record_messages",
]
