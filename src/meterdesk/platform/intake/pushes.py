"""Batches pushed by programs: unpacked within limits, taken in, and only then answered."""

import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from django.db import OperationalError, connection, transaction
from psycopg.errors import LockNotAvailable

from meterdesk.kernel.errors import Refused, TooMany
from meterdesk.kernel.paging import MAX_LIMIT, PageRequest
from meterdesk.platform.intake.engine import DRY_RUN, run_intake
from meterdesk.platform.intake.kinds import intake_of
from meterdesk.platform.intake.runs import PlacedRefusal, list_refusals, run_view
from meterdesk.platform.intake.sources import is_archive, open_archive

LARGEST_UNPACKED: Final = 32_000_000
MOST_AT_ONCE: Final = 4
"""Batches of one kind that are worked on or wait; the next one is asked to come back."""

_RETRY_AFTER: Final = 2
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_GZIP: Final = 16 + zlib.MAX_WBITS


@dataclass(frozen=True, slots=True)
class Pushed:
    """What became of a batch; of many refusals the first; `note` is what deserves a word."""

    run_id: int
    note: str
    accepted: int
    unchanged: int
    refused: int
    refusals: tuple[PlacedRefusal, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch as it was sent.

    Attributes:
        kind: a registered kind.
        content: of a file of that kind.
        suffix: of such a file's name, for example `.ndjson`.
        packed: whether the content is packed by gzip.
        name: of the file, for reports; empty when the sender gave none.
    """

    kind: str
    content: bytes
    suffix: str
    packed: bool
    name: str = ""

    @property
    def filename(self) -> str:
        """A name without folders that ends in the suffix. Raises Refused (bad_name)."""
        if self.name and not _NAME.fullmatch(self.name):
            message = "A file's name has at most 100 letters, digits, full stops, - and _."
            raise Refused(message, code="bad_name", fields={"name": message})
        name = self.name or "push"
        return name if name.endswith(self.suffix) else name + self.suffix


def take_in_push(actor: Any, batch: Batch, *, dry_run: bool = False) -> Pushed:
    """Take in a batch whole, or not at all; when this returns it is stored.

    Args:
        actor: who pushed it.
        dry_run: answer what would happen and change nothing.

    Raises:
        Unreadable: there is no such kind, or it cannot be read as one.
        Refused: empty, damaged, or larger than LARGEST_UNPACKED once unpacked (413); a ZIP
            that no run could read.
        TooMany: too many batches of this kind are under way.
    """
    intake_of(batch.kind)
    name, plain = batch.filename, unpack(batch.content) if batch.packed else batch.content
    if not plain.strip():
        raise Refused("The batch is empty.", code="empty_file")
    if is_archive(plain):
        open_archive(BytesIO(plain), "The batch", LARGEST_UNPACKED)
    with (
        transaction.atomic(),
        _turn(batch.kind),
        TemporaryDirectory(prefix="meterdesk-push-") as folder,
    ):
        path = Path(folder, name)
        path.write_bytes(plain)
        options = {DRY_RUN: "yes"} if dry_run else {}
        run = run_intake(batch.kind, [path], options=options, started_by=f"{actor.username} (API)")
    view = run_view(run.pk)
    refusals = list_refusals(run.pk, PageRequest(MAX_LIMIT)).items if view else ()
    return Pushed(run.pk, run.note, run.accepted, run.unchanged, run.refused, refusals)


def unpack(content: bytes) -> bytes:
    """What gzip packed. Raises Refused: damaged, or larger than LARGEST_UNPACKED (413)."""
    unpacking = zlib.decompressobj(_GZIP)
    try:
        plain = unpacking.decompress(content, LARGEST_UNPACKED + 1)
    except zlib.error:
        raise Refused("The batch is not whole gzip. Send it again.", code="bad_gzip") from None
    if len(plain) > LARGEST_UNPACKED:
        raise Refused(
            f"The batch is larger than {LARGEST_UNPACKED // 1_000_000} MB once unpacked. Split it.",
            code="too_large",
            status=413,
        )
    if not unpacking.eof or unpacking.unused_data:
        raise Refused("The batch is not one whole gzip. Send it again.", code="bad_gzip")
    return plain


@contextmanager
def _turn(kind: str) -> Iterator[None]:
    """One of the places for batches of a kind, until the transaction ends."""
    with connection.cursor() as cursor:
        for place in range(MOST_AT_ONCE):
            cursor.execute(
                "select pg_try_advisory_xact_lock(hashtext(%s), %s)", [f"push:{kind}", place]
            )
            if cursor.fetchone()[0]:
                break
        else:
            raise _busy()
    try:
        yield
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            raise _busy() from error
        raise


def _busy() -> TooMany:
    return TooMany(
        _RETRY_AFTER,
        "Several batches of this kind are being taken in. Send this one again in two seconds.",
        code="feed_busy",
    )
