"""Reading a request is itself kept: who looked at which one, and when (SEC-1)."""

from datetime import datetime

from meterdesk.catalogue.queries.one import attachment, request
from meterdesk.catalogue.queries.records import View
from meterdesk.identity.rules import Actor
from meterdesk.platform import activity
from meterdesk.platform.files import Download


def open_request(actor: Actor, reference: str, *, at: datetime) -> View:
    """The request as this actor may see it, with the reading recorded. Raises NotVisible."""
    seen = request(actor, reference, now=at)
    activity.record(actor=actor, verb="catalogue.read", subject=seen.reference, at=at)
    return seen


def open_attachment(actor: Actor, reference: str, attachment_id: int, *, at: datetime) -> Download:
    """A file of a request for download, with the reading recorded. Raises NotVisible."""
    found = attachment(actor, reference, attachment_id)
    detail = {"file": found.name}
    verb = "catalogue.read_file"
    activity.record(actor=actor, verb=verb, subject=reference, at=at, detail=detail)
    return found
