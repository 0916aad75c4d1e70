"""Service providers by API, for the operator's administrators."""

from typing import Annotated, Any, Literal

from django.http import HttpResponse
from django.utils import timezone
from ninja import Path, Query, Router, Schema, Status
from pydantic import Field

from meterdesk.identity.api.proof import require_proof
from meterdesk.identity.queries import ActorRequest
from meterdesk.identity_provider.actions import (
    NewService,
    add_service,
    change_service,
    move_service,
)
from meterdesk.identity_provider.queries import Service, service, services
from meterdesk.identity_provider.rules import ACS_MOST, ServiceState, Told
from meterdesk.platform.api import IF_MATCH, Paged, name_version, required_version

router = Router(tags=["Service providers"])
Number = Annotated[int, Field(ge=1, le=2**63 - 1)]
Text = Annotated[str, Field(min_length=1, max_length=1_024)]


class ServiceIn(Schema):
    """What is agreed with a service provider."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    entity_id: Text
    acs_urls: Annotated[list[Text], Field(min_length=1, max_length=ACS_MOST)]
    contact: Annotated[str, Field(max_length=200)] = ""
    told: Annotated[list[Told], Field(max_length=len(Told))] = []
    is_for_everyone: bool = False
    organisation_ids: Annotated[list[Number], Field(max_length=1_000)] = []


class ServiceRowOut(Schema):
    """A service provider in the list."""

    id: int
    name: str
    entity_id: str
    is_for_everyone: bool
    state: ServiceState
    version: int


class ServiceOut(ServiceRowOut):
    """A service provider."""

    acs_urls: list[str]
    contact: str
    told: list[Told]
    organisation_ids: list[int]


class ServicePage(Schema):
    """Service providers by name."""

    items: list[ServiceRowOut]
    next: str | None


class ServiceStepIn(Schema):
    """Suspend or resume, and why."""

    verb: Literal["suspend", "resume"]
    why: Annotated[str, Field(min_length=1, max_length=500)]


@router.get(
    "/service-providers",
    response=ServicePage,
    operation_id="list_service_providers",
    summary="Service providers",
    description="Services that people log in to with their Meterdesk account, by name.",
)
def list_services(request: ActorRequest, query: Query[Paged]) -> Any:
    """A page of service providers."""
    return services(request.actor, query.page)


@router.post(
    "/service-providers",
    response={201: ServiceOut},
    operation_id="add_service_provider",
    summary="Add a service provider",
    description="Asks for fresh proof. People can be vouched for to it from then on.",
)
def add(request: ActorRequest, response: HttpResponse, body: ServiceIn) -> Any:
    """Take a service provider up."""
    require_proof(request)
    number = add_service(request.actor, _new(body), at=timezone.now())
    return Status(201, _named(request, response, number))


@router.get(
    "/service-providers/{service_id}",
    response=ServiceOut,
    operation_id="get_service_provider",
    summary="A service provider",
    description="What is agreed with it.",
)
def get(request: ActorRequest, response: HttpResponse, service_id: Path[Number]) -> Any:
    """One service provider."""
    return _named(request, response, service_id)


@router.put(
    "/service-providers/{service_id}",
    response=ServiceOut,
    operation_id="change_service_provider",
    summary="Change what is agreed with a service provider",
    description="Asks for fresh proof. The whole of it; send If-Match with the ETag you read.",
    openapi_extra={"parameters": [IF_MATCH]},
)
def change(
    request: ActorRequest, response: HttpResponse, service_id: Path[Number], body: ServiceIn
) -> Any:
    """Change one."""
    require_proof(request)
    version = required_version(request)
    change_service(request.actor, service_id, _new(body), version=version, at=timezone.now())
    return _named(request, response, service_id)


@router.post(
    "/service-providers/{service_id}/state",
    response=ServiceOut,
    operation_id="move_service_provider",
    summary="Suspend or resume a service provider",
    description="At once. Sessions at the service itself go on until they end there. Resuming "
    "asks for fresh proof.",
    openapi_extra={"parameters": [IF_MATCH]},
)
def move(
    request: ActorRequest, response: HttpResponse, service_id: Path[Number], body: ServiceStepIn
) -> Any:
    """Change the state of one."""
    if body.verb == "resume":
        require_proof(request)
    move_service(
        request.actor,
        service_id,
        body.verb,
        body.why,
        version=required_version(request),
        at=timezone.now(),
    )
    return _named(request, response, service_id)


def _new(body: ServiceIn) -> NewService:
    return NewService(
        name=body.name,
        entity_id=body.entity_id,
        acs_urls=tuple(body.acs_urls),
        contact=body.contact,
        told=tuple(one.value for one in body.told),
        is_for_everyone=body.is_for_everyone,
        organisation_ids=tuple(body.organisation_ids),
    )


def _named(request: ActorRequest, response: HttpResponse, service_id: int) -> Service:
    found = service(request.actor, service_id)
    name_version(response, found.version)
    return found
