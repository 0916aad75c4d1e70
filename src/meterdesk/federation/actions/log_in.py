"""A log-in through an identity provider: begun by a browser, and finished by the same one."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from meterdesk.federation.actions.answers import refuse_closed
from meterdesk.federation.actions.failures import few_failures, record_failure
from meterdesk.federation.models import IdentityProvider, SentRequest
from meterdesk.federation.queries import service_provider
from meterdesk.federation.rules import (
    FINISH_LIFETIME,
    REQUEST_LIFETIME,
    LogInRefused,
    ProviderState,
)
from meterdesk.identity.actions import SessionBegun, begin_session
from meterdesk.identity.rules import Proof
from meterdesk.kernel.errors import NotAllowed, NotVisible, TooMany
from meterdesk.kernel.saml import AuthnRequest, authn_request, fresh_id
from meterdesk.platform import counters

STARTS = 60
STARTS_WINDOW = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Departure:
    """A browser about to go to its identity provider with this request."""

    provider_name: str
    organisation_name: str
    request: AuthnRequest


@dataclass(frozen=True, slots=True)
class Finished:
    """A log-in that is finished: a session begun, or a test's outcome and no session.

    Attributes:
        target: the page to go on to, as it was given at the beginning.
        tested: what a test found, for the administrators; None for a log-in.
    """

    begun: SessionBegun | None
    target: str
    tested: dict[str, Any] | None


def start_log_in(
    slug: str,
    browser: str,
    *,
    target: str = "",
    address: str = "",
    is_test: bool = False,
    at: datetime,
) -> Departure:
    """Keep a request to the provider of that log-in address, for this browser alone.

    Args:
        browser: the secret in the browser's cookie; only its digest is kept.
        is_test: for a provider that is not active yet; begins no session. The caller has asked
            whether the person administers it.

    Raises NotVisible when no active provider has that address, TooMany.
    """
    count = counters.hit(f"saml-start:{counters.caller(address)}", STARTS_WINDOW, at=at)
    if count.count > STARTS:
        raise TooMany(count.seconds_left(at))
    provider = IdentityProvider.objects.select_related("organisation").filter(slug=slug).first()
    if provider is None or (provider.state != ProviderState.ACTIVE and not is_test):
        raise NotVisible("There is no log-in at this address. Ask your administrator for yours.")
    sent = SentRequest.objects.create(
        id=fresh_id(),
        provider=provider,
        browser=_digest(browser),
        target=target[:2000],
        is_test=is_test,
        sent_at=at,
        expires_at=at + REQUEST_LIFETIME,
    )
    service = service_provider()
    request = authn_request(
        request_id=sent.pk,
        destination=provider.sso_url,
        issuer=service.entity_id,
        acs_url=service.acs_url,
        contexts=provider.contexts,
        issued_at=at,
        force=is_test,
    )
    return Departure(provider.name, provider.organisation.name, request)


def finish_log_in(request: HttpRequest, request_id: str, browser: str, *, at: datetime) -> Finished:
    """Begin the session of a checked answer, in the browser that asked for it, once.

    Raises LogInRefused, kept under its reference.
    """
    provider_id, address = None, request.META.get("REMOTE_ADDR", "")
    try:
        with few_failures(address, at=at), transaction.atomic():
            sent = SentRequest.objects.select_for_update().filter(pk=request_id[:60]).first()
            provider_id = sent.provider_id if sent else None
            return _finish(request, sent, browser, at)
    except LogInRefused as refused:
        failure = refused
    raise record_failure(
        failure, request_id=request_id, provider_id=provider_id, address=address, at=at
    )


def _finish(request: HttpRequest, sent: SentRequest | None, browser: str, at: datetime) -> Finished:
    if sent is None or sent.answered_at is None:
        raise LogInRefused("request_unknown")
    if not constant_time_compare(sent.browser, _digest(browser)):
        raise LogInRefused("other_browser")
    if sent.finished_at is not None:
        raise LogInRefused("request_used", f"first {sent.finished_at:%Y-%m-%d %H:%M:%S} UTC")
    if at - sent.answered_at > FINISH_LIFETIME:
        raise LogInRefused("request_expired", f"answered {sent.answered_at:%H:%M:%S} UTC")
    # Suspending it waits for this lock, and then finds the session to end.
    providers = IdentityProvider.objects.select_related("organisation")
    provider = providers.select_for_update(of=("self",)).get(pk=sent.provider_id)
    refuse_closed(provider, is_test=sent.is_test)
    outcome, sent.outcome, sent.finished_at = sent.outcome or {}, None, at
    sent.save(update_fields=["outcome", "finished_at"])
    if sent.is_test:
        return Finished(None, sent.target, outcome)
    return Finished(_begin(request, provider, outcome, at), sent.target, None)


def _begin(
    request: HttpRequest, provider: IdentityProvider, outcome: dict[str, Any], at: datetime
) -> SessionBegun:
    ends_at = datetime.fromisoformat(outcome["ends_at"])
    if ends_at <= at:
        raise LogInRefused("session_over", outcome["ends_at"])
    try:
        return begin_session(
            request,
            outcome["person_id"],
            proofs=[Proof.PROVIDER],
            provider=provider.name,
            ends_at=ends_at,
            assertion={
                "provider_id": provider.pk,
                "name_id": outcome["name_id"],
                "roles": outcome["roles"],
                "user_ids": outcome["user_ids"],
            },
            at=at,
        )
    except NotAllowed as refused:
        reason = "network" if refused.code == "wrong_network" else "account"
        raise LogInRefused(reason, refused.message) from None


def _digest(browser: str) -> str:
    return sha256(browser.encode()).hexdigest()
