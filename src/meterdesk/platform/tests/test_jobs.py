"""Jobs: queued with the transaction, tried again, and taken up when their worker dies."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.db import connection, connections, transaction
from procrastinate.exceptions import TaskNotFound

from meterdesk.platform import jobs
from meterdesk.platform.jobs.checks import check_jobs, names_deferred
from meterdesk.platform.jobs.maintenance import MOST_STARTS, requeue_stalled_jobs
from meterdesk.platform.jobs.status import failed_jobs, queue_status, run_again
from meterdesk.platform.jobs.working import run_waiting

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]

done: list[str] = []


@jobs.job("tests.note", retries=1)
def note(*, text: str, fails: int = 0) -> None:
    """Note the text, after as many failures as asked for."""
    done.append(text)
    if done.count(text) <= fails:
        raise RuntimeError("not this time")


@jobs.job("tests.defer_and_fail", retries=0)
def defer_and_fail() -> None:
    """Defer another job in a transaction that is rolled back."""
    with transaction.atomic():
        jobs.defer("tests.note", text="from a job")
        raise RuntimeError("rolled back")


@jobs.job("tests.slow")
def slow() -> None:
    """Here quick; slow in the worker that is killed."""
    done.append("slow")


@pytest.fixture(autouse=True)
def empty() -> Iterator[None]:
    """Begin without notes and without jobs."""
    done.clear()
    _execute("truncate procrastinate_jobs, procrastinate_workers cascade")
    yield
    _execute("truncate procrastinate_jobs, procrastinate_workers cascade")


def _execute(query: str, *params: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(query, params)


def _one(query: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()


def _requeue() -> None:
    """Requeue as a worker does: in a thread without an event loop, which Playwright's has."""

    def run() -> None:
        try:
            requeue_stalled_jobs()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(run).result()


def test_a_rolled_back_transaction_queues_nothing() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        jobs.defer("tests.note", text="never")
        raise RuntimeError
    assert queue_status().waiting == 0
    with transaction.atomic():
        jobs.defer("tests.note", text="once")
        assert done == []
    run_waiting()
    assert done == ["once"]


def test_what_a_job_defers_goes_with_the_jobs_own_transaction() -> None:
    jobs.defer("tests.defer_and_fail")
    run_waiting()
    assert done == []
    assert [job.name for job in failed_jobs()] == ["tests.defer_and_fail"]


def test_a_failed_job_is_tried_again_later_and_then_stands_as_failed() -> None:
    number = jobs.defer("tests.note", text="again", fails=2)
    run_waiting()
    status, wait = _one(
        "select status::text, scheduled_at - now() from procrastinate_jobs "
        "where task_name = 'tests.note'"
    )
    assert (status, 5 < wait.total_seconds() <= 10) == ("todo", True)
    _execute("update procrastinate_jobs set scheduled_at = now()")
    run_waiting()
    assert done == ["again", "again"]
    assert [job.id for job in failed_jobs()] == [number]
    assert queue_status().failed == 1
    run_again(number)
    run_waiting()
    assert failed_jobs() == []


def test_what_is_due_by_the_clock_is_left_to_the_workers_that_stay() -> None:
    jobs.defer("tests.note", text="once")
    run_waiting()
    # requeue_stalled_jobs is due every minute.
    assert _one("select array_agg(task_name::text) from procrastinate_jobs") == (["tests.note"],)


def test_the_same_key_waits_only_once() -> None:
    with transaction.atomic():
        first = jobs.defer_once("tests.note", "key", text="one")
        assert jobs.defer_once("tests.note", "key", text="one") is None
    assert first is not None
    run_waiting()
    assert done == ["one"]


def test_a_job_whose_worker_was_killed_is_run_by_another() -> None:
    jobs.defer("tests.slow")
    state = "select status::text from procrastinate_jobs where task_name = 'tests.slow'"
    worker = _start_slow_worker()
    while _one(state) != ("doing",):
        assert worker.poll() is None
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    _requeue()
    assert _one(state) == ("doing",), "its last sign of life is too recent"
    _execute("update procrastinate_workers set last_heartbeat = now() - interval '1 minute'")
    _requeue()
    assert _one(state) == ("todo",)
    run_waiting()
    assert done == ["slow"]


def test_a_job_that_keeps_losing_its_worker_is_given_up() -> None:
    jobs.defer("tests.slow")
    _execute("update procrastinate_jobs set status = 'doing', attempts = %s", MOST_STARTS)
    _requeue()
    assert [job.name for job in failed_jobs()] == ["tests.slow"]


def _start_slow_worker() -> "subprocess.Popen[bytes]":
    program = (
        "import django; django.setup()\n"
        "import argparse, time\n"
        "from meterdesk.platform import jobs\n"
        "jobs.job('tests.slow')(lambda: time.sleep(600))\n"
        "from meterdesk.cli.worker import run\n"
        "run(argparse.Namespace(concurrency=1, once=False, until_stdin_closes=True))\n"
    )
    given = connection.settings_dict
    query = urlencode({key: given[key.upper()] for key in ("host", "port") if given[key.upper()]})
    role = ":".join(quote(given[key], safe="") for key in ("USER", "PASSWORD") if given[key])
    url = f"postgresql://{role}@/{given['NAME']}?{query}"
    return subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        env={
            **os.environ,
            "DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "meterdesk.config.settings",
            "METERDESK_PROCESS": "worker",
        },
    )


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(TaskNotFound):
        jobs.defer("tests.no_such_job")


def test_every_job_deferred_in_the_source_exists() -> None:
    assert check_jobs() == []
    source = 'jobs.defer("a.b", x=1)\ndefer_once("c.d", "key")\njobs.defer(name)\nother.defer("e")'
    assert list(names_deferred(source)) == [(1, "a.b"), (2, "c.d"), (3, None)]
