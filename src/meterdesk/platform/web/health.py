"""Whether this process may be sent work, and what it has counted."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from django_prometheus.exports import ExportToDjangoView

OLDEST_JOB: Final = timedelta(minutes=15)

_OLDEST_WAITING_JOB = """
    select extract(epoch from now() - min(coalesce(job.scheduled_at, event.at)))
    from procrastinate_jobs job
    join procrastinate_events event on event.job_id = job.id and event.type = 'deferred'
    where job.status = 'todo' and (job.scheduled_at is null or job.scheduled_at <= now())
"""


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """The process answers; asks nothing of anything else."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Database, migrations and age of the oldest waiting job; 503 with reasons if one is amiss."""
    checks = readiness()
    ready = all(reason == "ok" for reason in checks.values())
    return JsonResponse(
        {"status": "ready" if ready else "not ready", "checks": checks},
        status=200 if ready else 503,
    )


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus text for holders of METERDESK_METRICS_TOKEN; to others there is no such page."""
    token = getattr(settings, "METERDESK_METRICS_TOKEN", "")
    scheme, _, offered = request.headers.get("Authorization", "").partition(" ")
    known = token and scheme.lower() == "bearer"
    if not known or not secrets.compare_digest(offered.strip().encode(), token.encode()):
        raise Http404
    answer: HttpResponse = ExportToDjangoView(request)
    return answer


def readiness() -> dict[str, str]:
    """Return each check with "ok" or the reason why not."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("select to_regclass('procrastinate_jobs') is not null")
            has_jobs = cursor.fetchone()[0]
            oldest = None
            if has_jobs:
                cursor.execute(_OLDEST_WAITING_JOB)
                oldest = cursor.fetchone()[0]
    except DatabaseError:
        return {"database": "The database does not answer."}
    return {"database": "ok", "migrations": _migrations(), "jobs": _jobs(oldest)}


_migrated = False


def _migrations() -> str:
    """Compare files with the database; once complete it stays so for this process's code."""
    global _migrated  # noqa: PLW0603
    if not _migrated:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if plan:
            return f"{len(plan)} migrations are not applied. Run: meterdesk migrate"
        _migrated = True
    return "ok"


def _jobs(oldest_seconds: float | None) -> str:
    if oldest_seconds is None or oldest_seconds <= OLDEST_JOB.total_seconds():
        return "ok"
    minutes = int(oldest_seconds) // 60
    return f"The oldest job has waited {minutes} minutes. Is a worker running? meterdesk worker"
