"""Lines of the trail's NDJSON for tests."""

from pathlib import Path
from typing import Any

import orjson

from meterdesk.platform.intake import run_intake

SUPPLIER, DEVICE = "90-B3-D5-1F-30-01-00-00", "00-DB-12-34-56-78-90-A0"
NETWORK = "90-B3-D5-1F-30-00-00-02"


def request_line(counter: int = 1000, **more: Any) -> dict[str, Any]:
    return {
        "type": "request",
        "request_id": f"{SUPPLIER}:{DEVICE}:{counter}",
        "originator": SUPPLIER,
        "device_id": DEVICE,
        "srv": "4.8.1",
        "service_reference": "4.8",
        "command_variant": 1,
        "mode": "On Demand",
        "received_at": "2026-03-01T09:30:00Z",
        "responded_at": None,
        "response_code": None,
        "status": "In Progress",
        "csp_region": "North",
        "mpxn": "1312345678907",
        "status_history": [{"status": "In Progress", "at": "2026-03-01T09:30:00Z"}],
    } | more


def response_line(counter: int = 1000, **more: Any) -> dict[str, Any]:
    return {
        "type": "response",
        "request_id": f"{SUPPLIER}:{DEVICE}:{counter}",
        "received_at": "2026-03-01T09:30:00Z",
        "responded_at": "2026-03-01T09:30:12.5Z",
        "response_code": "I0",
        "status": "Success",
        "response_id": f"{DEVICE}:{SUPPLIER}:{counter}",
    } | more


def alert_line(number: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "type": "alert",
        "alert_id": f"A{number}",
        "device_id": DEVICE,
        "recipient": SUPPLIER,
        "alert_code": "81A0",
        "received_at": "2026-03-01T11:00:00Z",
        "mode": "Device Alert",
        "csp_region": "North",
        "mpxn": None,
    } | more


def take_in(folder: Path, *lines: dict[str, Any]) -> tuple[int, int, int]:
    """Take the lines in as one file: how many were accepted, unchanged, refused."""
    path = folder / "trail.ndjson"
    path.write_bytes(b"\n".join(map(orjson.dumps, lines)))
    run = run_intake("trail", [path])
    return run.accepted, run.unchanged, run.refused
