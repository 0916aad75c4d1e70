"""Files picked up from a folder, to which an SFTP server or a shared disk writes.

Below the inbox stands a folder for each kind. A file is taken when it is whole: when nothing was
written to it for some seconds, or it was renamed into place. It is moved aside first, so that it is
never taken twice, and afterwards to `done` or `failed`, with its report beside it. What a killed
process left aside is taken again: what is in already counts as unchanged.

Files of a folder come in by their order. One that the database did not take, or whose process was
killed, is begun again after growing waits, and those behind it wait with it; those of other folders
go on. Begun too often without an end, it is filed as failed. A file whose turn is held by another
run of its kind only waits.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Final

import psycopg
from django.db import InterfaceError, OperationalError, connection
from psycopg.errors import LockNotAvailable

from meterdesk.kernel.errors import Refused, Unavailable
from meterdesk.kernel.formats import csv_lines, short_name
from meterdesk.platform.files.scanning import can_scan, refuse_infected
from meterdesk.platform.intake.engine import run_intake
from meterdesk.platform.intake.kinds import kinds
from meterdesk.platform.intake.runs import REPORT_HEADER, closing_line, every_refusal, report_row
from meterdesk.platform.models import InboxTry, IntakeRun

QUIET_SECONDS: Final = 10
"""How long nothing may have been written to a file before it counts as whole."""
MOST_TRIES: Final = 8
"""A file that was begun so often without an end, over two hours, is taken to be the reason."""
FIRST_WAIT: Final = timedelta(minutes=1)
"""After the first try; twice as long after each further one."""

# COPY raises psycopg's own: Django wraps only its beginning.
_BY_DATABASE: Final = (
    *(OperationalError, InterfaceError),
    *(psycopg.OperationalError, psycopg.InterfaceError),
)
_HALF: Final = (".part", ".partial", ".filepart", ".tmp")
_BLOCK: Final = 1 << 20
_LOG: Final = logging.getLogger(__name__)


def prepare(root: Path) -> None:
    """Make the folders of every kind, for those who write into them."""
    for kind in kinds():
        for folder in ("", "done", "failed", ".taking"):
            (root / kind.kind / folder).mkdir(parents=True, exist_ok=True)


def waiting(root: Path, kind: str) -> list[Path]:
    """Whole and half files of a kind that nobody has taken yet, by name."""
    try:
        entries = sorted((root / kind).iterdir())
    except OSError:
        return []
    return [one for one in entries if _is_plain(one) and not one.name.startswith(".")]


def _is_plain(path: Path) -> bool:
    """Whether it is a file of its own: a link could name any file of this machine."""
    return path.is_file() and not path.is_symlink()


def pick_up(root: Path, now: datetime) -> int:
    """Take in every whole file, kind after kind, by name; returns how many came to their end.

    Args:
        root: the inbox; folders that are missing are made.
        now: aware instant, by the clock that stamps the files.

    Raises:
        Unavailable: the scanner does not answer.
        OperationalError, InterfaceError: the database has gone.
    """
    prepare(root)
    with _alone() as mine:
        return sum(_pick_up_kind(root, kind.kind, now) for kind in kinds()) if mine else 0


def _pick_up_kind(root: Path, kind: str, now: datetime) -> int:
    taken = 0
    left = sorted(filter(_is_plain, (root / kind / ".taking").iterdir()))
    whole = [path for path in waiting(root, kind) if _is_whole(path, now)]
    # One by one: a file of the same name as one that waits must not take its place.
    for path in chain(left, map(_set_aside, whole)):
        if not _take(kind, path, now):
            break
        taken += 1
    return taken


def _is_whole(path: Path, now: datetime) -> bool:
    if path.suffix.lower() in _HALF:
        return False
    return path.stat().st_mtime <= now.timestamp() - QUIET_SECONDS


def _set_aside(path: Path) -> Path:
    aside = path.parent / ".taking" / path.name
    path.rename(aside)
    return aside


@contextmanager
def _alone() -> Iterator[bool]:
    """Whether no other worker is picking up."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(hashtext('intake.inbox'))")
        mine = bool(cursor.fetchone()[0])
        try:
            yield mine
        finally:
            # A session that is gone holds no lock, and cannot give it back.
            if mine and connection.is_usable():
                cursor.execute("select pg_advisory_unlock(hashtext('intake.inbox'))")


@dataclass(frozen=True, slots=True)
class _End:
    """What became of a file: the folder it goes to, a sentence, and its run if it has one."""

    folder: str
    said: str
    run: IntakeRun | None = None


def _take(kind: str, path: Path, now: datetime) -> bool:
    """Take a file in and file it away; False: it waits, and those behind it."""
    if not _is_text(path.name):
        told = "The file's name is not UTF-8. Give it another, and put it in again."
        _file_away(path, _End("failed", told), now)
        return True
    begun, _ = InboxTry.objects.get_or_create(kind=kind, name=path.name, defaults={"next_at": now})
    end = None
    if begun.tries < MOST_TRIES:
        if begun.next_at > now:
            return False
        end = _try(begun, path, now)
    if end is None:
        if begun.tries < MOST_TRIES:
            return False
        _LOG.error("A file of the inbox was begun %s times in vain: %s", begun.tries, path.name)
        told = f"It was begun {begun.tries} times and never came to its end. The log says why."
        end = _End("failed", told)
    begun.delete()
    _file_away(path, end, now)
    return True


def _try(begun: InboxTry, path: Path, now: datetime) -> _End | None:
    """Take a file in; None when it has to be tried again."""
    before = begun.tries
    # Noted before it begins: what kills this process leaves no time for it.
    _note(begun, before + 1, now + FIRST_WAIT * 2**before)
    try:
        refuse_infected(path.name, _blocks(path))
        run = run_intake(begun.kind, [path], started_by="inbox")
    except Unavailable:
        if not can_scan():
            _note(begun, before, now)
            raise
        _LOG.exception("A file of the inbox could not be scanned: %s", path.name)
        return None
    except Refused as refused:
        return _End("failed", refused.message)
    except _BY_DATABASE as error:
        if isinstance(error.__cause__ or error, LockNotAvailable):
            _note(begun, before, now)
            return None
        _LOG.exception("The database did not take a file of the inbox: %s", path.name)
        if not connection.is_usable():
            connection.close()
            raise
        return None
    except Exception:
        _LOG.exception("A file of the inbox could not be taken in: %s", path.name)
        return _End("failed", "It could not be taken in. The log says why.")
    return _End("done", closing_line(run.accepted, run.unchanged, run.refused), run)


def _note(begun: InboxTry, tries: int, next_at: datetime) -> None:
    begun.tries, begun.next_at = tries, next_at
    begun.save()


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            yield block


def _place(path: Path, folder: str, now: datetime) -> Path:
    return path.parent.parent / folder / f"{now:%Y%m%dT%H%M%SZ}-{short_name(path.name)}"


def _is_text(name: str) -> bool:
    """Whether a file's name is text, which can be kept and written down."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _file_away(path: Path, end: _End, now: datetime) -> None:
    place = _place(path, end.folder, now)
    told = place.with_name(f"{place.name}.txt")
    told.write_text(f"{end.said}\n", encoding="utf-8", errors="replace")
    path.replace(place)
    if end.run is not None and end.run.refused:
        rows = (report_row(refusal) for refusal in every_refusal(end.run.pk))
        refused = place.with_name(f"{place.name}.refused.csv")
        with refused.open("w", encoding="utf-8", newline="") as out:
            out.writelines(csv_lines(REPORT_HEADER, rows))
