"""Communications Hub diagnostics by API, as anonymous as on the screen (SSI-FR-16, 17)."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Path, Router, Schema

from meterdesk.hubs.actions import open_hub
from meterdesk.hubs.queries import HubAnswer
from meterdesk.hubs.rules import REQUIRES_COMMUNICATION, HubData, WanConnectivity
from meterdesk.kernel.identifiers import parse_eui

router = Router(tags=["Communications hubs"])


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


class HubOut(Schema):
    """The diagnostics of a hub; `csp_data` is null when the CSP has said nothing."""

    device_id: str
    csp_region: str | None
    commands: list[CommandOut]
    csp_data: HubDataOut | None


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
def get_hub(request: HttpRequest, device_id: Path[str]) -> HubOut:
    """Diagnostics of a hub by the Device ID of its Communications Hub Function."""
    actor = request.actor  # type: ignore[attr-defined]
    return _out(open_hub(actor, parse_eui(device_id), at=timezone.now()))


def _out(hub: HubAnswer) -> HubOut:
    commands = [CommandOut(at=one.at, success=one.success) for one in hub.commands]
    return HubOut(
        device_id=hub.device_id,
        csp_region=hub.csp_region or None,
        commands=commands,
        csp_data=HubDataOut(**hub_data_out(hub.data)) if hub.data else None,
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
