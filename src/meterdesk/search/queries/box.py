"""The one box: a text looked up as everything it can be, within the actor's rights (SSI-FR-2)."""

from collections.abc import Callable, Iterator, Mapping

from meterdesk.catalogue.queries import may_use_catalogue, request_named
from meterdesk.identity.rules import Actor, DeskPermission
from meterdesk.incidents.queries import incident
from meterdesk.inventory.queries import DeviceRow, InventorySearch, search_devices
from meterdesk.kernel.errors import NotVisible, Refused
from meterdesk.kernel.identifiers import parse_request_id
from meterdesk.kernel.paging import PageRequest
from meterdesk.kernel.recognise import IdKind, Recognised, recognise
from meterdesk.registration.queries import PremisesSummary, premises_at, premises_of
from meterdesk.search.rules import Found, Hit, HitKind, distinct

MOST_HITS = 50
INVENTORY = "UC_Inventory"
COVERAGE = "UC_CSPCoverage"
INCIDENTS = "UC_ViewSMI"


def find(actor: Actor, text: str, limit: int = MOST_HITS) -> Found:
    """Everything the actor may see that fits a text.

    What they may not see and what there is not give the same answer.
    """
    readings = tuple(recognise(text))
    hits: list[Hit] = []
    closed: list[IdKind] = []
    for reading in readings:
        if not reading.can_be_looked_up:
            continue
        if _may_look_up(actor, reading.kind):
            hits += _LOOK_UPS[reading.kind](actor, reading)
        else:
            closed.append(reading.kind)
    once = distinct(hits)
    return Found(text, readings, tuple(once[:limit]), len(once) > limit, tuple(closed))


def _may_look_up(actor: Actor, kind: IdKind) -> bool:
    if kind is IdKind.REFERENCE:
        may_read = actor.may_use(INCIDENTS) or may_use_catalogue(actor)
        return may_read or actor.may_at_desk(DeskPermission.QUEUE)
    return actor.may_use(COVERAGE if kind is IdKind.OUTCODE else INVENTORY)


def _devices(actor: Actor, reading: Recognised, **criteria: str) -> Iterator[Hit]:
    try:
        wanted = InventorySearch.of(criteria, include_uncommissioned=True)
    except Refused:
        return
    for row in search_devices(actor, wanted, PageRequest(limit=MOST_HITS + 1)).items:
        yield Hit(HitKind.DEVICE, row.device_id, row.device_id, _about(row), reading.kind)


def _about(row: DeviceRow) -> str:
    parts = (
        row.device_type.label,
        row.status or "",
        row.property,
        row.postcode or "",
    )
    return ", ".join(part for part in parts if part)


def _device(actor: Actor, reading: Recognised) -> Iterator[Hit]:
    yield from _devices(actor, reading, device_id=reading.value)


def _target(actor: Actor, reading: Recognised) -> Iterator[Hit]:
    """The Device that a request was sent to."""
    yield from _devices(actor, reading, device_id=parse_request_id(reading.value).target)


def _premises_hit(reading: Recognised, summary: PremisesSummary) -> Hit:
    points = ", ".join(f"{kind.label} {mpxn}" for mpxn, kind in summary.meter_points)
    title = summary.address.full or summary.mpxn
    return Hit(HitKind.PREMISES, summary.mpxn, title, points, reading.kind)


def _meter_point(actor: Actor, reading: Recognised) -> Iterator[Hit]:
    there = premises_of(actor, reading.value)
    if there is None:
        yield from _devices(actor, reading, mpxn=reading.value)
        return
    title = there.address.full or reading.value
    point = next(one for one in there.meter_points if one.mpxn == reading.value)
    detail = f"{point.kind.label} {reading.value}"
    yield Hit(HitKind.PREMISES, reading.value, title, detail, reading.kind)


def _uprn(actor: Actor, reading: Recognised) -> Iterator[Hit]:
    found = premises_at(actor, uprn=reading.value)
    yield from (_premises_hit(reading, one) for one in found)
    if not found:
        yield from _devices(actor, reading, uprn=reading.value)


def _postcode(actor: Actor, reading: Recognised) -> Iterator[Hit]:
    place = reading.property_name or ""
    found = premises_at(actor, reading.value, place, limit=MOST_HITS + 1)
    yield from (_premises_hit(reading, one) for one in found)
    if not found:
        yield from _devices(actor, reading, postcode=reading.value, property=place)


def _outcode(_actor: Actor, reading: Recognised) -> Iterator[Hit]:
    title = f"Coverage in {reading.value}"
    yield Hit(HitKind.COVERAGE, reading.value, title, "SM WAN coverage by postcode", reading.kind)


def _reference(actor: Actor, reading: Recognised) -> Iterator[Hit]:
    if row := request_named(actor, reading.value):
        yield Hit(HitKind.REQUEST, row.reference, row.reference, row.summary, reading.kind)
    if not reading.value.startswith("INC"):
        return
    try:
        there = incident(actor, reading.value)
    except NotVisible:
        return
    yield Hit(HitKind.INCIDENT, there.reference, there.reference, there.summary, reading.kind)


_LOOK_UPS: Mapping[IdKind, Callable[[Actor, Recognised], Iterator[Hit]]] = {
    IdKind.DEVICE_ID: _device,
    IdKind.REQUEST_ID: _target,
    IdKind.MPAN: _meter_point,
    IdKind.MPRN: _meter_point,
    IdKind.UPRN: _uprn,
    IdKind.POSTCODE: _postcode,
    IdKind.OUTCODE: _outcode,
    IdKind.REFERENCE: _reference,
}
