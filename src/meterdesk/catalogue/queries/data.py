"""The data of a record as one reader sees it now, each with its source: what can be disputed.

Every record is read by the query of the app that holds it, with the reader's own rights, so that a
dispute never shows more than the page it was begun on.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from meterdesk.catalogue.rules.data import Datum, RecordKind, RecordName
from meterdesk.coverage.queries import CoverageSearch, coverage_of, coverage_source
from meterdesk.coverage.queries import freshness as coverage_freshness
from meterdesk.coverage.rules import Likelihood, property_key
from meterdesk.hubs.queries import hub_status
from meterdesk.hubs.rules import WanConnectivity
from meterdesk.identity.rules import Actor
from meterdesk.inventory.queries import DeviceDetails, device, lineage
from meterdesk.inventory.rules import DeviceStatus
from meterdesk.kernel.errors import NotVisible
from meterdesk.platform.intake.runs import RunSource
from meterdesk.platform.web.moments import moment_words
from meterdesk.registration.queries import (
    PartyView,
    ToldParties,
    meter_point,
    responsible_at,
)
from meterdesk.registration.queries import freshness as registration_freshness

_NOT_THERE: Final = "There is no such record that you can see."
_YES_NO: Final = ("Yes", "No")


@dataclass(frozen=True, slots=True)
class Record:
    """A record with its data. `place` tells where it is, as far as that is known."""

    name: RecordName
    place: str
    data: tuple[Datum, ...]

    def datum(self, name: str) -> Datum | None:
        """One of its data."""
        return next((one for one in self.data if one.name == name), None)


def data_of(actor: Actor, name: RecordName, at: datetime) -> Record:
    """What the actor sees of a record at `at`, the present instant.

    Raises:
        NotVisible: there is no such record for this actor.
        NotAllowed: a hub's data that is for its parties alone.
    """
    key, place, data = _READERS[name.kind](actor, name, at)
    return Record(RecordName(name.kind, key), place, tuple(data))


def datum_of(actor: Actor, name: RecordName, datum: str, at: datetime) -> tuple[Record, Datum]:
    """One datum with its record. Raises as `data_of`, and NotVisible for one it has not."""
    record = data_of(actor, name, at)
    found = record.datum(datum)
    if found is None:
        raise NotVisible(_NOT_THERE)
    return record, found


_Read = tuple[str, str, Iterator[Datum]]
"""The record's key as it is held, where it is, and its data."""

_DEVICE_FACTS: Final = (
    ("manufacturer", "Manufacturer"),
    ("model", "Device Model"),
    ("firmware_version", "Firmware version"),
    ("import_mpxn", "MPxN"),
    ("secondary_import_mpan", "Secondary MPAN"),
    ("export_mpan", "Export MPAN"),
    ("csp_region", "CSP region"),
    ("property", "First line of address"),
    ("postcode", "Postcode"),
    ("uprn", "UPRN"),
    ("commissioned_date", "Commissioned on"),
    ("installed_date", "Installed on"),
)


def _device(actor: Actor, name: RecordName, _at: datetime) -> _Read:
    found = device(actor, name.key)
    if found is None:
        raise NotVisible(_NOT_THERE)
    return found.device_id, found.address, _device_data(actor, found)


def _device_data(actor: Actor, found: DeviceDetails) -> Iterator[Datum]:
    told = lineage(actor, found)
    record = _source(told.record, "Inventory")
    if found.status:
        newest = _source(told.steps[0].source if told.steps else None, "Inventory")
        labels = tuple(one.label for one in DeviceStatus)
        yield Datum("status", "SMI Status", found.status.label, *newest, found.status_at, labels)
    yield Datum("associated", "Associated Devices", ", ".join(found.associated), *record)
    for attribute, label in _DEVICE_FACTS:
        if found.shows(attribute):
            yield Datum(attribute, label, _words(getattr(found, attribute)), *record)


def _source(
    source: RunSource | None, otherwise: str, came_in: datetime | None = None
) -> tuple[str, datetime | None]:
    """The run and line that told of it; where that is not known, or not shown, what kind it was."""
    if source is None:
        return otherwise, came_in
    line = f", line {source.line}" if source.line else ""
    file = f" of {source.file}" if source.file else ""
    return f"{source.title}, run {source.run_id}{line}{file}", source.taken_in_at


def _meter_point(actor: Actor, name: RecordName, at: datetime) -> _Read:
    point = meter_point(actor, name.key, at=at)
    if point is None:
        raise NotVisible(_NOT_THERE)

    def data() -> Iterator[Datum]:
        told = next(iter(responsible_at(actor, [point.mpxn], None, at)), None)
        named = told if isinstance(told, ToldParties) else None
        newest = ("Registration data", registration_freshness())
        source = _source(named.source if named else None, *newest)
        since = named.since if named else None
        parties = point.parties
        yield _party("supplier", "Supplier", parties.supplier, source, since)
        yield _party("network_party", "Network party", parties.network_party, source, since)
        yield _party("agent", "Agent", parties.agent, source, since)
        yield Datum("address", "Address", point.address.full, *newest)
        yield Datum("uprn", "UPRN", point.uprn, *newest)

    return point.mpxn, point.address.full, data()


def _party(
    name: str,
    label: str,
    party: PartyView | None,
    source: tuple[str, datetime | None],
    since: datetime | None,
) -> Datum:
    if party is None:
        return Datum(name, label, "", *source)
    also = (party.user_id,) if party.user_id else ()
    value = f"{party.label[:1].upper()}{party.label[1:]}"
    return Datum(name, label, value, *source, since, also=also)


_HUB_FACTS: Final[tuple[tuple[str, str, tuple[str, ...]], ...]] = (
    ("wan_connectivity", "SM WAN connectivity status", tuple(WanConnectivity)),
    ("network_status", "Network status", ()),
    ("aerial_installed", "Aerial installed", _YES_NO),
    ("aerial_type", "Aerial type", ()),
    ("birth_event_at", "Birth event", ()),
    ("last_connection_at", "Last connection", ()),
    ("last_outage_at", "Last outage", ()),
    ("last_restore_at", "Last restore", ()),
)


def _hub(actor: Actor, name: RecordName, at: datetime) -> _Read:
    hub = hub_status(actor, name.key, at)

    def data() -> Iterator[Datum]:
        if said := hub.data:
            for attribute, label, choices in _HUB_FACTS:
                value = _words(getattr(said, attribute))
                source = _source(hub.source, "Communications service provider's data", said.as_of)
                yield Datum(attribute, label, value, *source, choices=choices)

    return hub.device_id, hub.place, data()


def _coverage(actor: Actor, name: RecordName, _at: datetime) -> _Read:
    postcode, place = name.place
    rows = coverage_of(actor, CoverageSearch(postcode=postcode, property_name=place)).items
    same = property_key(place)
    found = next((one for one in rows if property_key(one.property_name) == same), None)
    if found is None:
        raise NotVisible(_NOT_THERE)

    def data() -> Iterator[Datum]:
        source = _source(coverage_source(actor, found), "Coverage data", coverage_freshness())
        available = _words(found.coverage_available)
        yield Datum("available", "Coverage available", available, *source, choices=_YES_NO)
        yield Datum("anticipated", "Anticipated", found.anticipated_text, *source)
        likelihood = found.likelihood.value if found.likelihood else ""
        levels = tuple(Likelihood)
        yield Datum("likelihood", "Likelihood of connectivity", likelihood, *source, choices=levels)
        yield Datum("wan_variant", "WAN Variant to be used", found.wan_variant, *source)
        auxiliary = found.auxiliary_equipment
        yield Datum("auxiliary_equipment", "Auxiliary equipment", auxiliary, *source)

    where = (found.postcode, found.property_name)
    return ", ".join(one for one in where if one), found.place, data()


def _words(value: Any) -> str:
    match value:
        case bool():
            return "Yes" if value else "No"
        case datetime():
            return moment_words(value)
        case date():
            return value.isoformat()
        case None:
            return ""
        case _:
            return str(value)


_READERS: Final[Mapping[RecordKind, Callable[[Actor, RecordName, datetime], _Read]]] = {
    RecordKind.DEVICE: _device,
    RecordKind.METER_POINT: _meter_point,
    RecordKind.HUB: _hub,
    RecordKind.COVERAGE: _coverage,
}
