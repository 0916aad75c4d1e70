"""The inventory by API (SSI-FR-2 to SSI-FR-5).

Answers are written straight from the queries' records; the schemas say what they look like.
"""

from datetime import date, datetime
from typing import Annotated, Any

import msgspec
from django.http import HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from meterdesk.identity.queries import ActorRequest
from meterdesk.inventory.queries import DeviceDetails, InventorySearch, device, search_devices
from meterdesk.inventory.rules import DeviceStatus, DeviceType
from meterdesk.kernel.errors import NotVisible
from meterdesk.kernel.identifiers import parse_eui
from meterdesk.platform.api import Paged

router = Router(tags=["Inventory"])

EuiText = Annotated[str, Field(examples=["00-DB-12-34-56-78-90-A1"])]


class DeviceQuery(Paged):
    """Any combination of criteria, at least one; spaces and case are forgiven."""

    device_id: str | None = Field(None, description="EUI-64, with or without hyphens.")
    mpxn: str | None = Field(None, description="MPAN of 13 digits, or all 21, or MPRN.")
    uprn: str | None = Field(None, description="UPRN of up to 12 digits.")
    postcode: str | None = Field(None, description="Full postcode.")
    property: str | None = Field(None, description="Property name or number; needs a postcode.")
    include_uncommissioned: bool = Field(
        False, description="Also Devices that have an SMI Status other than Commissioned."
    )


class DeviceItem(Schema):
    """A Device in a list. Only smart meters have an MPxN; Type 2 Devices have no SMI Status."""

    device_id: EuiText
    device_type: DeviceType
    mpxn: str | None
    status: DeviceStatus | None
    status_at: datetime | None
    property: str
    uprn: str | None
    postcode: str | None


class DevicePage(Schema):
    """A page of Devices; `next` is null on the last."""

    items: list[DeviceItem]
    next: str | None


class StatusStepItem(Schema):
    """An SMI Status and since when; `usual` is false for an unexpected step."""

    status: DeviceStatus
    at: datetime
    usual: bool


class AssociatedDeviceItem(Schema):
    """A Device of the closure; one that is not in the inventory has no type."""

    device_id: EuiText
    device_type: DeviceType | None
    status: DeviceStatus | None
    status_at: datetime | None
    description: str
    associated: list[EuiText]


class DeviceOut(Schema):
    """A Device in full. What does not apply to its type, or was not given, is null."""

    device_id: EuiText
    device_type: DeviceType
    description: str
    mpxn: str | None
    status: DeviceStatus | None
    status_at: datetime | None
    manufacturer: str | None
    model: str | None
    firmware_version: str | None
    smets_chts_version: str | None
    gbcs_version: str | None
    esme_variant: str | None
    import_mpxn: str | None
    secondary_import_mpan: str | None
    export_mpan: str | None
    uprn: str | None
    postcode: str | None
    property: str | None
    csp_region: str | None
    wan_technology: str | None
    hub_variant: str | None
    s1sp: str | None
    connectivity: str | None
    commissioned_date: date | None
    installed_date: date | None
    updated_at: datetime
    associated: list[EuiText]
    history: list[StatusStepItem]
    closure: list[AssociatedDeviceItem]
    warnings: list[str]


_DETAILS = tuple(DeviceOut.model_fields)


@router.get(
    "/devices",
    response=DevicePage,
    operation_id="search_devices",
    summary="Search the inventory",
    description="Devices that fit every criterion given, by property and type.",
)
def search(request: ActorRequest, query: Query[DeviceQuery]) -> HttpResponse:
    """Devices that fit (SSI-FR-2, SSI-FR-3)."""
    wanted = InventorySearch.of(
        {
            "device_id": query.device_id,
            "mpxn": query.mpxn,
            "uprn": query.uprn,
            "postcode": query.postcode,
            "property": query.property,
        },
        include_uncommissioned=query.include_uncommissioned,
    )
    actor = request.actor
    page = search_devices(actor, wanted, query.page)
    return _json({"items": page.items, "next": page.next})


@router.get(
    "/devices/{device_id}",
    response=DeviceOut,
    operation_id="get_device",
    summary="A Device with its associated Devices",
    description="Details, status history, and every Device it hangs together with.",
)
def details(request: ActorRequest, device_id: str) -> HttpResponse:
    """One Device (SSI-FR-5); 404 when there is none, 422 for a malformed Device ID."""
    found = device(request.actor, parse_eui(device_id))
    if found is None:
        raise NotVisible("There is no Device with this Device ID in the inventory.")
    return _json(_body(found))


def _body(found: DeviceDetails) -> dict[str, Any]:
    values = {name: getattr(found, name) for name in _DETAILS}
    return {
        name: None if value in ("", None) or not found.shows(name) else value
        for name, value in values.items()
    }


def _json(body: Any) -> HttpResponse:
    return HttpResponse(msgspec.json.encode(body), content_type="application/json")
