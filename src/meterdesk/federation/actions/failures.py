"""Failed log-ins: kept under a reference; and what is over, forgotten."""

import ipaddress
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import transaction

from meterdesk.federation.models import FailedLogIn, IdentityProvider, SeenAssertion, SentRequest
from meterdesk.federation.rules import FAILURES_KEPT, REFERENCE_LETTERS, LogInRefused
from meterdesk.kernel.errors import TooMany
from meterdesk.platform import activity, counters

_FAILURES = 60
_WINDOW = timedelta(minutes=10)


@contextmanager
def few_failures(address: str, *, at: datetime) -> Iterator[None]:
    """Count what is tried from an address, unless it succeeds. Raises TooMany.

    Anybody may post an answer, and every failure keeps a row.
    """
    tries = f"saml-answer:{counters.caller(address)}"
    count = counters.hit(tries, _WINDOW, at=at)
    if count.count > _FAILURES:
        raise TooMany(count.seconds_left(at))
    yield
    counters.give_back(tries)


@transaction.atomic
def record_failure(
    refused: LogInRefused,
    *,
    request_id: str = "",
    provider_id: int | None = None,
    address: str = "",
    at: datetime,
) -> LogInRefused:
    """Keep a failed log-in and give it the reference that the person is told; returns it."""
    provider = (
        IdentityProvider.objects.filter(pk=provider_id).first() if provider_id is not None else None
    )
    failed = FailedLogIn.objects.create(
        reference="".join(secrets.choice(REFERENCE_LETTERS) for _ in range(8)),
        provider=provider,
        organisation_id=provider.organisation_id if provider else None,
        reason=refused.reason,
        facts=refused.facts.replace("\x00", ""),
        request_id=request_id[:60],
        address=_address(address),
        at=at,
    )
    activity.record(
        actor=None,
        verb="federation.log_in_failed",
        subject=failed.reference,
        at=at,
        organisation_id=failed.organisation_id,
        detail={"reason": refused.reason, "provider": provider.name if provider else ""},
    )
    refused.reference = failed.reference
    refused.slug = provider.slug if provider else ""
    return refused


def _address(text: str) -> str | None:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return None


@transaction.atomic
def forget_what_is_over(*, at: datetime) -> int:
    """Delete requests and assertions that can open nothing any more, and old failures."""
    over = (
        SentRequest.objects.filter(expires_at__lt=at - FAILURES_KEPT / 90),
        SeenAssertion.objects.filter(until__lt=at),
        FailedLogIn.objects.filter(at__lt=at - FAILURES_KEPT),
    )
    return sum(rows.delete()[0] for rows in over)
