"""Deferring jobs by name, in the transaction that is open."""

from datetime import datetime
from typing import Any

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued


def defer(name: str, /, **arguments: Any) -> int:
    """Queue a job; it can start once the open transaction has been committed.

    Returns the job's number. Raises procrastinate.exceptions.TaskNotFound for an unknown name.
    """
    return app.configure_task(name, allow_unknown=False).defer(**arguments)


def defer_at(name: str, at: datetime, /, **arguments: Any) -> int:
    """Queue a job that starts no earlier than `at`, an aware instant."""
    return app.configure_task(name, allow_unknown=False, schedule_at=at).defer(**arguments)


def defer_once(name: str, key: str, /, **arguments: Any) -> int | None:
    """Queue a job unless one of the same name and key waits already; then returns None."""
    try:
        with transaction.atomic():
            task = app.configure_task(name, allow_unknown=False, queueing_lock=f"{name}:{key}")
            return task.defer(**arguments)
    except AlreadyEnqueued:
        return None
