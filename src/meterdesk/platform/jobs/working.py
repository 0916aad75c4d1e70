"""Working through the queue."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from asgiref.sync import sync_to_async
from django.db import connections
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.periodic import PeriodicRegistry

from meterdesk.platform.jobs.maintenance import HEARTBEAT_SECONDS, STALLED_AFTER_SECONDS

# Long enough to finish a mail or a batch; what is cut off is queued again.
_GRACE_SECONDS = 30.0


def work(*, concurrency: int) -> None:
    """Run jobs until SIGTERM or SIGINT; those that run then have half a minute to end."""
    _run(concurrency=concurrency, wait=True, install_signal_handlers=True)


def run_waiting() -> None:
    """Run the jobs that can start now, and return when none is left.

    What is due by the clock is queued by the workers that stay, never here: otherwise what this
    runs would depend on the minute.
    """
    # In a thread of its own, because the caller's may have an event loop already.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(_run_waiting).result()


def _run_waiting() -> None:
    _run(concurrency=1, wait=False, install_signal_handlers=False)
    # Jobs ran in a thread of their own, with a connection of its own.
    asyncio.run(sync_to_async(connections.close_all)())


def _run(*, concurrency: int, wait: bool, install_signal_handlers: bool) -> None:
    # Another app with the same jobs: fetching needs a connection of its own, while what a job
    # defers must go through Django's, in the job's transaction.
    worker = app.with_connector(DjangoConnector().get_worker_connector())
    if not wait:
        worker.periodic_registry = PeriodicRegistry()  # type: ignore[no-untyped-call]
    with worker.open():
        worker.run_worker(
            concurrency=concurrency,
            wait=wait,
            listen_notify=wait,
            install_signal_handlers=install_signal_handlers,
            update_heartbeat_interval=HEARTBEAT_SECONDS,
            stalled_worker_timeout=STALLED_AFTER_SECONDS,
            shutdown_graceful_timeout=_GRACE_SECONDS,
        )
