"""meterdesk demo-accounts: whom one may log in as in the demonstration."""

import argparse
import json
from typing import Any

from meterdesk.cli import CommandFailed
from meterdesk.config.env import environment
from meterdesk.demo.accounts import accounts


def add_parser(subparsers: Any) -> None:
    """The arguments of the command."""
    parser = subparsers.add_parser(
        "demo-accounts",
        help="list the demonstration's accounts",
        description="List the demonstration's accounts; refuses outside a demonstration.",
    )
    parser.add_argument("--json", action="store_true", help="as JSON, with every secret")


def run(args: argparse.Namespace) -> int:
    """Print the accounts."""
    settings = environment()
    everybody = accounts(settings.home)
    if not settings.is_demo or not everybody:
        raise CommandFailed("There is no demonstration here. Run `make demo` first.")
    if args.json:
        print(json.dumps(everybody, indent=1))
    else:
        for account in everybody:
            print(account["username"], account["organisation"], ", ".join(account["roles"]))
    return 0
