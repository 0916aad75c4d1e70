"""meterdesk recount-volumes: count the trail's messages again, and mend counts that differ."""

import argparse
import sys
from datetime import UTC, date, datetime
from typing import Any

from meterdesk.trail.actions import Recounted, recount_volumes


def add_parser(subparsers: Any) -> None:
    """The arguments of the command."""
    parser = subparsers.add_parser(
        "recount-volumes",
        help="count the trail's messages again, and mend counts that differ",
        description="Count the messages of each day online again, compare with the counts kept at "
        "intake, and mend those that differ. Intake and readers go on meanwhile. Days in the "
        "archive keep the counts they have. Safe to stop and to run again.",
    )
    for name, words in (("--from", "first"), ("--to", "last")):
        parser.add_argument(
            name,
            dest=f"{words}_day",
            type=date.fromisoformat,
            metavar="DATE",
            help=f"the {words} day in Europe/London, as 2026-11-01; without it the {words} held",
        )
    parser.add_argument(
        "--check", action="store_true", help="mend nothing; exit status 1 when a count differs"
    )


def run(args: argparse.Namespace) -> int:
    """Recount; exit status 1 when only checking and a count differs."""
    differing = recount_volumes(
        args.first_day,
        args.last_day,
        mend=not args.check,
        at=datetime.now(UTC),
        on_progress=_say,
    )
    print(f"Counts that differ{'' if args.check else 'ed and were mended'}: {differing:,}.")
    return 1 if args.check and differing else 0


def _say(one: Recounted) -> None:
    said = f"{one.differing:,} counts differ" if one.differing else "counts agree"
    print(f"{one.day}: {one.messages:,} messages, {said}", file=sys.stderr, flush=True)
