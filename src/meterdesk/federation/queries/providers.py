"""Identity providers, for their organisation's administrators and for the operator's."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse

from meterdesk.federation.access import may_take, providers_visible_to, side_of
from meterdesk.federation.models import FederatedAccount, IdentityProvider, ProviderCertificate
from meterdesk.federation.rules import (
    CHANGEABLE,
    EXPIRY_WARNINGS,
    MOST_CERTIFICATES,
    TRANSITIONS,
    ProviderState,
    Side,
    Step,
)
from meterdesk.identity.rules import Actor, OrganisationKind
from meterdesk.kernel.errors import NotVisible
from meterdesk.kernel.paging import Page, PageRequest, decode_cursor, page_of
from meterdesk.kernel.saml import read_certificate
from meterdesk.platform.parts import Part

_LIST = "identity-providers"


@dataclass(frozen=True, slots=True)
class ProviderRow:
    """A provider in the list; `ends_at` is when the last certificate that counts does."""

    id: int
    name: str
    slug: str
    organisation_name: str
    state: ProviderState
    ends_at: datetime | None
    ends_soon: bool
    version: int


@dataclass(frozen=True, slots=True)
class CertificateView:
    """A certificate as people compare it; `problems` speak against trusting it today."""

    id: int
    pem: str
    subject: str
    issuer: str
    key: str
    algorithm: str
    fingerprint: str
    not_before: datetime
    not_after: datetime
    approved_at: datetime | None
    ends_soon: bool
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChangeView:
    """A step of the enrolment."""

    at: datetime
    to_state: ProviderState
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class ProviderView:
    """A provider, whole.

    Attributes:
        log_in_url: where its people log in.
        people: how many accounts are bound to it.
        steps: what the actor may do to its state now.
    """

    id: int
    name: str
    slug: str
    log_in_url: str
    organisation_name: str
    entity_id: str
    sso_url: str
    clock_skew_seconds: int
    contexts: tuple[str, ...]
    attribute_names: Mapping[str, str]
    contact_name: str
    contact_email: str
    contact_telephone: str
    state: ProviderState
    version: int
    created_at: datetime
    certificates: tuple[CertificateView, ...]
    changes: tuple[ChangeView, ...]
    people: int
    steps: tuple[Step, ...]
    may_change: bool
    may_test: bool
    may_propose: bool
    may_approve: bool


def providers(actor: Actor, page: PageRequest, at: datetime) -> Page[ProviderRow]:
    """Providers that the actor may know of, by organisation and name."""
    found = (
        IdentityProvider.objects.filter(providers_visible_to(actor))
        .select_related("organisation")
        .prefetch_related("certificates")
        .order_by("organisation__name", "name", "pk")
    )
    if page.cursor:
        organisation, name, pk = decode_cursor(_LIST, page.cursor, [str, str, int])
        found = found.extra(
            where=[
                "(identity_organisation.name, federation_identityprovider.name, "
                "federation_identityprovider.id) > (%s, %s, %s)"
            ],
            params=[organisation, name, pk],
        )
    rows = [_row(one, at) for one in found[: page.limit + 1]]
    return page_of(_LIST, rows, page, lambda row: [row.organisation_name, row.name, row.id])


def part_of_organisation(actor: Actor, organisation_id: int) -> Part | None:
    """The providers of an organisation, on its page; None for who may not know of any."""
    if side_of(actor) is not Side.OPERATOR:
        return None
    found = IdentityProvider.objects.filter(
        providers_visible_to(actor), organisation_id=organisation_id
    )
    return Part(
        title="Identity providers",
        lines=tuple(
            (
                f"{one.name}: {ProviderState(one.state).title.lower()}",
                reverse("federation:provider", args=[one.pk]),
            )
            for one in found.order_by("name", "pk")
        ),
        empty="None. Its people log in with their accounts here; its administrators can enrol one.",
    )


def may_enrol(actor: Actor) -> bool:
    """Whether the actor may take up a provider for their organisation."""
    return side_of(actor) is Side.ORGANISATION and actor.organisation_kind is OrganisationKind.PARTY


def provider(actor: Actor, provider_id: int, at: datetime) -> ProviderView:
    """One provider. Raises NotVisible."""
    found = (
        IdentityProvider.objects.filter(providers_visible_to(actor), pk=provider_id)
        .select_related("organisation")
        .first()
    )
    if found is None:
        raise NotVisible()
    state, side = ProviderState(found.state), side_of(actor)
    certificates = tuple(_certificate(one, at) for one in found.certificates.order_by("pk"))
    changes = found.changes.select_related("person").order_by("-at", "-pk")[:50]
    own = side is Side.ORGANISATION
    return ProviderView(
        id=found.pk,
        name=found.name,
        slug=found.slug,
        log_in_url=f"{settings.PUBLIC_URL}/saml/{found.slug}/",
        organisation_name=found.organisation.name,
        entity_id=found.entity_id,
        sso_url=found.sso_url,
        clock_skew_seconds=found.clock_skew_seconds,
        contexts=tuple(found.contexts),
        attribute_names=found.attribute_names,
        contact_name=found.contact_name,
        contact_email=found.contact_email,
        contact_telephone=found.contact_telephone,
        state=state,
        version=found.version,
        created_at=found.created_at,
        certificates=certificates,
        changes=tuple(
            ChangeView(
                one.at,
                ProviderState(one.to_state),
                one.person.display_name if one.person else "",
                one.why,
            )
            for one in changes
        ),
        people=FederatedAccount.objects.filter(provider=found).count(),
        steps=tuple(step for step in TRANSITIONS[state] if may_take(actor, step)),
        may_change=own and state in CHANGEABLE,
        may_test=state not in {ProviderState.DRAFT, ProviderState.SUSPENDED},
        may_propose=own and state not in CHANGEABLE and len(certificates) < MOST_CERTIFICATES,
        may_approve=side is Side.OPERATOR
        and state in {ProviderState.ACTIVE, ProviderState.SUSPENDED},
    )


def still_vouches(assertion: Mapping[str, Any]) -> bool:
    """Whether the provider of an assertion logs people in now."""
    number = assertion.get("provider_id") or 0
    return IdentityProvider.objects.filter(pk=number, state=ProviderState.ACTIVE).exists()


def _row(one: IdentityProvider, at: datetime) -> ProviderRow:
    counting = [c.not_after for c in one.certificates.all() if c.approved_at is not None]
    ends_at = max(counting, default=None)
    return ProviderRow(
        id=one.pk,
        name=one.name,
        slug=one.slug,
        organisation_name=one.organisation.name,
        state=ProviderState(one.state),
        ends_at=ends_at,
        ends_soon=ends_at is not None and _is_soon(ends_at, at),
        version=one.version,
    )


def _certificate(row: ProviderCertificate, at: datetime) -> CertificateView:
    one = read_certificate(row.pem)
    return CertificateView(
        id=row.pk,
        pem=one.pem,
        subject=one.subject,
        issuer=one.issuer,
        key=one.key,
        algorithm=one.algorithm,
        fingerprint=one.fingerprint,
        not_before=one.not_before,
        not_after=one.not_after,
        approved_at=row.approved_at,
        ends_soon=_is_soon(one.not_after, at),
        problems=tuple(one.problems(at)),
    )


def _is_soon(ends_at: datetime, at: datetime) -> bool:
    return ends_at - at <= timedelta(days=max(EXPIRY_WARNINGS))
