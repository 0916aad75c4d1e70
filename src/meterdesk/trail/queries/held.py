"""What the trail holds at given keys: for intake, unfiltered, never for a person's eyes."""

from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime

from django.db import connection

from meterdesk.trail.models import COLUMNS, message_of
from meterdesk.trail.rules import Key, Message
from meterdesk.trail.rules.spans import day_bounds

_COLUMNS = ", ".join(f"m.{name}" for name in COLUMNS)


def messages_at(keys: Collection[Key]) -> Iterable[Message]:
    """Messages at these keys."""
    return _probe(keys, "device_id")


def messages_to_target(keys: Collection[Key]) -> Iterable[Message]:
    """Messages whose request id names another target than the Device, by (target, at, print)."""
    return _probe(keys, "target")


def _probe(keys: Collection[Key], column: str) -> Iterable[Message]:
    if not keys:
        return []
    devices, instants, prints = zip(*keys, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            f"select {_COLUMNS} from unnest(%s::int8[], %s::timestamptz[], %s::int8[]) "  # noqa: S608
            "as k(device_id, received_at, fingerprint) join trail_message m "
            f"on m.{column} = k.device_id and m.received_at = k.received_at "
            "and m.fingerprint = k.fingerprint and m.received_at >= %s and m.received_at < %s",
            [
                array(map(str, devices)),
                array(at.isoformat() for at in instants),
                array(map(str, prints)),
                *days_around(instants),
            ],
        )
        return [message_of(row) for row in cursor.fetchall()]


def documents_of(request_ids: Collection[str]) -> set[tuple[str, bytes]]:
    """Request id and digest of the documents that were taken in with these request ids."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select request_id, digest from trail_document where request_id = any(%s::text[])",
            # A request id has neither commas nor quotes.
            [array(request_ids)],
        )
        return {(request_id, bytes(digest)) for request_id, digest in cursor.fetchall()}


def days_around(instants: Collection[datetime]) -> tuple[datetime, datetime]:
    """The UTC days of these instants: begin of the first, end of the last.

    A condition on whole days leaves out other partitions and says nothing of part of one. Of the
    latest minutes of a day the planner would believe that they hold nothing, until the next
    analyse, and read the day once for each key.
    """
    first, last = min(instants), max(instants)
    begins, _ends = day_bounds(first.astimezone(UTC).date())
    _begins, ends = day_bounds(last.astimezone(UTC).date())
    return begins, ends


def array(values: Iterable[str]) -> str:
    """An array literal of numbers, instants or ids: written far sooner than a list is adapted."""
    return f"{{{','.join(values)}}}"


def partition_days(first: date, last: date) -> set[date]:
    """UTC days from first to last that have a partition."""
    with connection.cursor() as cursor:
        cursor.execute("select day from trail_partition where day between %s and %s", [first, last])
        return {row[0] for row in cursor.fetchall()}
