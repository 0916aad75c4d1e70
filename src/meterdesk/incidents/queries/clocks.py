"""Reading the clocks of incidents from their stored intervals (IM-12)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from meterdesk.incidents.models import ClockInterval
from meterdesk.incidents.queries.records import ClockView
from meterdesk.incidents.rules.targets import (
    Category,
    ClockKind,
    Interval,
    Running,
    clock_of,
)
from meterdesk.kernel.worktime import read

Intervals = Mapping[tuple[int, ClockKind], list[Interval]]


def intervals_of(incident_ids: Iterable[int], *kinds: ClockKind) -> Intervals:
    """Stored intervals by incident and clock, in order; one query."""
    found: dict[tuple[int, ClockKind], list[Interval]] = defaultdict(list)
    rows = ClockInterval.objects.filter(
        incident_id__in=list(incident_ids), clock__in=kinds or list(ClockKind)
    ).order_by("started_at", "pk")
    read_as = ("incident_id", "clock", "running", "started_at", "ended_at")
    for incident_id, clock, running, started_at, ended_at in rows.values_list(*read_as):
        interval = Interval(Running(running), started_at, ended_at)
        found[incident_id, ClockKind(clock)].append(interval)
    return found


def clock_view(
    kind: ClockKind, category: Category, intervals: Sequence[Interval], now: datetime
) -> ClockView | None:
    """A clock as it stands at `now`, or None when it never started."""
    clock = clock_of(kind, category, intervals)
    if clock is None:
        return None
    amount = category.response if kind is ClockKind.RESPONSE else category.resolution
    return ClockView(
        kind=kind,
        target=amount.words,
        calendar=clock.calendar.name,
        provisional=category.provisional,
        started_at=clock.started_at,
        stopped_at=clock.stopped_at,
        reading=read(clock, now),
    )
