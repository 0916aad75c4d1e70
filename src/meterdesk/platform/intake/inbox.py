"""Files picked up from a folder, to which an SFTP server or a shared disk writes.

Below the inbox stands a folder for each kind. A file is taken when it is whole: when nothing was
written to it for some seconds, or it was renamed into place. It is moved aside first, so that it is
never taken twice, and afterwards to `done` or `failed`, with its report beside it. What a killed
process left aside is taken again: what is in already counts as unchanged.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

from django.db import InterfaceError, OperationalError, connection

from meterdesk.kernel.errors import Refused, Unavailable
from meterdesk.kernel.formats import csv_lines, short_name
from meterdesk.platform.files.scanning import refuse_infected
from meterdesk.platform.intake.engine import run_intake
from meterdesk.platform.intake.kinds import kinds
from meterdesk.platform.intake.runs import REPORT_HEADER, closing_line, every_refusal, report_row

QUIET_SECONDS: Final = 10
"""How long nothing may have been written to a file before it counts as whole."""

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
    """Take in every whole file, kind after kind, by name; returns how many.

    Args:
        root: the inbox; folders that are missing are made.
        now: aware instant, by the clock that stamps the files.
    """
    prepare(root)
    taken = 0
    with _alone() as mine:
        for kind in kinds() if mine else ():
            left = sorted(filter(_is_plain, (root / kind.kind / ".taking").iterdir()))
            whole = [path for path in waiting(root, kind.kind) if _is_whole(path, now)]
            for path in (*left, *map(_set_aside, whole)):
                _take(kind.kind, path, now)
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
            if mine:
                cursor.execute("select pg_advisory_unlock(hashtext('intake.inbox'))")


def _take(kind: str, path: Path, now: datetime) -> None:
    try:
        if not _is_text(path.name):
            raise Refused("The file's name is not UTF-8. Give it another, and put it in again.")
        refuse_infected(path.name, _blocks(path))
        run = run_intake(kind, [path], started_by="inbox")
    except Unavailable:
        raise
    except Refused as refused:
        _file_away(path, "failed", now, [refused.message])
        return
    except (OperationalError, InterfaceError):
        # The file is as good as before: it is taken when the database is back.
        raise
    except Exception:
        _LOG.exception("A file of the inbox could not be taken in: %s", path.name)
        _file_away(path, "failed", now, ["It could not be taken in. The log says why."])
        return
    _file_away(path, "done", now, [closing_line(run.accepted, run.unchanged, run.refused)])
    if run.refused:
        rows = (report_row(refusal) for refusal in every_refusal(run.pk))
        place = _place(path, "done", now)
        with place.with_name(f"{place.name}.refused.csv").open(
            "w", encoding="utf-8", newline=""
        ) as out:
            out.writelines(csv_lines(REPORT_HEADER, rows))


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


def _file_away(path: Path, folder: str, now: datetime, report: list[str]) -> None:
    place = _place(path, folder, now)
    told = place.with_name(f"{place.name}.txt")
    told.write_text("\n".join(report) + "\n", encoding="utf-8", errors="replace")
    path.replace(place)
