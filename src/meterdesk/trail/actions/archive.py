"""Closed days of the trail: written as Parquet, read back and compared, and only then dropped."""

import io
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
from django.db import connection, transaction

from meterdesk.kernel.errors import Conflict, Unavailable
from meterdesk.platform import activity
from meterdesk.trail.actions.days import alone, drop_partition, take_turn
from meterdesk.trail.models import COLUMNS, ArchivedDay
from meterdesk.trail.queries.files import (
    ROW_GROUP,
    SCHEMA,
    Archive,
    archive,
    digest_of,
    path_of,
)
from meterdesk.trail.queries.held import partition_days
from meterdesk.trail.rules.spans import day_bounds

_INSTANTS: Final = ("received_at", "responded_at")
# Sorted and growing numbers as differences; words that recur by number; zstd over all.
_ENCODINGS: Final = dict.fromkeys(
    ("device_id", "received_at", "responded_at", "counter", "gbcs_sequence"), "DELTA_BINARY_PACKED"
)
_DICTIONARY: Final = ("party", "srv", "code", "mpxn", "history")


@dataclass(frozen=True, slots=True)
class Archived:
    """A day written, compared and dropped. `size` is the file's, in bytes."""

    day: date
    rows: int
    size: int


def due_days(today: date, online_days: int) -> list[date]:
    """UTC days online that are older than so many, oldest first; half archived ones among them."""
    last = today - timedelta(days=online_days + 1)
    return sorted(partition_days(date.min, last))


def archive_days(
    today: date,
    online_days: int,
    *,
    at: datetime,
    on_progress: Callable[[Archived], None] = lambda _one: None,
) -> int:
    """Archive every day that is due, one after the other; returns how many.

    It may be killed at any point and run again: a day stays online until its file has been read
    back and compared with it.

    Args:
        at: aware UTC instant, kept with each day.

    Raises:
        Unavailable: there is no archive, or it cannot be read or written.
        Conflict: another process is archiving.
    """
    place = archive()
    if place is None:
        raise Unavailable("METERDESK_TRAIL_ARCHIVE names no archive. Set it to a folder or bucket.")
    days = due_days(today, online_days)
    with alone():
        for day in days:
            on_progress(_archive_day(place, day, at))
    return len(days)


def _archive_day(place: Archive, day: date, at: datetime) -> Archived:
    path = path_of(day)
    with transaction.atomic():
        # Whoever writes now is waited for; whoever comes later finds the day closed.
        take_turn()
        ArchivedDay.objects.get_or_create(day=day, defaults={"path": path})
    written = write_day(place, path, day)
    rows = _compare(place, path, day)
    sha256, size = digest_of(place, path)
    if written != rows:
        raise Conflict(f"The file of {day} has {rows} rows, and {written} were written.")
    with transaction.atomic():
        ArchivedDay.objects.filter(day=day).update(
            path=path, rows=rows, size=size, sha256=sha256, archived_at=at
        )
        drop_partition(day)
        detail = {"rows": rows, "bytes": size, "sha256": sha256}
        activity.record(
            actor=None, verb="trail.archive", subject=f"trail of {day}", at=at, detail=detail
        )
    return Archived(day, rows, size)


def write_day(place: Archive, path: str, day: date) -> int:
    """Write a day as one Parquet file, in place of any before; returns how many rows.

    Raises Unavailable.
    """
    written = 0
    with place.writing(path) as stream:
        writer = pq.ParquetWriter(
            stream,
            SCHEMA,
            compression="zstd",
            use_dictionary=list(_DICTIONARY),
            column_encoding=_ENCODINGS,
            write_statistics=["device_id", "received_at"],
        )
        with writer:
            for table in _tables(day):
                writer.write_table(table, row_group_size=ROW_GROUP)
                written += table.num_rows
    if place.is_local:
        _to_disk(place, path)
    return written


def _to_disk(place: Archive, path: str) -> None:
    file = place.local_path(path)
    for one in (file, file.parent):
        descriptor = os.open(one, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _compare(place: Archive, path: str, day: date) -> int:
    """Read the file back and compare every row with the database; returns how many there are."""
    with place.reading(path) as file:
        parquet = pq.ParquetFile(file)
        groups = (parquet.read_row_group(number) for number in range(parquet.num_row_groups))
        for table in _tables(day):
            if not table.equals(next(groups, SCHEMA.empty_table())):
                raise Conflict(f"The file of {day}, read back, differs from the day. It stays.")
        if next(groups, None) is not None:
            raise Conflict(f"The file of {day}, read back, has more rows than the day. It stays.")
        return int(parquet.metadata.num_rows)


def _tables(day: date) -> Iterator[pa.Table]:
    """The day in the order of Device and time, a row group at a time."""
    begins, ends = day_bounds(day)
    columns = ", ".join(
        f"(extract(epoch from {name}) * 1000000)::int8" if name in _INSTANTS else name
        for name in COLUMNS
    )
    given = f"received_at >= '{begins.isoformat()}' and received_at < '{ends.isoformat()}'"
    statement = (
        f"copy (select {columns} from trail_message where {given} "  # noqa: S608  constants
        "order by device_id, received_at, fingerprint) to stdout (format csv)"
    )
    types = {name: SCHEMA.field(name).type for name in COLUMNS}
    options = pa.csv.ConvertOptions(
        column_types=types | dict.fromkeys(_INSTANTS, pa.int64()),
        null_values=[""],
        true_values=["t"],
        false_values=["f"],
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        source = io.BufferedReader(_Copied(copy), 1 << 20)
        if not source.peek(1):
            return
        reader = pa.csv.open_csv(
            source,
            read_options=pa.csv.ReadOptions(column_names=list(COLUMNS), use_threads=False),
            parse_options=pa.csv.ParseOptions(newlines_in_values=True),
            convert_options=options,
        )
        yield from _groups(reader)


def _groups(reader: Any) -> Iterator[pa.Table]:
    waiting: list[Any] = []
    rows = 0
    for batch in reader:
        waiting.append(batch)
        rows += batch.num_rows
        while rows >= ROW_GROUP:
            table = pa.Table.from_batches(waiting)
            yield table.slice(0, ROW_GROUP).cast(SCHEMA).combine_chunks()
            rest = table.slice(ROW_GROUP)
            waiting, rows = rest.to_batches(), rest.num_rows
    if rows:
        yield pa.Table.from_batches(waiting).cast(SCHEMA).combine_chunks()


class _Copied(io.RawIOBase):
    """What COPY sends, as a stream."""

    def __init__(self, copy: Any) -> None:
        self.blocks: Iterator[Any] = iter(copy)
        self.block = memoryview(b"")

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer with what comes next; 0 at the end."""
        if not self.block:
            self.block = memoryview(next(self.blocks, b""))
        length = min(len(buffer), len(self.block))
        buffer[:length] = self.block[:length]
        self.block = self.block[length:]
        return length


def forget_old_days(before: date, *, at: datetime) -> int:
    """Remove files of days before a date from the archive; returns how many."""
    place = archive()
    if place is None:
        return 0
    old = list(ArchivedDay.objects.readable().filter(day__lt=before))
    for one in old:
        with transaction.atomic():
            activity.record(actor=None, verb="trail.forget", subject=f"trail of {one.day}", at=at)
            # The day stays closed: what is late by years is not the beginning of a new day.
            ArchivedDay.objects.filter(pk=one.pk).update(path="")
            place.remove(one.path)
    return len(old)
