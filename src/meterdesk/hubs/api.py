"""Communications Hub diagnostics by API, as anonymous as on the screen (SSI-FR-16, 17)."""

from datetime import datetime
from typing import Annotated, Any

from django.utils import timezone
from ninja import Path, Router, Schema, Status
from pydantic import Field

from meterdesk.hubs.actions import ask_hub, open_hub
from meterdesk.hubs.queries import HubAnswer, HubRequestView, hub_request, hub_requests
from meterdesk.hubs.rules import REQUIRES_COMMUNICATION, HubData, WanConnectivity
from meterdesk.hubs.rules.requests import HubResult, RequestKind, RequestState
from meterdesk.identity.queries import ActorRequest
from meterdesk.inventory.api.responsible import SourceOut
from meterdesk.kernel.identifiers import parse_eui

router = Router(tags=["Communications hubs"])
RequestNumber = Annotated[int, Field(ge=1, le=2**63 - 1)]


class CommandOut(Schema):
    """A Command sent through the hub by somebody; `success` is null while it is in progress."""

    at: datetime
    success: bool | None


class HubDataOut(Schema):
    """What the CSP says; `han_status` reads 'Requires device communication' until fetched."""

    aerial_installed: bool | None
    aerial_type: str | None
    birth_event_at: datetime | None
    network_status: str | None
    deactivated_at: datetime | None
    wan_connectivity: WanConnectivity | None
    han_status: str
    last_connection_at: datetime | None
    last_tamper_at: datetime | None
    last_outage_at: datetime | None
    last_restore_at: datetime | None
    as_of: datetime


class HubResultOut(Schema):
    """What the hub itself said; null where it said nothing."""

    measured_at: datetime
    is_reached: bool
    han_status: str | None
    wan_connectivity: WanConnectivity | None
    aerial_installed: bool | None
    aerial_type: str | None
    last_connection_at: datetime | None
    last_tamper_at: datetime | None
    last_outage_at: datetime | None
    last_restore_at: datetime | None


class HubOut(Schema):
    """The diagnostics of a hub; `csp_data` is null when the CSP has said nothing.

    `result` is what the hub itself said last, null when nobody has asked it.
    """

    device_id: str
    csp_region: str | None
    commands: list[CommandOut]
    csp_data: HubDataOut | None
    result: HubResultOut | None
    source: SourceOut | None
    may_ask: bool


class AskIn(Schema):
    """What the hub itself is asked."""

    kind: RequestKind


class HubRequestOut(Schema):
    """A request to a hub; `asked_by` is null where another organisation asked."""

    id: int
    device_id: str
    kind: RequestKind
    state: RequestState
    asked_by: str | None
    requested_at: datetime
    ends_at: datetime
    next_try_at: datetime | None
    finished_at: datetime | None
    note: str | None
    result: HubResultOut | None


class HubRequestPage(Schema):
    """The latest twenty requests made of a hub, newest first."""

    items: list[HubRequestOut]
    next: str | None


@router.get(
    "/hubs/{device_id}",
    response=HubOut,
    operation_id="get_hub",
    summary="Communications Hub diagnostics",
    description=(
        "For the Responsible Supplier, the Network Party and the Registered Supplier Agent of a "
        "Smart Metering System that the hub is part of; others are answered 403."
    ),
)
def get_hub(request: ActorRequest, device_id: Path[str]) -> HubOut:
    """Diagnostics of a hub by the Device ID of its Communications Hub Function."""
    actor = request.actor
    return _out(open_hub(actor, parse_eui(device_id), at=timezone.now()))


def _out(hub: HubAnswer) -> HubOut:
    commands = [CommandOut(at=one.at, success=one.success) for one in hub.commands]
    return HubOut(
        device_id=hub.device_id,
        csp_region=hub.csp_region or None,
        commands=commands,
        csp_data=HubDataOut(**hub_data_out(hub.data)) if hub.data else None,
        result=_result_out(hub.result),
        source=SourceOut.from_orm(hub.source) if hub.source else None,
        may_ask=hub.may_ask,
    )


def _result_out(result: HubResult | None) -> HubResultOut | None:
    if result is None:
        return None
    return HubResultOut(**{name: getattr(result, name) for name in HubResultOut.model_fields})


@router.post(
    "/hubs/{device_id}/requests",
    response={202: HubRequestOut},
    operation_id="ask_hub",
    summary="Have a hub itself asked",
    description=(
        "`communicate` or `full-diagnostics`, for the parties of the hub's Smart Metering Systems "
        "alone. Answered at once; read the request to see how far it is. One of the same kind "
        "that your organisation has under way is answered instead of a second one."
    ),
)
def ask(request: ActorRequest, device_id: Path[str], body: AskIn) -> Status[HubRequestOut]:
    """Ask a hub (SSI-FR-16a, 16b)."""
    actor, hub, now = request.actor, parse_eui(device_id), timezone.now()
    number = ask_hub(actor, hub, body.kind, at=now)
    return Status(202, _request_out(hub_request(actor, hub, number, now)))


@router.get(
    "/hubs/{device_id}/requests",
    response=HubRequestPage,
    operation_id="list_hub_requests",
    summary="What a hub was asked",
    description="The latest twenty, newest first: those of one's own organisation, and those that "
    "others made while one was registered at the hub.",
)
def list_requests(request: ActorRequest, device_id: Path[str]) -> HubRequestPage:
    """The history of a hub's diagnostics."""
    actor = request.actor
    found = hub_requests(actor, parse_eui(device_id), timezone.now())
    return HubRequestPage(items=[_request_out(one) for one in found], next=None)


@router.get(
    "/hubs/{device_id}/requests/{request_id}",
    response=HubRequestOut,
    operation_id="get_hub_request",
    summary="How far a request to a hub is",
    description="With what the hub said, once it has.",
)
def get_request(
    request: ActorRequest, device_id: Path[str], request_id: Path[RequestNumber]
) -> HubRequestOut:
    """One request made of a hub."""
    actor = request.actor
    return _request_out(hub_request(actor, parse_eui(device_id), request_id, timezone.now()))


def _request_out(one: HubRequestView) -> HubRequestOut:
    return HubRequestOut(
        id=one.id,
        device_id=one.device_id,
        kind=one.kind,
        state=one.state,
        asked_by=one.asked_by or None,
        requested_at=one.requested_at,
        ends_at=one.ends_at,
        next_try_at=one.next_try_at,
        finished_at=one.finished_at,
        note=one.note or None,
        result=_result_out(one.result),
    )


def hub_data_out(data: HubData) -> dict[str, Any]:
    """The CSP's data as the API gives it: values of HubDataOut."""
    return {
        "aerial_installed": data.aerial_installed,
        "aerial_type": data.aerial_type or None,
        "birth_event_at": data.birth_event_at,
        "network_status": data.network_status or None,
        "deactivated_at": data.deactivated_at,
        "wan_connectivity": data.wan_connectivity,
        "han_status": data.han_status or REQUIRES_COMMUNICATION,
        "last_connection_at": data.last_connection_at,
        "last_tamper_at": data.last_tamper_at,
        "last_outage_at": data.last_outage_at,
        "last_restore_at": data.last_restore_at,
        "as_of": data.as_of,
    }
