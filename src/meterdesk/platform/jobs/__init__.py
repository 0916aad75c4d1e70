"""Background work: jobs in the same database, deferred inside the caller's transaction.

An app's jobs.py registers its jobs by name; an action below or beside it defers by that name, so
that imports keep going down. What is deferred in a transaction that rolls back never runs.

    @jobs.job("incidents.send_mail", retries=8)
    def send_mail(*, incident_id: int) -> None: ...

    jobs.defer("incidents.send_mail", incident_id=7)

A job may run more than once (its worker was killed after the work, before the note of it): write
jobs so that a second run does no harm. Arguments are JSON: numbers, texts, lists, dicts.
"""

from meterdesk.platform.jobs import checks, maintenance
from meterdesk.platform.jobs.deferring import defer, defer_at, defer_once
from meterdesk.platform.jobs.registry import job, periodic

__all__ = ["checks", "defer", "defer_at", "defer_once", "job", "maintenance", "periodic"]
