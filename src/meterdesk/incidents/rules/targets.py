"""Categories, impact, urgency, priority and the two clocks (IM-4, IM-12).

The categories' times are rows of a table (models.CategoryTarget), provisional until the operator
confirms them; what follows from them is here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import IntEnum, StrEnum
from functools import lru_cache

from meterdesk.kernel.worktime import (
    ROUND_THE_CLOCK,
    Calendar,
    Clock,
    Pause,
    Reading,
    Target,
    WorkingDays,
    england_and_wales,
    read,
    working_week,
)

CATEGORIES = (1, 2, 3, 4, 5)


class Impact(IntEnum):
    """How much is affected."""

    WIDE = 1
    SEVERAL = 2
    SINGLE = 3

    @property
    def word(self) -> str:
        """As shown to people."""
        return IMPACT_WORDS[self]


class Urgency(IntEnum):
    """How long it can wait."""

    HIGH = 1
    MEDIUM = 2
    LOW = 3

    @property
    def word(self) -> str:
        """As shown to people."""
        return URGENCY_WORDS[self]


IMPACT_WORDS = {
    Impact.WIDE: "Many premises, or a service as a whole",
    Impact.SEVERAL: "Several premises",
    Impact.SINGLE: "One premises or Device",
}
URGENCY_WORDS = {
    Urgency.HIGH: "High: supply or safety at stake, no work-around",
    Urgency.MEDIUM: "Medium: work is held up, a work-around exists",
    Urgency.LOW: "Low: can wait",
}
PRIORITY_WORDS = {1: "Critical", 2: "High", 3: "Moderate", 4: "Low", 5: "Planned"}

PRIORITY_MATRIX: Mapping[tuple[int, int], int] = {
    (1, 1): 1,
    (1, 2): 2,
    (1, 3): 3,
    (2, 1): 2,
    (2, 2): 3,
    (2, 3): 4,
    (3, 1): 3,
    (3, 2): 4,
    (3, 3): 5,
}
CATEGORY_PROPOSALS: Mapping[tuple[int, int], int] = {
    (1, 1): 1,
    (1, 2): 2,
    (1, 3): 3,
    (2, 1): 3,
    (2, 2): 3,
    (2, 3): 4,
    (3, 1): 3,
    (3, 2): 4,
    (3, 3): 5,
}


def priority_of(impact: int, urgency: int) -> int:
    """Priority 1 (critical) to 5 (planned) of impact and urgency, 1 (most) to 3 each."""
    return PRIORITY_MATRIX[impact, urgency]


def proposed_category(impact: int, urgency: int) -> int:
    """The category proposed to the raiser; the operator sets it (IM-4)."""
    return CATEGORY_PROPOSALS[impact, urgency]


class CalendarName(StrEnum):
    """When a category's time counts."""

    ROUND_THE_CLOCK = "ROUND_THE_CLOCK"
    WORKING_WEEK = "WORKING_WEEK"


class Unit(StrEnum):
    """What a target is counted in."""

    MINUTES = "MINUTES"
    WORKING_DAYS = "WORKING_DAYS"


@dataclass(frozen=True, slots=True)
class Amount:
    """A target time as configured."""

    number: int
    unit: Unit

    @property
    def target(self) -> Target:
        """As the clocks take it."""
        if self.unit is Unit.WORKING_DAYS:
            return WorkingDays(self.number)
        return timedelta(minutes=self.number)

    @property
    def words(self) -> str:
        """`45 minutes`, `4 hours`, `5 working days`."""
        if self.unit is Unit.WORKING_DAYS:
            return _counted(self.number, "working day")
        if self.number % 60 == 0:
            return _counted(self.number // 60, "hour")
        return _counted(self.number, "minute")


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


@dataclass(frozen=True, slots=True)
class Category:
    """One incident category with its targets; provisional ones say so on screen."""

    number: int
    meaning: str
    response: Amount
    resolution: Amount
    calendar: CalendarName
    provisional: bool


class ClockKind(StrEnum):
    """The two clocks of an incident; they do not depend on one another."""

    RESPONSE = "RESPONSE"
    RESOLUTION = "RESOLUTION"


class Running(StrEnum):
    """What an interval of a clock is; all but COUNTED are pauses of it."""

    COUNTED = "COUNTED"
    ON_HOLD = "ON_HOLD"
    RESOLVED = "RESOLVED"


PAUSE_REASONS = {
    Running.ON_HOLD: "waiting for the User",
    Running.RESOLVED: "resolved, before it was reopened",
}


@dataclass(frozen=True, slots=True)
class Interval:
    """A stored piece of a clock; without an end while it lasts."""

    running: Running
    started_at: datetime
    ended_at: datetime | None


@lru_cache(maxsize=8)
def _working_week(first_year: int) -> Calendar:
    closed = england_and_wales(range(first_year, first_year + 5))
    return working_week("Monday to Friday, 08:00 to 18:00", time(8), time(18), closed=closed)


def calendar_of(name: CalendarName, around: datetime) -> Calendar:
    """The calendar of this name, with the bank holidays of the years about an instant."""
    if name is CalendarName.ROUND_THE_CLOCK:
        return ROUND_THE_CLOCK
    return _working_week(around.astimezone(UTC).year - 1)


def clock_of(kind: ClockKind, category: Category, intervals: Sequence[Interval]) -> Clock | None:
    """The clock that these intervals make under a category; None when it never started."""
    if not intervals:
        return None
    ordered = sorted(intervals, key=lambda one: one.started_at)
    amount = category.response if kind is ClockKind.RESPONSE else category.resolution
    pauses = tuple(
        Pause(one.started_at, one.ended_at, PAUSE_REASONS[one.running])
        for one in ordered
        if one.running is not Running.COUNTED
    )
    started_at = ordered[0].started_at
    return Clock(
        calendar_of(category.calendar, started_at),
        started_at,
        amount.target,
        pauses,
        ordered[-1].ended_at,
    )


def reading_of(
    kind: ClockKind, category: Category, intervals: Sequence[Interval], now: datetime
) -> Reading | None:
    """What the clock shows at `now`; changing the category reads the same intervals anew."""
    clock = clock_of(kind, category, intervals)
    return None if clock is None else read(clock, now)
