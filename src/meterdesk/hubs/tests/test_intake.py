"""The file of the CSPs' data: what is taken in, refused, and that older never replaces newer."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from meterdesk.hubs.models import HubRecord
from meterdesk.identity.rules import DeskRole
from meterdesk.identity.tests.factories import actor_for, make_person
from meterdesk.inventory.queries import device, lineage
from meterdesk.inventory.rules import DeviceStatus
from meterdesk.inventory.tests.files import device_row
from meterdesk.inventory.tests.files import take_in as take_in_devices
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


@pytest.mark.req("INV-4")
def test_a_hub_is_commissioned_by_its_first_connection_to_the_sm_wan(tmp_path: Path) -> None:
    waits = {"device_status": "Pending", "status_date": "2026-01-01T00:00:00Z"}
    newer = {"device_status": "Withdrawn", "status_date": "2026-01-01T00:00:00Z"}
    gone, late = "00-DB-12-34-56-78-90-A8", "00-DB-12-34-56-78-90-A9"
    take_in_devices(
        tmp_path,
        [
            device_row(HUB, "CHF", **waits),
            device_row(gone, "CHF", **newer),
            device_row(late, "CHF", **waits | {"status_date": "2026-02-01T00:00:00Z"}),
        ],
    )
    desk = actor_for(make_person(desk=[DeskRole.AGENT]))

    def newest(device_id: str) -> Any:
        found = device(desk, device_id)
        assert found is not None
        return lineage(desk, found).steps[0]

    never = ROW.replace("2026-01-02T03:04:05Z", "")
    taken(tmp_path / "before.csv", HEADER + never)
    assert newest(HUB).status is DeviceStatus.PENDING, "known to the CSP, never yet connected"

    rows = [ROW.replace("00DB1234567890A0", one.replace("-", "")) for one in (HUB, gone, late)]
    text = HEADER + "".join(rows).replace("11-21T06", "11-22T06")
    taken(tmp_path / "born.csv", text)
    step = newest(HUB)
    assert step.status is DeviceStatus.COMMISSIONED
    assert step.at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert step.reason == "First connection to the SM WAN"
    assert (step.source.file, step.source.line) == ("born.csv", 2)
    assert newest(gone).status is DeviceStatus.WITHDRAWN, "what left stays away"
    assert newest(late).status is DeviceStatus.PENDING, "the network said so since"
