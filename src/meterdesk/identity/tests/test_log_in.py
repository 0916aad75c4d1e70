"""Log-in: password, then code; one answer for every failure; lock-out; where it leads."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from meterdesk.identity.models import Person
from meterdesk.identity.rules import FAILURES_BEFORE_LOCK, JobTypeRole, Totp
from meterdesk.identity.tests.factories import (
    PASSWORD,
    TOTP_SECRET,
    make_person,
    make_user_id,
)
from meterdesk.platform.models import ActivityEntry

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick_passwords(settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def ann() -> Person:
    return make_person("ann", [(make_user_id(), JobTypeRole.CALL_CENTRE_USER)], password=PASSWORD)


def code(step: int = 0) -> str:
    return Totp(TOTP_SECRET).code(int(timezone.now().timestamp()) // 30 + step)


def wrong_code() -> str:
    right = {code(step) for step in (-2, -1, 0, 1, 2)}
    return next(text for text in ("000000", "111111", "222222") if text not in right)


def enter_password(client: Client, username="ann", password=PASSWORD, **more):
    return client.post("/login/", {"username": username, "password": password, **more})


@pytest.mark.req("SSI-NFR-10", "SSI-FR-1a", "SSI-NFR-6")
def test_password_and_code_open_a_session_that_ends_after_eight_and_a_half_hours(
    client, ann
) -> None:
    asked = enter_password(client, username="ANN ")
    assert asked["Location"] == "/login/code/"
    assert client.get("/profile/").status_code == 302

    answer = client.post("/login/code/", {"code": code()})

    assert answer["Location"] == "/welcome/"
    cookie = answer.cookies["meterdesk_session"]
    assert abs(int(cookie["max-age"]) - 30600) <= 5
    assert cookie["httponly"]
    page = client.get("/welcome/").content.decode()
    assert "Ann Tester" in page
    assert ann.organisation.name in page
    assert "This is your first" in page


@pytest.mark.req("SSI-FR-1a")
def test_the_log_in_before_is_shown(client, ann) -> None:
    Person.objects.filter(pk=ann.pk).update(last_login="2026-05-04T08:15:00Z")
    enter_password(client)
    client.post("/login/code/", {"code": code()})
    assert "4 May 2026 09:15 BST" in client.get("/welcome/").content.decode()


@pytest.mark.req("SSI-NFR-5")
def test_a_code_works_once_in_whichever_session(client, ann) -> None:
    used = code()
    enter_password(client)
    client.post("/login/code/", {"code": used})

    other = Client()
    enter_password(other)
    again = other.post("/login/code/", {"code": used})

    assert again.status_code == 422
    assert other.get("/profile/").status_code == 302


@pytest.mark.req("SSI-NFR-10")
def test_unknown_wrong_and_locked_get_the_same_answer(client, ann) -> None:
    make_person("bob", password=PASSWORD)
    Person.objects.filter(username="bob").update(status=Person.Status.LOCKED)
    bodies = []
    for username, password in (("nobody", PASSWORD), ("ann", "wrong"), ("bob", PASSWORD)):
        answer = enter_password(Client(), username, password)
        assert answer.status_code == 422
        text = answer.content.decode().split("</head>")[1]
        token = text.split('csrfmiddlewaretoken" value="')[1].split('"')[0]
        request_id = answer["X-Request-ID"]
        bodies.append(
            text.replace(f'value="{username}"', "NAME")
            .replace(token, "TOKEN")
            .replace(request_id, "ID")
        )
    assert bodies[0] == bodies[1] == bodies[2]


@pytest.mark.req("SSI-NFR-10")
def test_failures_of_either_kind_lock_the_account_until_it_is_unlocked(client, ann) -> None:
    for _ in range(2):
        enter_password(client, password="wrong")
    enter_password(client)
    for _ in range(FAILURES_BEFORE_LOCK - 2):
        answer = client.post("/login/code/", {"code": wrong_code()})
        assert answer.status_code == 422

    ann.refresh_from_db()
    assert ann.status == Person.Status.LOCKED
    assert client.post("/login/code/", {"code": code()})["Location"] == "/login/"
    assert enter_password(client).status_code == 422
    assert ActivityEntry.objects.filter(verb="identity.lock", subject="ann").count() == 1


@pytest.mark.req("SSI-NFR-10")
def test_another_spelling_of_the_name_gains_no_further_tries(client) -> None:
    iris = make_person("iris", password=PASSWORD)
    spellings = ("iris", "IRIS", " Iris", "\u0131ris", "iri\u017f")
    for username in spellings[:FAILURES_BEFORE_LOCK]:
        enter_password(client, username, "wrong")

    iris.refresh_from_db()
    assert iris.status == Person.Status.LOCKED


def test_a_finished_log_in_begins_the_count_afresh(client, ann) -> None:
    for _ in range(FAILURES_BEFORE_LOCK - 1):
        enter_password(client, password="wrong")
    enter_password(client)
    client.post("/login/code/", {"code": code()})
    other = Client()
    enter_password(other, password="wrong")
    assert enter_password(other)["Location"] == "/login/code/"


def test_an_address_with_too_many_failures_is_slowed_down(client) -> None:
    for number in range(30):
        enter_password(client, f"nobody.{number}")
    answer = enter_password(client, "nobody.else")
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) <= 600


def test_logging_in_changes_the_session_key_and_the_half_way_one_is_of_no_use(client, ann) -> None:
    client.get("/login/")
    client.cookies["meterdesk_session"] = "a" * 32
    enter_password(client)
    half_way = client.cookies["meterdesk_session"].value
    assert half_way != "a" * 32
    client.post("/login/code/", {"code": code()})
    assert client.cookies["meterdesk_session"].value != half_way
    thief = Client()
    thief.cookies["meterdesk_session"] = half_way
    assert thief.get("/profile/").status_code == 302


def test_a_changed_password_ends_a_log_in_that_is_half_way(client, ann) -> None:
    enter_password(client)
    ann.set_password("another calm password")
    ann.save()
    client.post("/login/code/", {"code": code()})
    assert client.get("/profile/").status_code == 302


@pytest.mark.parametrize(
    ("target", "lands"),
    [
        ("/profile/?tab=1", "/profile/?tab=1"),
        ("https://evil.example/", "/welcome/"),
        ("//evil.example/", "/welcome/"),
        ("/\\evil.example", "/welcome/"),
        ("javascript:alert(1)", "/welcome/"),
        ("/logout/", "/welcome/"),
    ],
)
def test_logging_in_returns_to_pages_of_this_site_only(client, ann, target, lands) -> None:
    Person.objects.filter(pk=ann.pk).update(last_login=timezone.now() - timedelta(days=1))
    enter_password(client, next=target)
    assert client.post("/login/code/", {"code": code()})["Location"] == lands


def test_forms_without_a_token_are_refused(ann) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert enter_password(strict).status_code == 403


def test_the_code_is_shown_in_the_demonstration_and_nowhere_else(client, ann, settings) -> None:
    enter_password(client)
    assert "data-current-code" not in client.get("/login/code/").content.decode()
    settings.METERDESK_ENV = "demo"
    page = client.get("/login/code/").content.decode()
    shown = page.split("data-current-code>")[1][:6]
    assert client.post("/login/code/", {"code": shown}).status_code == 302


def test_logging_out_ends_the_session(client, ann) -> None:
    enter_password(client)
    client.post("/login/code/", {"code": code()})
    kept = client.cookies["meterdesk_session"].value
    assert client.get("/logout/").status_code == 405
    client.post("/logout/")
    client.cookies["meterdesk_session"] = kept
    assert client.get("/profile/").status_code == 302


@pytest.mark.req("SSI-FR-1a")
def test_coming_back_to_a_page_is_confirmed_there(client, ann) -> None:
    Person.objects.filter(pk=ann.pk).update(last_login="2026-05-04T08:15:00Z")
    enter_password(client, next="/profile/")
    page = client.post("/login/code/", {"code": code()}, follow=True).content.decode()
    assert "You are logged in as Ann Tester" in page
    assert "last log-in was on 4 May 2026 09:15 BST" in page
