"""meterdesk archive: move old days of the service audit trail to the archive."""

import argparse
import sys
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from meterdesk.cli import CommandFailed
from meterdesk.trail.actions import Archived, archive_days
from meterdesk.trail.queries import check_archive

_LEAST_DAYS = 92


def add_parser(subparsers: Any) -> None:
    """The arguments of the command."""
    parser = subparsers.add_parser(
        "archive",
        help="move old days of the service audit trail to the archive",
        description="Write every day older than METERDESK_TRAIL_ONLINE_DAYS to "
        "METERDESK_TRAIL_ARCHIVE as Parquet, read it back, compare it with the day row by row, and "
        "only then drop the day. A worker does the same each night. Safe to stop and to run again.",
    )
    parser.add_argument(
        "--days",
        type=int,
        metavar="N",
        help=f"days to keep online, at least {_LEAST_DAYS}, in place of the setting",
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="archive nothing: read every file of the archive and compare it with its checksum",
    )


def run(args: argparse.Namespace) -> int:
    """Archive, or check what is archived; exit status 1 when a file is not as it was written."""
    if args.check:
        return _check()
    days = args.days or settings.TRAIL_ONLINE_DAYS
    if days is None or days < _LEAST_DAYS:
        raise CommandFailed(
            f"Set METERDESK_TRAIL_ONLINE_DAYS, or give --days, {_LEAST_DAYS} at least."
        )
    now = datetime.now(UTC)
    done = archive_days(now.date(), days, at=now, on_progress=_say)
    print(f"Days archived: {done}.")
    return 0


def _check() -> int:
    broken = good = 0
    for day, problem in check_archive():
        if problem:
            print(f"{day}: {problem}", file=sys.stderr)
            broken += 1
        else:
            good += 1
    print(f"Days in the archive as they were written: {good}; not so: {broken}.")
    return 1 if broken else 0


def _say(one: Archived) -> None:
    per_row = one.size / max(one.rows, 1)
    print(
        f"{one.day}: {one.rows:,} messages, {one.size:,} bytes, {per_row:.0f} a message",
        file=sys.stderr,
        flush=True,
    )
