"""meterdesk stop-database: stop the embedded PostgreSQL."""

import argparse
from typing import Any

from meterdesk.cli import CommandFailed
from meterdesk.config.database import cluster
from meterdesk.config.env import environment


def add_parser(subparsers: Any) -> None:
    """The arguments of the command."""
    subparsers.add_parser(
        "stop-database",
        help="stop the embedded database",
        description="Stop the embedded PostgreSQL of METERDESK_HOME. The next command that "
        "needs it starts it again.",
    )


def run(_args: argparse.Namespace) -> int:
    """Stop it, or say that there is none to stop."""
    embedded = cluster(environment())
    if embedded is None:
        raise CommandFailed(
            "DATABASE_URL is set, so there is no embedded database to stop. "
            "Stop that server with its own tools."
        )
    was_running = embedded.is_running()
    embedded.stop()
    print("The database has stopped." if was_running else "The database was not running.")
    return 0
