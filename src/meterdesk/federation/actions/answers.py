"""An answer of an identity provider: checked whole, used once, kept for its browser."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from meterdesk.federation.actions.failures import few_failures, record_failure
from meterdesk.federation.models import (
    FederatedAccount,
    IdentityProvider,
    SeenAssertion,
    SentRequest,
)
from meterdesk.federation.queries import service_provider
from meterdesk.federation.rules import (
    AssertedRights,
    LogInRefused,
    ProviderState,
    asserted_rights,
    plain_username,
    session_end,
    value_of,
)
from meterdesk.identity.actions import NewPerson, add_person, confirm_details
from meterdesk.identity.queries import actor_named, person_id_of, user_ids_in_reach
from meterdesk.identity.rules import OrganisationKind
from meterdesk.kernel.errors import Refused
from meterdesk.kernel.saml import (
    Assertion,
    Expectations,
    SamlRefused,
    answered_request,
    check_response,
    decode_message,
    read_certificate,
)

_DETAILS = ("first_name", "last_name", "email", "telephone")


@dataclass(frozen=True, slots=True)
class Answered:
    """The request that was answered; its browser finishes it."""

    request_id: str


def receive_answer(field: str, *, address: str, at: datetime) -> Answered:
    """Check the form field SAMLResponse and use its request and assertion up (SSI-NFR-5 to 19).

    Nothing is begun: the answer comes from another site, without our cookies. Raises LogInRefused,
    kept under its reference; then nothing is used up. Raises TooMany for an address whose answers
    fail too often.
    """
    request_id, provider_id = "", None
    try:
        with few_failures(address, at=at):
            document = decode_message(field)
            request_id = answered_request(document)
            provider_id = _sent(request_id, at).provider_id
            with transaction.atomic():
                _use(document, request_id, at)
        return Answered(request_id)
    except SamlRefused as refused:
        failure = LogInRefused(refused.reason, refused.facts)
    except LogInRefused as refused:
        failure = refused
    raise record_failure(
        failure, request_id=request_id, provider_id=provider_id, address=address, at=at
    )


def _sent(request_id: str, at: datetime) -> SentRequest:
    sent = SentRequest.objects.filter(pk=request_id[:60]).first()
    if sent is None:
        raise LogInRefused("request_unknown", request_id[:100])
    if sent.expires_at <= at:
        raise LogInRefused("request_expired", f"sent {sent.sent_at:%Y-%m-%d %H:%M:%S} UTC")
    return sent


def _use(document: bytes, request_id: str, at: datetime) -> None:
    sent = SentRequest.objects.select_for_update().get(pk=request_id)
    if sent.answered_at is not None:
        raise LogInRefused("request_used", f"first {sent.answered_at:%Y-%m-%d %H:%M:%S} UTC")
    provider = IdentityProvider.objects.select_related("organisation").get(pk=sent.provider_id)
    refuse_closed(provider, is_test=sent.is_test)
    assertion = _checked(document, provider, sent, at)
    _see(provider, assertion)
    rights = asserted_rights(
        assertion, provider.attribute_names, user_ids_in_reach(provider.organisation_id, at=at)
    )
    person_id = None if sent.is_test else _account_of(provider, assertion, at)
    sent.answered_at = at
    sent.outcome = _outcome(assertion, rights, person_id)
    sent.save(update_fields=["answered_at", "outcome"])


def refuse_closed(provider: IdentityProvider, *, is_test: bool) -> None:
    """Raise LogInRefused unless the provider's state lets it log people in, or be tested.

    The operator's people, and service providers', are never let in this way.
    """
    testable = {ProviderState.TESTING, ProviderState.AWAITING_APPROVAL, ProviderState.ACTIVE}
    if provider.state not in (testable if is_test else {ProviderState.ACTIVE}):
        raise LogInRefused("provider_closed", provider.state)
    if provider.organisation.kind != OrganisationKind.PARTY:
        raise LogInRefused("organisation", provider.organisation.kind)


def _checked(
    document: bytes, provider: IdentityProvider, sent: SentRequest, at: datetime
) -> Assertion:
    service = service_provider()
    expected = Expectations(
        issuer=provider.entity_id,
        audience=service.entity_id,
        acs_url=service.acs_url,
        request_id=sent.pk,
        contexts=frozenset(provider.contexts),
        skew=timedelta(seconds=provider.clock_skew_seconds),
    )
    certificates = provider.certificates.order_by("pk")
    if not sent.is_test:
        certificates = certificates.exclude(approved_at=None)
    pinned = [read_certificate(one.pem) for one in certificates]
    return check_response(document, expected, pinned, at)


def _see(provider: IdentityProvider, assertion: Assertion) -> None:
    until = assertion.usable_until + timedelta(seconds=provider.clock_skew_seconds)
    _, is_new = SeenAssertion.objects.get_or_create(
        provider=provider, assertion_id=assertion.id[:512], defaults={"until": until}
    )
    if not is_new:
        raise LogInRefused("replayed", assertion.id)


def _account_of(provider: IdentityProvider, assertion: Assertion, at: datetime) -> int:
    """The person bound to (provider, NameID); a new account of its organisation at first."""
    bound = (
        FederatedAccount.objects.select_related("person")
        .filter(provider=provider, name_id=assertion.name_id)
        .first()
    )
    if bound is None:
        person_id = _new_person(provider, assertion, at)
        FederatedAccount.objects.create(
            provider=provider, name_id=assertion.name_id, person_id=person_id, created_at=at
        )
        return person_id
    if bound.person.organisation_id != provider.organisation_id:
        raise LogInRefused("organisation", bound.person.username)
    return bound.person_id


def _new_person(provider: IdentityProvider, assertion: Assertion, at: datetime) -> int:
    """An account without password; details that the assertion gives are taken (SSI-FR-1)."""
    names = provider.attribute_names
    given = {what: value_of(assertion, names, what) for what in _DETAILS}
    username = _free_username(plain_username(value_of(assertion, names, "username")), provider)
    person_id = add_person(
        None,
        NewPerson(
            username=username,
            organisation_id=provider.organisation_id,
            first_name=given["first_name"][:100],
            last_name=given["last_name"][:100],
            must_set_password=False,
            by_provider=True,
        ),
        at=at,
    )
    try:
        with transaction.atomic():
            confirm_details(actor_named(username), **given, at=at)
    except Refused:
        # What is missing or not usable is asked for at the first log-in.
        return person_id
    return person_id


def _free_username(wanted: str, provider: IdentityProvider) -> str:
    base = wanted or provider.slug
    candidates = [base, f"{base}@{provider.slug}"] if wanted else []
    for candidate in candidates:
        if person_id_of(candidate) is None:
            return candidate
    number = FederatedAccount.objects.filter(provider=provider).count() + 1
    while person_id_of(f"{base}.{number}") is not None:
        number += 1
    return f"{base}.{number}"


def _outcome(assertion: Assertion, rights: AssertedRights, person_id: int | None) -> dict[str, Any]:
    return {
        "person_id": person_id,
        "ends_at": session_end(assertion).isoformat(),
        "name_id": assertion.name_id,
        "roles": list(rights.roles),
        "user_ids": list(rights.user_ids),
        "context": assertion.context,
        "authenticated_at": assertion.authenticated_at.isoformat(),
        "signed": assertion.signed,
        "certificate": assertion.certificate,
        "attributes": {name: list(values) for name, values in assertion.attributes.items()},
    }
