"""meterdesk worker: runs jobs from the queue."""

import argparse
import os
import signal
import sys
import threading
from typing import Any

from meterdesk.cli.check import require_sound
from meterdesk.platform.jobs.working import run_waiting, work


def add_parser(subparsers: Any) -> None:
    """The arguments of the command."""
    parser = subparsers.add_parser(
        "worker",
        help="run jobs from the queue",
        description="Run jobs, several at a time, until told to stop. Start as many workers on "
        "as many machines as are needed.",
    )
    parser.add_argument("--concurrency", type=int, default=2, help="jobs at a time (default 2)")
    parser.add_argument(
        "--until-stdin-closes", action="store_true", help="stop when whoever started it has ended"
    )
    parser.add_argument("--once", action="store_true", help="stop when no job is waiting")


def run(args: argparse.Namespace) -> int:
    """Work until SIGTERM or SIGINT; jobs that run then are given half a minute to end."""
    require_sound()
    if args.until_stdin_closes:
        threading.Thread(target=_stop_when_stdin_closes, daemon=True).start()
    if args.once:
        run_waiting()
    else:
        work(concurrency=max(1, args.concurrency))
    return 0


def _stop_when_stdin_closes() -> None:
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)
