"""What administrators write for their officer to sign: a proposal, an answer, a rescinding."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from meterdesk.identity.queries import organisation_record
from meterdesk.identity.rules import Actor
from meterdesk.kernel.errors import Conflict, NotVisible, Refused
from meterdesk.kernel.identifiers import parse_eui
from meterdesk.kernel.worktime import LONDON
from meterdesk.organisations.access import may_share
from meterdesk.organisations.actions.sharing.moving import (
    locked_sharing,
    require_step,
    write_step,
)
from meterdesk.organisations.actions.sharing.notifying import (
    Content,
    officer_in_office,
    write_notification,
)
from meterdesk.organisations.models import Notification, Sharing
from meterdesk.organisations.rules import (
    NAME_LONGEST,
    OPEN_SHARINGS_MOST,
    UNDER_WAY,
    USER_IDS_MOST,
    SharingVerb,
    Side,
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What one side proposes to share.

    Attributes:
        own: UserIds of one's own organisation.
        other_name: the other party as one knows it; nobody says whether there is one.
        other: UserIds of the other party, in any spelling.
        until: the last day; None for until it is rescinded.
        officer_id: the Senior Responsible Officer who authorises it.
    """

    own: Sequence[str]
    other_name: str
    other: Sequence[str]
    until: date | None
    officer_id: int


@transaction.atomic
def propose(actor: Actor, given: Proposal, *, at: datetime) -> tuple[UUID, UUID]:
    """Begin a sharing with the first side's notification; returns both their numbers.

    Nothing in the answer or afterwards tells whether the UserIds named exist, nor whose they are.

    Raises NotVisible for who may not share, Refused with fields, Conflict when too many are open.
    """
    today = at.astimezone(LONDON).date()
    if not may_share(actor, today):
        raise NotVisible()
    own, other = _checked(actor, given, today)
    officer = officer_in_office(actor.organisation_id, given.officer_id, at)
    under_way = Sharing.objects.filter(
        first_id=actor.organisation_id, state__in=[str(one) for one in UNDER_WAY]
    )
    if under_way.count() >= OPEN_SHARINGS_MOST:
        raise Conflict("Too many of your sharings are not in force yet. Withdraw some of them.")
    sharing = Sharing.objects.create(
        first_id=actor.organisation_id,
        second_name=" ".join(given.other_name.split()),
        first_user_ids=own,
        second_user_ids=other,
        until=given.until,
        created_at=at,
        updated_at=at,
    )
    content = Content(
        Notification.Kind.GRANT,
        actor.organisation_name,
        own,
        sharing.second_name,
        other,
        given.until,
    )
    written = write_notification(actor, sharing, officer, content, at=at)
    write_step(actor, sharing, "begin", "", Side.FIRST, "", at)
    return sharing.pk, written.pk


def _checked(actor: Actor, given: Proposal, today: date) -> tuple[list[str], list[str]]:
    own, other = _euis(given.own), _euis(given.other)
    mine = {one.eui for one in organisation_record(actor.organisation_id).user_ids}
    fields: dict[str, str] = {}
    if not own or not set(own) <= mine or len(own) > USER_IDS_MOST:
        fields["own"] = f"Choose 1 to {USER_IDS_MOST} UserIds of your organisation."
    if not other or None in other or len(other) > USER_IDS_MOST:
        fields["other"] = (
            f"Enter 1 to {USER_IDS_MOST} UserIds of the other party, 16 characters, one a line."
        )
    elif set(other) & mine:
        fields["other"] = "These are to be the other party's UserIds, not yours."
    fields |= _wrong_words(given, today)
    if fields:
        raise Refused("The sharing was not proposed. Mend what is marked.", fields=fields)
    return [one for one in own if one], [one for one in other if one]


def _wrong_words(given: Proposal, today: date) -> dict[str, str]:
    fields = {}
    if not given.other_name.strip() or len(given.other_name) > NAME_LONGEST:
        fields["other_name"] = f"Enter the other party's name, at most {NAME_LONGEST} characters."
    if given.until is not None and given.until <= today:
        fields["until"] = "Choose a day in the future, or leave it empty."
    return fields


def _euis(given: Iterable[str]) -> list[str | None]:
    found: dict[str | None, None] = {}
    for text in given:
        try:
            found[parse_eui(text)] = None
        except Refused:
            found[None] = None
    return list(found)


@transaction.atomic
def answer(actor: Actor, sharing_id: UUID, officer_id: int, version: int, *, at: datetime) -> UUID:
    """Write the other side's notification, the mirror of the first; returns its number.

    Raises NotVisible, Stale; Conflict when it is not waiting for it; Refused, field officer.
    """
    sharing = locked_sharing(actor, sharing_id, at)
    require_step(actor, sharing, SharingVerb.ANSWER, version)
    officer = officer_in_office(actor.organisation_id, officer_id, at)
    content = Content(
        Notification.Kind.GRANT,
        actor.organisation_name,
        sharing.second_user_ids,
        sharing.first.name,
        sharing.first_user_ids,
        sharing.until,
    )
    return write_notification(actor, sharing, officer, content, at=at).pk


@dataclass(frozen=True, slots=True)
class Rescinding:
    """What one side wishes to rescind: its own UserIds, the other's, and who authorises it."""

    own: Sequence[str]
    other: Sequence[str]
    officer_id: int


@transaction.atomic
def write_rescinding(
    actor: Actor, sharing_id: UUID, given: Rescinding, version: int, *, at: datetime
) -> UUID:
    """Write a rescinding notification (SSI-NFR-31); returns its number.

    Raises NotVisible, Stale, Conflict; Refused with fields for UserIds that are not of it.
    """
    sharing = locked_sharing(actor, sharing_id, at)
    require_step(actor, sharing, SharingVerb.RESCIND, version)
    first = sharing.first_id == actor.organisation_id
    sides = (sharing.first_user_ids, sharing.second_user_ids)
    mine, theirs = sides if first else sides[::-1]
    fields = {}
    if not given.own or not set(given.own) <= set(mine):
        fields["own"] = "Choose at least one of your UserIds in this sharing."
    if not given.other or not set(given.other) <= set(theirs):
        fields["other"] = "Choose at least one of the other party's UserIds in this sharing."
    if fields:
        raise Refused("Nothing was written. Mend what is marked.", fields=fields)
    officer = officer_in_office(actor.organisation_id, given.officer_id, at)
    other_name = sharing.second.name if first and sharing.second else sharing.first.name
    content = Content(
        Notification.Kind.RESCIND,
        actor.organisation_name,
        sorted(set(given.own)),
        other_name,
        sorted(set(given.other)),
        None,
    )
    return write_notification(actor, sharing, officer, content, at=at).pk
