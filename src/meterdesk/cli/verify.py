"""meterdesk verify: compute the seals of the activity log again."""

import argparse
from typing import Any

from django.utils import timezone

from meterdesk.cli import CommandFailed
from meterdesk.platform.activity.reading import verify_and_record


def add_parser(subparsers: Any) -> None:
    """The arguments of the command."""
    subparsers.add_parser(
        "verify",
        help="show that nobody altered the activity log",
        description="Compute every seal of the activity log again from its entries. Ends with "
        "status 1 when one does not hold.",
    )


def run(_args: argparse.Namespace) -> int:
    """Verify and say what was found."""
    found = verify_and_record(timezone.now())
    if found.broken is not None:
        number, at = found.broken
        raise CommandFailed(
            f"Seal {number} of {at:%d %b %Y %H:%M} UTC does not hold: an entry of the activity "
            "log before it was altered, removed or added afterwards. Keep the database as it is "
            "and tell the security officer."
        )
    print(
        f"The activity log is whole: {found.entries:,} entries under {found.seals:,} seals, "
        f"{found.unsealed:,} not sealed yet."
    )
    return 0
