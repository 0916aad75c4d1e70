"""meterdesk migrate: migrations as the owner of the schema, then the serving role's rights."""

import argparse
from typing import Any

from django.core.management import call_command
from django.db import connection, transaction

from meterdesk.config.database import serving_role
from meterdesk.config.env import environment
from meterdesk.platform.database.grants import grant_serving_rights

# Any number, the same for everybody: two migrations at once wait for each other.
_LOCK = 63_880_001


def add_parser(subparsers: Any) -> None:
    """The arguments of the command."""
    parser = subparsers.add_parser(
        "migrate",
        help="bring the database up to date",
        description="Apply the migrations as the owner of the schema (DATABASE_OWNER_URL) and "
        "grant the serving role its rights. Safe to run again.",
    )
    parser.add_argument("--quiet", action="store_true", help="print nothing when all is well")


def run(args: argparse.Namespace) -> int:
    """Migrate, one process at a time."""
    with connection.cursor() as cursor:
        cursor.execute("set lock_timeout = 0")
        cursor.execute("select pg_advisory_lock(%s)", [_LOCK])
        cursor.execute("reset lock_timeout")
        call_command("migrate", interactive=False, verbosity=0 if args.quiet else 1)
        # At once: between granting and taking back the role would hold what it must not.
        with transaction.atomic():
            grant_serving_rights(cursor, serving_role(environment()))
        cursor.execute("select pg_advisory_unlock(%s)", [_LOCK])
    return 0
