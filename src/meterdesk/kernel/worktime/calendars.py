"""When time counts: working hours, bank holidays, and the open times between two instants."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from itertools import pairwise
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

import holidays

LONDON: Final = ZoneInfo("Europe/London")
MIDNIGHT: Final = time(0)
NOTHING: Final = timedelta(0)
ONE_DAY: Final = timedelta(days=1)
NO_CLOSURES: Final[Mapping[date, str]] = MappingProxyType({})

Hours = tuple[tuple[time, time], ...]


@dataclass(frozen=True)
class Calendar:
    """When time counts: round the clock, or working hours by the day of the week.

    `week` holds the hours of Monday to Sunday in the zone's own time, in order and without
    overlap; a close at midnight is the end of that day. None is round the clock, whatever the
    closures. `closed` names the dates on which nothing counts. ValueError for other hours.
    """

    name: str
    week: tuple[Hours, ...] | None = None
    closed: Mapping[date, str] = field(default_factory=lambda: NO_CLOSURES, hash=False)
    zone: ZoneInfo = LONDON

    def __post_init__(self) -> None:
        if self.week is None:
            return
        if len(self.week) != 7 or not any(self.week):
            raise ValueError("a week has seven days, with hours on one of them at least")
        for spans in map(_spans, self.week):
            apart = all(one[1] <= next_one[0] for one, next_one in pairwise(spans))
            if not apart or any(closes <= opens for opens, closes in spans):
                raise ValueError("hours of a day follow one another and end after they begin")

    def hours_on(self, day: date) -> Hours:
        """Return the working hours of a date, empty when it is closed."""
        if self.week is None:
            return ((MIDNIGHT, MIDNIGHT),)
        return () if day in self.closed else self.week[day.weekday()]

    def working_day(self) -> timedelta:
        """Return how long one working day is: 24 hours round the clock.

        ValueError when the working days of the week differ in length.
        """
        return self._working_day

    @cached_property
    def _working_day(self) -> timedelta:
        if self.week is None:
            return ONE_DAY
        lengths = {sum((b - a for a, b in _spans(hours)), NOTHING) for hours in self.week if hours}
        if len(lengths) != 1:
            raise ValueError(f"the working days of {self.name} differ in length")
        return lengths.pop()


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """A target counted in working days of the calendar it is used with."""

    days: int


Target = timedelta | WorkingDays


ROUND_THE_CLOCK: Final = Calendar("round the clock")


def working_week(
    name: str,
    opens: time,
    closes: time,
    *,
    days: Iterable[int] = range(5),
    closed: Mapping[date, str] = NO_CLOSURES,
) -> Calendar:
    """Return a calendar of the same hours on some weekdays (Monday is 0), London time."""
    open_days = set(days)
    week = tuple(((opens, closes),) if day in open_days else () for day in range(7))
    return Calendar(name, week, closed)


def england_and_wales(
    years: Iterable[int], extra: Mapping[date, str] = NO_CLOSURES
) -> dict[date, str]:
    """Return the bank holidays of England and Wales in some years, with extra closures.

    One that falls on a weekend is not a bank holiday; the substitute day after it is.
    """
    found = holidays.country_holidays("GB", subdiv="ENG", years=list(years), expand=False)
    return {day: str(title) for day, title in found.items() if day.weekday() < 5} | dict(extra)


def add_working_days(calendar: Calendar, day: date, count: int) -> date:
    """Return the date that is `count` working days after a date, itself not counted."""
    while count > 0:
        day += ONE_DAY
        if calendar.hours_on(day):
            count -= 1
    return day


def target_time(calendar: Calendar, target: Target) -> timedelta:
    """Return a target as working time; a working day is as long as the calendar's."""
    return target if isinstance(target, timedelta) else calendar.working_day() * target.days


def open_times(
    calendar: Calendar, start: datetime, end: datetime | None
) -> Iterator[tuple[datetime, datetime]]:
    """Yield the working hours from start to end, in order; for ever when end is None."""
    if calendar.week is None:
        last = end or datetime.max.replace(tzinfo=UTC)
        if start < last:
            yield start, last
        return
    day, at = start.astimezone(calendar.zone).date(), start
    last_day = end and _last_day(calendar, end)
    while last_day is None or day <= last_day:
        for opens, closes in _in_utc(calendar.hours_on(day), day, calendar.zone):
            first, last = max(opens, at), closes if end is None else min(closes, end)
            if first < last:
                yield first, last
                at = last
        day += ONE_DAY


def closures(calendar: Calendar, start: datetime, end: datetime) -> list[str]:
    """Name the closures from start to end that fall on days which are otherwise worked."""
    day, names = start.astimezone(calendar.zone).date(), list[str]()
    last_day = _last_day(calendar, end)
    while day <= last_day:
        if day in calendar.closed and calendar.week and calendar.week[day.weekday()]:
            names.append(calendar.closed[day])
        day += ONE_DAY
    return names


def _last_day(calendar: Calendar, end: datetime) -> date:
    """The last day that has begun before an instant."""
    return (end.astimezone(calendar.zone) - timedelta.resolution).date()


def utc(instant: datetime) -> datetime:
    """Return an instant in UTC; ValueError when it has no time zone."""
    if instant.tzinfo is UTC:
        return instant
    if instant.utcoffset() is None:
        raise ValueError("an instant needs its time zone")
    return instant.astimezone(UTC)


@lru_cache(maxsize=20_000)
def _in_utc(hours: Hours, day: date, zone: ZoneInfo) -> tuple[tuple[datetime, datetime], ...]:
    return tuple(
        (
            _instant(day, opens, zone),
            _instant(day + ONE_DAY if closes == MIDNIGHT else day, closes, zone),
        )
        for opens, closes in hours
    )


def _instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, zone).astimezone(UTC)


def _spans(hours: Hours) -> list[tuple[timedelta, timedelta]]:
    return [(_since_midnight(opens), _since_midnight(closes) or ONE_DAY) for opens, closes in hours]


def _since_midnight(at: time) -> timedelta:
    return timedelta(
        hours=at.hour, minutes=at.minute, seconds=at.second, microseconds=at.microsecond
    )
