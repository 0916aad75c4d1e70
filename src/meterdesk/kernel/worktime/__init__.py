"""Working time: the one place where clocks are computed (IM-4, IM-12).

What is stored is intervals: when a clock started, when it was paused and why, when it stopped.
Every sum is computed from them here, by one walk over the calendar, so that elapsed, paused,
remaining and due can never disagree. Nothing is rounded. Instants go in aware, of any zone, and
come out in UTC; working hours are those of the calendar's zone on the day itself, so both nights
on which the clocks change count right.
"""

from meterdesk.kernel.worktime.calendars import (
    LONDON,
    NO_CLOSURES,
    NOTHING,
    ROUND_THE_CLOCK,
    Calendar,
    Hours,
    Target,
    WorkingDays,
    add_working_days,
    england_and_wales,
    target_time,
    working_week,
)
from meterdesk.kernel.worktime.clocks import (
    Clock,
    Kind,
    Pause,
    Reading,
    Segment,
    State,
    due,
    elapsed,
    explain,
    paused,
    paused_since,
    read,
    remaining,
    state,
    total,
)

__all__ = [
    "LONDON",
    "NOTHING",
    "NO_CLOSURES",
    "ROUND_THE_CLOCK",
    "Calendar",
    "Clock",
    "Hours",
    "Kind",
    "Pause",
    "Reading",
    "Segment",
    "State",
    "Target",
    "WorkingDays",
    "add_working_days",
    "due",
    "elapsed",
    "england_and_wales",
    "explain",
    "paused",
    "paused_since",
    "read",
    "remaining",
    "state",
    "target_time",
    "total",
    "working_week",
]
