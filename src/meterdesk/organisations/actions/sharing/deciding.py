"""Steps that need no new notification: declined, withdrawn, rejected, activated, ended."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from meterdesk.identity.rules import Actor
from meterdesk.kernel.errors import Conflict, NotAllowed, Refused
from meterdesk.organisations.actions.sharing.ending import activate_grants, rescind
from meterdesk.organisations.actions.sharing.letters import write_letters
from meterdesk.organisations.actions.sharing.moving import locked_sharing, move, require_step
from meterdesk.organisations.models import Notification, Sharing
from meterdesk.organisations.queries.checks import checks_of
from meterdesk.organisations.rules import (
    CONFIRMED,
    REASON_LONGEST,
    SHARING,
    UNDER_WAY,
    SharingState,
    SharingVerb,
    Side,
)


@transaction.atomic
def decide(
    actor: Actor, sharing_id: UUID, verb: SharingVerb, why: str, version: int, *, at: datetime
) -> None:
    """Decline, withdraw, reject or activate a sharing.

    Raises NotVisible, NotAllowed, Stale, Conflict; Refused, field why, when a reason is missing.
    """
    if verb not in CONFIRMED:
        raise NotAllowed("This is done by a signed notification.")
    sharing = locked_sharing(actor, sharing_id, at)
    side = require_step(actor, sharing, verb, version)
    reason = _reason(why, asked=SHARING[verb].asks_reason)
    if verb is SharingVerb.ACTIVATE:
        failed = [one.title.lower() for one in checks_of(sharing, at=at) if not one.holds]
        if failed:
            raise Conflict("It cannot be activated. These do not hold: " + "; ".join(failed) + ".")
        activate_grants(actor, sharing, at)
        move(actor, sharing, verb, side, at, changes={"activated_at": at})
    else:
        Notification.objects.filter(sharing=sharing, state=Notification.State.DRAFT).update(
            state=Notification.State.REPLACED
        )
        move(actor, sharing, verb, side, at, why=reason, changes={"reason": reason})
    write_letters(sharing, verb, reason, at)


def _reason(why: str, *, asked: bool) -> str:
    given = why.strip()
    if (asked and not given) or len(given) > REASON_LONGEST:
        message = f"Enter the reason, at most {REASON_LONGEST} characters."
        raise Refused(message, fields={"why": message})
    return given


@transaction.atomic
def rescind_for_operator(
    actor: Actor, sharing_id: UUID, why: str, version: int, *, at: datetime
) -> None:
    """Rescind a whole sharing as the operator, on a notification that came by another way.

    Raises NotVisible, NotAllowed, Stale, Conflict; Refused, field why.
    """
    sharing = locked_sharing(actor, sharing_id, at)
    side = require_step(actor, sharing, SharingVerb.RESCIND, version)
    if side is not Side.OPERATOR:
        raise NotAllowed("Rescind by a signed notification.")
    reason = _reason(why, asked=True)
    rescind(actor, sharing, _all(sharing), side, reason, at)


@transaction.atomic
def end_sharings_of(actor: Actor, organisation_id: int, why: str, *, at: datetime) -> None:
    """End every sharing of an organisation that is off-boarded, whatever its state."""
    mine = Sharing.objects.select_for_update().filter(
        Q(first_id=organisation_id) | Q(second_id=organisation_id)
    )
    for sharing in mine.filter(state=SharingState.ACTIVE):
        rescind(actor, sharing, _all(sharing), Side.OPERATOR, why, at)
    for sharing in mine.filter(state__in=[str(one) for one in UNDER_WAY]):
        verb = SharingVerb.REJECT
        move(actor, sharing, verb, Side.OPERATOR, at, why=why, changes={"reason": why})
        write_letters(sharing, verb, why, at)


@transaction.atomic
def expire(sharing_id: UUID, *, at: datetime) -> bool:
    """Note that a sharing is past its last day; its grants have ended by themselves."""
    sharing = Sharing.objects.select_for_update().filter(pk=sharing_id).first()
    if sharing is None or sharing.state != SharingState.ACTIVE:
        return False
    move(None, sharing, SharingVerb.EXPIRE, Side.SYSTEM, at)
    write_letters(sharing, SharingVerb.EXPIRE, "", at)
    return True


def _all(sharing: Sharing) -> tuple[list[str], list[str]]:
    return sharing.first_user_ids, sharing.second_user_ids
