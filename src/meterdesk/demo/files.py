"""Writes the demonstration network as the files that the intakes take (docs/reference/formats)."""

import csv
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from operator import itemgetter
from pathlib import Path
from random import Random

import orjson

from meterdesk.demo.homes import Condition, DemoDevice, Home
from meterdesk.demo.messages import Outage, Source
from meterdesk.demo.people import EASTMOOR, FELLGATE, GREENLANE
from meterdesk.identity.rules import UserRole

REGISTRATION = (
    "mpxn", "kind", "effective_from", "effective_to", "supplier", "network_party", "agent",
    "uprn", "property", "street", "town", "postcode",
)  # fmt: skip
INVENTORY = (
    "device_id", "device_type", "device_status", "status_date", "manufacturer", "model",
    "firmware_version", "smets_chts_version", "gbcs_version", "esme_variant", "import_mpxn",
    "export_mpan", "uprn", "postcode", "property", "csp_region", "hub_variant", "wan_technology",
    "s1sp", "connectivity", "commissioned_date", "installed_date", "associated_with",
)  # fmt: skip
COVERAGE = (
    "postcode", "property", "csp_region", "coverage_available", "anticipated_date", "likelihood",
    "wan_variant", "auxiliary_equipment", "exemption_category_2", "exemption_ends_date",
    "known_issue", "likely_resolution",
)  # fmt: skip
PLACES = ("postcode", "easting", "northing")
HUBS = (
    "device_id", "aerial_installed", "aerial_type", "birth_event_at", "network_status",
    "deactivated_at", "wan_connectivity", "han_status", "last_connection_at", "last_tamper_at",
    "last_outage_at", "last_restore_at", "as_of",
)  # fmt: skip
S1SP = "First Generation Services"


def write_csv(path: Path, header: Iterable[str], rows: Iterable[dict[str, str]]) -> None:
    """Write rows under a header; a column that a row lacks is empty."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(header), restval="")
        writer.writeheader()
        writer.writerows(rows)


def registration_rows(home: Home) -> Iterator[dict[str, str]]:
    """Who is registered at the home's meter points, the supplier before included."""
    place = {
        "uprn": home.uprn,
        "property": home.property,
        "street": home.postcode.street,
        "town": home.postcode.place.town,
        "postcode": home.postcode.text,
    }
    electricity = {
        "network_party": EASTMOOR.user_id(UserRole.ED),
        "agent": GREENLANE.user_id(UserRole.RSA),
        **place,
    }
    first_day = (home.installed - timedelta(days=400)).isoformat()
    since = home.supplied_since.isoformat()
    point = {"mpxn": home.mpan, "kind": "IMPORT", **electricity}
    if home.previous_supplier:
        before = home.previous_supplier.user_id(UserRole.IS)
        yield {**point, "effective_from": first_day, "effective_to": since, "supplier": before}
        first_day = since
    supplier = home.electricity.user_id(UserRole.IS)
    yield {**point, "effective_from": first_day, "supplier": supplier}
    if home.next_supplier and home.next_supplied_from:
        after, leaves = home.next_supplier.user_id(UserRole.IS), home.next_supplied_from.isoformat()
        yield {**point, "effective_from": leaves, "supplier": after}
    if home.export_mpan and UserRole.ES in home.electricity.roles:
        yield {
            **electricity,
            "mpxn": home.export_mpan,
            "kind": "EXPORT",
            "effective_from": home.installed.isoformat(),
            "supplier": home.electricity.user_id(UserRole.ES),
        }
    if home.gas:
        yield {
            "mpxn": home.mprn,
            "kind": "GAS",
            "effective_from": (home.installed - timedelta(days=500)).isoformat(),
            "supplier": home.gas.user_id(UserRole.GS),
            "network_party": FELLGATE.user_id(UserRole.GT),
            **place,
        }


def inventory_rows(home: Home) -> Iterator[dict[str, str]]:
    """The home's Devices."""
    for device in home.devices:
        yield _device_row(home, device)


def _device_row(home: Home, device: DemoDevice) -> dict[str, str]:
    kind, model = device.model.device_type, device.model
    row = {
        "device_id": device.device_id,
        "device_type": kind,
        "device_status": device.status,
        "status_date": f"{device.status_date.isoformat()}T09:00:00Z",
        "manufacturer": model.manufacturer,
        "model": model.model,
        "firmware_version": device.firmware,
        "smets_chts_version": model.smets,
        "gbcs_version": "" if home.smets1 else model.gbcs,
        "uprn": home.uprn,
        "postcode": home.postcode.text,
        "property": home.property,
        "csp_region": home.postcode.place.region,
        "s1sp": S1SP if home.smets1 else "",
        "installed_date": home.installed.isoformat(),
        "associated_with": " ".join(device.associated_with),
    }
    if device.status in ("Commissioned", "Suspended", "Decommissioned"):
        row["commissioned_date"] = home.installed.isoformat()
    if kind == "ESME":
        row |= {"import_mpxn": home.mpan, "esme_variant": "A"}
        if home.export_mpan and UserRole.ES in home.electricity.roles:
            row["export_mpan"] = home.export_mpan
    elif kind in ("GSME", "GPF"):
        row["import_mpxn"] = home.mprn
    elif kind == "CHF":
        row |= {"hub_variant": model.hub_variant, "wan_technology": model.wan_technology}
        row["connectivity"] = "Cellular" if model.wan_technology == "Cellular" else ""
    return row


def hub_row(home: Home, now: datetime, outages: list[Outage]) -> dict[str, str]:
    """What the CSP knows of the home's hub."""
    hub = home.device("CHF")
    assert hub is not None  # noqa: S101  every home has a hub
    rng = Random(home.index)
    silent = home.condition in (Condition.HUB_SILENT, Condition.DECOMMISSIONED)
    cut = any(outage.starts_at <= now < outage.ends_at for outage in outages)
    never = home.condition is Condition.NO_COVERAGE
    last = now - timedelta(minutes=rng.randint(5, 600))
    if silent:
        last = datetime.combine(home.trouble_since, datetime.min.time(), UTC)
    row = {
        "device_id": hub.device_id,
        "aerial_installed": "Yes" if "Long" in hub.model.wan_technology else "No",
        "aerial_type": "Integrated" if "Long" in hub.model.wan_technology else "",
        "network_status": "Registered" if not (silent or never) else "Not registered",
        "wan_connectivity": "Not connected" if silent or never or cut else "Connected",
        "as_of": _iso(now),
    }
    if not never:
        born = datetime.combine(home.installed, datetime.min.time(), UTC) + timedelta(hours=10)
        row |= {"birth_event_at": _iso(born), "last_connection_at": _iso(last)}
    if home.condition is Condition.DECOMMISSIONED:
        row["deactivated_at"] = _iso(last)
    if outages and not never:
        latest = max(outages, key=lambda outage: outage.starts_at)
        row["last_outage_at"] = _iso(latest.starts_at)
        if latest.ends_at < now:
            row["last_restore_at"] = _iso(latest.ends_at)
    return row


def coverage_rows(home: Home, today: date) -> Iterator[dict[str, str]]:
    """The answer for the postcode (with its first home) and for a home that differs from it."""
    place = home.postcode.place
    rng = Random(home.postcode.text)
    variant = "Standard 420" if place.region == "North" else "Cellular"
    whole = {
        "postcode": home.postcode.text,
        "csp_region": place.region,
        "coverage_available": "Yes",
        "likelihood": rng.choices(("High", "Medium", "Low"), (82, 14, 4))[0],
        "wan_variant": variant,
        "exemption_category_2": "No",
    }
    if home.index % 15 == 0:
        yield whole
    if home.condition is Condition.NO_COVERAGE:
        planned = home.index % 3
        yield {
            **whole,
            "property": home.property,
            "coverage_available": "No",
            "anticipated_date": (today + timedelta(days=120)).isoformat()
            if planned
            else "No Coverage Intended",
            "likelihood": "Low",
            "auxiliary_equipment": "External aerial" if planned else "",
            "known_issue": "Terrain shields the premises from the nearest mast.",
            "likely_resolution": "New mast planned." if planned else "",
        }


def place_rows(home: Home) -> Iterator[dict[str, str]]:
    """Where the postcode is (with its first home)."""
    if home.index % 15 == 0:
        easting, northing = map(str, home.postcode.grid)
        yield {"postcode": home.postcode.text, "easting": easting, "northing": northing}


def write_messages(path: Path, sources: Iterable[Source]) -> int:
    """Write the homes' messages as NDJSON, oldest first within the file; return how many."""
    lines: list[tuple[str, bytes]] = []
    for source in sources:
        lines += [(m["received_at"], orjson.dumps(m)) for m in source.messages()]
    lines.sort(key=itemgetter(0))
    with path.open("wb") as stream:
        stream.writelines(text + b"\n" for _, text in lines)
    return len(lines)


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
