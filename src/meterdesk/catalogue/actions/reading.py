"""Reading a request is itself kept: who looked at which one, and when (SEC-1)."""

from datetime import datetime

from meterdesk.catalogue.queries.one import request
from meterdesk.catalogue.queries.records import View
from meterdesk.identity.rules import Actor
from meterdesk.platform import activity


def open_request(actor: Actor, reference: str, *, at: datetime) -> View:
    """The request as this actor may see it, with the reading recorded. Raises NotVisible."""
    seen = request(actor, reference, now=at)
    activity.record(actor=actor, verb="catalogue.read", subject=seen.reference, at=at)
    return seen
