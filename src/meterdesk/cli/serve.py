"""meterdesk serve: the web server, and in the demonstration a worker beside it."""

import argparse
import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from django.core.management import call_command
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels

from meterdesk.cli import CommandFailed
from meterdesk.cli.check import require_sound
from meterdesk.config.database import WEB_THREADS
from meterdesk.config.env import environment

_TARGET = "meterdesk.config.wsgi:application"


def add_parser(subparsers: Any) -> None:
    """The arguments of the command."""
    parser = subparsers.add_parser(
        "serve",
        help="serve the screens and the API",
        description="Serve the screens and the API. In the demonstration a worker runs beside it.",
    )
    add_arguments(parser)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What whoever serves can be asked, here and in the demonstration."""
    parser.add_argument("--host", default="127.0.0.1", help="address (default 127.0.0.1)")
    parser.add_argument("--port", type=int, default=None, help="port (default PORT or 8000)")
    parser.add_argument("--workers", type=int, default=None, help="web worker processes")
    parser.add_argument(
        "--simulate-csp", type=int, default=None, metavar="PORT", help=argparse.SUPPRESS
    )
    parser.add_argument(
        "--worker",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="run a job worker too (default: in the demonstration only)",
    )


def run(args: argparse.Namespace) -> int:
    """Serve until SIGTERM or SIGINT."""
    settings = environment()
    port = args.port or settings.port
    _require_free(args.host, port)
    require_sound()
    call_command("collectstatic", interactive=False, verbosity=0)
    with_worker = settings.is_demo if args.worker is None else args.worker
    with contextlib.ExitStack() as beside:
        if args.simulate_csp:
            beside.enter_context(_beside("simulate", "csp", "--port", str(args.simulate_csp)))
        if with_worker:
            beside.enter_context(_beside("worker"))
        print(f"Meterdesk serves on http://{args.host}:{port}/", flush=True)
        Granian(
            _TARGET,
            address=args.host,
            port=port,
            interface=Interfaces.WSGI,
            http=HTTPModes.http1,
            workers=args.workers or settings.workers,
            blocking_threads=WEB_THREADS,
            respawn_failed_workers=True,
            workers_kill_timeout=10,
            log_level=LogLevels.warning,
        ).serve()
    return 0


def _require_free(host: str, port: int) -> None:
    """Raise CommandFailed when nobody could listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandFailed(
                f"Port {port} on {host} cannot be used ({error.strerror}). "
                "Stop what listens there, or set PORT to another number."
            ) from error


@contextlib.contextmanager
def _beside(command: str, *arguments: str) -> Iterator[None]:
    """Another command of ours that ends with this process, however this process ends."""
    given = [sys.executable, "-m", "meterdesk.cli", command, *arguments, "--until-stdin-closes"]
    process = subprocess.Popen(
        given, stdin=subprocess.PIPE, env={**os.environ, "METERDESK_PROCESS": "worker"}
    )
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(timeout=35)
        except subprocess.TimeoutExpired:
            process.kill()
