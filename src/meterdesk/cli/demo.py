"""meterdesk demo: build the demonstration network, print the accounts, serve."""

import argparse
import os
import socket
import subprocess
import sys
import time
from datetime import date, datetime
from typing import Any, NoReturn

from meterdesk.cli import CommandFailed
from meterdesk.config.env import environment
from meterdesk.coverage.rules import Region
from meterdesk.demo.accounts import PASSWORD, accounts
from meterdesk.demo.build import Plan, build, is_built
from meterdesk.kernel.worktime import LONDON

MOST_PREMISES = 3_000_000


def add_parser(subparsers: Any) -> None:
    """The arguments of the command."""
    parser = subparsers.add_parser(
        "demo",
        help="build the demonstration network and serve it",
        description="Build the demonstration network, unless it stands already, and serve it.",
    )
    parser.add_argument("--premises", type=int, default=5_000, help="homes, 1 to 3,000,000")
    parser.add_argument("--messages", type=int, default=None, help="default: three months' worth")
    parser.add_argument("--today", type=date.fromisoformat, default=None, help="YYYY-MM-DD")
    parser.add_argument("--seed", type=int, default=1, help="what everything is drawn from")
    parser.add_argument("--port", type=int, default=None, help="port (default PORT or 8000)")
    parser.add_argument("--build-only", action="store_true", help="do not serve")


def run(args: argparse.Namespace) -> int:
    """Build what is missing, then become `meterdesk serve`."""
    settings = environment()
    if not settings.is_demo:
        raise CommandFailed(
            "The demonstration runs only where METERDESK_ENV is demo, so that no real "
            "installation ever holds its accounts."
        )
    if not 1 <= args.premises <= MOST_PREMISES:
        raise CommandFailed(f"--premises takes a whole number from 1 to {MOST_PREMISES:,}.")
    plan = Plan(
        premises=args.premises,
        messages=args.messages,
        today=args.today or datetime.now(LONDON).date(),
        seed=args.seed,
    )
    built = is_built(plan, settings.home)
    # One that an older version built is brought up to date too.
    _migrate(quiet=built)
    if not built:
        started = time.monotonic()
        build(plan, settings.home, lambda line: print(line, flush=True))
        print(f"Built in {time.monotonic() - started:.0f} s.", flush=True)
    if args.build_only:
        return 0
    port = args.port or settings.port
    _introduce(accounts(settings.home), port)
    serve = [sys.executable, "-m", "meterdesk.cli", "serve", "--port", str(port)]
    provider = {} if settings.csp_urls else _simulated_provider(serve)
    return _become(serve, {**os.environ, **provider, "METERDESK_PROCESS": "web"})


def _simulated_provider(serve: list[str]) -> dict[str, str]:
    """Have a communications service provider simulated beside; returns where it is asked."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    serve += ["--simulate-csp", str(port)]
    regions = [region.value for region in Region]
    return {
        "METERDESK_CSP_URLS": " ".join(f"{one}=http://127.0.0.1:{port}" for one in regions),
        "METERDESK_CSP_TOKENS": " ".join(f"{one}=simulated" for one in regions),
    }


def _become(command: list[str], environ: dict[str, str]) -> NoReturn:
    os.execve(command[0], command, environ)  # noqa: S606  no shell is wanted


def _migrate(*, quiet: bool) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "meterdesk.cli", "migrate", *(["--quiet"] if quiet else [])],
        env={**os.environ, "METERDESK_PROCESS": "owner"},
        check=False,
    )
    if done.returncode:
        raise CommandFailed("The database could not be brought up to date; see above.")


def _introduce(everybody: list[dict[str, Any]], port: int) -> None:
    width = max((len(account["username"]) for account in everybody), default=0)
    print(f"\nMeterdesk demonstration: http://127.0.0.1:{port}/")
    print(f"Password of every account: {PASSWORD}")
    print("The page that asks for the authenticator code shows the code.\n")
    for account in everybody:
        roles = ", ".join(account["roles"])
        print(f"  {account['username']:<{width}}  {account['organisation']}: {roles}")
    print(flush=True)
