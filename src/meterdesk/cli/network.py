"""meterdesk network: approve a network for an organisation from the operator's shell."""

import argparse
from datetime import timedelta
from typing import Any

from django.utils import timezone

from meterdesk.cli import CommandFailed
from meterdesk.identity.actions import record_network
from meterdesk.identity.queries import organisation_id_of
from meterdesk.identity.rules import NetworkKind
from meterdesk.kernel.errors import Refused


def add_parser(subparsers: Any) -> None:
    """The arguments of the command."""
    parser = subparsers.add_parser(
        "network",
        help="approve a network for an organisation, before anybody can log in",
        description="Where networks are enforced, nobody gets in before the first one is "
        "recorded, the operator's own administrators included. The approval is to be reviewed in "
        "90 days.",
    )
    parser.add_argument("organisation", metavar="ORGANISATION", help="its name")
    parser.add_argument("cidr", metavar="NETWORK", help="for example 203.0.113.0/24")
    parser.add_argument("--kind", choices=["gateway", "internet"], default="internet")
    parser.add_argument("--grounds", required=True, help="why it is approved")


def run(args: argparse.Namespace) -> int:
    """Record the network."""
    organisation_id = organisation_id_of(args.organisation)
    if organisation_id is None:
        raise CommandFailed(f"There is no organisation called {args.organisation}.")
    at, kind = timezone.now(), NetworkKind(args.kind.upper())
    review_date = timezone.localdate(at) + timedelta(days=90)
    try:
        record_network(None, organisation_id, kind, args.cidr, args.grounds, review_date, at=at)
    except Refused as refused:
        raise CommandFailed(" ".join(refused.fields.values()) or refused.message) from refused
    print(f"{args.organisation} is approved for access from {args.cidr}.")
    return 0
