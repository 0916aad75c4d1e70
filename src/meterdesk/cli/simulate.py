"""meterdesk simulate csp: a communications service provider to try the hubs' screens against."""

import argparse
import os
import signal
import sys
import threading
from typing import Any

from meterdesk.cli import CommandFailed
from meterdesk.demo.csp import Simulator, serve


def add_parser(subparsers: Any) -> None:
    """The arguments of the command."""
    parser = subparsers.add_parser(
        "simulate",
        help="simulate an outside system",
        description="Simulate the interface of a communications service provider, which asks hubs "
        "themselves, on this machine alone.",
    )
    parser.add_argument("what", choices=["csp"], help="the system to simulate")
    parser.add_argument("--port", type=int, default=8100, help="port (default 8100)")
    parser.add_argument(
        "--token", default="simulated", help="the bearer token that callers need (simulated)"
    )
    parser.add_argument(
        "--delay", type=float, default=6.0, help="seconds a hub takes to answer (default 6)"
    )
    parser.add_argument("--down", action="store_true", help="answer every call with 503")
    parser.add_argument(
        "--until-stdin-closes", action="store_true", help="stop when whoever started it has ended"
    )


def run(args: argparse.Namespace) -> int:
    """Serve until SIGTERM or SIGINT."""
    try:
        server = serve(Simulator(args.token, args.delay, args.down), args.port)
    except OSError as error:
        raise CommandFailed(f"Port {args.port} cannot be used ({error.strerror}).") from error
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    if args.until_stdin_closes:
        threading.Thread(target=_stop_when_stdin_closes, daemon=True).start()
    else:
        print(f"Simulating a communications service provider on port {server.server_port}.")
    with server:
        server.serve_forever()
    return 0


def _stop_when_stdin_closes() -> None:
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)
