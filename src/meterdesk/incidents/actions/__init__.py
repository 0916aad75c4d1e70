"""Writes of incidents: each one transaction, with history, activity, clocks and emails."""

from meterdesk.incidents.actions.by_itself import raise_for_registration
from meterdesk.incidents.actions.doing import do
from meterdesk.incidents.actions.groups import add_group
from meterdesk.incidents.actions.raising import RaiseIncident, raise_incident
from meterdesk.incidents.actions.reading import open_attachment, open_incident
from meterdesk.incidents.actions.transitions import (
    acknowledge,
    allocate,
    assign,
    cancel,
    categorise,
    close,
    close_one_resolved,
    hand_back,
    hold,
    link_repeat,
    reopen,
    resolve,
    resume,
)
from meterdesk.incidents.actions.writing import add_update, attach
from meterdesk.incidents.rules.audience import Audience
from meterdesk.kernel.contacts import Contact

__all__ = [
    "Audience",
    "Contact",
    "RaiseIncident",
    "acknowledge",
    "add_group",
    "add_update",
    "allocate",
    "assign",
    "attach",
    "cancel",
    "categorise",
    "close",
    "close_one_resolved",
    "do",
    "hand_back",
    "hold",
    "link_repeat",
    "open_attachment",
    "open_incident",
    "raise_for_registration",
    "raise_incident",
    "reopen",
    "resolve",
    "resume",
]
