"""Reading an incident is itself kept: who looked at which one, and when (SEC-1)."""

from datetime import datetime

from meterdesk.identity.rules import Actor
from meterdesk.incidents.queries import View, attachment, incident
from meterdesk.platform import activity
from meterdesk.platform.files import Download


def open_incident(actor: Actor, reference: str, *, at: datetime) -> View:
    """The incident as this actor may see it, with the reading recorded. Raises NotVisible."""
    seen = incident(actor, reference)
    activity.record(actor=actor, verb="incidents.read", subject=seen.reference, at=at)
    return seen


def open_attachment(actor: Actor, reference: str, attachment_id: int, *, at: datetime) -> Download:
    """A file of an incident for download, with the reading recorded. Raises NotVisible."""
    found = attachment(actor, reference, attachment_id)
    detail = {"file": found.name}
    verb = "incidents.read_file"
    activity.record(actor=actor, verb=verb, subject=reference, at=at, detail=detail)
    return found
