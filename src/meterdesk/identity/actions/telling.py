"""Emails to people about their accounts, and to the administrators of an organisation."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings

from meterdesk.identity.models import Organisation, Person
from meterdesk.identity.queries.administration import administrators_of
from meterdesk.identity.rules import Actor, DeskRole, OrganisationKind
from meterdesk.notifications.actions import send_email

_UNEXPECTED = (
    "If you did not expect this, tell an administrator of your organisation, or the service desk."
)


def tell_person(
    person: Person, subject: str, lines: Iterable[str], *, at: datetime, also: str = ""
) -> None:
    """Write to a person at the address on the account, and at the one it had before."""
    body = "\n\n".join([f"Hello {person.display_name},", *lines, _UNEXPECTED, _foot()])
    for address in dict.fromkeys(one for one in (person.email, also) if one):
        send_email(to=address, subject=subject, body=body, about=f"account {person.pk}", at=at)


def tell_administrators(
    organisation: Organisation,
    subject: str,
    lines: Iterable[str],
    *,
    at: datetime,
    but: Iterable[int] = (),
) -> None:
    """Write to each administrator of an organisation but some."""
    told = administrators_of(organisation).exclude(pk__in=list(but)).exclude(email="")
    text = [*lines, _foot()]
    for person in told.order_by("pk"):
        body = "\n\n".join([f"Hello {person.display_name},", *text])
        send_email(to=person.email, subject=subject, body=body, about=f"account {person.pk}", at=at)


def tell_owner(person: Person, subject: str, lines: Iterable[str], *, at: datetime) -> None:
    """Write to whoever answers for an account: its person; a service account's administrators."""
    if person.kind == Person.Kind.SERVICE:
        tell_administrators(person.organisation, subject, [*lines, _UNEXPECTED], at=at)
    else:
        tell_person(person, subject, lines, at=at)


def tell_operator(
    subject: str,
    lines: Iterable[str],
    *,
    at: datetime,
    desk_role: DeskRole = DeskRole.ADMINISTRATOR,
) -> None:
    """Write to each of the operator's staff who holds a desk role."""
    body = "\n\n".join([*lines, _foot()])
    told = Person.objects.filter(
        organisation__kind=OrganisationKind.OPERATOR,
        status=Person.Status.ACTIVE,
        desk_assignments__desk_role=desk_role,
    ).exclude(email="")
    for person in told.order_by("pk"):
        send_email(to=person.email, subject=subject, body=body, about=f"account {person.pk}", at=at)


def by_whom(actor: Actor | None) -> str:
    """Who did it, for an email."""
    return "Meterdesk" if actor is None else f"{actor.display_name}, {actor.organisation_name},"


def _foot() -> str:
    return f"Meterdesk: {settings.PUBLIC_URL}/"
