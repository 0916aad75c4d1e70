"""Inventory files for tests: one home, and rows written as a feed writes them."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from meterdesk.platform.intake import run_intake
from meterdesk.platform.models import IntakeRun

HUB = "00-DB-12-34-56-78-90-A0"
METER = "00-DB-12-34-56-78-90-A1"
GAS_METER = "00-DB-12-34-56-78-90-A2"
PROXY = "00-DB-12-34-56-78-90-A3"
PREPAYMENT = "00-DB-12-34-56-78-90-A4"
DISPLAY = "F0-DB-12-34-56-78-90-A5"
ELSEWHERE = "00-DB-12-34-56-78-90-B0"

MPAN = "1312345678907"
MPRN = "3938424403"
UPRN = "100023336956"

_NAMES = (
    "device_id device_type device_status status_date manufacturer model firmware_version "
    "smets_chts_version gbcs_version esme_variant import_mpxn secondary_import_mpan export_mpan "
    "uprn postcode property csp_region hub_variant wan_technology s1sp connectivity "
    "commissioned_date associated_with installed_date placed_at"
)
COLUMNS = _NAMES.split()

PLACE = {"uprn": UPRN, "postcode": "AB1 0AJ", "property": "12"}


def device_row(device_id: str, device_type: str, **given: str) -> dict[str, str]:
    """A Device as a feed states it; commissioned on 1 May 2024 unless told otherwise."""
    row = {
        "device_id": device_id,
        "device_type": device_type,
        "device_status": "Commissioned",
        "status_date": "2024-05-01T09:30:00Z",
    }
    return {**row, **PLACE, **given}


def home() -> list[dict[str, str]]:
    """A dual-fuel home; the hub's record names nobody, the others name what they hang on."""
    return [
        device_row(HUB, "CHF", manufacturer="106C", model="433100AC", csp_region="South"),
        device_row(
            METER,
            "ESME",
            import_mpxn=MPAN,
            esme_variant="A",
            associated_with=HUB,
            manufacturer="1063",
            model="00030201",
            firmware_version="24030500",
        ),
        device_row(PROXY, "GPF", import_mpxn=MPRN, associated_with=HUB),
        device_row(GAS_METER, "GSME", import_mpxn=MPRN, associated_with=PROXY),
        device_row(PREPAYMENT, "PPMID", associated_with=f"{METER} {PROXY}"),
        device_row(DISPLAY, "IHD", device_status="", status_date="", associated_with=METER),
        device_row(
            ELSEWHERE,
            "ESME",
            device_status="Pending",
            status_date="2024-04-01",
            uprn="",
            property="121 High Street",
        ),
    ]


def write_csv(path: Path, rows: Iterable[Mapping[str, str]]) -> Path:
    """Write rows as an inventory CSV file."""
    lines = [",".join(row.get(name, "") for name in COLUMNS) for row in rows]
    path.write_text("\n".join([",".join(COLUMNS), *lines, ""]), encoding="utf-8")
    return path


def take_in(folder: Path, rows: Iterable[Mapping[str, str]]) -> IntakeRun:
    """Take rows in as a file."""
    return run_intake("inventory", [write_csv(folder / "inventory.csv", rows)])


def counts(run: IntakeRun) -> tuple[int, int, int]:
    """Accepted, unchanged, refused."""
    return run.accepted, run.unchanged, run.refused
