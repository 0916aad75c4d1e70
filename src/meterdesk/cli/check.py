"""meterdesk check: the checks that also run when Meterdesk starts."""

import argparse
from typing import Any

from django.core.checks import WARNING, run_checks
from django.core.management import call_command

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
    """Check; refused when something is wrong."""
    require_sound()
    if args.migrations:
        try:
            call_command("makemigrations", "--check", "--dry-run", verbosity=1)
        except SystemExit as error:
            raise CommandFailed("A migration is missing: write it and check again.") from error
    print("All is well.")
    return 0


def require_sound() -> None:
    """Run every check. Raises CommandFailed with all that is wrong, one to a line."""
    wrong = [str(message.msg) for message in run_checks() if message.level >= WARNING]
    if wrong:
        raise CommandFailed("\n  ".join(["the start-up checks found:", *wrong]))
