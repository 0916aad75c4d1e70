"""The inventory file: what is taken in, what is refused, and that repeating it changes nothing."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meterdesk.inventory.intake import INVENTORY
from meterdesk.inventory.intake.parsing import DeviceRecord, parse_device
from meterdesk.inventory.models import Device, DeviceAssociation, DeviceStatusChange
from meterdesk.inventory.queries import closure, freshness
from meterdesk.inventory.tests.files import (
    DISPLAY,
    ELSEWHERE,
    GAS_METER,
    HUB,
    METER,
    MPAN,
    counts,
    device_row,
    home,
    take_in,
    write_csv,
)
from meterdesk.kernel.errors import Refused
from meterdesk.platform.intake import Batch, Outcome, register, run_intake
from meterdesk.platform.models import IntakeRefusal, IntakeRun

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def history(device_id: str) -> list[tuple[str, str]]:
    rows = DeviceStatusChange.objects.filter(device_id=device_id).order_by("at")
    return [(row.status, row.at.isoformat()) for row in rows]


@pytest.mark.req("INV-1", "SSI-NFR-35")
def test_the_same_file_twice_changes_nothing(tmp_path: Path) -> None:
    assert freshness() is None
    assert counts(take_in(tmp_path, home())) == (7, 0, 0)
    first = freshness()
    assert counts(take_in(tmp_path, home())) == (0, 7, 0)
    assert first is not None
    assert freshness() > first
    meter = Device.objects.get(pk=METER)
    assert (meter.import_mpxn, meter.postcode, meter.firmware_version) == (
        MPAN,
        "AB1 0AJ",
        "24030500",
    )
    assert meter.status_at == datetime(2024, 5, 1, 9, 30, tzinfo=UTC)


@pytest.mark.req("INV-1")
def test_ndjson_carries_the_status_history(tmp_path: Path) -> None:
    row: dict[str, Any] = {
        **device_row(METER, "ESME", import_mpxn=MPAN),
        "associated_with": [HUB],
        "status_history": [
            {"status": "Pending", "at": "2024-03-01T00:00:00+00:00"},
            {"status": "installed not commissioned", "at": "2024-04-20"},
        ],
    }
    path = tmp_path / "inventory.ndjson"
    path.write_text(json.dumps(row) + "\n[]\n", encoding="utf-8")
    assert counts(run_intake("inventory", [path])) == (1, 0, 1)
    assert counts(run_intake("inventory", [path])) == (0, 1, 1)
    assert history(METER) == [
        ("Pending", "2024-03-01T00:00:00+00:00"),
        ("InstalledNotCommissioned", "2024-04-19T23:00:00+00:00"),
        ("Commissioned", "2024-05-01T09:30:00+00:00"),
    ]


@pytest.mark.req("INV-1", "INV-5")
def test_a_newer_status_becomes_current_and_an_older_one_only_history(tmp_path: Path) -> None:
    take_in(tmp_path, home())
    later = device_row(METER, "ESME", device_status="Suspended", status_date="2025-01-01")
    earlier = device_row(METER, "ESME", device_status="Pending", status_date="2024-01-01")
    assert counts(take_in(tmp_path, [later])) == (1, 0, 0)
    assert counts(take_in(tmp_path, [earlier])) == (1, 0, 0)
    assert counts(take_in(tmp_path, [earlier])) == (0, 1, 0)
    assert Device.objects.get(pk=METER).status == "Suspended"
    assert [status for status, _at in history(METER)] == ["Pending", "Commissioned", "Suspended"]


@pytest.mark.req("INV-1")
def test_the_records_of_one_device_in_a_file_count_as_if_one_after_the_other(
    tmp_path: Path,
) -> None:
    rows = [
        device_row(METER, "ESME", firmware_version="00000002"),
        device_row(METER, "ESME", firmware_version="00000002"),
        device_row(
            METER,
            "ESME",
            device_status="Pending",
            status_date="2024-01-01",
            firmware_version="00000001",
        ),
    ]
    assert counts(take_in(tmp_path, rows)) == (2, 1, 0)
    assert counts(take_in(tmp_path, rows)) == (0, 3, 0)
    assert Device.objects.get(pk=METER).firmware_version == "00000002"
    assert [status for status, _at in history(METER)] == ["Pending", "Commissioned"]


@pytest.mark.req("INV-1")
def test_an_association_waits_for_its_device_and_follows_the_record(tmp_path: Path) -> None:
    take_in(tmp_path, [device_row(METER, "ESME", associated_with=HUB)])
    assert {one.device_id: one.description for one in closure(METER)} == {
        METER: "Electricity meter",
        HUB: "Not in the inventory",
    }
    take_in(tmp_path, [device_row(HUB, "CHF")])
    assert {one.description for one in closure(METER)} == {
        "Electricity meter",
        "Communications hub",
    }
    moved = device_row(METER, "ESME", associated_with=ELSEWHERE)
    assert counts(take_in(tmp_path, [moved])) == (1, 0, 0)
    assert [a.associated_id for a in DeviceAssociation.objects.all()] == [ELSEWHERE]


@pytest.mark.req("INV-6", "SSI-FR-3")
def test_a_type_2_device_has_no_status(tmp_path: Path) -> None:
    take_in(tmp_path, [device_row(DISPLAY, "IHD")])
    display = Device.objects.get(pk=DISPLAY)
    assert (display.status, display.status_at, history(DISPLAY)) == ("", None, [])


REFUSED: list[tuple[dict[str, str], str]] = [
    ({"device_id": ""}, "no_device_id"),
    ({"device_id": "00-DB-12"}, "invalid_identifier"),
    ({"device_type": "SAPC"}, "invalid_value"),
    ({"device_status": "Broken"}, "invalid_value"),
    ({"device_status": ""}, "no_status"),
    ({"status_date": ""}, "no_status_date"),
    ({"device_status": "", "status_date": ""}, "no_status"),
    ({"status_date": "01/05/2024"}, "bad_date"),
    ({"status_date": "0001-01-01"}, "bad_date"),
    ({"status_date": "2999-01-01"}, "in_future"),
    ({"import_mpxn": "1312345678908"}, "invalid_identifier"),
    ({"import_mpxn": "3938424403"}, "wrong_kind"),
    ({"export_mpan": "99"}, "invalid_identifier"),
    ({"uprn": "0"}, "invalid_identifier"),
    ({"postcode": "NOWHERE"}, "invalid_identifier"),
    ({"property": "x" * 101}, "too_long"),
    ({"csp_region": "East"}, "invalid_value"),
    ({"esme_variant": "Z"}, "invalid_value"),
    ({"associated_with": METER}, "associated_with_itself"),
    ({"associated_with": "somebody"}, "invalid_identifier"),
    ({"commissioned_date": "soon"}, "bad_date"),
]


@pytest.mark.req("INV-1")
def test_each_wrong_record_is_refused_alone_with_its_reason(tmp_path: Path) -> None:
    rows = [device_row(METER, "ESME") | wrong for wrong, _code in REFUSED]
    run = take_in(tmp_path, [*rows, device_row(HUB, "CHF")])
    assert counts(run) == (1, 0, len(REFUSED))
    refusals = IntakeRefusal.objects.filter(run=run).order_by("line")
    assert [(one.line, one.code) for one in refusals] == [
        (line, code) for line, (_wrong, code) in enumerate(REFUSED, start=2)
    ]
    assert all(one.reason.endswith(".") for one in refusals)


@pytest.mark.req("INV-1")
def test_an_mprn_with_a_doubtful_check_is_kept(tmp_path: Path) -> None:
    row = device_row(GAS_METER, "GSME", import_mpxn="3938424404")
    assert counts(take_in(tmp_path, [row])) == (1, 0, 0)
    assert Device.objects.get(pk=GAS_METER).import_mpxn == "3938424404"


@pytest.mark.django_db(transaction=True)
def test_a_run_killed_halfway_is_mended_by_running_it_again(tmp_path: Path) -> None:
    killed_after: list[int] = []

    def apply(batch: Batch) -> Outcome:
        outcome = INVENTORY.apply(batch)
        killed_after.append(len(batch.records))
        if len(killed_after) == 2:
            raise KeyboardInterrupt
        return outcome

    path = write_csv(tmp_path / "inventory.csv", home())
    register(replace(INVENTORY, apply=apply, batch_size=3))
    try:
        with pytest.raises(KeyboardInterrupt):
            run_intake("inventory", [path])
    finally:
        register(INVENTORY)
    assert IntakeRun.objects.get().state == IntakeRun.State.STOPPED
    assert Device.objects.count() == 3
    assert counts(run_intake("inventory", [path])) == (4, 3, 0)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=5,
)
NAMES = st.sampled_from([*device_row(METER, "ESME"), "associated_with", "status_history", "s1sp"])


@given(st.dictionaries(NAMES, json_values), st.booleans())
def test_whatever_a_record_holds_it_is_read_or_refused(wild: dict[str, Any], base: bool) -> None:
    row = {**device_row(METER, "ESME"), **wild} if base else wild
    parse: Callable[[Any], DeviceRecord] = parse_device
    try:
        assert isinstance(parse(row), DeviceRecord)
    except Refused as refused:
        assert refused.code
        assert refused.message
