"""Identity providers by API: the same actions, queries and access as the screens."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from django.http import HttpResponse
from django.utils import timezone
from ninja import Path, Query, Router, Schema, Status
from pydantic import Field

from meterdesk.federation import actions, queries
from meterdesk.federation.actions import NewProvider
from meterdesk.federation.rules import DEFAULT_CONTEXTS, ProviderState
from meterdesk.identity.api.proof import require_proof
from meterdesk.identity.queries import ActorRequest
from meterdesk.platform.api import IF_MATCH, Paged, name_version, required_version

router = Router(tags=["Identity providers"])
Number = Annotated[int, Field(ge=1, le=2**63 - 1)]
Url = Annotated[str, Field(min_length=1, max_length=1_024)]
Pem = Annotated[str, Field(min_length=1, max_length=20_000)]


class ProviderIn(Schema):
    """What is enrolled; certificates as PEM or base64, the present one first."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    slug: Annotated[str, Field(min_length=2, max_length=50, pattern="^[a-z0-9-]+$")]
    entity_id: Url
    sso_url: Url
    certificates: Annotated[list[Pem], Field(min_length=1, max_length=2)]
    contexts: Annotated[list[Url], Field(min_length=1, max_length=20)] = list(DEFAULT_CONTEXTS)
    clock_skew_seconds: Annotated[int, Field(ge=0, le=300)] = 60
    attribute_names: Annotated[dict[str, Url], Field(max_length=20)] = {}
    contact_name: Annotated[str, Field(max_length=200)] = ""
    contact_email: Annotated[str, Field(max_length=254)] = ""
    contact_telephone: Annotated[str, Field(max_length=40)] = ""


class CertificateOut(Schema):
    """A certificate as people compare it; `approved_at` is null until it counts."""

    id: int
    subject: str
    issuer: str
    key: str
    fingerprint: str
    not_before: datetime
    not_after: datetime
    approved_at: datetime | None
    problems: list[str]


class ProviderRowOut(Schema):
    """A provider in the list."""

    id: int
    name: str
    slug: str
    organisation_name: str
    state: ProviderState
    ends_at: datetime | None
    version: int


class ProviderOut(Schema):
    """A provider; `steps` are the verbs that the caller may take now."""

    id: int
    name: str
    slug: str
    log_in_url: str
    organisation_name: str
    entity_id: str
    sso_url: str
    clock_skew_seconds: int
    contexts: list[str]
    attribute_names: dict[str, str]
    contact_name: str
    contact_email: str
    contact_telephone: str
    state: ProviderState
    version: int
    people: int
    certificates: list[CertificateOut]
    steps: list[str]

    @staticmethod
    def resolve_steps(provider: Any) -> list[str]:
        """The verbs of the steps."""
        return [step.verb for step in provider.steps]


class ProviderPage(Schema):
    """Providers by organisation and name."""

    items: list[ProviderRowOut]
    next: str | None


class ProviderStepIn(Schema):
    """A step, and why where a reason is asked for."""

    verb: Literal["test", "submit", "approve", "refuse", "withdraw", "suspend", "resume", "redraft"]
    why: Annotated[str, Field(max_length=500)] = ""


class CertificateIn(Schema):
    """The next certificate, as PEM or base64."""

    certificate: Pem


@router.get(
    "/identity-providers",
    response=ProviderPage,
    operation_id="list_identity_providers",
    summary="Identity providers",
    description="Your organisation's; the operator's administrators read all.",
)
def list_providers(request: ActorRequest, query: Query[Paged]) -> Any:
    """A page of providers."""
    return queries.providers(request.actor, query.page, timezone.now())


@router.post(
    "/identity-providers",
    response={201: ProviderOut},
    operation_id="enrol_identity_provider",
    summary="Enrol an identity provider",
    description="As a draft of your organisation.",
)
def add(request: ActorRequest, response: HttpResponse, body: ProviderIn) -> Any:
    """Take up a draft (SSI-NFR-15)."""
    number = actions.add_provider(request.actor, _new(body), at=timezone.now())
    return Status(201, _named(request, response, number))


@router.get(
    "/identity-providers/{provider_id}",
    response=ProviderOut,
    operation_id="get_identity_provider",
    summary="An identity provider",
    description="With its certificates and the steps that you may take.",
)
def get(request: ActorRequest, response: HttpResponse, provider_id: Path[Number]) -> Any:
    """One provider."""
    return _named(request, response, provider_id)


@router.put(
    "/identity-providers/{provider_id}",
    response=ProviderOut,
    operation_id="change_identity_provider",
    summary="Change what is enrolled",
    description="The whole of it, as a draft and while it is tested only.",
    openapi_extra={"parameters": [IF_MATCH]},
)
def change(
    request: ActorRequest, response: HttpResponse, provider_id: Path[Number], body: ProviderIn
) -> Any:
    """Change one."""
    version = required_version(request)
    actor = request.actor
    actions.change_provider(actor, provider_id, _new(body), version=version, at=timezone.now())
    return _named(request, response, provider_id)


@router.post(
    "/identity-providers/{provider_id}/state",
    response=ProviderOut,
    operation_id="move_identity_provider",
    summary="Take a step of the enrolment",
    description="Test, submit, approve, refuse, withdraw, suspend, resume or redraft. Approving "
    "and resuming ask for fresh proof.",
    openapi_extra={"parameters": [IF_MATCH]},
)
def move(
    request: ActorRequest, response: HttpResponse, provider_id: Path[Number], body: ProviderStepIn
) -> Any:
    """Take a step."""
    if body.verb in {"approve", "resume"}:
        require_proof(request)
    actions.take_step(
        request.actor,
        provider_id,
        body.verb,
        required_version(request),
        why=body.why,
        at=timezone.now(),
    )
    return _named(request, response, provider_id)


@router.post(
    "/identity-providers/{provider_id}/certificates",
    response=ProviderOut,
    operation_id="propose_certificate",
    summary="Propose the next certificate",
    description="Of an active provider; it counts once the operator has approved it on screen.",
    openapi_extra={"parameters": [IF_MATCH]},
)
def propose(
    request: ActorRequest, response: HttpResponse, provider_id: Path[Number], body: CertificateIn
) -> Any:
    """Propose a certificate."""
    version = required_version(request)
    actions.propose_certificate(
        request.actor, provider_id, body.certificate, version=version, at=timezone.now()
    )
    return _named(request, response, provider_id)


def _new(body: ProviderIn) -> NewProvider:
    return NewProvider(
        name=body.name,
        slug=body.slug,
        entity_id=body.entity_id,
        sso_url=body.sso_url,
        certificates=tuple(body.certificates),
        clock_skew=timedelta(seconds=body.clock_skew_seconds),
        contexts=tuple(body.contexts),
        attribute_names=body.attribute_names,
        contact_name=body.contact_name,
        contact_email=body.contact_email,
        contact_telephone=body.contact_telephone,
    )


def _named(request: ActorRequest, response: HttpResponse, provider_id: int) -> Any:
    found = queries.provider(request.actor, provider_id, timezone.now())
    name_version(response, found.version)
    return found
