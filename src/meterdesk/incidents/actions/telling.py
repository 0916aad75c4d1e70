"""Telling those concerned by email, each no more than its view shows (IM-8, IM-13, IM-24)."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings

from meterdesk.identity.queries import (
    is_written_to,
    resolver_addresses,
    service_management_addresses,
)
from meterdesk.identity.rules import OrganisationKind
from meterdesk.incidents.models import Incident
from meterdesk.incidents.rules.audience import Audience
from meterdesk.incidents.rules.states import Part, State
from meterdesk.notifications.actions import send_email


def tell_step(
    found: Incident, done: str, why: str, by: Part | None, at: datetime, *, moved: bool
) -> None:
    """Tell everybody concerned that a step was taken; the part that took it is not told.

    Interested parties hear of new states alone, without any words that were written.
    """
    state = State(found.state).word
    now = f"{found.reference} is {state.lower()}."
    text = f"{done}. {now}\n\n{why}".strip()
    if by is not Part.RAISER:
        _send(found, _raiser(found), done, text, at)
    if by is not Part.RESPONSIBLE:
        _send(found, _responsible(found), done, text, at)
    if moved:
        _send(found, _interested(found), state, now, at)


def tell_allocated(found: Incident, reason: str, at: datetime) -> None:
    """Tell the party that an incident has been allocated to it."""
    text = f"{found.reference} has been allocated to your organisation.\n\n{reason}"
    _send(found, _responsible(found), "Allocated to you", text, at)


def tell_update(found: Incident, audience: Audience, text: str, by: Part, at: datetime) -> None:
    """Tell those to whom an update was written."""
    written = f"There is an update on {found.reference}.\n\n{text}"
    if by is not Part.RAISER and audience in {Audience.ALL, Audience.RAISER}:
        _send(found, _raiser(found), "Update", written, at)
    if by is not Part.RESPONSIBLE and audience in {Audience.ALL, Audience.RESPONSIBLE}:
        _send(found, _responsible(found), "Update", written, at)


def _raiser(found: Incident) -> list[str]:
    if found.raised_for and not is_written_to(found.raised_for):
        return []
    contacts = (found.contact, found.additional_contact or {})
    return [contact["email"] for contact in contacts if contact.get("email")]


def _responsible(found: Incident) -> list[str]:
    organisation = found.responsible_organisation
    if found.responsible_user_id is not None:
        told = service_management_addresses([found.responsible_user_id])
        return told.get(found.responsible_user_id, [])
    if organisation.kind == OrganisationKind.SERVICE_PROVIDER:
        return resolver_addresses(organisation.pk)
    return []


def _interested(found: Incident) -> list[str]:
    others = set(found.seen_by) - {found.raised_for, found.responsible_user_id}
    told = service_management_addresses(sorted(others))
    return [address for addresses in told.values() for address in addresses]


def _send(found: Incident, to: Iterable[str], what: str, text: str, at: datetime) -> None:
    link = f"{settings.PUBLIC_URL}/incidents/{found.reference}/"
    body = f"{text}\n\nSummary: {found.summary}\n\nOpen it in Meterdesk: {link}\n"
    for address in sorted(set(to)):
        send_email(
            to=address,
            subject=f"{found.reference}: {what}",
            body=body,
            about=found.reference,
            at=at,
        )
