"""Sessions end 8.5 hours after log-in and 15 minutes after the last activity."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from meterdesk.identity.jobs import forget_ended_sessions
from meterdesk.identity.models import Person
from meterdesk.identity.rules import JobTypeRole
from meterdesk.identity.tests.factories import log_in, make_person, make_user_id
from meterdesk.platform import counters
from meterdesk.platform.models import Counter

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann() -> Person:
    return make_person("ann", [(make_user_id(), JobTypeRole.CALL_CENTRE_USER)])


def open_since(client: Client, person: Person, started: timedelta, active: timedelta) -> None:
    log_in(client, person)
    session = client.session
    session["started_at"] = (timezone.now() - started).timestamp()
    session["active_at"] = (timezone.now() - active).timestamp()
    session.save()


@pytest.mark.req("SSI-NFR-6", "SSI-NFR-20")
@pytest.mark.parametrize(
    ("started", "active", "is_open"),
    [
        (timedelta(hours=8, minutes=29), timedelta(minutes=1), True),
        (timedelta(hours=8, minutes=30), timedelta(minutes=1), False),
        (timedelta(hours=1), timedelta(minutes=14, seconds=50), True),
        (timedelta(hours=1), timedelta(minutes=15), False),
    ],
)
def test_where_a_session_ends(client, ann, started, active, is_open) -> None:
    open_since(client, ann, started, active)
    answer = client.get("/profile/?tab=1")
    if is_open:
        assert answer.status_code == 200
    else:
        assert answer["Location"] == "/login/?next=/profile/%3Ftab%3D1"
        assert client.get("/profile/").status_code == 302


@pytest.mark.req("SSI-NFR-20")
def test_activity_keeps_a_session_open_and_a_poll_does_not(client, ann) -> None:
    hour = timedelta(hours=1)
    open_since(client, ann, hour, timedelta(minutes=14))
    client.post("/session")
    assert timezone.now().timestamp() - client.session["active_at"] < 60

    open_since(client, ann, hour, timedelta(minutes=14))
    client.get("/profile/", headers={"X-Poll": "1"})
    assert timezone.now().timestamp() - client.session["active_at"] > 800


@pytest.mark.req("SSI-NFR-20")
def test_a_form_or_a_part_of_a_page_returns_to_its_page(client, ann) -> None:
    posted = client.post("/profile/tokens/", headers={"Referer": "http://testserver/profile/"})
    assert posted["Location"] == "/login/?next=/profile/"
    foreign = client.post("/profile/tokens/", headers={"Referer": "https://evil.example/x"})
    assert foreign["Location"] == "/login/"
    part = client.get(
        "/people/",
        headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/people/?text=a"},
    )
    assert part.status_code == 204
    assert part["HX-Redirect"] == "/login/?next=/people/%3Ftext%3Da"


def test_the_page_carries_what_the_warning_needs(client, ann) -> None:
    log_in(client, ann)
    page = client.get("/profile/").content.decode()
    assert "data-idle-seconds=" in page
    assert 'data-keep-alive="/session"' in page
    assert "data-session-ends=" in page


def test_a_session_without_its_times_is_nobodys(client, ann) -> None:
    log_in(client, ann)
    session = client.session
    del session["started_at"]
    session.save()
    assert client.get("/profile/").status_code == 302


def test_ended_sessions_and_counters_are_forgotten_at_night(client, ann) -> None:
    log_in(client, ann)
    kept = client.session.session_key
    log_in(Client(), ann)
    Session.objects.exclude(pk=kept).update(expire_date=timezone.now() - timedelta(hours=1))
    counters.hit("ended", timedelta(0), at=timezone.now() - timedelta(days=1))
    counters.hit("open", timedelta(days=1), at=timezone.now())

    forget_ended_sessions()

    assert list(Session.objects.values_list("pk", flat=True)) == [kept]
    assert list(Counter.objects.values_list("key", flat=True)) == ["open"]
