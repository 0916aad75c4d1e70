"""meterdesk check: the checks that also run when Meterdesk starts."""

import argparse
from typing import Any

from django.core.management import CommandError, call_command
from django.core.management.base import SystemCheckError

from meterdesk.cli import CommandFailed


def add_parser(subparsers: Any) -> None:
    """The arguments of the command."""
    parser = subparsers.add_parser(
        "check",
        help="check routes, jobs, models and settings",
        description="Run the start-up checks: every route in the table of routes, every job "
        "known, models and settings sound.",
    )
    parser.add_argument(
        "--migrations", action="store_true", help="also check that no migration is missing"
    )


def run(args: argparse.Namespace) -> int:
    """Check; exit status 1 when something is wrong."""
    try:
        call_command("check", fail_level="WARNING")
        if args.migrations:
            call_command("makemigrations", "--check", "--dry-run", verbosity=1)
    except SystemCheckError as error:
        raise CommandFailed(str(error)) from error
    except (CommandError, SystemExit) as error:
        raise CommandFailed("A migration is missing: write it and check again.") from error
    return 0
