"""Messages of a meter point or UPRN: of the Devices that stood there, for their time there."""

from datetime import UTC, datetime, timedelta
from datetime import timezone as tzoffset
from functools import partial

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from meterdesk.identity.rules import JobTypeRole
from meterdesk.identity.tests import factories as make
from meterdesk.inventory.tests import files as inventory
from meterdesk.inventory.tests.files import METER, MPAN, UPRN, device_row
from meterdesk.kernel.paging import PageRequest
from meterdesk.trail import actions, queries
from meterdesk.trail.queries import MeterReadSearch, TrailSearch
from meterdesk.trail.queries.held import days_around
from meterdesk.trail.rules.spans import Span, joined
from meterdesk.trail.tests import lines
from meterdesk.trail.tests.lines import SUPPLIER, request_line

OTHER_MPAN = "1312345678916"
SECOND, NEWCOMER = "00-DB-12-34-56-78-90-B1", "90-B3-D5-1F-30-03-00-00"
NOW = timezone.now()
OUT = (NOW - timedelta(days=120)).replace(hour=9, minute=30, second=0, microsecond=0)
"""When the first meter moved away, and the second took its place."""
CHANGED = OUT + timedelta(days=60)
"""When the newcomer became the supplier."""

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def sent(tmp_path):
    """Send requests, each (originator, Device, when, Service Reference Variant)."""
    take_in = partial(lines.take_in, tmp_path)

    def send(*messages):
        return take_in(
            *(
                request_line(
                    number,
                    request_id=f"{party}:{device}:{number}",
                    originator=party,
                    device_id=device,
                    srv=srv,
                    service_reference=None,
                    mpxn=None,
                    received_at=at.isoformat(),
                    status_history=[],
                )
                for number, (party, device, at, srv) in enumerate(messages)
            )
        )

    return send


@pytest.fixture
def moved(tmp_path):
    """The first meter stood at MPAN until OUT, then elsewhere; the second stands there since."""
    inventory.take_in(tmp_path, [device_row(METER, "ESME", import_mpxn=MPAN)])
    away = device_row(
        METER, "ESME", import_mpxn=OTHER_MPAN, uprn="77", placed_at=OUT.isoformat(),
        status_date=OUT.isoformat(),
    )  # fmt: skip
    second = device_row(
        SECOND, "ESME", import_mpxn=MPAN, placed_at=OUT.isoformat(), status_date=OUT.isoformat()
    )
    assert inventory.counts(inventory.take_in(tmp_path, [away, second])) == (2, 0, 0)


def person(username: str, eui: str, organisation: str):
    make.make_user_id(eui, make.make_organisation(organisation))
    return make.actor_for(make.make_person(username, [(eui, JobTypeRole.ALL_ACCESS)]))


@pytest.fixture
def old():
    return person("ann", SUPPLIER, "Alder Energy")


@pytest.fixture
def new():
    return person("bob", NEWCOMER, "Birch Energy")


DAY = timedelta(days=1)
HISTORY = (
    (SUPPLIER, METER, OUT - DAY, "7.4"),
    (SUPPLIER, METER, OUT - timedelta(microseconds=1), "7.2"),
    (SUPPLIER, METER, OUT, "6.11"),
    (SUPPLIER, SECOND, OUT - DAY, "3.1"),
    (SUPPLIER, SECOND, OUT, "4.17"),
    (NEWCOMER, SECOND, CHANGED, "4.8.1"),
    (NEWCOMER, METER, CHANGED + DAY, "4.8.2"),
    (NEWCOMER, SECOND, CHANGED + DAY, "6.8"),
)


def found(actor, search) -> list[str]:
    page = queries.search_trail(actor, search, PageRequest())
    return [row.srv for row in page.items]


@pytest.mark.req("SSI-FR-6", "SSI-FR-8", "AUD-1")
def test_a_meter_point_shows_each_device_for_its_time_there_to_who_sent_the_messages(
    sent, moved, old, new
):
    assert sent(*HISTORY) == (8, 0, 0)
    assert found(old, TrailSearch(mpxn=MPAN)) == ["4.17", "7.2", "7.4"]
    assert found(new, TrailSearch(mpxn=MPAN)) == ["6.8", "4.8.1"]
    assert found(old, TrailSearch(mpxn=OTHER_MPAN)) == ["6.11"]
    assert found(old, TrailSearch(uprn=UPRN)) == ["4.17", "7.2", "7.4"]
    assert found(new, TrailSearch(uprn="77")) == ["4.8.2"]
    period = {"from_at": OUT - timedelta(hours=1), "to_at": OUT}
    assert found(old, TrailSearch(mpxn=MPAN, **period)) == ["7.2"]
    # The Device itself is one and the same wherever it stands.
    assert found(old, TrailSearch(METER)) == ["6.11", "7.2", "7.4"]


@pytest.mark.req("SSI-FR-10")
def test_meter_reads_of_a_meter_point_are_not_those_of_a_device_that_had_moved_away(
    sent, moved, old
):
    sent(*HISTORY)
    reads = queries.search_meter_reads(old, MeterReadSearch(mpxn=MPAN), PageRequest()).items
    assert [row.srv for row in reads] == ["4.8.1", "4.17"]


@pytest.mark.req("SSI-FR-6")
def test_pages_go_on_through_the_devices_of_a_meter_point(sent, moved, old):
    sent(*((SUPPLIER, METER, OUT - timedelta(hours=n), "7.4") for n in range(1, 5)))
    sent(*((SUPPLIER, SECOND, OUT + timedelta(hours=n), "7.2") for n in range(4)))
    cursor, seen = None, []
    while len(seen) < 9:
        page = queries.search_trail(old, TrailSearch(mpxn=MPAN), PageRequest(3, cursor))
        seen += [row.received_at for row in page.items]
        if not (cursor := page.next):
            break
    assert seen == [OUT + timedelta(hours=n) for n in (3, 2, 1, 0, -1, -2, -3, -4)]


@pytest.mark.req("AUD-1", "SSI-FR-8")
def test_the_archive_goes_by_the_same_times(sent, moved, old, tmp_path, settings):
    settings.TRAIL_ARCHIVE = str(tmp_path / "archive")
    sent(*HISTORY)
    assert actions.archive_days(NOW.date(), 92, at=NOW) == 2
    request_id = actions.ask_archive(old, TrailSearch(mpxn=MPAN), at=NOW)
    assert actions.recall(request_id, at=NOW) == 3
    rows = queries.recalled(old, request_id, PageRequest(), NOW).items
    assert [row.srv for row in rows] == ["4.17", "7.2", "7.4"]


INSTANT = st.integers(0, 20).map(lambda hours: datetime(2026, 1, 1, tzinfo=UTC) + hours * DAY)
SPANS = st.lists(st.builds(Span, st.integers(1, 2), INSTANT, INSTANT), max_size=6)


@pytest.mark.req("SSI-FR-8")
@given(SPANS, INSTANT, st.integers(1, 2))
def test_joined_times_are_the_same_instants_and_none_twice(spans, instant, device):
    def holding(some):
        return [one for one in some if one.device_id == device and
                one.from_at <= instant < one.to_at]  # fmt: skip

    whole = joined(spans)
    assert len(holding(whole)) == bool(holding(spans))
    assert list(whole) == sorted(whole)


@pytest.mark.req("AUD-1")
@given(
    st.lists(st.timedeltas(timedelta(0), timedelta(days=9)), min_size=1, max_size=5),
    st.integers(-12, 14),
)
def test_the_days_around_instants_are_whole_and_no_more_than_needed(after, hours):
    zone = tzoffset(timedelta(hours=hours))
    instants = [(OUT + one).astimezone(zone) for one in after]
    begins, ends = days_around(instants)
    assert begins <= min(instants) < begins + DAY
    assert ends - DAY <= max(instants) < ends
    assert begins.timetz() == ends.timetz() == datetime.min.replace(tzinfo=UTC).timetz()
