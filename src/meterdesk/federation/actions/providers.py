"""An identity provider's enrolment: taken up as a draft, moved from state to state."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction

from meterdesk.federation.access import may_take, providers_visible_to, side_of
from meterdesk.federation.models import (
    FederatedAccount,
    IdentityProvider,
    ProviderCertificate,
    ProviderChange,
)
from meterdesk.federation.rules import (
    ATTRIBUTES,
    DEFAULT_ATTRIBUTES,
    DEFAULT_CONTEXTS,
    DEFAULT_SKEW,
    MOST_CERTIFICATES,
    MOST_SKEW,
    TRANSITIONS,
    ProviderState,
    Side,
    slug_mistake,
    step_of,
)
from meterdesk.identity.actions import end_sessions_of_people
from meterdesk.identity.events import OrganisationClosed
from meterdesk.identity.rules import Actor, OrganisationKind, SessionEnd
from meterdesk.kernel.errors import Conflict, NotAllowed, NotVisible, Refused, Stale
from meterdesk.kernel.saml import SamlRefused, read_certificate
from meterdesk.kernel.saml.services import is_address
from meterdesk.platform import activity

_SAID: Final = (
    "name",
    "slug",
    "entity_id",
    "sso_url",
    "clock_skew_seconds",
    "contexts",
    "attribute_names",
    "contact_name",
    "contact_email",
    "contact_telephone",
    "state",
)


@dataclass(frozen=True, slots=True)
class NewProvider:
    """What is enrolled.

    Attributes:
        slug: its log-in address, /saml/<slug>/.
        certificates: one or two, as PEM or base64.
        attribute_names: the provider's names for what is read, where they are not the default.
    """

    name: str
    slug: str
    entity_id: str
    sso_url: str
    certificates: tuple[str, ...]
    clock_skew: timedelta = DEFAULT_SKEW
    contexts: tuple[str, ...] = DEFAULT_CONTEXTS
    attribute_names: dict[str, str] = field(default_factory=dict)
    contact_name: str = ""
    contact_email: str = ""
    contact_telephone: str = ""


@transaction.atomic
def add_provider(actor: Actor, new: NewProvider, *, at: datetime) -> int:
    """Take up a draft for the actor's organisation; returns its id (SSI-NFR-15).

    Raises NotAllowed for whoever administers no party, Refused with fields, Conflict when the
    organisation has that entity id already.
    """
    party = actor.organisation_kind is OrganisationKind.PARTY
    if side_of(actor) is not Side.ORGANISATION or not party:
        raise NotAllowed()
    refuse_mistakes(new)
    mine = IdentityProvider.objects.filter(organisation_id=actor.organisation_id)
    if mine.filter(entity_id=new.entity_id).exists():
        raise Conflict("Your organisation has enrolled this identity provider already.")
    provider = IdentityProvider.objects.create(
        organisation_id=actor.organisation_id,
        name=new.name.strip(),
        slug=new.slug,
        entity_id=new.entity_id,
        sso_url=new.sso_url,
        clock_skew_seconds=int(new.clock_skew.total_seconds()),
        contexts=list(new.contexts),
        attribute_names={**DEFAULT_ATTRIBUTES, **new.attribute_names},
        contact_name=new.contact_name,
        contact_email=new.contact_email,
        contact_telephone=new.contact_telephone,
        created_at=at,
    )
    pin_certificates(provider.pk, new.certificates, at=at)
    _record(provider, actor, "", "", at)
    return provider.pk


def pin_certificates(provider_id: int, given: Iterable[str], *, at: datetime) -> None:
    """Pin these certificates and no others; those that stay keep their row. Raises SamlRefused."""
    found = {one.fingerprint: one for one in map(read_certificate, given)}
    mine = ProviderCertificate.objects.filter(provider_id=provider_id)
    mine.exclude(fingerprint__in=found).delete()
    kept = set(mine.values_list("fingerprint", flat=True))
    ProviderCertificate.objects.bulk_create(
        ProviderCertificate(
            provider_id=provider_id,
            pem=one.pem,
            fingerprint=fingerprint,
            subject=one.subject,
            not_before=one.not_before,
            not_after=one.not_after,
            added_at=at,
        )
        for fingerprint, one in found.items()
        if fingerprint not in kept
    )


@transaction.atomic
def take_step(
    actor: Actor, provider_id: int, verb: str, version: int | None, *, why: str = "", at: datetime
) -> ProviderState:
    """Take a step of rules.TRANSITIONS; returns the new state.

    Leaving ACTIVE ends the open sessions of everybody it vouched for. Raises NotVisible, Stale,
    Conflict for a step that is not there, NotAllowed for one of the other side, Refused for a
    reason that is missing or a certificate that is not fit.
    """
    provider = held_provider(actor, provider_id, version)
    step = step_of(ProviderState(provider.state), verb)
    if step is None:
        raise Conflict()
    if not may_take(actor, step):
        raise NotAllowed()
    if step.why and not why.strip():
        raise Refused("Say why.", fields={"why": "Say why."})
    if step.to in {ProviderState.AWAITING_APPROVAL, ProviderState.ACTIVE}:
        _refuse_unfit_certificates(provider, at)
    before, provider.state = provider.state, step.to
    provider.version += 1
    provider.save(update_fields=["state", "version"])
    if step.to is ProviderState.ACTIVE:
        provider.certificates.filter(approved_at=None).update(approved_at=at)
    if before == ProviderState.ACTIVE:
        people = FederatedAccount.objects.filter(provider=provider).values_list(
            "person_id", flat=True
        )
        end_sessions_of_people(people, at=at, by=actor, why=SessionEnd.ENDED)
    _record(provider, actor, before, why.strip(), at)
    return step.to


def close_providers(closed: OrganisationClosed) -> None:
    """Suspend the providers of an organisation that is off-boarded, and end what waits for the
    operator: should it come back, each is approved again.
    """
    mine = IdentityProvider.objects.filter(organisation_id=closed.organisation_id)
    for pk, state in mine.values_list("pk", "state"):
        steps = {step.verb for step in TRANSITIONS[ProviderState(state)]}
        for verb in sorted(steps & {"suspend", "refuse"}):
            take_step(closed.actor, pk, verb, None, why="Off-boarded", at=closed.at)


def held_provider(actor: Actor, provider_id: int, version: int | None) -> IdentityProvider:
    """The provider, locked. Raises NotVisible, Stale when it is not in this version any more."""
    provider = (
        IdentityProvider.objects.select_for_update()
        .filter(providers_visible_to(actor), pk=provider_id)
        .first()
    )
    if provider is None:
        raise NotVisible()
    if version is not None and provider.version != version:
        raise Stale()
    return provider


def _record(provider: IdentityProvider, actor: Actor, before: str, why: str, at: datetime) -> None:
    ProviderChange.objects.create(
        provider=provider,
        from_state=before,
        to_state=provider.state,
        person_id=actor.person_id,
        why=why,
        at=at,
    )
    activity.record(
        actor=actor,
        verb="federation.move_provider" if before else "federation.add_provider",
        subject=provider.name,
        at=at,
        organisation_id=provider.organisation_id,
        detail={
            "before": {"state": before} if before else None,
            "after": {"state": provider.state} if before else facts_of(provider),
            "why": why,
        },
    )


def facts_of(provider: IdentityProvider) -> dict[str, object]:
    """What is enrolled, as the activity log keeps it."""
    said: dict[str, object] = {name: getattr(provider, name) for name in _SAID}
    fingerprints = provider.certificates.order_by("pk").values_list("fingerprint", "approved_at")
    certificates = [{"sha256": one, "approved": when is not None} for one, when in fingerprints]
    return {**said, "certificates": certificates}


def _refuse_unfit_certificates(provider: IdentityProvider, at: datetime) -> None:
    fit = [
        one
        for one in (read_certificate(row.pem) for row in provider.certificates.all())
        if not one.problems(at)
    ]
    if not fit:
        raise Conflict("It has no certificate that is strong enough and valid today.")


def refuse_mistakes(new: NewProvider, but: int = 0) -> None:
    """Raise Refused with what to mend, field by field. but: the provider that is being changed."""
    mistakes = {
        "name": "" if new.name.strip() else "Enter a name that your people know it by.",
        "slug": slug_mistake(new.slug),
        "entity_id": "" if new.entity_id.strip() else "Enter the entity id.",
        "sso_url": ""
        if _is_sso_address(new.sso_url)
        else "Enter the address for log-ins by HTTP POST, beginning with https.",
        "certificates": _certificate_mistake(new.certificates),
        "contexts": "" if new.contexts else "Name at least one authentication context.",
        "clock_skew": ""
        if timedelta(0) <= new.clock_skew <= MOST_SKEW
        else "Enter at most 300 seconds.",
        "attribute_names": "" if set(new.attribute_names) <= set(ATTRIBUTES) else "Not known.",
    }
    if not mistakes["slug"] and slug_is_taken(new.slug, but):
        mistakes["slug"] = "This log-in address is taken. Choose another one."
    wrong = {name: mistake for name, mistake in mistakes.items() if mistake}
    if wrong:
        raise Refused("The provider was not saved. Mend what is marked.", fields=wrong)


def _is_sso_address(url: str) -> bool:
    plain = not settings.HTTPS and url.startswith("http://")
    return is_address(url) and (plain or url.startswith("https://"))


def slug_is_taken(slug: str, but: int) -> bool:
    """Whether another provider has that log-in address."""
    return IdentityProvider.objects.filter(slug=slug).exclude(pk=but).exists()


def _certificate_mistake(given: tuple[str, ...]) -> str:
    if not 1 <= len(given) <= MOST_CERTIFICATES:
        return "Give one certificate, or two while keys roll over."
    try:
        for one in given:
            read_certificate(one)
    except SamlRefused as refused:
        return refused.message
    return ""
