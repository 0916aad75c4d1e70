"""Who is or was responsible for a Device, by API (REG-2)."""

from datetime import date, datetime
from typing import Any

from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import Field

from meterdesk.identity.queries import ActorRequest
from meterdesk.inventory.queries import device, responsible_on
from meterdesk.kernel.errors import NotVisible
from meterdesk.kernel.identifiers import parse_eui
from meterdesk.registration.queries import PartyView, PointParties, ToldParties
from meterdesk.registration.rules import MeterPointKind

router = Router(tags=["Inventory"])


class SourceOut(Schema):
    """An intake run and a line of it; `file` for the operator alone."""

    title: str
    run_id: int
    line: int | None
    taken_in_at: datetime
    file: str | None


class ResponsibleParty(Schema):
    """A party; name and UserId only for those registered at the premises and the operator."""

    label: str
    organisation: str | None
    user_id: str | None


class ResponsiblePoint(Schema):
    """A meter point and who was registered at it; since when and from where with the names."""

    mpxn: str
    kind: MeterPointKind
    supplier: ResponsibleParty | None
    network_party: ResponsibleParty | None
    agent: ResponsibleParty | None
    since: datetime | None = None
    source: SourceOut | None = None


class DeviceResponsibleOut(Schema):
    """One of each meter point; none: nobody was registered, or its place is not known."""

    items: list[ResponsiblePoint]


class DayQuery(Schema):
    """Which day."""

    on: date | None = Field(None, description="As that day ended, in Great Britain; default now.")


@router.get(
    "/devices/{device_id}/responsible",
    response=DeviceResponsibleOut,
    operation_id="get_device_responsible",
    summary="Who is responsible for a Device",
    description="Names are for those registered at the premises both then and now.",
)
def get_responsible(request: ActorRequest, device_id: str, query: Query[DayQuery]) -> Any:
    """Suppliers, network parties and agents of a Device (REG-2)."""
    actor = request.actor
    found = device(actor, parse_eui(device_id))
    if found is None:
        raise NotVisible("There is no Device with this Device ID in the inventory.")
    shown = responsible_on(actor, found.device_id, query.on, timezone.now())
    return DeviceResponsibleOut(items=[responsible_point(one) for one in shown])


def responsible_point(one: PointParties) -> ResponsiblePoint:
    """A meter point with its parties as their reader is shown them."""
    told = one if isinstance(one, ToldParties) else None
    return ResponsiblePoint(
        mpxn=one.mpxn,
        kind=one.kind,
        supplier=_party(one.parties.supplier),
        network_party=_party(one.parties.network_party),
        agent=_party(one.parties.agent),
        since=told.since if told else None,
        source=SourceOut.from_orm(told.source) if told and told.source else None,
    )


def _party(party: PartyView | None) -> ResponsibleParty | None:
    if party is None:
        return None
    return ResponsibleParty(
        label=party.label, organisation=party.organisation_name, user_id=party.user_id
    )
