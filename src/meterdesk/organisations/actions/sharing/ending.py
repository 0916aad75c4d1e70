"""What a sharing does to grants: made both ways on activation, rescinded both ways."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from itertools import product

from meterdesk.identity import actions as identity
from meterdesk.identity.rules import Actor
from meterdesk.kernel.worktime import LONDON
from meterdesk.organisations.actions.sharing.letters import write_letters
from meterdesk.organisations.actions.sharing.moving import move
from meterdesk.organisations.models import Sharing, SharingGrant
from meterdesk.organisations.rules import SharingVerb, Side


def activate_grants(actor: Actor, sharing: Sharing, at: datetime) -> None:
    """Grant each UserId of one side to each of the other, both ways (SSI-NFR-29)."""
    ends = end_of(sharing.until)
    for one, other in product(sharing.first_user_ids, sharing.second_user_ids):
        for granting, granted in ((one, other), (other, one)):
            number = identity.add_grant(actor, granting, granted, at=at, expires_at=ends)
            SharingGrant.objects.create(sharing=sharing, grant_id=number)


def end_of(last_day: date | None) -> datetime | None:
    """The instant at which a day in London is over."""
    if last_day is None:
        return None
    return datetime.combine(last_day + timedelta(days=1), time(), LONDON)


def rescind(
    actor: Actor,
    sharing: Sharing,
    pairs: tuple[Sequence[str], Sequence[str]],
    side: Side,
    why: str,
    at: datetime,
) -> None:
    """End the grants between these UserIds of a sharing, both ways and at once (SSI-NFR-33).

    Args:
        pairs: UserIds of one side and of the other, in either order.
    """
    one, other = map(list, pairs)
    in_force = SharingGrant.objects.filter(sharing=sharing, grant__rescinded_at=None)
    for granting, granted in ((one, other), (other, one)):
        ended = in_force.filter(grant__granting__in=granting, grant__granted__in=granted)
        for number in list(ended.values_list("grant_id", flat=True)):
            identity.rescind_grant(actor, number, at=at)
    verb = SharingVerb.RESCIND_PART if in_force.exists() else SharingVerb.RESCIND
    move(actor, sharing, verb, side, at, why=why, changes={"reason": why} if why else {})
    write_letters(sharing, verb, why, at, pairs=(one, other))
