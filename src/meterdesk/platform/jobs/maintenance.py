"""The queue's own periodic jobs: what a killed worker left behind, and what is long done."""

import logging

from asgiref.sync import async_to_sync
from procrastinate.contrib.django import app
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, Status
from procrastinate.utils import utcnow

from meterdesk.platform.activity.sealing import seal_activity
from meterdesk.platform.idempotency import forget_old_keys
from meterdesk.platform.jobs.registry import periodic

HEARTBEAT_SECONDS = 10.0
STALLED_AFTER_SECONDS = 30.0
"""A worker that gave no sign for this long is taken for dead."""
MOST_STARTS = 10
"""A job that was started so often without an end is taken to be what kills its worker."""
KEEP_FINISHED_HOURS = 14 * 24

_log = logging.getLogger(__name__)


@periodic("platform.requeue_stalled_jobs", cron="* * * * *")
def requeue_stalled_jobs() -> None:
    """Queue again the jobs whose worker died while it ran them."""
    find = async_to_sync(app.job_manager.get_stalled_jobs)
    for stalled in find(seconds_since_heartbeat=STALLED_AFTER_SECONDS):
        try:
            _requeue(stalled)
        except ConnectorException:
            _log.info("Job %s ended while it was being looked at.", stalled.id)


@periodic("platform.delete_finished_jobs", cron="17 3 * * *")
def delete_finished_jobs() -> None:
    """Delete the jobs that succeeded more than two weeks ago; failed ones stay to be looked at."""
    async_to_sync(app.job_manager.delete_old_jobs)(nb_hours=KEEP_FINISHED_HOURS)


@periodic("platform.forget_idempotency_keys", cron="41 * * * *")
def forget_idempotency_keys() -> None:
    """Forget the answers to requests with an Idempotency-Key that are more than a day old."""
    forget_old_keys(utcnow())


def _requeue(stalled: Job) -> None:
    if stalled.id is None:
        return
    if stalled.attempts < MOST_STARTS:
        app.job_manager.retry_job_by_id(stalled.id, retry_at=utcnow())
        _log.warning("Job %s (%s) lost its worker: queued again.", stalled.id, stalled.task_name)
        return
    finish = async_to_sync(app.job_manager.finish_job_by_id_async)
    finish(job_id=stalled.id, status=Status.FAILED, delete_job=False)
    _log.error("Job %s (%s) keeps losing its worker: given up.", stalled.id, stalled.task_name)


@periodic("platform.seal_activity", cron="*/5 * * * *")
def seal() -> None:
    """Seal the activity written since the last seal."""
    seal_activity(utcnow())
