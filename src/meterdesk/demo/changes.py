"""What happened in the field of late: Devices announced, joined, replaced and taken out of use.

And a load of the country's coverage that waits for the operator to let it count.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from meterdesk.demo.files import COVERAGE, coverage_rows, write_csv
from meterdesk.demo.homes import Condition, Home
from meterdesk.demo.people import ALDER
from meterdesk.demo.products import Model
from meterdesk.identity.rules import UserRole
from meterdesk.inventory.actions import tell_network_parties
from meterdesk.platform.intake import last_taken_in, run_intake

ANNOUNCED: Final = (
    "device_id", "device_type", "manufacturer", "model", "firmware_version", "at",
    "associated_gpf", "user_id",
)  # fmt: skip
CHANGED: Final = ("device_id", "status", "at", "reason", "user_id", "replaces")
SPARE, SECOND_SPARE = 6, 7
"""Places in a home's numbering of Devices that none of its own takes."""
HOMES: Final = 9
IHD_BLOCK: Final = "98-49-14"


def change_some(homes: Iterable[Home], folder: Path, now: datetime) -> int:
    """Take a few days' changes of some homes in; returns how many Devices they are about.

    Run again, it changes nothing.
    """
    chosen = [home for home in homes if _is_plain(home)][-HOMES:]
    announced = list(_announced(chosen, now))
    changed = list(_changed(chosen, now))
    for kind, header, rows in (
        ("prenotification", ANNOUNCED, announced),
        ("device-status", CHANGED, changed),
    ):
        path = folder / f"{kind}.csv"
        write_csv(path, header, rows)
        run_intake(kind, [path], started_by="demonstration")
        path.unlink()
    tell_network_parties(at=now)
    return len(announced) + len(changed)


def load_coverage(homes: Sequence[Home], folder: Path, now: datetime) -> int:
    """Load coverage of the whole country as a version to be looked at; returns its rows.

    Some of it differs: a region's masts are better, and one outcode is no longer reached.
    """
    if last_taken_in("coverage-whole"):
        return 0
    rows = [row for home in homes for row in coverage_rows(home, now.date())]
    lost = rows[-1]["postcode"].split(" ")[0] if rows else ""
    for row in rows:
        if row["postcode"].startswith(f"{lost} "):
            row |= {"coverage_available": "No", "likelihood": "Low"}
        elif row["csp_region"] == "Central" and not row.get("property"):
            row["likelihood"] = "High"
    path = folder / "coverage-next.csv"
    write_csv(path, COVERAGE, rows)
    run_intake("coverage-whole", [path], started_by="demonstration")
    path.unlink()
    return len(rows)


def _is_plain(home: Home) -> bool:
    """Whether nothing else is told of the home: Alder's, of both fuels, and healthy."""
    return (
        home.condition is Condition.HEALTHY
        and not home.smets1
        and (home.electricity, home.gas) == (ALDER, ALDER)
        and home.previous_supplier is None
        and home.next_supplier is None
    )


def _announced(homes: Sequence[Home], now: datetime) -> Iterator[dict[str, str]]:
    """Displays that join homes in use, meters and hubs that are to take the place of others."""
    for number, home in enumerate(homes):
        at = (now - timedelta(days=5, hours=number)).isoformat(timespec="seconds")
        hub, meter, proxy = (home.device(kind) for kind in ("CHF", "ESME", "GPF"))
        if not (hub and meter and proxy):
            continue
        block = hub.model.address_block
        match number % 3:
            case 0:
                yield {
                    "device_id": home.spare_device_id(IHD_BLOCK, SPARE), "device_type": "IHD",
                    "manufacturer": "10E0", "model": "49480900", "at": at,
                    "associated_gpf": proxy.device_id, "user_id": ALDER.user_id(UserRole.IS),
                }  # fmt: skip
            case 1:
                new_id = home.spare_device_id(meter.model.address_block, SPARE)
                yield {**_of(meter.model, new_id, at), "user_id": ALDER.user_id(UserRole.IS)}
            case _:
                new_proxy = home.spare_device_id(block, SECOND_SPARE)
                yield _of(proxy.model, new_proxy, at)
                new_hub = _of(hub.model, home.spare_device_id(block, SPARE), at)
                yield {**new_hub, "associated_gpf": new_proxy}


def _of(model: Model, device_id: str, at: str) -> dict[str, str]:
    return {
        "device_id": device_id, "device_type": model.device_type, "at": at,
        "manufacturer": model.manufacturer, "model": model.model,
        "firmware_version": model.firmware[-1],
    }  # fmt: skip


def _changed(homes: Sequence[Home], now: datetime) -> Iterator[dict[str, str]]:
    """Meters taken out of use, and hubs replaced with what they knew of their home."""
    asked_by = ALDER.user_id(UserRole.IS)
    for number, home in enumerate(homes):
        at = (now - timedelta(days=1, hours=number)).isoformat(timespec="seconds")
        hub, meter, gas_meter = (home.device(kind) for kind in ("CHF", "ESME", "GSME"))
        if number % 3 == 1 and meter and gas_meter:
            yield {
                "device_id": meter.device_id, "status": "Decommissioned", "at": at,
                "reason": "Display failed; to be replaced", "user_id": asked_by,
            }  # fmt: skip
            if number == 1:
                yield {
                    "device_id": gas_meter.device_id, "status": "Withdrawn", "at": at,
                    "reason": "Gas supply capped", "user_id": ALDER.user_id(UserRole.GS),
                }  # fmt: skip
        elif number % 3 == 2 and hub:
            block, done = hub.model.address_block, {"status": "Commissioned", "at": at}
            new_hub = {"device_id": home.spare_device_id(block, SPARE), **done}
            yield {**new_hub, "reason": "Replaced in the field", "replaces": hub.device_id}
            yield {"device_id": home.spare_device_id(block, SECOND_SPARE), **done}
