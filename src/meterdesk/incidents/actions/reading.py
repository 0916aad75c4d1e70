"""Reading an incident is itself kept: who looked at which one, and when (SEC-1)."""

from datetime import datetime

from meterdesk.identity.rules import Actor
from meterdesk.incidents.queries import View, incident
from meterdesk.platform import activity


def open_incident(actor: Actor, reference: str, *, at: datetime) -> View:
    """The incident as this actor may see it, with the reading recorded. Raises NotVisible."""
    seen = incident(actor, reference)
    activity.record(actor=actor, verb="incidents.read", subject=seen.reference, at=at)
    return seen
