"""Counts kept at intake: exact after late responses, repeats and refusals, and scoped."""

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from random import Random

import pytest
from django.db import connection
from django.utils import timezone

from meterdesk.identity.models import Person
from meterdesk.identity.rules import DeskRole, JobTypeRole
from meterdesk.identity.tests import factories as make
from meterdesk.kernel.errors import Refused
from meterdesk.trail.queries import VolumeSearch, monthly_figures, monthly_rows
from meterdesk.trail.queries.held import messages_at
from meterdesk.trail.rules import Mode
from meterdesk.trail.rules.variants import VARIANTS
from meterdesk.trail.rules.volumes import Timing, counted, parse_month, target_of
from meterdesk.trail.tests import lines
from meterdesk.trail.tests.lines import SUPPLIER, alert_line, request_line, response_line

pytestmark = [pytest.mark.django_db, pytest.mark.database]

OTHER = "90-B3-D5-1F-30-03-00-00"
MARCH = VolumeSearch(date(2026, 3, 1))


@pytest.fixture
def take_in(tmp_path):
    return partial(lines.take_in, tmp_path)


@pytest.fixture
def own():
    make.make_user_id(SUPPLIER, make.make_organisation("Alder Energy"))
    return make.actor_for(make.make_person("ann", [(SUPPLIER, JobTypeRole.ALL_ACCESS)]))


def kept() -> Counter[tuple[int, ...]]:
    """The counts by hour as the database keeps them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select (extract(epoch from hour) / 3600)::int8, party, srv, mode, status, timing, "
            "messages from trail_volume_hour where messages <> 0"
        )
        return Counter({row[:6]: row[6] for row in cursor.fetchall()})


def held() -> Counter[tuple[int, ...]]:
    """The counts as the messages themselves give them."""
    with connection.cursor() as cursor:
        cursor.execute("select device_id, received_at, fingerprint from trail_message")
        return Counter(tuple(counted(message)) for message in messages_at(cursor.fetchall()))


@pytest.mark.req("AUD-1")
def test_a_late_response_moves_its_request_to_the_class_of_its_time(take_in, own):
    take_in(request_line(1), request_line(2), alert_line())
    before = monthly_figures(own, MARCH)
    assert (before.total.messages, before.total.in_progress) == (3, 2)

    take_in(response_line(1), response_line(2, responded_at="2026-03-01T09:30:30.001Z"))
    figures = monthly_figures(own, MARCH)
    assert (figures.total.messages, figures.total.success, figures.total.in_progress) == (3, 3, 0)
    assert figures.total.timed(Timing.WITHIN_30_SECONDS) == 1
    assert figures.total.timed(Timing.WITHIN_60_SECONDS) == 1
    assert (figures.total.on_target, figures.total.with_target) == (1, 2)
    assert figures.total.share_on_target == 50.0
    assert [one.label for one in figures.services] == [
        "4.8.1 Read Active Import Profile Data",
        "Device Alert",
    ]
    assert figures.services[0].target == "30 seconds"


@pytest.mark.req("AUD-1")
def test_counts_equal_the_messages_after_any_order_of_lines_and_repeats(take_in):
    rng = Random(11)
    start = datetime(2026, 3, 28, 22, tzinfo=UTC)
    given = []
    for number in range(120):
        at = start + timedelta(minutes=rng.randint(0, 300))
        done = at + timedelta(seconds=rng.choice((5, 45, 4_000, 200_000, 600_000)))
        line = request_line(number, received_at=at.isoformat(), status_history=[])
        answer = response_line(
            number,
            received_at=at.isoformat(),
            responded_at=done.isoformat(),
            **rng.choice(({}, {"status": "Failure", "response_code": "E20"})),
        )
        given += rng.choice(([line], [line, answer], [line, answer, answer], [line, line]))
        given += [alert_line(number)] if rng.random() < 0.1 else []
    take_in(*given)
    for _ in range(3):
        take_in(*rng.sample(given, 60))
    assert kept() == held()
    with connection.cursor() as cursor:
        cursor.execute("select everyone, sum(messages) from trail_volume_day group by 1 order by 1")
        assert {int(total) for _everyone, total in cursor.fetchall()} == {sum(held().values())}
        cursor.execute("select distinct day from trail_volume_day where messages > 0 order by day")
        days = [day for (day,) in cursor.fetchall()]
    # The clocks go forward on 29 March: 23:00 UTC of the 29th is already the 30th in London.
    assert days == [date(2026, 3, 1), date(2026, 3, 28), date(2026, 3, 29)]


@pytest.mark.req("AUD-1", "GW-3")
def test_a_months_figures_say_what_its_days_and_services_say(take_in, own):
    """Services and days are read from sums kept apart, some services with targets of their own."""
    rng = Random(5)
    services = [srv for srv, one in VARIANTS.items() if one.reference in ("4.8", "5.1", "11.1")]
    given = []
    for number in range(150):
        at = datetime(2026, 3, rng.choice((1, 2, 31)), rng.randrange(24), tzinfo=UTC)
        done = at + timedelta(seconds=rng.choice((5, 45, 4_000, 200_000, 600_000)))
        line = request_line(
            number,
            received_at=at.isoformat(),
            srv=(srv := rng.choice(services)),
            service_reference=VARIANTS[srv].reference,
            mode=rng.choice(("On Demand", "Future Date", "DCC Only", "Meter Scheduled")),
            status_history=[],
        )
        answer = response_line(number, received_at=at.isoformat(), responded_at=done.isoformat())
        given += rng.choice(
            ([line], [line, answer], [answer, line, line], [line, alert_line(number)])
        )
    take_in(*given)
    take_in(*rng.sample(given, 90))
    for srv in ("", "4.8.1", "5.1", "11.1"):
        search = replace(MARCH, srv=srv)
        figures, rows = monthly_figures(own, search), monthly_rows(own, search)
        assert figures_of([figures.total]) == figures_of(rows, lambda _one: None)
        assert figures_of(figures.services) == figures_of(rows, lambda one: (one.srv, one.mode))
        with_messages = [one for one in figures.days if one.messages]
        assert figures_of(with_messages, lambda one: one.day) == figures_of(
            rows, lambda one: one.day
        )
        assert figures.total.with_target > figures.total.on_target > 0


def figures_of(volumes, key=lambda one: (one.srv, one.mode) if one.mode else None):
    """All that is counted of these, added up by a key."""
    sums = defaultdict(Counter)
    for one in volumes:
        numbers = {"messages": one.messages, "on": one.on_target, "with": one.with_target}
        sums[key(one)].update(numbers | dict(one.statuses) | dict(one.timings))
    return {place: +counts for place, counts in sums.items()}


@pytest.mark.req("AUD-1", "SSI-FR-6a")
def test_figures_are_of_ones_own_user_ids_and_the_operator_reads_all(take_in, own):
    theirs = request_line(9, request_id=f"{OTHER}:{lines.DEVICE}:9", originator=OTHER)
    take_in(request_line(1), theirs, alert_line(recipient=OTHER))
    assert monthly_figures(own, MARCH).total.messages == 1
    assert monthly_figures(own, VolumeSearch(date(2026, 3, 1), SUPPLIER)).total.messages == 1
    for stranger in (OTHER, "90-B3-D5-1F-30-77-00-00"):
        with pytest.raises(Refused, match="no such UserId that you act for"):
            monthly_figures(own, VolumeSearch(date(2026, 3, 1), stranger))

    operator = make.actor_for(make.make_person("olga", desk=[DeskRole.AGENT]))
    assert monthly_figures(operator, MARCH).total.messages == 3
    one = monthly_figures(operator, VolumeSearch(date(2026, 3, 1), OTHER))
    assert (one.total.messages, one.user_ids) == (2, ())
    resolver = make.actor_for(make.make_person("rita", desk=[DeskRole.RESOLVER]))
    assert monthly_figures(resolver, MARCH).total.messages == 0


@pytest.mark.req("AUD-1")
def test_a_user_id_of_zeros_is_counted_like_any_other(take_in):
    zeros = "00-00-00-00-00-00-00-00"
    line = request_line(1, request_id=f"{zeros}:{lines.DEVICE}:1", originator=zeros)
    assert take_in(line) == (1, 0, 0)
    operator = make.actor_for(make.make_person("olga", desk=[DeskRole.AGENT]))
    assert monthly_figures(operator, MARCH).total.messages == 1


@pytest.mark.req("GW-3")
@pytest.mark.parametrize(
    ("reference", "mode", "timing"),
    [
        ("4.8", Mode.ON_DEMAND, Timing.WITHIN_30_SECONDS),
        ("1.1", Mode.FUTURE_DATE, Timing.WITHIN_24_HOURS),
        ("11.1", Mode.FUTURE_DATE, Timing.WITHIN_5_DAYS),
        ("5.1", Mode.DCC_ONLY, Timing.WITHIN_24_HOURS),
        ("4.8", Mode.METER_SCHEDULED, None),
    ],
)
def test_targets_are_those_of_the_services_schedule(reference, mode, timing):
    assert target_of(reference, mode) is timing


@pytest.mark.req("AUD-1")
@pytest.mark.parametrize("text", ["2026-13", "2026-1", "1999-01", "x"])
def test_a_month_that_is_none_is_refused(text):
    with pytest.raises(Refused) as refused:
        parse_month(text)
    assert refused.value.code == "bad_month"


@pytest.mark.req("SSI-FR-70", "AUD-1")
def test_screen_file_and_api_say_the_same(take_in, own, client):
    month = timezone.localdate().replace(day=1)
    at = datetime(month.year, month.month, month.day, 1, tzinfo=UTC).isoformat()
    take_in(
        request_line(1, received_at=at, status_history=[]),
        request_line(2, received_at=at, status="Failure", responded_at=at, status_history=[]),
    )
    ann = Person.objects.get(username="ann")
    make.log_in(client, ann)
    page = client.get("/trail/volumes/").content.decode()
    assert "4.8.1 Read Active Import Profile Data" in page
    assert "<svg" in page
    file = client.get("/trail/volumes/export.csv")
    rows = b"".join(file.streaming_content).decode().splitlines()
    assert len(rows) == 2
    answer = client.get("/api/v1/service-audit-volumes", **make.bearer(ann)).json()
    assert [(one["messages"], one["failure"], one["in_progress"]) for one in answer["items"]] == [
        (2, 1, 1)
    ]
