"""meterdesk token: an API token from the operator's shell."""

import argparse
from datetime import timedelta
from typing import Any

from django.utils import timezone

from meterdesk.identity.actions import issue_token

LIFETIME = timedelta(days=30)


def add_parser(subparsers: Any) -> None:
    """The arguments of the command."""
    parser = subparsers.add_parser(
        "token",
        help="print an API token of a person",
        description="Create an API token that may do what the person may do, for 30 days, and "
        "print it and nothing else. It is shown this once.",
    )
    parser.add_argument("username", metavar="USERNAME")


def run(args: argparse.Namespace) -> int:
    """Create and print the token."""
    print(issue_token(args.username, "From the shell", lifetime=LIFETIME, at=timezone.now()))
    return 0
