"""Where a Device stood on a day: moves are remembered, contradictions are refused."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meterdesk.inventory.models import Device, Placement
from meterdesk.inventory.queries import devices_at, placements_of
from meterdesk.inventory.rules import Place
from meterdesk.inventory.tests.files import (
    GAS_METER,
    HUB,
    METER,
    MPAN,
    MPRN,
    PROXY,
    UPRN,
    counts,
    device_row,
    home,
    take_in,
)
from meterdesk.kernel.identifiers import mpan_check_digit
from meterdesk.platform.models import IntakeRefusal, IntakeRun

pytestmark = [pytest.mark.django_db, pytest.mark.database]

OTHER_MPAN = "2000050773706"
EXPORT = f"190001120123{mpan_check_digit('190001120123')}"
OTHER_HUB = "00-DB-12-34-56-78-90-D0"
SECOND = "00-DB-12-34-56-78-90-D1"


def on(year: int, month: int = 1, day: int = 1) -> datetime:
    return datetime(year, month, day, tzinfo=UTC)


def spans(device_id: str) -> list[tuple[str | None, str | None, str, str]]:
    return [
        (
            one.mpxn,
            one.uprn,
            one.from_at.date().isoformat() if one.from_at else "",
            one.to_at.date().isoformat() if one.to_at else "",
        )
        for one in placements_of(device_id)
    ]


def codes(run: IntakeRun) -> list[str]:
    return list(IntakeRefusal.objects.filter(run=run).values_list("code", flat=True))


@pytest.mark.req("REG-4", "AUD-1")
def test_a_device_that_moved_is_found_where_it_stood(tmp_path: Path) -> None:
    take_in(tmp_path, home())
    moved = device_row(
        METER, "ESME", import_mpxn=OTHER_MPAN, uprn="77", status_date="2025-03-01T00:00:00Z"
    )
    assert counts(take_in(tmp_path, [moved])) == (1, 0, 0)
    assert counts(take_in(tmp_path, [moved])) == (0, 1, 0)
    assert spans(METER) == [
        (OTHER_MPAN, "77", "2025-03-01", ""),
        (MPAN, UPRN, "", "2025-03-01"),
    ]
    before, after = (on(2024), on(2025)), (on(2025, 4), on(2026))
    for period, mpan, uprn in ((before, MPAN, UPRN), (after, OTHER_MPAN, "77")):
        at = {"from_at": period[0], "to_at": period[1]}
        assert [one.device_id for one in devices_at(mpxn=mpan, **at)] == [METER]
        assert METER in {one.device_id for one in devices_at(uprn=uprn, **at)}
    assert devices_at(mpxn=MPAN, from_at=on(2025, 3), to_at=on(2026)) == ()
    assert devices_at(mpxn=OTHER_MPAN, from_at=on(2024), to_at=on(2025, 3)) == ()
    both = devices_at(mpxn=MPRN, from_at=on(2000), to_at=on(2026))
    assert {one.device_id for one in both} == {GAS_METER, PROXY}
    assert devices_at(from_at=on(2000), to_at=on(2026)) == ()


@pytest.mark.req("AUD-1")
def test_moves_within_one_file_are_each_remembered(tmp_path: Path) -> None:
    stays = [
        device_row(METER, "ESME", import_mpxn=MPAN, uprn="1", placed_at="2024-02-01T00:00:00Z"),
        device_row(METER, "ESME", import_mpxn=MPAN, uprn="2", placed_at="2024-06-01T00:00:00Z"),
        device_row(METER, "ESME", import_mpxn=OTHER_MPAN, uprn="3",
                   placed_at="2024-09-01T00:00:00Z"),
    ]  # fmt: skip
    assert counts(take_in(tmp_path, stays)) == (3, 0, 0)
    expected = [
        (OTHER_MPAN, "3", "2024-09-01", ""),
        (MPAN, "2", "2024-06-01", "2024-09-01"),
        (MPAN, "1", "2024-02-01", "2024-06-01"),
    ]
    assert spans(METER) == expected
    assert counts(take_in(tmp_path, stays)) == (0, 3, 0)
    assert spans(METER) == expected


@pytest.mark.req("AUD-1")
def test_filling_in_completes_a_place_and_taking_away_ends_it(tmp_path: Path) -> None:
    take_in(tmp_path, [device_row(METER, "ESME", import_mpxn=MPAN, uprn="")])
    take_in(tmp_path, [device_row(METER, "ESME", import_mpxn=MPAN, export_mpan=EXPORT)])
    assert {(one.mpxn, one.uprn, one.from_at) for one in placements_of(METER)} == {
        (MPAN, UPRN, None),
        (EXPORT, UPRN, None),
    }
    assert not Placement.objects.exists()
    gone = device_row(METER, "ESME", uprn="", status_date="2025-01-01T00:00:00Z")
    take_in(tmp_path, [gone])
    assert {(one.mpxn, one.to_at) for one in placements_of(METER)} == {
        (MPAN, on(2025)),
        (EXPORT, on(2025)),
    }
    back = device_row(METER, "ESME", uprn="9", status_date="2025-05-01T00:00:00Z")
    take_in(tmp_path, [back])
    assert spans(METER)[0] == (None, "9", "2025-05-01", "")


@pytest.mark.req("INV-1")
def test_a_device_in_two_homes_at_once_is_refused(tmp_path: Path) -> None:
    rows = [device_row(METER, "ESME", uprn="1"), device_row(METER, "ESME", uprn="2")]
    run = take_in(tmp_path, rows)
    assert (counts(run), codes(run)) == ((1, 0, 1), ["in_two_homes"])
    hubs = [device_row(HUB, "CHF"), device_row(OTHER_HUB, "CHF", uprn="2")]
    take_in(tmp_path, hubs)
    torn = device_row(SECOND, "ESME", associated_with=f"{HUB} {OTHER_HUB}")
    run = take_in(tmp_path, [torn])
    assert codes(run) == ["in_two_homes"]
    assert not Device.objects.filter(pk=SECOND).exists()
    left = device_row(HUB, "CHF", device_status="Decommissioned", status_date="2025-01-01")
    assert counts(take_in(tmp_path, [left, torn])) == (2, 0, 0), "a hub that left does not count"


@pytest.mark.req("INV-3")
def test_two_meters_in_use_on_a_point_are_refused(tmp_path: Path) -> None:
    take_in(tmp_path, home())
    second = device_row(SECOND, "ESME", import_mpxn=MPAN, status_date="2025-01-01")
    run = take_in(tmp_path, [second])
    assert (counts(run), codes(run)) == ((0, 0, 1), ["meter_point_taken"])
    gone = device_row(
        METER, "ESME", import_mpxn=MPAN, device_status="Decommissioned", status_date="2025-01-01"
    )
    assert counts(take_in(tmp_path, [second, gone])) == (2, 0, 0), "in either order"
    past = device_row(METER, "ESME", import_mpxn=MPAN, status_date="2024-07-01")
    assert counts(take_in(tmp_path, [past])) == (1, 0, 0), "what has passed is no contradiction"
    run = take_in(tmp_path, [device_row(f"00-DB-12-34-56-78-91-0{n}", "ESME", uprn="",
                                        import_mpxn=OTHER_MPAN) for n in (1, 2)])  # fmt: skip
    assert codes(run) == ["meter_point_taken"]


_POINTS = st.sampled_from([None, "1", "2"])
_PLACES = st.builds(Place, _POINTS, _POINTS, _POINTS, _POINTS)


@pytest.mark.req("AUD-1")
@given(_PLACES, _PLACES)
def test_a_place_is_left_only_for_one_that_lacks_something_of_it(one: Place, other: Place) -> None:
    assert not one.is_left_for(one)
    assert not Place().is_left_for(other)
    if not one.is_left_for(other) and not other.is_left_for(one):
        assert one == other
