"""meterdesk reset-factors: reset somebody's second factors from the operator's shell."""

import argparse
from typing import Any

from django.utils import timezone

from meterdesk.identity.actions import reset_from_shell


def add_parser(subparsers: Any) -> None:
    """The arguments of the command."""
    parser = subparsers.add_parser(
        "reset-factors",
        help="reset a person's second factors when no administrator is left",
        description="Remove a person's second factors, end their sessions, tell them by email, "
        "and print the code that their next log-in asks for after the password. For the case in "
        "which no two administrators are left to do it on screen; it is recorded.",
    )
    parser.add_argument("username", metavar="USERNAME")
    parser.add_argument("--reason", required=True, help="why, for the activity log and the email")


def run(args: argparse.Namespace) -> int:
    """Reset and print the code."""
    print(reset_from_shell(args.username, args.reason[:300], at=timezone.now()))
    return 0
