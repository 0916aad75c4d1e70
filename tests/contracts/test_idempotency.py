"""Idempotency-Key: done once, however often and however badly it is sent."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone

from meterdesk.identity.rules import JobTypeRole
from meterdesk.identity.tests.factories import actor_for, bearer, make_person, make_user_id
from meterdesk.platform import counters
from meterdesk.platform.idempotency import Idempotency, forget_old_keys
from meterdesk.platform.models import IdempotencyKey
from meterdesk.platform.references import next_reference

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]

TOKENS = "/api/v1/tokens"


@pytest.fixture
def person():
    return make_person("ann", [(make_user_id(), JobTypeRole.MI_USER)])


def send(client: Client, name: str, key: str, **headers: str) -> HttpResponse:
    ends = (timezone.now() + timedelta(hours=1)).replace(minute=0, second=0, microsecond=0)
    return client.post(
        TOKENS,
        {"name": name, "expires_at": ends.isoformat()},
        content_type="application/json",
        HTTP_IDEMPOTENCY_KEY=key,
        **headers,
    )


def names(client: Client, **headers: str) -> list[str]:
    return [one["name"] for one in client.get(TOKENS, **headers).json()["items"]]


def test_a_repeat_gets_the_first_answer(client: Client, person) -> None:
    mine = bearer(person)
    first = send(client, "nightly", "k-1", **mine)
    again = send(client, "nightly", "k-1", **mine)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert not first.has_header("Idempotency-Replayed")
    assert again["Idempotency-Replayed"] == "true"
    assert again["Content-Type"] == first["Content-Type"]
    assert names(client, **mine).count("nightly") == 1
    secret = first.json()["secret"].encode()
    assert secret not in bytes(IdempotencyKey.objects.get().body), "kept encrypted"


def test_the_same_key_with_something_else_is_refused(client: Client, person) -> None:
    mine = bearer(person)
    send(client, "nightly", "k-1", **mine)
    other = send(client, "weekly", "k-1", **mine)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    somebody = make_person("ben", [(make_user_id(), JobTypeRole.MI_USER)])
    theirs = send(client, "nightly", "k-1", **bearer(somebody))
    assert theirs.status_code == 201, "keys are one's own"
    assert not theirs.has_header("Idempotency-Replayed")


def test_refusals_of_the_request_are_kept(client: Client, person) -> None:
    mine = bearer(person)
    first = send(client, "x" * 81, "k-1", **mine)
    again = send(client, "x" * 81, "k-1", **mine)
    assert (first.status_code, again.status_code) == (422, 422)
    assert again["Idempotency-Replayed"] == "true"
    assert again["Content-Type"] == "application/problem+json"


@pytest.mark.django_db(transaction=False)
def test_lost_rights_are_not_answered_from_store(client: Client, person) -> None:
    mine = bearer(person)
    send(client, "nightly", "k-1", **mine)
    narrowed = send(client, "nightly", "k-1", **bearer(person, ["UC_Inventory"]))
    assert narrowed.status_code == 422
    assert "secret" not in narrowed.json()


@pytest.mark.parametrize("key", ["", "x" * 201, "a key", "é"])
def test_a_key_that_cannot_be_kept_is_refused(client: Client, person, key: str) -> None:
    answer = send(client, "nightly", key, **bearer(person))
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_idempotency_key")


def call(person, act: Callable[[HttpRequest], HttpResponse], key: str = "k-1") -> HttpResponse:
    """Run one request with a key through the middleware, with `act` as its endpoint."""
    request: Any = RequestFactory().post(
        "/api/v1/things", b"{}", "application/json", headers={"Idempotency-Key": key}
    )
    request.actor = actor_for(person)
    answer = Idempotency(lambda _: HttpResponse(status=500)).process_view(request, act, (), {})
    assert isinstance(answer, HttpResponse)
    return answer


def test_a_repeat_in_the_same_moment_waits_and_is_answered_alike(person) -> None:
    entered, go_on, second_sent = threading.Event(), threading.Event(), threading.Event()
    answers: list[HttpResponse] = []
    done: list[str] = []

    def act(_request: HttpRequest) -> HttpResponse:
        entered.set()
        assert go_on.wait(20)
        done.append(next_reference("REQ"))
        return HttpResponse(done[-1], status=201)

    def run(started: threading.Event) -> None:
        try:
            started.set()
            answers.append(call(person, act))
        finally:
            connections.close_all()

    first = threading.Thread(target=run, args=(threading.Event(),))
    first.start()
    assert entered.wait(20)
    second = threading.Thread(target=run, args=(second_sent,))
    second.start()
    assert second_sent.wait(20)
    wait_for_a_lock()
    assert answers == [], "the second one waits"
    go_on.set()
    first.join(20)
    second.join(20)
    assert len(done) == 1
    assert [answer.content.decode() for answer in answers] == done * 2


def wait_for_a_lock() -> None:
    """Return when some connection of this database waits for another's transaction."""
    with connection.cursor() as cursor:
        for _ in range(2000):
            cursor.execute(
                "select count(*), pg_sleep(0.01) from pg_stat_activity "
                "where datname = current_database() and wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0]:
                return
    raise AssertionError("nobody waits")


def test_a_wait_that_grows_too_long_is_refused(person) -> None:
    inside, finish = threading.Event(), threading.Event()

    def slow(_request: HttpRequest) -> HttpResponse:
        inside.set()
        assert finish.wait(20)
        return HttpResponse(status=201)

    def run() -> None:
        try:
            call(person, slow)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    assert inside.wait(20)
    with connection.cursor() as cursor:
        cursor.execute("set lock_timeout = '100ms'")
    try:
        answer = call(person, slow)
    finally:
        finish.set()
        thread.join(20)
        with connection.cursor() as cursor:
            cursor.execute("reset lock_timeout")
    assert answer.status_code == 409
    assert b"idempotency_key_in_use" in answer.content


def test_what_was_killed_half_way_leaves_nothing_and_can_be_sent_again(person) -> None:
    def killed(_request: HttpRequest) -> HttpResponse:
        make_user_id("90-B3-D5-1F-39-00-00-01")
        kill_own_connection()
        make_user_id("90-B3-D5-1F-39-00-00-02")
        return HttpResponse(status=201)

    def kill_own_connection() -> None:
        with connection.cursor() as cursor:
            cursor.execute("select pg_terminate_backend(pg_backend_pid())")

    with pytest.raises(Exception, match="terminat"):
        call(person, killed)
    connection.close()
    assert IdempotencyKey.objects.count() == 0

    def well(_request: HttpRequest) -> HttpResponse:
        return HttpResponse(make_user_id("90-B3-D5-1F-39-00-00-01"), status=201)

    assert call(person, well).status_code == 201, "the first attempt's row is not there"


@pytest.mark.parametrize("status", [500, 503])
def test_a_call_that_broke_is_not_kept_nor_anything_it_did(person, status: int) -> None:
    def failing(_request: HttpRequest) -> HttpResponse:
        make_user_id("90-B3-D5-1F-39-00-00-01")
        return HttpResponse(status=status)

    assert call(person, failing).status_code == status
    assert call(person, lambda _: HttpResponse(b"done", status=201)).content == b"done"
    assert make_user_id("90-B3-D5-1F-39-00-00-01"), "nothing of the failed call was kept"


@pytest.mark.parametrize("status", [401, 403, 412, 429])
def test_a_refusal_that_may_pass_is_not_kept_but_what_it_counted_is(person, status: int) -> None:
    def refusing(_request: HttpRequest) -> HttpResponse:
        counters.hit("failures", timedelta(minutes=1), at=timezone.now())
        return HttpResponse(status=status)

    assert call(person, refusing).status_code == status
    assert call(person, lambda _: HttpResponse(b"done", status=201)).content == b"done"
    assert counters.hit("failures", timedelta(minutes=1), at=timezone.now()).count == 2


def test_a_form_is_the_same_whatever_its_boundary(person) -> None:
    def upload(boundary: str, text: bytes) -> HttpResponse:
        body = (
            (
                f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n'
                "Content-Type: text/plain\r\n\r\n"
            ).encode()
            + text
            + f"\r\n--{boundary}--\r\n".encode()
        )
        request: Any = RequestFactory().generic(
            "POST",
            "/api/v1/things",
            body,
            f"multipart/form-data; boundary={boundary}",
            headers={"Idempotency-Key": "k-1"},
        )
        request.actor = actor_for(person)

        def read(inner: HttpRequest) -> HttpResponse:
            kept: Any = inner.FILES["file"]
            return HttpResponse(kept.read(), status=201)

        answer = Idempotency(lambda _: HttpResponse()).process_view(request, read, (), {})
        assert isinstance(answer, HttpResponse)
        return answer

    first, again = upload("aaaa", b"evidence"), upload("bbbb", b"evidence")
    assert first.content == again.content == b"evidence"
    assert again["Idempotency-Replayed"] == "true"
    assert upload("cccc", b"something else").status_code == 422


def test_keys_are_forgotten_after_a_day(client: Client, person) -> None:
    send(client, "nightly", "k-1", **bearer(person))
    now = timezone.now()
    assert forget_old_keys(now + timedelta(hours=23)) == 0
    assert forget_old_keys(now + timedelta(hours=25)) == 1
