"""meterdesk worker: runs jobs from the queue."""

import argparse
import logging
import os
import signal
import sys
import threading
from typing import Any

from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from meterdesk.cli.check import require_sound
from meterdesk.platform.jobs.maintenance import HEARTBEAT_SECONDS, STALLED_AFTER_SECONDS

# Long enough to finish a mail or a batch; what is cut off is queued again.
_GRACE_SECONDS = 30.0


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
    logging.getLogger("procrastinate.periodic").setLevel(logging.WARNING)
    require_sound()
    if args.until_stdin_closes:
        threading.Thread(target=_stop_when_stdin_closes, daemon=True).start()
    # Another app with the same jobs: fetching needs a connection of its own, while what a job
    # defers must go through Django's, in the job's transaction.
    worker_app = app.with_connector(DjangoConnector().get_worker_connector())
    with worker_app.open():
        worker_app.run_worker(
            concurrency=max(1, args.concurrency),
            wait=not args.once,
            update_heartbeat_interval=HEARTBEAT_SECONDS,
            stalled_worker_timeout=STALLED_AFTER_SECONDS,
            shutdown_graceful_timeout=_GRACE_SECONDS,
        )
    return 0


def _stop_when_stdin_closes() -> None:
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)
