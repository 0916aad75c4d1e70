"""Clocks: elapsed, paused, remaining and due, all from one walk over the calendar."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from meterdesk.kernel.worktime.calendars import (
    NOTHING,
    Calendar,
    Target,
    closures,
    open_times,
    target_time,
    utc,
)

OUTSIDE: Final = "outside working hours"


@dataclass(frozen=True, slots=True)
class Pause:
    """A time in which a clock does not run; without an end while it lasts."""

    start: datetime
    end: datetime | None
    reason: str


class Kind(StrEnum):
    """What a segment of a clock is."""

    COUNTED = "counted"
    PAUSED = "paused"
    OUTSIDE = "outside hours"


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of the time between a clock's start and end, with the reason it did not count."""

    kind: Kind
    start: datetime
    end: datetime
    reason: str = ""

    @property
    def length(self) -> timedelta:
        """How long the segment is in real time."""
        return self.end - self.start


class State(StrEnum):
    """Where a clock stands, in the words of the screens; PAUSED is followed by since when."""

    ON_TRACK = "on track"
    AT_RISK = "at risk"
    BREACHED = "breached"
    PAUSED = "paused since"
    MET = "met"
    MISSED = "missed"


def elapsed(
    calendar: Calendar, start: datetime, end: datetime, pauses: Sequence[Pause] = ()
) -> timedelta:
    """Return the working time from start to end without pauses; nothing when end is earlier."""
    return total(explain(calendar, start, end, pauses), Kind.COUNTED)


def paused(
    calendar: Calendar, start: datetime, end: datetime, pauses: Sequence[Pause] = ()
) -> timedelta:
    """Return the working time from start to end that pauses took out."""
    return total(explain(calendar, start, end, pauses), Kind.PAUSED)


def remaining(
    calendar: Calendar, start: datetime, target: Target, pauses: Sequence[Pause], now: datetime
) -> timedelta:
    """Return the working time left at `now`; negative by how much the target is overrun."""
    return target_time(calendar, target) - elapsed(calendar, start, now, pauses)


def due(
    calendar: Calendar, start: datetime, target: Target, pauses: Sequence[Pause], now: datetime
) -> datetime | None:
    """Return the first instant at which the target is used up, as known at `now`.

    None while the clock is paused, since nobody knows for how long; a clock that had used up its
    target before the pause keeps its due time.
    """
    left = target_time(calendar, target)
    if left <= NOTHING:
        return utc(start)
    blocks = _merged(_known_at(pauses, now))
    until = paused_since(pauses, now)
    for opens, closes in open_times(calendar, utc(start), until):
        for segment in _cut(opens, closes, blocks):
            if segment.kind is not Kind.COUNTED:
                continue
            if segment.length >= left:
                return segment.start + left
            left -= segment.length
    return None


def paused_since(pauses: Sequence[Pause], now: datetime) -> datetime | None:
    """Return since when a clock has been paused without a break, or None while it runs."""
    blocks = _merged(_known_at(pauses, now))
    return blocks[-1].start if blocks and blocks[-1].end is None else None


def state(
    calendar: Calendar,
    start: datetime,
    target: Target,
    pauses: Sequence[Pause],
    now: datetime,
    stopped_at: datetime | None = None,
) -> State:
    """Return where a clock stands at `now`, or stood when it stopped.

    The due instant itself is still in time. From three quarters used it is at risk. A paused
    clock cannot breach; one that was past its due time before the pause stays breached.
    """
    return read(Clock(calendar, start, target, tuple(pauses), stopped_at), now).state


def explain(
    calendar: Calendar, start: datetime, end: datetime, pauses: Sequence[Pause] = ()
) -> list[Segment]:
    """Return what became of every moment from start to end, in order and without gaps.

    The counted segments sum to `elapsed`, the paused ones to `paused`, and all of them to the
    real time between. A pause outside working hours shows as outside: it took nothing.
    """
    at, stop, blocks = utc(start), utc(end), _merged(pauses)
    segments: list[Segment] = []
    for opens, closes in open_times(calendar, at, stop):
        if opens > at:
            segments.append(_outside(calendar, at, opens))
        segments.extend(_cut(opens, closes, blocks))
        at = closes
    if at < stop:
        segments.append(_outside(calendar, at, stop))
    return _joined(segments)


def total(segments: Iterable[Segment], kind: Kind) -> timedelta:
    """Return how long the segments of one kind are together."""
    return sum((s.length for s in segments if s.kind is kind), NOTHING)


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock of one record, as stored: its calendar, target and intervals."""

    calendar: Calendar
    started_at: datetime
    target: Target
    pauses: tuple[Pause, ...] = ()
    stopped_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a clock shows at an instant: working time used, left and paused (IM-12).

    `remaining` is negative by how much the target is overrun; `due_at` is None while paused.
    """

    state: State
    elapsed: timedelta
    remaining: timedelta
    paused: timedelta
    due_at: datetime | None
    paused_since: datetime | None
    segments: tuple[Segment, ...]


def read(clock: Clock, now: datetime) -> Reading:
    """Return what a clock shows at `now`; a stopped one shows how it stood when it stopped."""
    at = now if clock.stopped_at is None else clock.stopped_at
    segments = tuple(explain(clock.calendar, clock.started_at, at, clock.pauses))
    used = total(segments, Kind.COUNTED)
    allowed = target_time(clock.calendar, clock.target)
    due_at = due(clock.calendar, clock.started_at, clock.target, clock.pauses, at)
    since = paused_since(clock.pauses, at)
    late = due_at is not None and due_at < (since or utc(at))
    if clock.stopped_at is not None:
        shown, since = State.MISSED if late else State.MET, None
    elif late:
        shown = State.BREACHED
    elif since is not None:
        shown = State.PAUSED
    else:
        shown = State.AT_RISK if used * 4 >= allowed * 3 else State.ON_TRACK
    return Reading(
        shown, used, allowed - used, total(segments, Kind.PAUSED), due_at, since, segments
    )


def _cut(opens: datetime, closes: datetime, blocks: Sequence[Pause]) -> Iterator[Segment]:
    """Yield an open time in pieces, counted and paused."""
    at = opens
    for block in blocks:
        first = max(block.start, at)
        last = closes if block.end is None else min(block.end, closes)
        if last <= first:
            continue
        if first > at:
            yield Segment(Kind.COUNTED, at, first)
        yield Segment(Kind.PAUSED, first, last, block.reason)
        at = last
    if at < closes:
        yield Segment(Kind.COUNTED, at, closes)


def _merged(pauses: Sequence[Pause]) -> list[Pause]:
    """Join pauses that overlap or touch, listing each reason once; empty ones vanish."""
    blocks: list[Pause] = []
    for pause in sorted(map(_pause_in_utc, pauses), key=lambda pause: pause.start):
        if pause.end is not None and pause.end <= pause.start:
            continue
        last = blocks[-1] if blocks else None
        if last is None or (last.end is not None and last.end < pause.start):
            blocks.append(pause)
            continue
        end = None if last.end is None or pause.end is None else max(last.end, pause.end)
        reasons = last.reason.split("; ")
        known = pause.reason in reasons
        reason = last.reason if known else f"{last.reason}; {pause.reason}"
        blocks[-1] = Pause(last.start, end, reason)
    return blocks


def _known_at(pauses: Sequence[Pause], now: datetime) -> list[Pause]:
    """Return the pauses begun by `now`; one that lasts beyond it has no known end yet."""
    at = utc(now)
    return [
        pause if pause.end is not None and pause.end <= at else replace(pause, end=None)
        for pause in map(_pause_in_utc, pauses)
        if pause.start <= at
    ]


def _outside(calendar: Calendar, start: datetime, end: datetime) -> Segment:
    reason = ", ".join([OUTSIDE, *closures(calendar, start, end)])
    return Segment(Kind.OUTSIDE, start, end, reason)


def _joined(segments: Iterable[Segment]) -> list[Segment]:
    """Join neighbours of one kind, such as two days whose hours meet at midnight."""
    joined: list[Segment] = []
    for segment in segments:
        if joined and (joined[-1].kind, joined[-1].reason) == (segment.kind, segment.reason):
            joined[-1] = replace(joined[-1], end=segment.end)
        else:
            joined.append(segment)
    return joined


def _pause_in_utc(pause: Pause) -> Pause:
    return Pause(utc(pause.start), None if pause.end is None else utc(pause.end), pause.reason)
