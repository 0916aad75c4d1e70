"""Counts of messages made again from the messages, and compared with those kept at intake."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from django.db import connection, transaction

from meterdesk.platform import activity
from meterdesk.trail.actions.days import alone, take_turn
from meterdesk.trail.queries.held import partition_days
from meterdesk.trail.rules import MessageKind, Status, code_of
from meterdesk.trail.rules.searches import end_of, start_of
from meterdesk.trail.rules.volumes import TIMING_LIMITS, Timing

_CLASSES: Final = " ".join(
    f"when responded_at - received_at <= interval '{limit.total_seconds()} seconds' "
    f"then {timing.value}"
    for timing, limit in TIMING_LIMITS
)
_TIMING: Final = f"""
case when kind <> {code_of(MessageKind.REQUEST)} then {Timing.ALERT.value}
     when responded_at is null or status = {code_of(Status.IN_PROGRESS)} then {Timing.WAITING.value}
     {_CLASSES} else {Timing.LONGER.value} end
"""

# One statement, so that messages and counts are those of one moment: a batch writes both or
# neither. What it finds is differences, which stay right whatever is added to the counts meanwhile.
_COMPARE: Final = f"""
create temporary table recounted on commit drop as
with held as (
    select party, date_trunc('hour', received_at, 'UTC') as hour, coalesce(srv, 0)::int2 as srv,
           mode, status, ({_TIMING})::int2 as timing, count(*) as messages
      from trail_message where received_at >= %(from_at)s and received_at < %(to_at)s
     group by 1, 2, 3, 4, 5, 6
), hours as (
    select * from trail_volume_hour where hour >= %(from_at)s and hour < %(to_at)s
), held_day as (
    select grouping(party) = 1 as everyone, coalesce(party, 0) as party, srv, mode, status, timing,
           sum(messages)::int8 as messages
      from held
     group by grouping sets ((party, srv, mode, status, timing), (srv, mode, status, timing))
), days as (
    select * from trail_volume_day where day = %(day)s
)
select 'total' as of, null::bool as everyone, null::int8 as party, null::timestamptz as hour,
       null::int2 as srv, null::int2 as mode, null::int2 as status, null::int2 as timing,
       coalesce(sum(messages), 0)::int8 as messages
  from held
union all
select 'hour', null, party, hour, srv, mode, status, timing,
       coalesce(held.messages, 0) - coalesce(hours.messages, 0)
  from held full join hours using (party, hour, srv, mode, status, timing)
 where coalesce(held.messages, 0) <> coalesce(hours.messages, 0)
union all
select 'day', everyone, party, null, srv, mode, status, timing,
       coalesce(held_day.messages, 0) - coalesce(days.messages, 0)
  from held_day full join days using (everyone, party, srv, mode, status, timing)
 where coalesce(held_day.messages, 0) <> coalesce(days.messages, 0)
"""  # noqa: S608  constants

_SUMMARY: Final = """
select coalesce(sum(messages) filter (where of = 'total'), 0)::int8,
       count(*) filter (where of <> 'total') from recounted
"""

_MEND: Final = """
with hours as (
    insert into trail_volume_hour as v (party, hour, srv, mode, status, timing, messages)
    select party, hour, srv, mode, status, timing, messages from recounted where of = 'hour'
    on conflict (party, hour, srv, mode, status, timing)
    do update set messages = v.messages + excluded.messages
)
insert into trail_volume_day as v (everyone, party, day, srv, mode, status, timing, messages)
select everyone, party, %(day)s, srv, mode, status, timing, messages
  from recounted where of = 'day'
on conflict (everyone, party, day, srv, mode, status, timing)
do update set messages = v.messages + excluded.messages
"""


@dataclass(frozen=True, slots=True)
class Recounted:
    """A day counted again.

    Attributes:
        day: of receipt in Europe/London.
        messages: how many there are.
        differing: how many counts, by hour or by day, were other than the messages say.
    """

    day: date
    messages: int
    differing: int


def recount_volumes(
    first: date | None,
    last: date | None,
    *,
    mend: bool,
    at: datetime,
    on_progress: Callable[[Recounted], None] = lambda _one: None,
) -> int:
    """Count the messages of each day from `first` to `last` again; returns how many counts differ.

    Intake goes on meanwhile, and so do readers. Days that are wholly or partly in the archive keep
    the counts they have: their messages are not here to be counted. It may be stopped at any point
    and run again.

    Args:
        first, last: days in Europe/London; None for the oldest and the newest held.
        mend: put right what differs; otherwise nothing is changed.
        at: aware UTC instant, for the activity log.

    Raises:
        Conflict: another process recounts, or archives.
    """
    differing = 0
    with alone():
        for day in _days_online(first or date.min, min(last or date.max, at.date())):
            one = _recount(day, at, mend=mend)
            differing += one.differing
            on_progress(one)
    return differing


def _days_online(first: date, last: date) -> Iterator[date]:
    """Days in Europe/London all of whose messages are online, oldest first."""
    online = partition_days(date.min, date.max)
    day = max(first, min(online, default=date.max))
    while day <= last:
        begins = start_of(day).astimezone(UTC)
        ends = end_of(day).astimezone(UTC) - timedelta(microseconds=1)
        if {begins.date(), ends.date()} <= online:
            yield day
        day += timedelta(days=1)


def _recount(day: date, at: datetime, *, mend: bool) -> Recounted:
    given = {"day": day, "from_at": start_of(day), "to_at": end_of(day)}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_COMPARE, given)
        cursor.execute(_SUMMARY)
        messages, differing = cursor.fetchone()
        if mend and differing:
            take_turn()
            cursor.execute(_MEND, given)
            activity.record(
                actor=None,
                verb="trail.recount",
                subject=f"counts of {day}",
                at=at,
                detail={"messages": messages, "counts_mended": differing},
            )
        cursor.execute("drop table recounted")
    return Recounted(day, messages, differing)
