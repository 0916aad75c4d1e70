"""meterdesk rotate-keys: encrypt every secret anew under the first key."""

import argparse
from typing import Any

from cryptography.fernet import InvalidToken

from meterdesk.cli import CommandFailed
from meterdesk.platform import secrets


def add_parser(subparsers: Any) -> None:
    """The arguments of the command."""
    subparsers.add_parser(
        "rotate-keys",
        help="encrypt every secret anew under the first key",
        description="Encrypt what is encrypted at rest anew under the first key of "
        "METERDESK_ENCRYPTION_KEY. Put the new key first, keep the old one behind it, restart, "
        "run this, then take the old one away. It may run beside the web and be run again after "
        "it was stopped: what is done already is left alone.",
    )


def run(_args: argparse.Namespace) -> int:
    """Rotate, holder by holder."""
    for name, rotation in sorted(secrets.rotations().items()):
        read = changed = 0
        try:
            for batch in rotation():
                read, changed = read + batch.read, changed + batch.changed
                print(f"{name}: {read:,} read", end="\r", flush=True)
        except InvalidToken as error:
            raise CommandFailed(
                f"{name}: a secret is encrypted under a key that METERDESK_ENCRYPTION_KEY does "
                "not name. Name that key too, behind the first, and run this again."
            ) from error
        print(f"{name}: {read:,} read, {changed:,} encrypted anew")
    print("Every secret stands under the first key. The others are no longer needed.")
    return 0
