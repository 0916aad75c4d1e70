"""Telling the raiser by email what happened, and for a dispute both values.

A UserId that may read nothing in Meterdesk is not written to either.
"""

from datetime import datetime

from django.conf import settings

from meterdesk.catalogue.models import ServiceRequest
from meterdesk.catalogue.rules.states import DeliveryState, RequestPart, RequestVerb
from meterdesk.identity.queries import is_written_to
from meterdesk.notifications.actions import send_email
from meterdesk.platform.web.moments import day_words, moment_words, value_words


def tell_raised(found: ServiceRequest, next_words: str, at: datetime) -> None:
    """Confirm that it was raised, with what happens next."""
    _send(found, "Raised", f"{found.reference} has been raised. {next_words}", at)


def tell_step(
    found: ServiceRequest, verb: RequestVerb, done: str, text: str, by: RequestPart, at: datetime
) -> None:
    """Tell the contacts what the desk did; a work note and one's own steps are not told."""
    if by is RequestPart.RAISER or verb in {RequestVerb.NOTE, RequestVerb.TAKE}:
        return
    now = f"{done}. {found.reference} is {DeliveryState(found.state).in_text}."
    _send(found, done, f"{now}\n\n{text}".strip(), at)


def _send(found: ServiceRequest, what: str, text: str, at: datetime) -> None:
    if not is_written_to(found.raised_for):
        return
    contacts = (found.contact, found.additional_contact or {})
    link = f"{settings.PUBLIC_URL}/catalogue/requests/{found.reference}/"
    about = f"{found.type_title}: {found.summary}"
    body = "\n\n".join(one for one in (text, about, _values(found), f"Open it: {link}") if one)
    for address in sorted({one["email"] for one in contacts if one.get("email")}):
        send_email(
            to=address,
            subject=f"{found.reference}: {what}",
            body=f"{body}\n",
            about=found.reference,
            at=at,
        )


def _values(found: ServiceRequest) -> str:
    if not found.datum:
        return ""
    kept = found.dispute
    held = value_words(kept.held_value) or "nothing"
    since = f", since {day_words(kept.proposed_since)}" if kept.proposed_since else ""
    return (
        f"Held on {moment_words(kept.read_at)}: {held}\n"
        f"You say it should be: {value_words(kept.proposed_value)}{since}"
    )
