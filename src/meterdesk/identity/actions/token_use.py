"""Tokens in use: when and where, from where they may not be used, when they end soon (FSM-17)."""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from meterdesk.identity.actions.telling import tell_owner
from meterdesk.identity.models import ApiToken, Person
from meterdesk.identity.rules import (
    REMIND_BEFORE,
    NetworkRefusal,
    parse_address,
    reminder_due,
    wrong_network,
)
from meterdesk.kernel.errors import NotAllowed
from meterdesk.platform import activity, counters

TOKEN_USE_RESOLUTION: Final = timedelta(minutes=1)
TELL_AGAIN: Final = timedelta(hours=1)


def note_token_use(token: ApiToken, address: str, *, at: datetime) -> None:
    """Keep when and where a token was last used, to the minute: calls do not queue on its row."""
    if token.last_used_at is None or at - token.last_used_at >= TOKEN_USE_RESOLUTION:
        found = parse_address(address)
        ApiToken.objects.filter(pk=token.pk).update(
            last_used_at=at, last_used_address=str(found) if found else None
        )


def refuse_token(token: ApiToken, address: str, why: NetworkRefusal, *, at: datetime) -> NotAllowed:
    """Note a call with a token from where it may not be used; returns the refusal.

    Recorded once an hour for each address, and its owner told once an hour: it may be stolen.
    """
    here = f"token-refused:{token.pk}:{counters.caller(address)}"
    if counters.hit(here, TELL_AGAIN, at=at).count == 1:
        with transaction.atomic():
            _note_refusal(token.pk, address, why, at)
    return wrong_network(address, why)


def _note_refusal(token_id: int, address: str, why: NetworkRefusal, at: datetime) -> None:
    token = ApiToken.objects.select_related("person").get(pk=token_id)
    activity.record(
        actor=None,
        verb="identity.token_refused",
        subject=str(token),
        at=at,
        organisation_id=token.person.organisation_id,
        detail={
            "token": token.pk,
            "owner": token.person.username,
            "address": address,
            "networks_of": why,
        },
    )
    if counters.hit(f"token-refused:{token.pk}", TELL_AGAIN, at=at).count == 1:
        tell_owner(
            token.person,
            f"An API token was used from another network: {token.name}",
            [
                f"A call with the API token {token} of {token.person.username} came from {address} "
                "and was refused: it is not among the networks that the token may be used from.",
                "If the call was not yours, somebody else has the token: revoke it now.",
            ],
            at=at,
        )


@transaction.atomic
def remind_of_expiring_tokens(*, at: datetime) -> int:
    """Tell the owners of tokens that end in 30, 7 or 1 days; returns how many."""
    today, told = timezone.localdate(at), 0
    soon = ApiToken.objects.select_for_update(of=("self",)).select_related("person")
    for token in soon.filter(
        revoked_at=None,
        expires_at__gt=at,
        expires_at__lte=at + timedelta(days=max(REMIND_BEFORE) + 1),
        person__status=Person.Status.ACTIVE,
    ):
        ends, begun = timezone.localdate(token.expires_at), timezone.localdate(token.created_at)
        days = reminder_due(ends, begun, token.reminded_days, today)
        if days is None:
            continue
        token.reminded_days, told = days, told + 1
        token.save(update_fields=["reminded_days"])
        tell_owner(
            token.person,
            f"An API token ends soon: {token.name}",
            [
                f"The API token {token} of {token.person.username} ends on {ends:%d %B %Y}. "
                "Rotate it in Meterdesk before that day, and programs that use it go on working."
            ],
            at=at,
        )
    return told
