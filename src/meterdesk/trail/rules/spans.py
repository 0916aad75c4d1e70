"""Which Devices a search is about, and each for what time."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple


class Span(NamedTuple):
    """A Device, as stored, from an instant to just before another."""

    device_id: int
    from_at: datetime
    to_at: datetime

    def within(self, from_at: datetime, to_at: datetime) -> "Span":
        """What of it lies in a period; empty when its end is not after its begin."""
        return Span(self.device_id, max(self.from_at, from_at), min(self.to_at, to_at))

    @property
    def is_empty(self) -> bool:
        """Whether nothing lies in it."""
        return self.from_at >= self.to_at


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """The instants at which a UTC day begins and the next one does."""
    begins = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return begins, begins + timedelta(days=1)


def joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same times with no instant of a Device twice, so that no message is found twice."""
    whole: list[Span] = []
    for span in sorted(span for span in spans if not span.is_empty):
        last = whole[-1] if whole else None
        if last and last.device_id == span.device_id and span.from_at <= last.to_at:
            whole[-1] = Span(last.device_id, last.from_at, max(last.to_at, span.to_at))
        else:
            whole.append(span)
    return tuple(whole)
