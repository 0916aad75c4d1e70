"""meterdesk load-devices: a whole network's Devices at once, into an empty inventory."""

import argparse
from pathlib import Path
from typing import Any

from meterdesk.cli.intake import take_in
from meterdesk.platform.intake import INITIAL


def add_parser(subparsers: Any) -> None:
    """The arguments of the command."""
    parser = subparsers.add_parser(
        "load-devices",
        help="fill an empty inventory from files of Devices, far quicker than intake",
        description="Fill an inventory that holds no Devices, from files as `meterdesk intake "
        "inventory` takes them (docs/reference/formats/inventory.md), as the owner of the schema "
        "(DATABASE_OWNER_URL). All of it happens or nothing: stopped, it is started again from "
        "the beginning. Nobody can read the inventory meanwhile. Refusals, report and last line "
        "are those of `meterdesk intake`.",
    )
    parser.add_argument(
        "files", metavar="FILE", nargs="+", help="files, folders (every file in them) or patterns"
    )
    parser.add_argument(
        "--report", metavar="FILE.csv", type=Path, help="write every refused record to this file"
    )
    parser.add_argument("--quiet", action="store_true", help="no progress on standard error")


def run(args: argparse.Namespace) -> int:
    """Load the files; exit status 1, with a sentence, when it cannot be done."""
    return take_in("inventory", {INITIAL: "yes"}, args)
