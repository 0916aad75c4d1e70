"""meterdesk catalogue: load a version of the service catalogue."""

import argparse
from pathlib import Path
from typing import Any

from django.utils import timezone

from meterdesk.catalogue.actions import load_catalogue
from meterdesk.cli import CommandFailed


def add_parser(subparsers: Any) -> None:
    """The arguments of the command."""
    parser = subparsers.add_parser(
        "catalogue",
        help="load a version of the service catalogue",
        description="Offer what a TOML file states: categories, services and request types with "
        "their fields. Requests keep the version they were raised under. "
        "docs/how-to/change-the-catalogue.md describes the file.",
    )
    parser.add_argument("file", metavar="FILE.toml", type=Path, help="the catalogue")
    parser.add_argument(
        "--dry-run", action="store_true", help="read the file, say what it holds, change nothing"
    )


def run(args: argparse.Namespace) -> int:
    """Load the file; the last line says which version is offered."""
    try:
        text = args.file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandFailed(f"{args.file} cannot be read: {error}") from error
    found, new = load_catalogue(text, at=timezone.now(), dry_run=args.dry_run)
    types = [one.request_type.title for one in found.offers()]
    state = "would be offered" if args.dry_run and new else "is offered"
    print(f"Version {found.version} {state}{'' if new else ' already'}: {', '.join(types)}.")
    return 0
