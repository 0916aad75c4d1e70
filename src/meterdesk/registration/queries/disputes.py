"""Meter points whose provider says something else, for those whom it concerns (REG-3)."""

from dataclasses import dataclass
from datetime import datetime

from meterdesk.identity.rules import Actor, DeskPermission
from meterdesk.registration.models import Misalignment
from meterdesk.registration.queries.points import Premises
from meterdesk.registration.rules.troubles import Master, MisalignmentState


@dataclass(frozen=True, slots=True)
class DisputedPoint:
    """A datum in doubt for the parties of the premises: what, and whose version counts."""

    mpxn: str
    what: str
    master: Master
    reported_at: datetime


@dataclass(frozen=True, slots=True)
class DisputedValues(DisputedPoint):
    """The same for the operator, with both values, which may name anybody."""

    provider: str
    held: str
    reported: str


def disputed(actor: Actor, premises: Premises) -> tuple[DisputedPoint, ...]:
    """Data of a premises that are reported to differ and not settled, the newest first.

    For the operator, and for those who are shown the parties by name; for others there are none.
    """
    if not premises.disputed:
        return ()
    whole = actor.sees_everything(DeskPermission.NETWORK_DATA)
    rows = (
        Misalignment.objects.filter(mpxn__in=premises.disputed, state=MisalignmentState.OPEN)
        .select_related("provider")
        .order_by("-reported_at", "pk")
    )
    return tuple(_disputed(one, whole=whole) for one in rows)


def _disputed(one: Misalignment, *, whole: bool) -> DisputedPoint:
    told = (one.mpxn, one.what, Master(one.master), one.reported_at)
    if not whole:
        return DisputedPoint(*told)
    return DisputedValues(*told, one.provider.code, one.held, one.reported)
