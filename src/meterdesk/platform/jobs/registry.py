"""Registering jobs, and how they are tried again."""

import functools
from collections.abc import Callable
from datetime import timedelta
from typing import Any, ParamSpec, TypeVar

import attr
from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.contrib.django import app
from procrastinate.jobs import Job

P = ParamSpec("P")
R = TypeVar("R")

FIRST_WAIT = timedelta(seconds=10)
LONGEST_WAIT = timedelta(hours=1)


@attr.frozen
class BackOff(BaseRetryStrategy):
    """Try again after 10 seconds, then 20, 40 and so on up to an hour, `retries` times."""

    retries: int

    def get_retry_decision(
        self,
        *,
        exception: BaseException,  # noqa: ARG002  any error is worth another try
        job: Job,
    ) -> RetryDecision | None:
        """When to try again, or None when it has been tried often enough."""
        if job.attempts >= self.retries:
            return None
        wait = min(FIRST_WAIT * 2 ** min(job.attempts, 20), LONGEST_WAIT)
        return RetryDecision(retry_in={"seconds": int(wait.total_seconds())})


def job(name: str, *, retries: int = 8) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Register a function as the job of this name, `app.verb`.

    It is called with the keyword arguments it was deferred with, outside any transaction. When it
    raises, it is tried again `retries` times with growing waits (8 times: within 45 minutes), and
    then stands as failed until somebody runs it again. The function itself stays callable.
    """

    def register(function: Callable[P, R]) -> Callable[P, R]:
        app.task(name=name, retry=BackOff(retries))(function)
        return function

    return register


def periodic(
    name: str, *, cron: str, retries: int = 0
) -> Callable[[Callable[[], R]], Callable[[], R]]:
    """Register a function without arguments to run by the clock.

    cron has five fields, in UTC. Of several workers one defers it for each due time; it is not
    queued again while one still waits.
    """

    def register(function: Callable[[], R]) -> Callable[[], R]:
        @functools.wraps(function)
        def run(timestamp: int) -> Any:  # noqa: ARG001  procrastinate passes the due time
            return function()

        task = app.task(name=name, retry=BackOff(retries), queueing_lock=name)(run)
        app.periodic(cron=cron)(task)
        return function

    return register
