"""A sign-on: a service provider's request, and the one answer to it (SSI-NFR-3, 8, 9, 16, 19).

The request comes from another site without the person's cookies, so it is kept and the browser is
led to a page of ours, where whoever is logged in is vouched for.
"""

import base64
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from meterdesk.identity.queries import LogIn, own_details
from meterdesk.identity.rules import Actor, Proof
from meterdesk.identity_provider.access import usable_by
from meterdesk.identity_provider.models import PersistentName, ServiceProvider, SignOn
from meterdesk.identity_provider.queries import own_facts, require_key
from meterdesk.identity_provider.rules import (
    RELAY_STATE_LONGEST,
    REQUEST_LIFETIME,
    REQUEST_OLDEST,
    REQUESTS_A_MINUTE,
    PersonSaid,
    ServiceState,
    attributes_for,
    contexts_of,
)
from meterdesk.kernel.errors import Conflict, NotAllowed, NotVisible, Refused, TooMany
from meterdesk.kernel.saml.issuing import Status, Vouching, refusal_response, signed_response
from meterdesk.kernel.saml.services import ReceivedRequest, context_for, read_authn_request
from meterdesk.platform import activity, counters

_BEGIN_AGAIN = "Go back to the service and begin there again."


class LogInAnew(Exception):
    """The service wants the person to log in again; the session has to be ended first."""


@dataclass(frozen=True, slots=True)
class Posting:
    """An answer on its way: to which address, with which form fields, to what service."""

    url: str
    fields: dict[str, str]
    service: str


def take_request(document: bytes, relay_state: str, address: str, *, at: datetime) -> str:
    """Take a service provider's AuthnRequest; returns the token under which it goes on.

    Args:
        document: its XML, of a stranger.
        address: where the browser is, for the slow-down.

    Raises:
        Unavailable: no signing key is configured.
        Refused: the request is not one that is answered; nothing is sent anywhere.
        TooMany: too many from this address.
    """
    require_key()
    count = counters.hit(f"sign-on:{counters.caller(address)}", timedelta(minutes=1), at=at)
    if count.count > REQUESTS_A_MINUTE:
        raise TooMany(count.seconds_left(at))
    request = read_authn_request(document)
    provider = ServiceProvider.objects.filter(
        entity_id=request.issuer, state=ServiceState.ACTIVE
    ).first()
    if provider is None:
        raise NotAllowed(
            "The service that sent you is not registered here, or is suspended. "
            "Tell its keepers, or the service desk.",
            code="service_unknown",
        )
    _check(request, provider, relay_state, own_facts().sso_url, at)
    return _keep(request, provider, relay_state, at)


def _check(
    request: ReceivedRequest,
    provider: ServiceProvider,
    relay_state: str,
    sso_url: str,
    at: datetime,
) -> None:
    if request.acs_url and request.acs_url not in provider.acs_urls:
        raise NotAllowed(
            f"{provider.name} asked for its answer at an address that is not registered. "
            "Tell its keepers.",
            code="acs_unknown",
        )
    if request.destination and request.destination != sso_url:
        raise Refused("The request was meant for another address. " + _BEGIN_AGAIN)
    if abs(at - request.issued_at) > REQUEST_OLDEST:
        raise Refused("The request is too old, or the service's clock is wrong. " + _BEGIN_AGAIN)
    if len(relay_state) > RELAY_STATE_LONGEST:
        raise Refused("The request carries too much. " + _BEGIN_AGAIN)


def _keep(
    request: ReceivedRequest, provider: ServiceProvider, relay_state: str, at: datetime
) -> str:
    token = secrets.token_urlsafe(32)
    try:
        with transaction.atomic():
            SignOn.objects.create(
                token=token,
                service_provider=provider,
                request_id=request.id,
                acs_url=request.acs_url or provider.acs_urls[0],
                relay_state=relay_state,
                forces=request.forces,
                is_passive=request.is_passive,
                suits_names=request.accepts_persistent_names,
                contexts=list(request.contexts),
                comparison=request.comparison,
                received_at=at,
                expires_at=at + REQUEST_LIFETIME,
            )
    except IntegrityError:
        raise Conflict("This request came before. " + _BEGIN_AGAIN, code="request_again") from None
    return token


def answer_sign_on(actor: Actor, log_in: LogIn, token: str, *, at: datetime) -> Posting:
    """Vouch for the person to the service that asked, once.

    Raises:
        NotVisible: there is no such request.
        Conflict: it was answered, or took too long.
        NotAllowed: the person's organisation may not use the service, or another identity
            provider vouches for the person here; nothing is sent then.
        LogInAnew: the service wants a log-in later than its request.
    """
    signing = require_key()
    if Proof.PROVIDER in log_in.proofs:
        raise NotAllowed(
            "Your organisation's identity provider logged you in. Meterdesk vouches only for "
            "those who log in with a Meterdesk account.",
            code="not_ours",
        )
    with transaction.atomic():
        asked = _open_sign_on(token, at)
        provider = asked.service_provider
        if not ServiceProvider.objects.filter(usable_by(actor), pk=provider.pk).exists():
            raise NotAllowed(
                f"{provider.name} is not open to {actor.organisation_name}. "
                "Ask your administrator.",
                code="service_closed",
            )
        if asked.forces and log_in.begun_at < asked.received_at:
            raise LogInAnew()
        SignOn.objects.filter(pk=asked.pk).update(answered_at=at)
        context = context_for(_wishes(asked), contexts_of(log_in.proofs))
        if not asked.suits_names or context is None:
            why = Status.NAME_POLICY if not asked.suits_names else Status.NO_CONTEXT
            return _refusal(asked, (Status.RESPONDER, why), at)
        return _posting(
            asked, signed_response(_vouch(actor, log_in, asked, context, at), signing, at=at)
        )


def refuse_passive(token: str, *, at: datetime) -> Posting | None:
    """Say that nobody is logged in, where the service forbade asking; None where it did not."""
    with transaction.atomic():
        asked = _open_sign_on(token, at)
        if not asked.is_passive:
            return None
        SignOn.objects.filter(pk=asked.pk).update(answered_at=at)
        return _refusal(asked, (Status.RESPONDER, Status.NO_PASSIVE), at)


def _open_sign_on(token: str, at: datetime) -> SignOn:
    asked = (
        SignOn.objects.select_for_update(of=("self",))
        .select_related("service_provider")
        .filter(token=token)
        .first()
    )
    if asked is None:
        raise NotVisible("There is no such log-in. " + _BEGIN_AGAIN)
    if asked.answered_at is not None:
        raise Conflict("This log-in was answered before. " + _BEGIN_AGAIN)
    if at >= asked.expires_at or asked.service_provider.state != ServiceState.ACTIVE:
        raise Conflict("This log-in took too long. " + _BEGIN_AGAIN)
    return asked


def _wishes(asked: SignOn) -> ReceivedRequest:
    return ReceivedRequest(
        id=asked.request_id,
        issuer=asked.service_provider.entity_id,
        destination="",
        acs_url=asked.acs_url,
        issued_at=asked.received_at,
        forces=asked.forces,
        is_passive=asked.is_passive,
        name_id_format="",
        contexts=tuple(asked.contexts),
        comparison=asked.comparison,
    )


def _vouch(actor: Actor, log_in: LogIn, asked: SignOn, context: str, at: datetime) -> Vouching:
    provider = asked.service_provider
    details = own_details(actor)
    person = PersonSaid(
        actor.username, details["first_name"], details["last_name"], details["email"]
    )
    name, _ = PersistentName.objects.get_or_create(
        service_provider=provider,
        person_id=actor.person_id,
        defaults={"name": secrets.token_hex(20), "created_at": at},
    )
    told = attributes_for(actor, person, provider.told)
    vouching = Vouching(
        issuer=own_facts().entity_id,
        audience=provider.entity_id,
        acs_url=asked.acs_url,
        in_response_to=asked.request_id,
        name_id=name.name,
        authenticated_at=log_in.begun_at,
        session_ends_at=log_in.ends_at,
        context=context,
        attributes=told,
    )
    activity.record(
        actor=actor,
        verb="identity_provider.vouch",
        subject=provider.name,
        at=at,
        detail={"told": sorted(told), "request": asked.request_id},
    )
    return vouching


def _refusal(asked: SignOn, codes: tuple[Status, ...], at: datetime) -> Posting:
    issuer = own_facts().entity_id
    return _posting(asked, refusal_response(issuer, asked.acs_url, asked.request_id, codes, at=at))


def _posting(asked: SignOn, document: bytes) -> Posting:
    fields = {"SAMLResponse": base64.b64encode(document).decode()}
    if asked.relay_state:
        fields["RelayState"] = asked.relay_state
    return Posting(asked.acs_url, fields, asked.service_provider.name)


def forget_old_sign_ons(*, at: datetime) -> int:
    """Drop requests that expired a day ago: until then a repeated one is known."""
    return SignOn.objects.filter(expires_at__lt=at - timedelta(days=1)).delete()[0]
