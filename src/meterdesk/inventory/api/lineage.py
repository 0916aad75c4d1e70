"""Where a Device's data comes from, and meters taken out of use, by API."""

from datetime import datetime
from typing import Any

from ninja import Query, Router, Schema

from meterdesk.identity.queries import ActorRequest
from meterdesk.inventory.api.responsible import SourceOut
from meterdesk.inventory.queries import RequestedStep, device, lineage, notices
from meterdesk.inventory.rules import DeviceStatus, DeviceType
from meterdesk.kernel.errors import NotVisible
from meterdesk.kernel.identifiers import parse_eui
from meterdesk.platform.api import Paged

router = Router(tags=["Inventory"])


class ToldStepOut(Schema):
    """A status with what told of it; who asked and why, for themselves and the operator."""

    status: DeviceStatus
    at: datetime
    usual: bool
    recorded_at: datetime | None
    source: SourceOut | None
    reason: str | None = None
    user_id: str | None = None
    organisation_name: str | None = None
    person: str | None = None


class PlacementOut(Schema):
    """Where it stood; `from_at` null: as long as is known, `to_at` null: still."""

    mpxn: str | None
    uprn: str | None
    from_at: datetime | None
    to_at: datetime | None


class SystemOut(Schema):
    """A system of the home; `lacking` are the Device Types not commissioned."""

    fuel: str
    is_enrolled: bool
    since: datetime | None
    lacking: list[DeviceType]


class FormerAssociationOut(Schema):
    """A Device that this one hung together with until then, and what told of their parting."""

    device_id: str
    until_at: datetime
    source: SourceOut | None


class LineageOut(Schema):
    """Sources of the record and of each status, newest first; places; systems.

    `former_associations` are the Devices that it no longer hangs together with.
    """

    record: SourceOut | None
    steps: list[ToldStepOut]
    placements: list[PlacementOut]
    systems: list[SystemOut]
    former_associations: list[FormerAssociationOut]


class NoticeItem(Schema):
    """A meter taken out of use."""

    id: int
    mpxn: str
    device_id: str
    status: DeviceStatus
    status_at: datetime
    told_at: datetime | None


class NoticePage(Schema):
    """A page of meters; `next` is null on the last."""

    items: list[NoticeItem]
    next: str | None


@router.get(
    "/devices/{device_id}/lineage",
    response=LineageOut,
    operation_id="get_device_lineage",
    summary="Where a Device's data comes from",
    description="Run and line of its record and of each status, where it stood, what it enrols.",
)
def get_lineage(request: ActorRequest, device_id: str) -> Any:
    """Lineage of one Device (INV-1, INV-4)."""
    actor = request.actor
    found = device(actor, parse_eui(device_id))
    if found is None:
        raise NotVisible("There is no Device with this Device ID in the inventory.")
    told = lineage(actor, found)
    return {
        "record": told.record,
        "placements": told.placements,
        "systems": told.systems,
        "former_associations": told.former,
        "steps": [
            {name: getattr(one, name, None) for name in ToldStepOut.model_fields}
            if isinstance(one, RequestedStep)
            else one
            for one in told.steps
        ],
    }


@router.get(
    "/network-notices",
    response=NoticePage,
    operation_id="list_network_notices",
    summary="Meters taken out of use",
    description="Withdrawn or decommissioned at meter points of your network, newest first.",
)
def list_notices(request: ActorRequest, query: Query[Paged]) -> Any:
    """Notices (INV-5)."""
    actor = request.actor
    return notices(actor, query.page)
