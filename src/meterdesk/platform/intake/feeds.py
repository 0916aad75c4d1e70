"""How fresh each feed is, and which are late (SSI-NFR-35)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import connection

from meterdesk.platform.intake.engine import DRY_RUN
from meterdesk.platform.intake.kinds import kinds
from meterdesk.platform.models import FeedAlarm, InboxTry

# One look into the index a kind: there may be a run for every second of years.
_LAST: Final = f"""
select wanted.kind, last.id, last.finished_at, last.filename
  from unnest(%s::text[]) as wanted (kind)
 cross join lateral (
       select run.id, run.finished_at, run.filename from platform_intakerun run
        where run.kind = wanted.kind and run.state = 'DONE'
          and run.options -> '{DRY_RUN}' is null
          and (run.refused = 0 or run.accepted + run.unchanged > 0)
        order by run.finished_at desc limit 1) last
"""  # noqa: S608  a constant


@dataclass(frozen=True, slots=True)
class _Run:
    id: int
    finished_at: datetime
    filename: str


def _last(wanted: Iterable[str]) -> dict[str, _Run]:
    """The last run of each kind that brought data: no dry run, nor one refused altogether."""
    with connection.cursor() as cursor:
        cursor.execute(_LAST, [list(wanted)])
        return {kind: _Run(*rest) for kind, *rest in cursor.fetchall()}


def last_taken_in(kind: str) -> datetime | None:
    """When files of this kind last came in: how fresh the data is (SSI-NFR-35)."""
    return last_taken_in_each([kind]).get(kind)


def last_taken_in_each(wanted: Iterable[str]) -> dict[str, datetime]:
    """`last_taken_in` for several kinds at once; a kind that never came in is absent."""
    return {kind: run.finished_at for kind, run in _last(wanted).items()}


@dataclass(frozen=True, slots=True)
class HeldUp:
    """A file of the inbox that was begun more than once; those behind it in its folder wait."""

    name: str
    tries: int
    next_at: datetime


@dataclass(frozen=True, slots=True)
class Feed:
    """A kind of data that comes in; instants are aware UTC.

    Attributes:
        last_at: when a run of this kind last brought data; None: never.
        last_file, last_run: of that run.
        message_at: the latest message, where the data has an instant of its own.
        limit: how old it may become before it is late; None: it is not watched.
        held_up: the file that holds its folder of the inbox up.
    """

    kind: str
    title: str
    last_at: datetime | None
    last_file: str
    last_run: int | None
    message_at: datetime | None
    limit: timedelta | None
    now: datetime
    held_up: HeldUp | None = None

    @property
    def newest_at(self) -> datetime | None:
        """From when the newest data is: files of old messages do not make it fresh.

        Nor does a message from a clock ahead: it is no newer than the run that brought it.
        """
        return min((at for at in (self.message_at, self.last_at) if at), default=None)

    @property
    def lag(self) -> timedelta | None:
        """How old the newest data is; None when there never was any."""
        return max(self.now - self.newest_at, timedelta()) if self.newest_at else None

    @property
    def is_late(self) -> bool:
        """Whether it is older than it may be; what never came is late too."""
        return self.limit is not None and (self.lag is None or self.lag > self.limit)


def feeds(
    limits: Mapping[str, int], message_at: Mapping[str, datetime | None], now: datetime
) -> list[Feed]:
    """Every kind, by name.

    Args:
        limits: hours by kind; a kind without is not watched.
        message_at: the latest message by kind, for those that have one.
    """
    held_up = {
        one.kind: HeldUp(one.name, one.tries, one.next_at)
        for one in InboxTry.objects.filter(tries__gt=1)
    }
    last = _last(one.kind for one in kinds())
    return [
        Feed(
            kind=one.kind,
            title=one.title,
            last_at=last[one.kind].finished_at if one.kind in last else None,
            last_file=last[one.kind].filename if one.kind in last else "",
            last_run=last[one.kind].id if one.kind in last else None,
            message_at=message_at.get(one.kind),
            limit=timedelta(hours=limits[one.kind]) if one.kind in limits else None,
            now=now,
            held_up=held_up.get(one.kind),
        )
        for one in kinds()
    ]


def newly_late(every: Iterable[Feed], at: datetime) -> list[Feed]:
    """Those late now that were not told yet; call inside the transaction that tells.

    A feed that is fresh again is forgotten, so that it is told the next time.
    """
    every = list(every)
    fresh = [one.kind for one in every if not one.is_late]
    FeedAlarm.objects.filter(kind__in=fresh).delete()
    return [
        one
        for one in every
        if one.is_late and FeedAlarm.objects.get_or_create(kind=one.kind, defaults={"since": at})[1]
    ]
