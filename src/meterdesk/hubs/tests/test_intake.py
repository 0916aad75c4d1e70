"""The file of the CSPs' data: what is taken in, refused, and that older never replaces newer."""

from pathlib import Path

import pytest

from meterdesk.hubs.models import HubRecord
from meterdesk.platform.intake import run_intake
from meterdesk.platform.models import IntakeRefusal, IntakeRun

pytestmark = [pytest.mark.django_db, pytest.mark.database]

HUB = "00-DB-12-34-56-78-90-A0"
HEADER = (
    "device_id,aerial_installed,aerial_type,birth_event_at,network_status,deactivated_at,"
    "wan_connectivity,han_status,last_connection_at,last_tamper_at,last_outage_at,"
    "last_restore_at,as_of\n"
)
ROW = (
    "00DB1234567890A0,No,,2026-01-02T03:04:05Z,Active,,Connected,,2026-11-20T10:00:00Z,,,,"
    "2026-11-21T06:00:00+00:00\n"
)


def taken(path: Path, text: str) -> tuple[int, int, int]:
    path.write_text(text, encoding="utf-8")
    run: IntakeRun = run_intake("hubs", [path])
    return run.accepted, run.unchanged, run.refused


@pytest.mark.req("SSI-FR-17")
def test_a_hub_comes_in_once_and_newer_data_replaces_it(tmp_path: Path) -> None:
    assert taken(tmp_path / "a.csv", HEADER + ROW + ROW) == (1, 1, 0)
    assert taken(tmp_path / "a.csv", HEADER + ROW + ROW) == (0, 2, 0)
    newer = ROW.replace("11-21", "11-22").replace("Connected", "Not connected")
    assert taken(tmp_path / "b.csv", HEADER + newer) == (1, 0, 0)
    assert taken(tmp_path / "a.csv", HEADER + ROW) == (0, 0, 1)
    held = HubRecord.objects.get()
    assert held.device_id == HUB
    assert held.wan_connectivity == "Not connected"
    assert held.aerial_installed is False


@pytest.mark.req("SSI-FR-17")
def test_what_is_wrong_is_refused_by_line(tmp_path: Path) -> None:
    newer = ROW.replace("11-21", "11-22")
    bad = (
        HEADER
        + ROW
        + newer
        + ROW.replace("00DB1234567890A0", "00DB")
        + ROW.replace("2026-11-21T06:00:00+00:00", "")
        + ROW.replace("2026-01-02T03:04:05Z", "2026-01-02T03:04:05")
        + ROW.replace("Connected", "Perhaps")
    )
    assert taken(tmp_path / "a.csv", bad) == (1, 0, 5)
    assert dict(IntakeRefusal.objects.values_list("line", "code")) == {
        2: "older_data",
        4: "invalid_identifier",
        5: "bad_as_of",
        6: "bad_birth_event_at",
        7: "bad_wan_connectivity",
    }
