"""Notifications to the operator, as they are written for an officer to sign (SSI-NFR-28, 31)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from django.conf import settings

from meterdesk.identity.queries import user_id_entries
from meterdesk.identity.rules import Actor
from meterdesk.kernel.errors import Conflict, NotVisible, Refused
from meterdesk.kernel.worktime import LONDON
from meterdesk.organisations.access import in_office
from meterdesk.organisations.actions.telling import tell
from meterdesk.organisations.models import Notification, Officer, Sharing
from meterdesk.organisations.rules import OfficerKind


@dataclass(frozen=True, slots=True)
class Content:
    """What a notification says: whose, of what kind, which UserIds, of whom, by which officer."""

    kind: Notification.Kind
    organisation_name: str
    own: Sequence[str]
    other_name: str
    other: Sequence[str]
    until: date | None


_GRANTING = (
    "We notify that this relates to granting another User access to our",
    "information on the Self-Service Interface, mutually, for the UserIds below.",
)
_RESCINDING = (
    "We notify that we wish to rescind another User's access to our information",
    "on the Self-Service Interface, and with it ours to theirs, for the UserIds",
    "below.",
)


def officer_in_office(organisation_id: int, officer_id: int, at: datetime) -> Officer:
    """The Senior Responsible Officer of that number. Raises Refused, field officer."""
    today = at.astimezone(LONDON).date()
    found = Officer.objects.filter(
        in_office(today), pk=officer_id, organisation_id=organisation_id, kind=OfficerKind.SRO
    ).first()
    if found is None:
        message = "Choose one of your Senior Responsible Officers who is in office."
        raise Refused(message, fields={"officer": message})
    return found


def write_notification(
    actor: Actor, sharing: Sharing, officer: Officer, content: Content, *, at: datetime
) -> Notification:
    """Keep a notification for the officer to sign, in place of an unsigned one of the same side.

    Tells the officer by email. Call within the caller's transaction.
    """
    Notification.objects.filter(
        sharing=sharing, organisation_id=officer.organisation_id, state=Notification.State.DRAFT
    ).update(state=Notification.State.REPLACED)
    number = uuid4()
    written = Notification.objects.create(
        id=number,
        sharing=sharing,
        kind=content.kind,
        organisation_id=officer.organisation_id,
        own_user_ids=list(content.own),
        other_user_ids=list(content.other),
        officer=officer,
        officer_name=officer.name,
        officer_email=officer.email,
        officer_telephone=officer.telephone,
        text=_text(str(number), content, officer, at),
        written_by_id=actor.person_id,
        written_at=at,
    )
    body = (
        f"{actor.display_name} has written a notification that needs your signature.\n\n"
        f"{_link(sharing, written)}\n\nSign it there by logging in, or hand in a signature file."
    )
    tell([officer.email], "A notification needs your signature", body, f"sharing {sharing.pk}", at)
    return written


def _link(sharing: Sharing, written: Notification) -> str:
    return f"{settings.PUBLIC_URL}/sharing/{sharing.pk}/notifications/{written.pk}/"


def _text(number: str, content: Content, officer: Officer, at: datetime) -> str:
    roles = {eui: one.user_role for eui, one in user_id_entries(content.own).items()}
    granting = content.kind == Notification.Kind.GRANT
    about = _GRANTING if granting else _RESCINDING
    until = f"{content.until:%d %B %Y}" if content.until else "it is rescinded"
    lines = [
        "NOTIFICATION TO THE NETWORK'S OPERATOR",
        "",
        *about,
        "",
        f"Notification: {number}",
        f"Written: {at.astimezone(LONDON):%d %B %Y}",
        "",
        f"Notifying User: {content.organisation_name}",
        *(f"  {eui} ({roles[eui].title})" if eui in roles else f"  {eui}" for eui in content.own),
        f"Other User: {content.other_name}",
        *(f"  {eui}" for eui in content.other),
        *([f"Access lasts until: {until}"] if granting else []),
        "",
        f"Authorised by: {officer.name}, {OfficerKind(officer.kind).title}",
        f"Telephone: {officer.telephone}",
        f"Email: {officer.email}",
        "",
    ]
    return "\r\n".join(lines)


def require_draft(written: Notification, at: datetime) -> None:
    """Raise Conflict unless the notification waits for its officer, who is still in office."""
    if written.state != Notification.State.DRAFT:
        raise Conflict("This notification does not wait for a signature any more.")
    officer_in_office(written.organisation_id, written.officer_id, at)


def own_draft(actor: Actor, sharing: Sharing, notification_id: UUID) -> Notification:
    """A notification of the actor's own side. Raises NotVisible."""
    found = Notification.objects.select_related("officer", "organisation").filter(
        pk=notification_id, sharing=sharing, organisation_id=actor.organisation_id
    )
    one = found.first()
    if one is None:
        raise NotVisible()
    return one
