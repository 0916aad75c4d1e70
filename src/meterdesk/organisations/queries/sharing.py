"""Sharings, their notifications, and who can see what through which grant."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet

from meterdesk.identity.queries import (
    UserIdRecord,
    organisation_record,
)
from meterdesk.identity.rules import Actor
from meterdesk.kernel.errors import NotVisible
from meterdesk.kernel.paging import Order, Page, PageRequest
from meterdesk.kernel.worktime import LONDON
from meterdesk.organisations.access import (
    may_share,
    notifications_visible_to,
    require_sharing,
    sharings_visible_to,
    sides_of,
    waiting_for,
)
from meterdesk.organisations.models import Notification, Sharing, SharingGrant
from meterdesk.organisations.queries.checks import checks_of
from meterdesk.organisations.queries.organisations import OfficerRecord, officers_in_office
from meterdesk.organisations.rules import (
    SHARING,
    Check,
    OfficerKind,
    SharingState,
    SharingVerb,
    Side,
    open_sharing_verbs,
)
from meterdesk.platform.pages import COUNT_CAP, page_of_rows

_ORDER: Final = (Order("updated_at", datetime, True), Order("id", UUID, True))


@dataclass(frozen=True, slots=True)
class SharingRow:
    """A line of the list: the two sides as the reader may name them, and how it stands."""

    id: UUID
    first_name: str
    second_name: str
    first_user_ids: tuple[str, ...]
    second_user_ids: tuple[str, ...]
    state: SharingState
    until: date | None
    updated_at: datetime

    @property
    def state_word(self) -> str:
        """As shown to people."""
        return self.state.word


@dataclass(frozen=True, slots=True)
class NotificationView:
    """A notification as the reader may see it.

    Attributes:
        is_own: it is of the reader's own side.
        waits_for_reader: the reader is its officer, and it waits for the signature.
    """

    id: UUID
    kind: str
    kind_word: str
    state: str
    state_word: str
    organisation_name: str
    own_user_ids: tuple[str, ...]
    other_user_ids: tuple[str, ...]
    officer_name: str
    officer_email: str
    officer_telephone: str
    text: str
    written_at: datetime
    signer: str
    signed_at: datetime | None
    has_file: bool
    has_certificate: bool
    is_own: bool
    waits_for_reader: bool


@dataclass(frozen=True, slots=True)
class SharingStepView:
    """A line of a sharing's history."""

    done: str
    by: str
    why: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SharingPage(SharingRow):
    """One sharing with all that the reader may know of it and do about it.

    Attributes:
        side: what the reader is to it.
        mine, theirs: UserIds of the reader's side and of the other one; for the operator the
            first side's and the second's.
        verbs: what the reader may do now.
        checks: for the operator, until it is decided.
        draft: the notification of the reader's side that waits for its officer.
        pairs_in_force: (granting, granted) of each grant in force.
    """

    version: int
    reason: str
    created_at: datetime
    activated_at: datetime | None
    side: Side
    mine: tuple[str, ...]
    theirs: tuple[str, ...]
    verbs: tuple[SharingVerb, ...]
    checks: tuple[Check, ...]
    notifications: tuple[NotificationView, ...]
    draft: NotificationView | None
    history: tuple[SharingStepView, ...]
    pairs_in_force: tuple[tuple[str, str], ...]

    @property
    def other_name(self) -> str:
        """The other side, as the reader may name it."""
        return self.first_name if self.side is Side.SECOND else self.second_name

    @property
    def title(self) -> str:
        """The other side; for the operator, both of them."""
        both = f"{self.first_name} and {self.second_name}"
        return both if self.side is Side.OPERATOR else self.other_name

    @property
    def checks_hold(self) -> bool:
        """Whether all that is verified holds."""
        return all(one.holds for one in self.checks)


def sharings(actor: Actor, page: PageRequest, *, state: str = "", at: datetime) -> Page[SharingRow]:
    """Sharings that the actor may know of, changed last first. Raises NotVisible."""
    rows = _visible(actor, at)
    if state in set(SharingState):
        rows = rows.filter(state=state)
    scope = f"sharings:{actor.organisation_id}:{state}"
    found = page_of_rows(rows, scope, _ORDER, page, cap=COUNT_CAP)
    return found.as_entries(lambda one: SharingRow(**_facts(actor, one)))


def waiting_sharings(actor: Actor, page: PageRequest, *, at: datetime) -> Page[SharingRow]:
    """Sharings to answer as the other side or to verify as the operator. Raises NotVisible."""
    rows = _visible(actor, at).filter(waiting_for(actor))
    scope = f"sharings waiting:{actor.organisation_id}"
    found = page_of_rows(rows, scope, _ORDER, page, cap=COUNT_CAP)
    return found.as_entries(lambda one: SharingRow(**_facts(actor, one)))


def _visible(actor: Actor, at: datetime) -> QuerySet[Sharing]:
    today = at.astimezone(LONDON).date()
    require_sharing(actor, today)
    rows = Sharing.objects.select_related("first", "second")
    return rows.filter(sharings_visible_to(actor, today))


def _facts(actor: Actor, one: Sharing) -> dict[str, Any]:
    return {
        "id": one.pk,
        "first_name": one.first.name,
        "second_name": _second_name(actor, one),
        "first_user_ids": tuple(one.first_user_ids),
        "second_user_ids": tuple(one.second_user_ids),
        "state": SharingState(one.state),
        "until": one.until,
        "updated_at": one.updated_at,
    }


def _second_name(actor: Actor, one: Sharing) -> str:
    """The first side reads the name it typed until the sharing is in force."""
    if one.second is None:
        return one.second_name
    is_first = Side.FIRST in sides_of(actor, one)
    return one.second_name if is_first and one.activated_at is None else one.second.name


@dataclass(frozen=True, slots=True)
class WaitingSignature:
    """A notification that waits for its reader's signature."""

    sharing_id: UUID
    notification_id: UUID
    kind_word: str
    other_name: str


def waiting_signatures(actor: Actor, *, at: datetime) -> list[WaitingSignature]:
    """What the actor is to sign as an officer, oldest first. Raises NotVisible as `sharings`."""
    mine = Notification.objects.filter(
        notifications_visible_to(actor),
        sharing__in=_visible(actor, at),
        state=Notification.State.DRAFT,
        officer__person_id=actor.person_id,
    ).select_related("sharing__first", "sharing__second")
    return [
        WaitingSignature(
            one.sharing_id,
            one.pk,
            Notification.Kind(one.kind).label,
            one.sharing.first.name
            if one.sharing.second_id == actor.organisation_id
            else _second_name(actor, one.sharing),
        )
        for one in mine.order_by("written_at", "pk")
    ]


def sharing(actor: Actor, sharing_id: UUID, *, at: datetime) -> SharingPage:
    """One sharing. Raises NotVisible, for who may not know of it too."""
    one = _visible(actor, at).filter(pk=sharing_id).first()
    if one is None:
        raise NotVisible()
    side = next(iter(sides_of(actor, one)))
    written = _notifications(actor, one)
    state = SharingState(one.state)
    first, second = tuple(one.first_user_ids), tuple(one.second_user_ids)
    mine, theirs = (second, first) if side is Side.SECOND else (first, second)
    undecided = side is Side.OPERATOR and state in {SharingState.PROPOSED, SharingState.VERIFYING}
    links = SharingGrant.objects.filter(sharing=one, grant__rescinded_at=None)
    if state is not SharingState.ACTIVE:
        links = links.none()
    return SharingPage(
        **_facts(actor, one),
        version=one.version,
        reason=one.reason,
        created_at=one.created_at,
        activated_at=one.activated_at,
        side=side,
        mine=mine,
        theirs=theirs,
        verbs=open_sharing_verbs(state, {side}),
        checks=checks_of(one, at=at) if undecided else (),
        notifications=written,
        draft=next((n for n in written if n.is_own and n.state == Notification.State.DRAFT), None),
        history=_history(actor, one, side),
        pairs_in_force=tuple(links.values_list("grant__granting", "grant__granted")),
    )


def _history(actor: Actor, one: Sharing, side: Side) -> tuple[SharingStepView, ...]:
    """Steps, newest first; people of the other side are named by their organisation alone."""
    found = []
    for step in one.steps.select_related("organisation").order_by("-at", "-pk"):
        if step.verb == "begin" and side is not Side.FIRST:
            continue
        organisation = step.organisation.name if step.organisation else ""
        own = step.organisation_id == actor.organisation_id or side is Side.OPERATOR
        named = f"{step.person_name}, {organisation}" if organisation else step.person_name
        done = "Begun" if step.verb == "begin" else SHARING[SharingVerb(step.verb)].done
        found.append(
            SharingStepView(done, named if own else organisation or named, step.why, step.at)
        )
    return tuple(found)


def _notifications(actor: Actor, one: Sharing) -> tuple[NotificationView, ...]:
    rows = (
        Notification.objects.select_related("organisation", "officer")
        .filter(notifications_visible_to(actor), sharing=one)
        .exclude(state=Notification.State.REPLACED)
    )
    return tuple(_view(actor, row) for row in rows.order_by("-written_at", "-pk"))


def _view(actor: Actor, row: Notification) -> NotificationView:
    waits = row.state == Notification.State.DRAFT
    return NotificationView(
        id=row.pk,
        kind=row.kind,
        kind_word=Notification.Kind(row.kind).label,
        state=row.state,
        state_word=Notification.State(row.state).label,
        organisation_name=row.organisation.name,
        own_user_ids=tuple(row.own_user_ids),
        other_user_ids=tuple(row.other_user_ids),
        officer_name=row.officer_name,
        officer_email=row.officer_email,
        officer_telephone=row.officer_telephone,
        text=row.text,
        written_at=row.written_at,
        signer=row.signer,
        signed_at=row.signed_at,
        has_file=row.signature is not None,
        has_certificate=bool(row.officer.certificate),
        is_own=row.organisation_id == actor.organisation_id,
        waits_for_reader=waits and row.officer.person_id == actor.person_id,
    )


def notification(
    actor: Actor, sharing_id: UUID, notification_id: UUID, *, at: datetime
) -> NotificationView:
    """One notification of a sharing. Raises NotVisible."""
    page = sharing(actor, sharing_id, at=at)
    found = next((one for one in page.notifications if one.id == notification_id), None)
    if found is None:
        raise NotVisible()
    return found


def signature_file(actor: Actor, sharing_id: UUID, notification_id: UUID, *, at: datetime) -> bytes:
    """The signature as it was handed in. Raises NotVisible, where there is none too."""
    found = notification(actor, sharing_id, notification_id, at=at)
    kept = Notification.objects.get(pk=found.id).signature
    if kept is None:
        raise NotVisible()
    return bytes(kept)


@dataclass(frozen=True, slots=True)
class Choices:
    """What a party's own side may choose from: its UserIds and the officers who may authorise."""

    user_ids: tuple[UserIdRecord, ...]
    officers: tuple[OfficerRecord, ...]


def sharing_choices(actor: Actor, *, at: datetime) -> Choices:
    """One's own UserIds and Senior Responsible Officers in office. Raises NotVisible."""
    if not may_share(actor, at.astimezone(LONDON).date()):
        raise NotVisible()
    record = organisation_record(actor.organisation_id)
    officers = officers_in_office(actor.organisation_id, OfficerKind.SRO, at=at)
    return Choices(record.user_ids, tuple(officers))


def sharings_past_their_end(*, at: datetime) -> list[UUID]:
    """Sharings in force whose last day is over; for the system's own use."""
    today = at.astimezone(LONDON).date()
    over = Sharing.objects.filter(state=SharingState.ACTIVE, until__lt=today)
    return list(over.order_by("until").values_list("pk", flat=True)[:1_000])
