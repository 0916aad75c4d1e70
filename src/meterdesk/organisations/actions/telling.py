"""The history of an organisation, and letters to those who answer for it."""

from collections.abc import Iterable
from datetime import datetime

from meterdesk.identity.queries import administrator_addresses
from meterdesk.identity.rules import Actor
from meterdesk.kernel.worktime import LONDON
from meterdesk.notifications.actions import send_email
from meterdesk.organisations.access import in_office
from meterdesk.organisations.models import Officer, OrganisationStep


def note(
    actor: Actor | None, organisation_id: int, done: str, why: str = "", *, at: datetime
) -> None:
    """Write one line of an organisation's history."""
    OrganisationStep.objects.create(
        organisation_id=organisation_id,
        done=done,
        why=why.strip(),
        person_id=actor.person_id if actor else None,
        person_name=actor.display_name if actor else "Meterdesk",
        at=at,
    )


def officer_addresses(organisation_id: int, at: datetime) -> list[str]:
    """Addresses of an organisation's officers in office."""
    officers = Officer.objects.filter(
        in_office(at.astimezone(LONDON).date()), organisation_id=organisation_id
    )
    return list(officers.order_by("pk").values_list("email", flat=True))


def tell_organisation(organisation_id: int, subject: str, body: str, at: datetime) -> None:
    """Write to an organisation's administrators and officers."""
    addresses = administrator_addresses(organisation_id) + officer_addresses(organisation_id, at)
    tell(addresses, subject, body, f"organisation {organisation_id}", at)


def tell(to: Iterable[str], subject: str, body: str, about: str, at: datetime) -> None:
    """Write the same to each address, once."""
    for address in dict.fromkeys(to):
        send_email(to=address, subject=subject, body=body, about=about, at=at)
