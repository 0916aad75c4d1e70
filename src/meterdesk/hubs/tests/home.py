"""A dual-fuel home with everything known of it, taken in from files as real data is."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from meterdesk.inventory.tests import files as inventory
from meterdesk.inventory.tests.files import HUB, METER, MPAN, MPRN
from meterdesk.platform.intake import run_intake
from meterdesk.registration.tests import files as registration
from meterdesk.registration.tests.files import SUPPLIER

NOW = datetime.now(UTC).replace(microsecond=0)
_counter = iter(range(1, 1_000_000))

HUBS_HEADER = (
    "device_id,aerial_installed,aerial_type,birth_event_at,network_status,deactivated_at,"
    "wan_connectivity,han_status,last_connection_at,last_tamper_at,last_outage_at,"
    "last_restore_at,as_of"
)


def request(
    hours: float,
    device_id: str = METER,
    originator: str = SUPPLIER,
    code: str = "I0",
    srv: str = "6.11",
) -> dict[str, Any]:
    """A request sent so many hours ago, as the trail's file says it."""
    at = NOW - timedelta(hours=hours)
    return {
        "type": "request",
        "request_id": f"{originator}:{device_id}:{next(_counter)}",
        "response_id": None,
        "originator": originator,
        "device_id": device_id,
        "srv": srv,
        "service_reference": ".".join(srv.split(".")[:2]),
        "command_variant": 1,
        "mode": "On Demand",
        "received_at": at.isoformat(),
        "responded_at": (at + timedelta(seconds=20)).isoformat(),
        "response_code": code,
        "status": "Success" if code == "I0" else "Failure",
        "csp_region": "South",
        "mpxn": MPAN,
        "preceding_request_id": None,
        "gbcs_sequence": None,
        "anomaly_flag": False,
        "status_history": [],
    }


def alert(hours: float, code: str, device_id: str = METER) -> dict[str, Any]:
    """A Device alert to the supplier."""
    return {
        "type": "alert",
        "alert_id": f"A{next(_counter)}",
        "device_id": device_id,
        "recipient": SUPPLIER,
        "alert_code": code,
        "received_at": (NOW - timedelta(hours=hours)).isoformat(),
        "mode": "Device Alert",
        "csp_region": "South",
        "mpxn": MPAN,
    }


def hub_row(**changes: str) -> str:
    """The CSP's data of the home's hub: connected unless told otherwise."""
    row = {
        "device_id": HUB,
        "aerial_installed": "No",
        "birth_event_at": "2024-05-01T10:00:00Z",
        "network_status": "Active",
        "wan_connectivity": "Connected",
        "last_connection_at": (NOW - timedelta(hours=2)).isoformat(),
        "as_of": (NOW - timedelta(hours=1)).isoformat(),
        **changes,
    }
    return ",".join(row.get(name, "") for name in HUBS_HEADER.split(","))


def make_home(
    folder: Path,
    messages: Iterable[Mapping[str, Any]] = (),
    hub: str | None = None,
    coverage: str = "AB1 0AJ,South,Yes,High",
    devices: Iterable[Mapping[str, str]] | None = None,
) -> None:
    """Take in the parties, registration, Devices, coverage, hub and messages of one home."""
    registration.make_parties()
    registration.take_in(folder, registration.electricity(mpan=MPAN), registration.gas(mprn=MPRN))
    inventory.take_in(folder, inventory.home() if devices is None else devices)
    _take_in(folder, "hubs", f"{HUBS_HEADER}\n{hub or hub_row()}\n")
    header = "postcode,csp_region,coverage_available,likelihood"
    _take_in(folder, "coverage", f"{header}\n{coverage}\n")
    take_in_messages(folder, messages)


def take_in_messages(folder: Path, messages: Iterable[Mapping[str, Any]]) -> None:
    """Take in messages as the network's feed writes them."""
    lines = [orjson.dumps(message).decode() for message in messages]
    if lines:
        _take_in(folder, "trail", "\n".join(lines) + "\n", ".ndjson")


def _take_in(folder: Path, kind: str, text: str, ending: str = ".csv") -> None:
    path = folder / f"{kind}{ending}"
    path.write_text(text, encoding="utf-8")
    run = run_intake(kind, [path])
    assert run.refused == 0, f"{kind}: {run.refused} refused"
