"""One's own details: given at the first log-in, changed later (SSI-FR-1, FSM-13)."""

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction

from meterdesk.identity.actions.credentials import send_link
from meterdesk.identity.actions.telling import tell_person
from meterdesk.identity.models import Person
from meterdesk.identity.queries.email_domains import corporate_email
from meterdesk.identity.rules import Actor, telephone_mistake
from meterdesk.identity.rules.accounts import NAME_LONGEST, LinkPurpose
from meterdesk.kernel.errors import Refused, TooMany
from meterdesk.notifications.actions import SECRET
from meterdesk.platform import activity, counters

_NEEDED: Final = {
    "first_name": "Enter your first name.",
    "last_name": "Enter your last name.",
    "telephone": "Enter a telephone number that you can be reached at.",
}
_EMAILS_A_DAY: Final = 10
_DAY: Final = timedelta(days=1)


def change_own_details(
    actor: Actor, first_name: str, last_name: str, email: str, telephone: str, *, at: datetime
) -> str:
    """Change one's own details; returns an address that waits to be confirmed, or nothing.

    A new email address must be a corporate one, and takes the place of the old one when the link
    that is sent to it is used. Raises Refused with fields, TooMany.
    """
    present = Person.objects.values_list("email", flat=True).get(pk=actor.person_id)
    if email.strip() != present:
        asked = counters.hit(f"own-email:{actor.person_id}", _DAY, at=at)
        if asked.count > _EMAILS_A_DAY:
            message = "You entered other email addresses too often today. Try again tomorrow."
            raise TooMany(asked.seconds_left(at), message)
    with transaction.atomic():
        person = Person.objects.select_for_update().get(pk=actor.person_id)
        return _store(actor, person, first_name, last_name, email, telephone, at)


@transaction.atomic
def confirm_details(
    actor: Actor, first_name: str, last_name: str, email: str, telephone: str, *, at: datetime
) -> None:
    """Store the details a person must give at first log-in (SSI-FR-1).

    Raises Refused with a message for each field that is missing or not usable.
    """
    person = Person.objects.select_for_update().get(pk=actor.person_id)
    _store(actor, person, first_name, last_name, email, telephone, at)
    Person.objects.filter(pk=person.pk).update(details_confirmed_at=at)
    activity.record(
        actor=actor,
        verb="identity.confirm_details",
        subject=actor.username,
        at=at,
        detail={
            "before": {"confirmed_at": _text(person.details_confirmed_at)},
            "after": {"confirmed_at": _text(at)},
        },
    )


def _store(
    actor: Actor,
    person: Person,
    first_name: str,
    last_name: str,
    email: str,
    telephone: str,
    at: datetime,
) -> str:
    given = {
        "first_name": " ".join(first_name.split()),
        "last_name": " ".join(last_name.split()),
        "telephone": " ".join(telephone.split()),
    }
    mistakes = _mistakes(given)
    address = person.email
    try:
        address = corporate_email(email, person.organisation_id, person.email)
    except Refused as refused:
        mistakes |= refused.fields
    if mistakes:
        raise Refused("Your details were not saved. Mend what is marked.", fields=mistakes)
    is_first = not person.email
    waiting = "" if is_first or address == person.email else address
    if is_first:
        given["email"] = address
    before = {name: getattr(person, name) for name in given}
    changed = [name for name in given if before[name] != given[name]]
    for name, value in given.items():
        setattr(person, name, value)
    person.version += 1
    person.save(update_fields=[*given, "version"])
    detail: dict[str, object] = {
        "before": {name: before[name] for name in changed},
        "after": {name: given[name] for name in changed},
    }
    if waiting:
        detail["email_asked_for"] = waiting
    if changed or waiting:
        activity.record(
            actor=actor,
            verb="identity.change_details",
            subject=person.username,
            at=at,
            detail=detail,
        )
    if waiting:
        _ask_to_confirm(person, waiting, at)
    return waiting


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _mistakes(given: dict[str, str]) -> dict[str, str]:
    mistakes = {name: message for name, message in _NEEDED.items() if not given[name]}
    for name in ("first_name", "last_name"):
        if len(given[name]) > NAME_LONGEST:
            mistakes[name] = f"Enter at most {NAME_LONGEST} characters."
    wrong = telephone_mistake(given["telephone"]) if given["telephone"] else ""
    return {**mistakes, "telephone": wrong} if wrong else mistakes


def _ask_to_confirm(person: Person, address: str, at: datetime) -> None:
    body = (
        f"Hello {person.display_name},\n\n"
        f"Confirm that this is to be the address of your Meterdesk account {person.username}, "
        f"within 24 hours:\n\n{settings.PUBLIC_URL}/links/{SECRET}/\n\n"
        "If you did not ask for this, do nothing, and tell an administrator.\n"
    )
    send_link(person, LinkPurpose.EMAIL, address, body, at)
    told = [
        f"Your account {person.username} asked for another email address: {address}. It changes "
        "when the link that was sent there is used."
    ]
    tell_person(person, "A new email address was asked for", told, at=at)
