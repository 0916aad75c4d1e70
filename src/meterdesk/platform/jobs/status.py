"""How the queue is doing: for doctor, for /readyz, and for whoever looks after failed jobs."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.utils import utcnow

from meterdesk.platform.jobs.maintenance import STALLED_AFTER_SECONDS


@dataclass(frozen=True)
class QueueStatus:
    """The queue at one instant, by the database's clock."""

    waiting: int
    """Jobs that could start now."""
    oldest_waiting: timedelta | None
    """How long the first of them has been able to start; None when none waits."""
    failed: int
    workers: int
    """Workers that gave a sign within the last 30 seconds."""


@dataclass(frozen=True)
class FailedJob:
    """A job that has been tried as often as it may be."""

    id: int
    name: str
    arguments: dict[str, Any]
    attempts: int
    failed_at: datetime


def queue_status() -> QueueStatus:
    """Count what waits, what failed and who works."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            with due as (
                select coalesce(job.scheduled_at, (
                    select max(at) from procrastinate_events event where event.job_id = job.id
                )) as since
                from procrastinate_jobs job
                where job.status = 'todo' and coalesce(job.scheduled_at, now()) <= now()
            )
            select (select count(*) from due),
                   (select now() - min(since) from due),
                   (select count(*) from procrastinate_jobs where status = 'failed'),
                   (select count(*) from procrastinate_workers
                     where last_heartbeat > now() - make_interval(secs => %s))
            """,
            [STALLED_AFTER_SECONDS],
        )
        waiting, oldest, failed, workers = cursor.fetchone()
    return QueueStatus(waiting=waiting, oldest_waiting=oldest, failed=failed, workers=workers)


def failed_jobs(limit: int = 100) -> list[FailedJob]:
    """The latest jobs that failed for good, newest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select job.id, job.task_name, job.args, job.attempts, max(event.at)
              from procrastinate_jobs job
              join procrastinate_events event on event.job_id = job.id
             where job.status = 'failed'
             group by job.id order by max(event.at) desc limit %s
            """,
            [limit],
        )
        return [FailedJob(*row) for row in cursor.fetchall()]


def run_again(job_id: int) -> None:
    """Queue a failed job again, at once. Raises ConnectorException when it has not failed."""
    app.job_manager.retry_job_by_id(job_id, retry_at=utcnow())
