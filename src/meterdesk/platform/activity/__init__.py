"""The activity log: who did what in Meterdesk, append-only, in the action's own transaction.

Separate from the service audit trail, which records the network's messages (SEC-1, FSM-10).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from meterdesk.platform.models import ActivityEntry

__all__ = ["By", "record"]


@dataclass(frozen=True, slots=True)
class By:
    """Who acts, where there is no Actor: somebody who is just logging in, or the system."""

    person_id: int | None
    username: str
    organisation_id: int | None
    request_id: str = ""


def record(
    *,
    actor: Any,
    verb: str,
    subject: str,
    at: datetime,
    organisation_id: int | None = None,
    detail: dict[str, Any] | None = None,
) -> None:
    """Write one entry; call inside the transaction of the action it describes.

    Args:
        actor: the identity.rules.Actor or the By who acts, or None for the system itself.
        verb: stable dotted name, for example `incidents.raise`.
        subject: what it was done to, for example `INC0000123`.
        at: aware UTC instant of the action.
        organisation_id: whose log it belongs to; the actor's organisation when left out.
        detail: JSON-serialisable facts, never secrets.
    """
    ActivityEntry.objects.create(
        at=at,
        person_id=getattr(actor, "person_id", None),
        username=getattr(actor, "username", "system"),
        organisation_id=organisation_id or getattr(actor, "organisation_id", None),
        request_id=getattr(actor, "request_id", ""),
        verb=verb,
        subject=subject,
        detail=detail or {},
    )
