"""Days of the trail: their partitions, and whose turn it is to write."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date, timedelta

from django.db import connection

from meterdesk.kernel.errors import Conflict
from meterdesk.trail.models import ArchivedDay, Document
from meterdesk.trail.queries.held import partition_days
from meterdesk.trail.rules.spans import day_bounds

_LOCK = 7_411_602


def take_turn() -> None:
    """Wait until this transaction may write: batches are written one after the other.

    Readers are not held up.
    """
    with connection.cursor() as cursor:
        # Probing by key is right however little the planner knows of a new day's partition.
        cursor.execute(
            "select pg_advisory_xact_lock(%s), set_config('enable_hashjoin', 'off', true), "
            "set_config('enable_mergejoin', 'off', true)",
            [_LOCK],
        )


@contextmanager
def alone() -> Iterator[None]:
    """One process at a time reads whole days, to archive or to count them. Raises Conflict."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(hashtext('trail_archive'))")
        if not cursor.fetchone()[0]:
            raise Conflict("Another process archives or recounts the trail. Let it finish.")
        try:
            yield
        finally:
            cursor.execute("select pg_advisory_unlock(hashtext('trail_archive'))")


def closed_days(days: Collection[date]) -> frozenset[date]:
    """Those of these UTC days that are in the archive or on their way: nothing is added."""
    return frozenset(ArchivedDay.objects.filter(day__in=days).values_list("day", flat=True))


def make_days(days: Collection[date]) -> None:
    """Make the partitions of these UTC days, where there are none."""
    if days:
        for day in set(days) - partition_days(min(days), max(days)):
            _make_partition(day)


def _make_partition(day: date) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select trail_make_partition(%s)", [day])
        return bool(cursor.fetchone()[0])


def make_partitions(today: date, ahead: int) -> int:
    """Make the partitions from today to so many days ahead; return how many were missing."""
    return sum(_make_partition(today + timedelta(days=offset)) for offset in range(ahead + 1))


def drop_partition(day: date) -> None:
    """Drop a day and its counts by hour. Its counts by day stay."""
    with connection.cursor() as cursor:
        cursor.execute("select trail_drop_partition(%s)", [day])
        cursor.execute(
            "delete from trail_volume_hour where hour >= %s and hour < %s",
            day_bounds(day),
        )


def drop_partitions(before: date) -> int:
    """Drop the days before a date; return how many. Their counts by day stay.

    The database itself refuses days of the last three months (AUD-1).
    """
    days = partition_days(date.min, before - timedelta(days=1))
    for day in sorted(days):
        drop_partition(day)
    if days:
        oldest_kept, _ends = day_bounds(before)
        Document.objects.filter(received_at__lt=oldest_kept).delete()
    return len(days)
