"""Reading a hub's diagnostics is itself kept: who looked at which hub, and when (SEC-1)."""

from datetime import datetime

from meterdesk.hubs.queries import HubAnswer, hub_status
from meterdesk.identity.rules import Actor
from meterdesk.platform import activity


def open_hub(actor: Actor, device_id: str, *, at: datetime) -> HubAnswer:
    """The hub's answer, with the reading recorded. Raises as `hub_status`; nothing is kept then."""
    answer = hub_status(actor, device_id, at)
    activity.record(actor=actor, verb="hubs.read", subject=device_id, at=at)
    return answer
