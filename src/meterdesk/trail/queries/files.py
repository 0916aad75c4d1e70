"""Days of the trail as Parquet files: where they are, what is in them, and reading of them."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date
from functools import cache, reduce
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.conf import settings
from pyarrow import fs

from meterdesk.kernel.errors import Unavailable
from meterdesk.trail.access import Sight
from meterdesk.trail.models import COLUMNS
from meterdesk.trail.rules.spans import Span

_INSTANT: Final = pa.timestamp("us", "UTC")
_TYPES: Final = (
    *(pa.int64(), _INSTANT, pa.int64(), pa.int64(), pa.int64(), pa.int64(), _INSTANT, pa.int64()),
    *(pa.int16(),) * 6,
    *(pa.bool_(), pa.bool_(), *(pa.string(),) * 6),
)
SCHEMA: Final = pa.schema(list(zip(COLUMNS, _TYPES, strict=True)))
"""The columns of `trail_message` in their order; the history as compact JSON."""

ROW_GROUP: Final = 32_768
"""Rows of a group: what is read to find a Device, whose place the groups' statistics tell."""

_BLOCK: Final = 1 << 20


class Archive:
    """A folder, or a prefix in S3-compatible storage, that holds one file a day."""

    def __init__(self, filesystem: fs.FileSystem, root: str) -> None:
        self.filesystem, self.root = filesystem, root

    @property
    def is_local(self) -> bool:
        """Whether the files are on this machine's own file system."""
        return isinstance(self.filesystem, fs.LocalFileSystem)

    @contextmanager
    def writing(self, path: str) -> Iterator[Any]:
        """A stream to a file, replaced when there is one. Raises Unavailable."""
        with _reachable():
            where = f"{self.root}/{path}"
            self.filesystem.create_dir(where.rpartition("/")[0], recursive=True)
            with self.filesystem.open_output_stream(where) as stream:
                yield stream

    @contextmanager
    def reading(self, path: str) -> Iterator[Any]:
        """A file to be read at any place. Raises Unavailable."""
        with _reachable(), self.filesystem.open_input_file(f"{self.root}/{path}") as file:
            yield file

    def remove(self, path: str) -> None:
        """Remove a file; one that is not there is removed already. Raises Unavailable."""
        with _reachable():
            info = self.filesystem.get_file_info(f"{self.root}/{path}")
            if info.type is fs.FileType.File:
                self.filesystem.delete_file(f"{self.root}/{path}")

    def local_path(self, path: str) -> Path:
        """Where a local archive keeps the file."""
        return Path(self.root, path)


@contextmanager
def _reachable() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Unavailable(
            f"The trail's archive cannot be read or written: {str(error)[:200]}. "
            "Check METERDESK_TRAIL_ARCHIVE and the rights of this account there."
        ) from error


@cache
def _opened(uri: str) -> Archive:
    filesystem, root = fs.FileSystem.from_uri(uri)
    return Archive(filesystem, root.rstrip("/"))


def archive() -> Archive | None:
    """The archive of METERDESK_TRAIL_ARCHIVE, or None when there is none. Raises Unavailable."""
    if not settings.TRAIL_ARCHIVE:
        return None
    with _reachable():
        return _opened(settings.TRAIL_ARCHIVE)


def path_of(day: date) -> str:
    """Where the file of a UTC day is, below the archive's root."""
    return f"{day:%Y}/trail-{day}.parquet"


def digest_of(place: Archive, path: str) -> tuple[str, int]:
    """SHA-256 and size in bytes of a file, read back. Raises Unavailable."""
    digest, size = sha256(), 0
    with place.reading(path) as file:
        while block := file.read(_BLOCK):
            digest.update(block)
            size += len(block)
    return digest.hexdigest(), size


def rows_found(
    place: Archive,
    path: str,
    spans: Collection[Span],
    sight: Sight,
    variants: Collection[int] | None,
) -> list[tuple[Any, ...]]:
    """Rows of a day's file for these Devices, each for its time, that the reader may see.

    Only the row groups are read that can hold one of the Devices.

    Args:
        spans: as `joined` makes them.
        sight: of the reader; the same predicate as for messages online.
        variants: only these, as stored; None for every message.
    """
    if sight.is_blind or not spans:
        return []
    devices = {span.device_id for span in spans}
    with place.reading(path) as file:
        parquet = pq.ParquetFile(file)
        groups = [
            group
            for group in range(parquet.metadata.num_row_groups)
            if _may_hold(parquet.metadata.row_group(group).column(0).statistics, devices)
        ]
        if not groups:
            return []
        table = parquet.read_row_groups(groups, columns=list(COLUMNS), use_threads=False)
    wanted = reduce(pc.or_, (_in_span(table, span) for span in spans))
    if variants is not None:
        wanted = pc.and_(wanted, _among(table["srv"], variants, pa.int16()))
    if not sight.everything:
        seen = _among(table["party"], sight.parties, pa.int64())
        wanted = pc.and_(
            wanted, pc.or_(seen, _among(table["srv"], sight.open_variants, pa.int16()))
        )
    found = table.filter(wanted)
    return list(zip(*(found[name].to_pylist() for name in COLUMNS), strict=True))


def _in_span(table: Any, span: Span) -> Any:
    begins, ends = pa.scalar(span.from_at, _INSTANT), pa.scalar(span.to_at, _INSTANT)
    there = pc.equal(table["device_id"], pa.scalar(span.device_id, pa.int64()))
    there = pc.and_(there, pc.greater_equal(table["received_at"], begins))
    return pc.and_(there, pc.less(table["received_at"], ends))


def _among(column: Any, values: Collection[int], of: Any) -> Any:
    return pc.is_in(column, pa.array(list(values), of))


def _may_hold(statistics: Any, devices: Collection[int]) -> bool:
    if statistics is None or not statistics.has_min_max:
        return True
    return any(statistics.min <= device <= statistics.max for device in devices)
