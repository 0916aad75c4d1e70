"""Endpoints: networks that organisations may come from (FSM-12)."""

from datetime import date, datetime
from typing import Annotated, Any

from django.http import HttpResponse
from django.utils import timezone
from ninja import Field, Path, Query, Router, Schema, Status

from meterdesk.identity import actions, queries
from meterdesk.identity.api.proof import require_proof
from meterdesk.identity.queries import NetworkPage, NetworkSearch
from meterdesk.identity.rules import NETWORK_STEPS, NetworkKind, NetworkState, NetworkVerb
from meterdesk.platform.api import IF_MATCH, Paged, name_version, required_version

router = Router(tags=["Networks"])
OrganisationId = Annotated[int, Path(ge=1, le=2**63 - 1, description="Its number.")]
NetworkId = Annotated[int, Path(ge=1, le=2**63 - 1, description="Number of the network.")]


class NetworkListed(Schema):
    """A network in a list."""

    id: int
    organisation_name: str
    kind: NetworkKind
    cidr: str
    state: NetworkState
    requested_at: datetime
    review_date: date | None = Field(description="In London.")


class NetworkChangeOut(Schema):
    """One line of a network's history."""

    word: str
    why: str
    who: str = Field(description="A colleague by name, anybody else by organisation.")
    review_date: date | None
    at: datetime


class NetworkOut(NetworkListed):
    """A network with its history, newest first."""

    grounds: str
    requested_by: str
    version: int
    transitions: list[NetworkVerb] = Field(description="Those that one may take now.")
    history: list[NetworkChangeOut]


class NetworkList(Schema):
    """A page of networks, requested last first."""

    items: list[NetworkListed]
    next: str | None


class NetworkQuery(Paged):
    """Which networks to list."""

    state: NetworkState | None = None
    kind: NetworkKind | None = None
    overdue: bool = Field(default=False, description="Approved, and past their review date.")


class NetworkIn(Schema):
    """Access over the internet to request for one's own organisation."""

    cidr: str = Field(max_length=60, pattern=r"^[^\x00]*$", examples=["203.0.113.0/24"])
    grounds: str = Field(max_length=2_000, pattern=r"^[^\x00]*$")


class NetworkRecordIn(NetworkIn):
    """A network to record as approved."""

    kind: NetworkKind
    review_date: date = Field(description="In London; at most a year away.")


class NetworkTransitionIn(Schema):
    """A step to take."""

    verb: NetworkVerb
    why: str = Field(max_length=2_000, pattern=r"^[^\x00]*$")
    review_date: date | None = Field(
        default=None, description="Asked for to approve and to review; at most a year away."
    )


@router.get(
    "/networks",
    response=NetworkList,
    operation_id="list_networks",
    summary="Networks",
    description="Of one's own organisation; of all of them for the operator's administrators.",
)
def list_networks(request: Any, query: Query[NetworkQuery]) -> Any:
    """A page of networks."""
    search = NetworkSearch(state=query.state or "", kind=query.kind or "", overdue=query.overdue)
    return queries.networks(request.actor, search, query.page, today=timezone.localdate())


@router.post(
    "/networks",
    response={201: NetworkOut},
    operation_id="request_network",
    summary="Request access over the internet",
    description="The operator decides on it, with a reason and a review date.",
)
def request_network(request: Any, given: NetworkIn) -> Status[dict[str, Any]]:
    """Request access."""
    network_id = actions.request_network(
        request.actor, given.cidr, given.grounds, at=timezone.now()
    )
    return Status(201, _out(queries.network(request.actor, network_id)))


@router.post(
    "/organisations/{organisation_id}/networks",
    response={201: NetworkOut},
    operation_id="record_network",
    summary="Record a network of an organisation as approved",
    description="A gateway connection for one, with effect at once; never of one's own "
    "organisation. Asks for fresh proof.",
)
def record_network(
    request: Any, organisation_id: OrganisationId, given: NetworkRecordIn
) -> Status[dict[str, Any]]:
    """Record a network."""
    require_proof(request)
    network_id = actions.record_network(
        request.actor, organisation_id, **given.dict(), at=timezone.now()
    )
    return Status(201, _out(queries.network(request.actor, network_id)))


@router.get(
    "/networks/{network_id}",
    response=NetworkOut,
    operation_id="get_network",
    summary="A network",
    description="With its grounds and its history.",
)
def get_network(request: Any, response: HttpResponse, network_id: NetworkId) -> dict[str, Any]:
    """One network."""
    found = queries.network(request.actor, network_id)
    name_version(response, found.version)
    return _out(found)


@router.post(
    "/networks/{network_id}/transitions",
    response=NetworkOut,
    operation_id="take_network_step",
    summary="Approve, refuse, review or withdraw",
    description="`transitions` of the network says which steps one may take. Approving and "
    "reviewing ask for fresh proof.",
    openapi_extra={"parameters": [IF_MATCH]},
)
def take_step(
    request: Any, response: HttpResponse, network_id: NetworkId, given: NetworkTransitionIn
) -> dict[str, Any]:
    """Take a step."""
    if NETWORK_STEPS[given.verb].lets_in:
        require_proof(request)
    actions.take_network_step(
        request.actor,
        network_id,
        given.verb,
        given.why,
        version=required_version(request),
        review_date=given.review_date,
        at=timezone.now(),
    )
    return get_network(request, response, network_id)


def _out(found: NetworkPage) -> dict[str, Any]:
    return {
        **{name: getattr(found.row, name) for name in NetworkListed.model_fields},
        "grounds": found.grounds,
        "requested_by": found.requested_by,
        "version": found.version,
        "transitions": [step.verb for step in found.steps],
        "history": found.history,
    }
