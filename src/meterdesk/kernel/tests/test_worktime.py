"""Clocks count working time, leave pauses out, and can account for every moment."""

import json
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from meterdesk.kernel import worktime as wt
from meterdesk.kernel.worktime import LONDON, Kind, Pause, Segment, State, WorkingDays

HOURS = timedelta(hours=1)
BANK_HOLIDAYS = wt.england_and_wales(range(2025, 2028))
OFFICE = wt.working_week("office", time(9), time(17), closed=BANK_HOLIDAYS)
LONG_DAYS = wt.working_week("whole weekdays", time(0), time(0), closed=BANK_HOLIDAYS)
NIGHTS = wt.working_week("early hours", time(0), time(6), days=range(7))
LUNCH = wt.Calendar("with lunch", (((time(9), time(12)), (time(13), time(17))),) * 5 + ((), ()))
CALENDARS = [wt.ROUND_THE_CLOCK, OFFICE, LONG_DAYS, NIGHTS, LUNCH]


def at(text: str) -> datetime:
    """Return an instant from London wall time."""
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


calendars = st.sampled_from(CALENDARS)
zones = st.sampled_from([UTC, LONDON])
spring = st.timedeltas(timedelta(0), timedelta(days=92)).map(lambda d: at("2026-03-01") + d)
autumn = st.timedeltas(timedelta(0), timedelta(days=14)).map(lambda d: at("2026-10-20") + d)
instants = st.builds(datetime.astimezone, spring | autumn, zones)
targets = st.timedeltas(timedelta(0), timedelta(hours=200))


@st.composite
def pause_lists(draw: st.DrawFn) -> list[Pause]:
    """Draw pauses in any order, overlapping, touching, empty, and perhaps one without end."""
    pauses = []
    for _ in range(draw(st.integers(0, 4))):
        start = draw(instants)
        length = draw(st.timedeltas(timedelta(0), timedelta(days=9)))
        pauses.append(Pause(start, start.astimezone(UTC) + length, draw(st.sampled_from("abc"))))
    if draw(st.booleans()):
        pauses.append(Pause(draw(instants), None, "still"))
    return pauses


@pytest.mark.req("IM-4")
@pytest.mark.parametrize(
    ("calendar", "start", "end", "hours"),
    [
        (wt.ROUND_THE_CLOCK, "2026-03-28T12:00", "2026-03-29T12:00", 23),  # clocks go forward
        (wt.ROUND_THE_CLOCK, "2026-10-24T12:00", "2026-10-25T12:00", 25),  # and back
        (NIGHTS, "2026-03-29T00:00", "2026-03-29T23:00", 5),
        (NIGHTS, "2026-10-25T00:00", "2026-10-25T23:00", 7),
        (OFFICE, "2026-03-27T16:00", "2026-03-30T10:00", 2),  # over the weekend of the change
        (OFFICE, "2026-10-23T16:00", "2026-10-26T10:00", 2),
        (OFFICE, "2026-04-02T16:00", "2026-04-07T10:00", 2),  # Easter
        (OFFICE, "2026-07-04T10:00", "2026-07-05T10:00", 0),
        (LUNCH, "2026-07-06T11:00", "2026-07-06T14:00", 2),
        (OFFICE, "2026-07-06T12:00", "2026-07-06T10:00", 0),
    ],
)
def test_only_working_time_counts(calendar: wt.Calendar, start: str, end: str, hours: int) -> None:
    assert wt.elapsed(calendar, at(start), at(end)) == hours * HOURS


@pytest.mark.req("IM-12")
@given(calendars, instants, instants, instants, pause_lists())
def test_elapsed_adds_up_over_any_split(
    calendar: wt.Calendar, a: datetime, b: datetime, c: datetime, pauses: list[Pause]
) -> None:
    a, b, c = sorted([a, b, c], key=lambda instant: instant.astimezone(UTC))
    parts = [wt.elapsed(calendar, *ends, pauses) for ends in [(a, b), (b, c)]]
    assert sum(parts, wt.NOTHING) == wt.elapsed(calendar, a, c, pauses)


@pytest.mark.req("IM-12")
@given(calendars, instants, instants, pause_lists())
def test_a_pause_never_counts_and_is_accounted_for(
    calendar: wt.Calendar, start: datetime, end: datetime, pauses: list[Pause]
) -> None:
    counted = wt.elapsed(calendar, start, end, pauses)
    assert counted + wt.paused(calendar, start, end, pauses) == wt.elapsed(calendar, start, end)
    for pause in pauses:
        assert wt.elapsed(calendar, pause.start, pause.end or end, pauses) == wt.NOTHING


@pytest.mark.req("IM-12")
@given(calendars, instants, instants, pause_lists())
def test_the_explanation_covers_every_moment_once(
    calendar: wt.Calendar, start: datetime, end: datetime, pauses: list[Pause]
) -> None:
    segments = wt.explain(calendar, start, end, pauses)
    if end.astimezone(UTC) <= start.astimezone(UTC):
        assert segments == []
        return
    marks = [segments[0].start, *(segment.end for segment in segments)]
    assert [segment.start for segment in segments] == marks[:-1]
    assert (marks[0], marks[-1]) == (start.astimezone(UTC), end.astimezone(UTC))
    assert all(segment.length > wt.NOTHING for segment in segments)
    assert wt.total(segments, Kind.COUNTED) == wt.elapsed(calendar, start, end, pauses)
    assert sum((wt.total(segments, kind) for kind in Kind), wt.NOTHING) == marks[-1] - marks[0]


@pytest.mark.req("IM-4", "IM-12")
@given(calendars, instants, targets, pause_lists(), instants)
def test_due_is_the_first_moment_at_which_the_target_is_used(
    calendar: wt.Calendar,
    start: datetime,
    target: timedelta,
    pauses: list[Pause],
    now: datetime,
) -> None:
    due = wt.due(calendar, start, target, pauses, now)
    begun = [p for p in pauses if p.start.astimezone(UTC) <= now.astimezone(UTC)]
    if due is None:
        assert wt.paused_since(pauses, now) is not None
        assert wt.remaining(calendar, start, target, pauses, now) > wt.NOTHING
        return
    assert wt.elapsed(calendar, start, due, begun) == target
    if target:
        just_before = due - timedelta(microseconds=1)
        assert wt.elapsed(calendar, start, just_before, begun) < target


@pytest.mark.req("IM-12")
@given(calendars, instants, instants, pause_lists())
def test_elapsed_undoes_due(
    calendar: wt.Calendar, start: datetime, end: datetime, pauses: list[Pause]
) -> None:
    assume(start.astimezone(UTC) <= end.astimezone(UTC))
    used = wt.elapsed(calendar, start, end, pauses)
    due = wt.due(calendar, start, used, pauses, end)
    assert due is not None
    assert due <= end.astimezone(UTC)
    assert wt.elapsed(calendar, start, due, pauses) == used


@pytest.mark.req("IM-12")
@given(calendars, instants, targets, pause_lists(), instants, instants)
@example(OFFICE, at("2026-07-01T09:00"), 8 * HOURS, [], at("2026-07-01T17:00"), at("2026-07-02"))
def test_a_paused_clock_cannot_breach_and_a_breach_is_for_good(
    calendar: wt.Calendar,
    start: datetime,
    target: timedelta,
    pauses: list[Pause],
    now: datetime,
    later: datetime,
) -> None:
    now, later = sorted([now, later], key=lambda instant: instant.astimezone(UTC))
    states = [wt.state(calendar, start, target, pauses, moment) for moment in (now, later)]
    since = wt.paused_since(pauses, later)
    if since is not None and since <= now.astimezone(UTC):
        assert states[0] == states[1]
        assert states[0] in {State.PAUSED, State.BREACHED}
    if states[0] is State.BREACHED:
        assert states[1] is State.BREACHED
        assert wt.state(calendar, start, target, pauses, later, stopped_at=now) is State.MISSED
    else:
        assert wt.state(calendar, start, target, pauses, later, stopped_at=now) is State.MET


@pytest.mark.req("IM-4", "IM-12")
@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-07-06T14:59", State.ON_TRACK),
        ("2026-07-06T15:00", State.AT_RISK),
        ("2026-07-06T17:00", State.AT_RISK),
        ("2026-07-06T17:01", State.BREACHED),
    ],
)
def test_the_words_follow_the_share_used(now: str, expected: State) -> None:
    assert wt.state(OFFICE, at("2026-07-06T09:00"), 8 * HOURS, [], at(now)) is expected


@pytest.mark.req("IM-12")
def test_a_pause_over_a_weekend_moves_the_due_time_by_its_working_hours_only() -> None:
    start = at("2026-07-03T09:00")
    pauses = [Pause(at("2026-07-03T16:00"), at("2026-07-06T10:00"), "waiting for the User")]
    assert wt.due(OFFICE, start, 8 * HOURS, pauses, at("2026-07-06T11:00")) == at(
        "2026-07-06T11:00"
    )


@pytest.mark.req("IM-12")
def test_a_clock_paused_now_has_no_due_time_and_one_breached_before_keeps_it() -> None:
    start, now = at("2026-07-06T09:00"), at("2026-07-10T09:00")
    early = [Pause(at("2026-07-06T10:00"), None, "waiting for the User")]
    late = [Pause(at("2026-07-06T12:00"), None, "waiting for the User")]
    assert wt.due(OFFICE, start, 2 * HOURS, early, now) is None
    assert wt.state(OFFICE, start, 2 * HOURS, early, now) is State.PAUSED
    assert wt.paused_since(early, now) == at("2026-07-06T10:00")
    assert wt.due(OFFICE, start, 2 * HOURS, late, now) == at("2026-07-06T11:00")
    assert wt.state(OFFICE, start, 2 * HOURS, late, now) is State.BREACHED


@pytest.mark.req("IM-12")
def test_a_pause_with_a_later_end_is_open_until_then() -> None:
    pause = Pause(at("2026-07-06T10:00"), at("2026-07-06T12:00"), "waiting for the User")
    start = at("2026-07-06T09:00")
    assert wt.due(OFFICE, start, 2 * HOURS, [pause], at("2026-07-06T11:00")) is None
    assert wt.paused_since([pause], at("2026-07-06T12:00")) is None
    assert wt.due(OFFICE, start, 2 * HOURS, [pause], at("2026-07-06T09:30")) == at(
        "2026-07-06T11:00"
    )


@pytest.mark.req("IM-4")
def test_targets_in_working_days_step_over_holidays() -> None:
    start, now = at("2026-04-01T14:00"), at("2026-04-01T15:00")
    for calendar in (OFFICE, LONG_DAYS):
        assert wt.due(calendar, start, WorkingDays(5), [], now) == at("2026-04-10T14:00")
    assert wt.due(wt.ROUND_THE_CLOCK, start, WorkingDays(5), [], now) == at("2026-04-06T14:00")
    assert wt.add_working_days(OFFICE, date(2026, 4, 1), 5) == date(2026, 4, 10)
    assert wt.add_working_days(OFFICE, date(2026, 4, 3), 0) == date(2026, 4, 3)


@pytest.mark.req("IM-12")
def test_the_explanation_names_holidays_and_reasons() -> None:
    pauses = [
        Pause(at("2026-04-02T11:00"), at("2026-04-02T12:00"), "waiting for the User"),
        Pause(at("2026-04-02T12:00"), at("2026-04-02T13:00"), "waiting for access"),
    ]
    found = wt.explain(OFFICE, at("2026-04-02T10:00"), at("2026-04-07T10:00"), pauses)
    assert found == [
        Segment(Kind.COUNTED, at("2026-04-02T10:00"), at("2026-04-02T11:00")),
        Segment(
            Kind.PAUSED,
            at("2026-04-02T11:00"),
            at("2026-04-02T13:00"),
            "waiting for the User; waiting for access",
        ),
        Segment(Kind.COUNTED, at("2026-04-02T13:00"), at("2026-04-02T17:00")),
        Segment(
            Kind.OUTSIDE,
            at("2026-04-02T17:00"),
            at("2026-04-07T09:00"),
            "outside working hours, Good Friday, Easter Monday",
        ),
        Segment(Kind.COUNTED, at("2026-04-07T09:00"), at("2026-04-07T10:00")),
    ]


@pytest.mark.req("IM-12")
def test_hours_that_meet_at_midnight_are_explained_as_one_piece() -> None:
    found = wt.explain(LONG_DAYS, at("2026-07-06T12:00"), at("2026-07-10T12:00"))
    assert [(s.kind, s.length) for s in found] == [(Kind.COUNTED, timedelta(days=4))]


@pytest.mark.req("IM-12")
def test_a_clock_reads_as_its_parts_say() -> None:
    pauses = (Pause(at("2026-07-06T10:00"), at("2026-07-06T11:00"), "waiting for the User"),)
    clock = wt.Clock(OFFICE, at("2026-07-06T09:00"), 4 * HOURS, pauses)
    reading = wt.read(clock, at("2026-07-06T12:00"))
    assert (reading.state, reading.elapsed, reading.remaining, reading.paused) == (
        State.ON_TRACK,
        2 * HOURS,
        2 * HOURS,
        HOURS,
    )
    assert reading.due_at == at("2026-07-06T14:00")
    assert reading.paused_since is None
    stopped = wt.read(
        wt.Clock(OFFICE, clock.started_at, clock.target, pauses, at("2026-07-06T15:00")),
        at("2027-01-01T00:00"),
    )
    assert (stopped.state, stopped.remaining) == (State.MISSED, -1 * HOURS)


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        wt.elapsed(OFFICE, datetime(2026, 7, 6, 9), at("2026-07-06T10:00"))  # noqa: DTZ001


@pytest.mark.parametrize(
    "week",
    [
        (((time(9), time(17)),),),
        ((),) * 7,
        (((time(17), time(9)),),) * 7,
        (((time(9), time(13)), (time(12), time(17))),) * 7,
        (((time(9), time(0)), (time(12), time(17))),) * 7,
    ],
)
def test_a_calendar_without_sense_is_refused(week: tuple[wt.Hours, ...]) -> None:
    with pytest.raises(ValueError, match=r"week|hours"):
        wt.Calendar("odd", week)


def test_working_days_need_days_of_one_length() -> None:
    week: tuple[wt.Hours, ...] = (((time(9), time(17)),),) * 4 + (((time(9), time(12)),), (), ())
    with pytest.raises(ValueError, match="differ in length"):
        wt.target_time(wt.Calendar("short Fridays", week), WorkingDays(1))


@pytest.mark.req("IM-4")
def test_bank_holidays_are_the_published_ones(realdata: Path) -> None:
    path = realdata / "uk-bank-holidays" / "bank-holidays.json"
    events = json.loads(path.read_text())["england-and-wales"]["events"]
    published = {date.fromisoformat(event["date"]) for event in events}
    years = range(min(published).year, max(published).year + 1)
    assert set(wt.england_and_wales(years)) == published


def test_extra_closures_join_the_bank_holidays() -> None:
    closed = wt.england_and_wales([2026], {date(2026, 7, 6): "Move of the office"})
    assert closed[date(2026, 7, 6)] == "Move of the office"
    assert closed[date(2026, 12, 25)] == "Christmas Day"
