"""Measures a log-in with both factors, the password's hash counted apart."""

import time
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.scale.figures import Spread

from meterdesk.demo.accounts import PASSWORD
from meterdesk.identity.models import LogInSession, Person, SecondFactor
from meterdesk.identity.queries import current_code, open_session
from meterdesk.platform import counters


def log_ins(person: Person, number: int) -> tuple[Spread, Spread]:
    """Server time of whole log-ins, both requests together: without the hash, and of the hash."""
    hashing: list[float] = []
    real = Person.check_password

    def timed_check(self: Person, password: str) -> bool:
        started = time.perf_counter()
        try:
            return real(self, password)
        finally:
            hashing.append((time.perf_counter() - started) * 1000)

    Person.check_password = timed_check  # type: ignore[method-assign]
    try:
        whole = [_one(person) for _ in range(number)]
    finally:
        Person.check_password = real  # type: ignore[method-assign]
    rest = [both - hashed for both, hashed in zip(whole, hashing, strict=True)]
    return Spread(rest), Spread(hashing)


def _one(person: Person) -> float:
    counters.forget("log-in-address:127.0.0.1")
    SecondFactor.objects.filter(person=person).update(counter=0)
    client, given = (
        Client(SERVER_NAME="localhost"),
        {"username": person.username, "password": PASSWORD},
    )
    code = current_code(person.pk, timezone.now())
    started = time.perf_counter()
    client.post("/login/", given)
    answer: Any = client.post("/login/code/", {"code": code})
    seconds = time.perf_counter() - started
    if answer.headers.get("Location") != "/welcome/":
        raise SystemExit(f"The log-in failed with {answer.status_code}.")
    return seconds * 1000


def session_queries(client: Client) -> str:
    """How many queries find out whose a session is, and whether it is good."""
    session = dict(client.session.items())
    with CaptureQueriesContext(connection) as captured:
        found = open_session(session, at=timezone.now())
    if found is None or not LogInSession.objects.filter(pk=found.id).exists():
        raise SystemExit("The session is not open.")
    return f"{len(captured)}"
