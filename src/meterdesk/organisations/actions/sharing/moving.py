"""Taking a step of the table: checked, compared and set, with its history."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F

from meterdesk.identity.queries import present_rights
from meterdesk.identity.rules import Actor
from meterdesk.kernel.errors import Conflict, NotAllowed, NotVisible, Stale
from meterdesk.kernel.worktime import LONDON
from meterdesk.organisations.access import require_sharing, sharings_visible_to, sides_of
from meterdesk.organisations.models import Sharing, SharingStep
from meterdesk.organisations.rules import SHARING, SharingState, SharingVerb, Side
from meterdesk.platform import activity


def move(
    actor: Actor | None,
    sharing: Sharing,
    verb: SharingVerb,
    side: Side,
    at: datetime,
    *,
    why: str = "",
    changes: Mapping[str, Any] | None = None,
) -> None:
    """Take a row of the table: compare and set, write the step. Raises Conflict, Stale."""
    row, before = SHARING[verb], SharingState(sharing.state)
    if before not in row.sources:
        raise Conflict(f"It is {before.word.lower()}, so this cannot be done: {row.title.lower()}.")
    changed = Sharing.objects.filter(pk=sharing.pk, state=before, version=sharing.version).update(
        state=row.target, version=F("version") + 1, updated_at=at, **(changes or {})
    )
    if not changed:
        raise Stale()
    sharing.refresh_from_db()
    write_step(actor, sharing, verb, before, side, why, at)


def write_step(
    actor: Actor | None,
    sharing: Sharing,
    verb: str,
    before: str,
    side: Side,
    why: str,
    at: datetime,
) -> None:
    """Write a step into the history and the activity log."""
    SharingStep.objects.create(
        sharing=sharing,
        verb=verb,
        from_state=before,
        to_state=sharing.state,
        side=side,
        why=why,
        person_id=actor.person_id if actor else None,
        person_name=actor.display_name if actor else "Meterdesk",
        organisation_id=actor.organisation_id if actor else None,
        at=at,
    )
    activity.record(
        actor=actor,
        verb=f"organisations.sharing_{verb}",
        subject=str(sharing.pk),
        at=at,
        organisation_id=None if actor else sharing.first_id,
        detail={"before": before or None, "after": sharing.state, "why": why},
    )


def visible_sharing(actor: Actor, sharing_id: UUID, at: datetime) -> Sharing:
    """The sharing of that number. Raises NotVisible when the actor may not know of it."""
    today = at.astimezone(LONDON).date()
    require_sharing(actor, today)
    found = Sharing.objects.select_related("first", "second").filter(
        sharings_visible_to(actor, today), pk=sharing_id
    )
    one = found.first()
    if one is None:
        raise NotVisible()
    return one


def locked_sharing(actor: Actor, sharing_id: UUID, at: datetime) -> Sharing:
    """The same, held until the transaction ends, so that steps follow one another.

    Whoever lost the right while waiting for it gets no further. Raises NotVisible, NotAllowed.
    """
    found = visible_sharing(actor, sharing_id, at)
    Sharing.objects.select_for_update().get(pk=found.pk)
    return visible_sharing(present_rights(actor), sharing_id, at)


def require_step(actor: Actor, sharing: Sharing, verb: SharingVerb, version: int) -> Side:
    """The side as which the actor takes the step. Raises NotAllowed, Stale, Conflict."""
    row = SHARING[verb]
    held = sides_of(actor, sharing) & row.who
    if not held:
        raise NotAllowed("Your part in this sharing does not include this.")
    if sharing.version != version:
        raise Stale()
    if SharingState(sharing.state) not in row.sources:
        word = SharingState(sharing.state).word.lower()
        raise Conflict(f"It is {word}, so this cannot be done: {row.title.lower()}.")
    return next(iter(held))
