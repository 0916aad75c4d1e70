"""Writes of the trail: messages, days, their counts and archive, and what is asked of it."""

from meterdesk.trail.actions.archive import Archived, archive_days, due_days, forget_old_days
from meterdesk.trail.actions.contacts import note_next_day
from meterdesk.trail.actions.days import drop_partitions, make_partitions
from meterdesk.trail.actions.messages import DuisDocument, record_documents, record_messages
from meterdesk.trail.actions.recall import ask_archive, forget_requests, recall
from meterdesk.trail.actions.recount import Recounted, recount_volumes

__all__ = [
    "Archived",
    "DuisDocument",
    "Recounted",
    "archive_days",
    "ask_archive",
    "drop_partitions",
    "due_days",
    "forget_old_days",
    "forget_requests",
    "make_partitions",
    "note_next_day",
    "recall",
    "record_documents",
    "record_messages",
    "recount_volumes",
]
