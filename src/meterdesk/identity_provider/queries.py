"""Reads of service providers, for the operator's administrators."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.urls import reverse

from meterdesk.identity.rules import Actor
from meterdesk.identity_provider.access import keeps_services, require_keeper, usable_of
from meterdesk.identity_provider.models import ServiceProvider
from meterdesk.identity_provider.rules import TRANSITIONS, ServiceState
from meterdesk.kernel.errors import NotVisible, Unavailable
from meterdesk.kernel.paging import Page, PageRequest, decode_cursor, page_of
from meterdesk.kernel.saml import Certificate
from meterdesk.kernel.saml.issuing import SigningKey, identity_provider_metadata
from meterdesk.platform.parts import Part

_LIST = "service-providers"


@dataclass(frozen=True, slots=True)
class Step:
    """One change of state, and who made it."""

    from_state: ServiceState
    to_state: ServiceState
    why: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Service:
    """A service provider, whole.

    Attributes:
        organisation_ids: organisations whose people may use it, where it is not for everyone.
        verbs: what may be done to its state now.
    """

    id: int
    name: str
    entity_id: str
    acs_urls: tuple[str, ...]
    contact: str
    told: tuple[str, ...]
    is_for_everyone: bool
    organisation_ids: tuple[int, ...]
    organisation_names: tuple[str, ...]
    state: ServiceState
    verbs: tuple[str, ...]
    version: int
    created_at: datetime
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """A service provider in the list."""

    id: int
    name: str
    entity_id: str
    is_for_everyone: bool
    state: ServiceState
    version: int


@dataclass(frozen=True, slots=True)
class OwnFacts:
    """What a service provider has to know of us."""

    entity_id: str
    sso_url: str
    certificates: tuple[Certificate, ...]
    is_open: bool


def services(actor: Actor, page: PageRequest) -> Page[ServiceRow]:
    """Service providers by name. Raises NotVisible for anybody but their keepers."""
    require_keeper(actor)
    found = ServiceProvider.objects.order_by("name")
    if page.cursor:
        found = found.filter(name__gt=decode_cursor(_LIST, page.cursor, [str])[0])
    rows = [
        ServiceRow(
            one.pk,
            one.name,
            one.entity_id,
            one.is_for_everyone,
            ServiceState(one.state),
            one.version,
        )
        for one in found[: page.limit + 1]
    ]
    return page_of(_LIST, rows, page, lambda row: [row.name])


def service(actor: Actor, service_id: int) -> Service:
    """One service provider. Raises NotVisible."""
    require_keeper(actor)
    found = ServiceProvider.objects.filter(pk=service_id).first()
    if found is None:
        raise NotVisible("There is no such service provider.")
    organisations = list(found.organisations.order_by("name").values_list("pk", "name"))
    state = ServiceState(found.state)
    steps = found.steps.select_related("person").order_by("-at", "-pk")[:50]
    return Service(
        id=found.pk,
        name=found.name,
        entity_id=found.entity_id,
        acs_urls=tuple(found.acs_urls),
        contact=found.contact,
        told=tuple(found.told),
        is_for_everyone=found.is_for_everyone,
        organisation_ids=tuple(pk for pk, _ in organisations),
        organisation_names=tuple(name for _, name in organisations),
        state=state,
        verbs=tuple(TRANSITIONS[state]),
        version=found.version,
        created_at=found.created_at,
        steps=tuple(
            Step(
                ServiceState(one.from_state),
                ServiceState(one.to_state),
                one.why,
                one.person.display_name if one.person else "",
                one.at,
            )
            for one in steps
        ),
    )


def part_of_organisation(actor: Actor, organisation_id: int) -> Part | None:
    """The services that an organisation's people may use, on its page; None for all but the
    operator's administrators.
    """
    if not keeps_services(actor):
        return None
    usable = ServiceProvider.objects.filter(usable_of(organisation_id)).distinct()
    return Part(
        title="Services its people log in to",
        lines=tuple(
            (
                f"{one.name}: {ServiceState(one.state).word.lower()}",
                reverse("identity_provider:service", args=[one.pk]),
            )
            for one in usable.order_by("name")
        ),
        empty="None is registered for it.",
    )


def own_facts() -> OwnFacts:
    """Entity id, address and certificates of Meterdesk as an Identity Provider."""
    return OwnFacts(
        entity_id=f"{settings.PUBLIC_URL}/sso/metadata",
        sso_url=f"{settings.PUBLIC_URL}/sso/login",
        certificates=tuple(settings.SAML_CERTIFICATES),
        is_open=settings.SAML_SIGNING is not None,
    )


def own_metadata() -> bytes:
    """Our metadata. Raises Unavailable when no signing key is configured."""
    require_key()
    facts = own_facts()
    return identity_provider_metadata(facts.entity_id, facts.sso_url, facts.certificates)


def require_key() -> SigningKey:
    """The key that signs assertions. Raises Unavailable when none is configured."""
    signing: SigningKey | None = settings.SAML_SIGNING
    if signing is None:
        raise Unavailable(
            "Logging in to other services with a Meterdesk account is not set up here: "
            "the operator has configured no signing key."
        )
    return signing
