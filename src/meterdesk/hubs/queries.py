"""Reads of Communications Hubs (SSI-FR-16 to 19)."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, fields
from datetime import datetime

from django.conf import settings

from meterdesk.hubs.access import NOT_A_PARTY, may_ask, may_see, requests_visible_to
from meterdesk.hubs.models import HubRecord, HubRequest
from meterdesk.hubs.rules import HubData, WanConnectivity
from meterdesk.hubs.rules.requests import (
    HubResult,
    RequestKind,
    RequestState,
    result_of,
    with_result,
)
from meterdesk.identity.rules import Actor, DeskPermission
from meterdesk.inventory.queries import DeviceDetails, records_with
from meterdesk.inventory.rules import DeviceType, hang_together
from meterdesk.kernel.errors import NotAllowed, NotVisible, Refused
from meterdesk.platform.intake import last_taken_in
from meterdesk.platform.intake.runs import RunSource, run_views, source_in
from meterdesk.registration.queries import RegisteredParties, registered_user_ids
from meterdesk.trail.queries import AnonymisedCommand, last_commands_of_hub

__all__ = [
    "HubAnswer",
    "HubRequestView",
    "Interface",
    "freshness",
    "hub_and_parties",
    "hub_request",
    "hub_requests",
    "hub_status",
    "hubs_among",
    "interface_of",
    "may_see_hub",
    "meter_points_of",
    "parties_of_hubs",
]

LAST_COMMANDS = 5
HISTORY = 20
_NAMES = tuple(field.name for field in fields(HubData))


@dataclass(frozen=True, slots=True)
class HubAnswer:
    """Diagnostics of one hub (SSI-FR-17).

    Attributes:
        device_id: Device ID of the Communications Hub Function.
        description: type and model in words.
        csp_region: the Region of the CSP responsible, as the inventory has it.
        place: property and postcode, as far as they are known.
        mpxns: meter points of the Devices on the hub.
        commands: the last Commands sent through the hub, newest first, of whomever they were.
        data: what the CSP says; None when it has said nothing.
        result: what the hub itself said last in the actor's time; None when it has not.
        source: the run and line that the CSP's data come from; None: not known.
        may_ask: whether the actor may have it asked now.
    """

    device_id: str
    description: str
    csp_region: str
    place: str
    mpxns: tuple[str, ...]
    commands: tuple[AnonymisedCommand, ...]
    data: HubData | None
    result: HubResult | None
    source: RunSource | None
    may_ask: bool


def hub_status(actor: Actor, device_id: str, at: datetime) -> HubAnswer:
    """The diagnostics of a hub as they are held at `at` (SSI-FR-16, 17).

    Raises:
        NotVisible: there is no such Device.
        Refused: the Device is not a Communications Hub.
        NotAllowed: the actor is no party of a Smart Metering System of the hub.
    """
    hub, mpxns = _hub_with_points(device_id)
    parties = registered_user_ids(mpxns, at)
    if not may_see(actor, parties):
        raise NotAllowed(NOT_A_PARTY)
    return HubAnswer(
        device_id=device_id,
        description=hub.description,
        csp_region=hub.csp_region,
        place=hub.address,
        mpxns=mpxns,
        commands=tuple(last_commands_of_hub(device_id, limit=LAST_COMMANDS)),
        data=_data([device_id]).get(device_id),
        result=latest_results(actor, [device_id]).get(device_id),
        source=_source(actor, device_id),
        may_ask=may_ask(actor, parties) and interface_of(hub.csp_region) is not None,
    )


def _source(actor: Actor, device_id: str) -> RunSource | None:
    row = HubRecord.objects.filter(pk=device_id).values_list("source_run", "source_line").first()
    if row is None or row[0] is None:
        return None
    with_file = actor.sees_everything(DeskPermission.NETWORK_DATA)
    return source_in(run_views([row[0]]), *row, with_file=with_file)


def _hub_with_points(device_id: str) -> tuple[DeviceDetails, tuple[str, ...]]:
    records = records_with(device_id)
    hub = next((one for one in records if one.device_id == device_id), None)
    if hub is None:
        raise NotVisible("There is no Device of this id in the inventory.")
    if hub.device_type is not DeviceType.CHF:
        raise Refused(_not_a_hub(hub, records), code="not_a_hub")
    return hub, meter_points_of(records)


def hub_and_parties(device_id: str, at: datetime) -> tuple[DeviceDetails, frozenset[str]]:
    """A hub with who is registered at its meter points; system use. Raises as `hub_status`."""
    hub, mpxns = _hub_with_points(device_id)
    return hub, registered_user_ids(mpxns, at)


def _not_a_hub(device: DeviceDetails, records: Iterable[DeviceDetails]) -> str:
    hub = next((one for one in records if one.device_type is DeviceType.CHF), None)
    what = f"This is not a Communications Hub but a Device of type {device.device_type}."
    return f"{what} Its hub is {hub.device_id}." if hub else what


def may_see_hub(actor: Actor, device_id: str, at: datetime) -> bool:
    """Whether the actor would be answered about this hub."""
    records = records_with(device_id)
    return bool(records) and may_see(actor, registered_user_ids(meter_points_of(records), at))


def hubs_among(
    actor: Actor, hubs: Mapping[str, Set[str]], registered: Set[str]
) -> list[HubData] | None:
    """What the CSP says of those hubs of a premises that the actor may read of; None: of none.

    Args:
        actor: who asks.
        hubs: each hub of the premises with the UserIds registered now at the meter points on it.
        registered: UserIds registered now at any of the premises, for one without a hub.
    """
    open_ones = [hub_id for hub_id, parties in hubs.items() if may_see(actor, parties)]
    if not open_ones and (hubs or not may_see(actor, registered)):
        return None
    results = latest_results(actor, open_ones)
    return [with_result(data, results.get(one)) for one, data in _data(open_ones).items()]


def parties_of_hubs(
    devices: Iterable[DeviceDetails], parties: Iterable[RegisteredParties]
) -> dict[str, frozenset[str]]:
    """Each hub among the Devices of a premises, with who is registered at the meter points on it.

    Two hubs of one premises, or of homes that share a UPRN, are two Smart Metering Systems.
    """
    found, registered = list(devices), list(parties)
    near = {one.device_id: one.associated for one in found}
    hubs = {}
    for hub in (one for one in found if one.device_type is DeviceType.CHF):
        on_it = {branch.device_id for branch in hang_together(hub.device_id, near)}
        points = meter_points_of(one for one in found if one.device_id in on_it)
        there = (one.user_ids for one in registered if one.mpxn in points)
        hubs[hub.device_id] = frozenset().union(*there)
    return hubs


def freshness() -> datetime | None:
    """When the CSPs' data last came in (SSI-NFR-35)."""
    return last_taken_in("hubs")


def meter_points_of(records: Iterable[DeviceDetails]) -> tuple[str, ...]:
    """MPANs and MPRNs that these Devices measure, each once."""
    return tuple(
        dict.fromkeys(
            mpxn
            for one in records
            for mpxn in (one.import_mpxn, one.secondary_import_mpan, one.export_mpan)
            if mpxn
        )
    )


def _data(hub_ids: Iterable[str]) -> dict[str, HubData]:
    rows = HubRecord.objects.filter(device_id__in=list(hub_ids)).values(*_NAMES)
    return {
        row["device_id"]: HubData(
            **{
                **row,
                "wan_connectivity": WanConnectivity(row["wan_connectivity"])
                if row["wan_connectivity"]
                else None,
                "han_status": row["han_status"] or None,
            }
        )
        for row in rows
    }


@dataclass(frozen=True, slots=True)
class Interface:
    """Where the provider of a Region is asked, and with which bearer token."""

    url: str
    token: str


def interface_of(region: str) -> Interface | None:
    """The provider's interface of a Region, None when none is configured."""
    url = settings.CSP_URLS.get(region)
    return Interface(url, settings.CSP_TOKENS.get(region, "")) if url else None


@dataclass(frozen=True, slots=True)
class HubRequestView:
    """A request to a hub, as one of its parties may read it.

    Attributes:
        asked_by: who asked, for their own organisation and the operator; empty for others.
        note: what went wrong, or why it takes longer; empty when there is nothing to say.
    """

    id: int
    device_id: str
    kind: RequestKind
    state: RequestState
    asked_by: str
    requested_at: datetime
    ends_at: datetime
    next_try_at: datetime | None
    finished_at: datetime | None
    note: str
    result: HubResult | None


def hub_requests(actor: Actor, device_id: str, at: datetime) -> list[HubRequestView]:
    """The latest requests made of a hub in the actor's time, newest first. Raises `hub_status`."""
    _require_sight(actor, device_id, at)
    rows = HubRequest.objects.filter(requests_visible_to(actor), device_id=device_id)
    rows = rows.select_related("person")
    return [_view(actor, row) for row in rows.order_by("-requested_at", "-pk")[:HISTORY]]


def hub_request(actor: Actor, device_id: str, request_id: int, at: datetime) -> HubRequestView:
    """One request made of a hub in the actor's time. Raises NotVisible when there is none."""
    _require_sight(actor, device_id, at)
    row = HubRequest.objects.filter(requests_visible_to(actor), pk=request_id, device_id=device_id)
    if (found := row.select_related("person").first()) is None:
        raise NotVisible("There is no such request to this hub.")
    return _view(actor, found)


def _require_sight(actor: Actor, device_id: str, at: datetime) -> None:
    _, parties = hub_and_parties(device_id, at)
    if not may_see(actor, parties):
        raise NotAllowed(NOT_A_PARTY)


def _view(actor: Actor, row: HubRequest) -> HubRequestView:
    own = row.organisation_id == actor.organisation_id or actor.is_operator
    return HubRequestView(
        id=row.pk,
        device_id=row.device_id,
        kind=RequestKind(row.kind),
        state=RequestState(row.state),
        asked_by=row.person.display_name if own else "",
        requested_at=row.requested_at,
        ends_at=row.ends_at,
        next_try_at=row.next_try_at,
        finished_at=row.finished_at,
        note=row.note,
        result=result_of(row.result) if row.result else None,
    )


def latest_results(actor: Actor, hub_ids: Iterable[str]) -> dict[str, HubResult]:
    """What each of these hubs itself said last in the actor's time; silent ones are left out."""
    rows = (
        HubRequest.objects.filter(
            requests_visible_to(actor),
            device_id__in=list(hub_ids),
            state=RequestState.SUCCEEDED,
            result__is_reached=True,
        )
        .order_by("device_id", "-requested_at")
        .distinct("device_id")
    )
    return {row.device_id: result_of(row.result) for row in rows}
