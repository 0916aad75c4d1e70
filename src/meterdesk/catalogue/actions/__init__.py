"""Writes of the catalogue: each one transaction, with history, activity and emails."""

from meterdesk.catalogue.actions.loading import load_catalogue
from meterdesk.catalogue.actions.raising import (
    AlreadyDisputed,
    DisputeDatum,
    RaiseRequest,
    check_request,
    raise_request,
)
from meterdesk.catalogue.actions.reading import open_attachment, open_request
from meterdesk.catalogue.actions.steps import attach, change_contacts, take_step

__all__ = [
    "AlreadyDisputed",
    "DisputeDatum",
    "RaiseRequest",
    "attach",
    "change_contacts",
    "check_request",
    "load_catalogue",
    "open_attachment",
    "open_request",
    "raise_request",
    "take_step",
]
