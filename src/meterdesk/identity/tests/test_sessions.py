"""Sessions end 8.5 hours after log-in and 15 minutes after the last activity."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client, RequestFactory
from django.utils import timezone

from meterdesk.identity.actions import begin_session, end_sessions_of
from meterdesk.identity.jobs import forget_ended_sessions
from meterdesk.identity.models import LogInSession, Person
from meterdesk.identity.queries.sessions import REGISTER
from meterdesk.identity.rules import SESSION_LENGTH, JobTypeRole, Proof
from meterdesk.identity.tests.factories import log_in, make_person, make_user_id
from meterdesk.kernel.errors import NotAllowed
from meterdesk.platform import counters
from meterdesk.platform.models import Counter

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def ann() -> Person:
    return make_person("ann", [(make_user_id(), JobTypeRole.CALL_CENTRE_USER)])


def open_since(client: Client, person: Person, started: timedelta, active: timedelta) -> None:
    log_in(client, person)
    now = timezone.now()
    LogInSession.objects.filter(pk=client.session[REGISTER]).update(
        begun_at=now - started, ends_at=now - started + SESSION_LENGTH, active_at=now - active
    )


def active_at(client: Client) -> datetime:
    return LogInSession.objects.get(pk=client.session[REGISTER]).active_at


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
    assert timezone.now() - active_at(client) < timedelta(minutes=1)

    open_since(client, ann, hour, timedelta(minutes=14))
    client.get("/profile/", headers={"X-Poll": "1"})
    assert timezone.now() - active_at(client) > timedelta(minutes=13)


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


@pytest.mark.parametrize("register", [None, "1", 999_999_999])
def test_a_session_that_is_not_in_the_register_is_nobodys(client, ann, register) -> None:
    log_in(client, ann)
    session = client.session
    session[REGISTER] = register
    session.save()
    assert client.get("/profile/").status_code == 302


def begin(person: Person, **how: Any) -> Client:
    client = Client()
    request = RequestFactory().get("/", headers={"User-Agent": FIREFOX})
    request.session = client.session
    begin_session(request, person.pk, at=timezone.now(), **how)
    request.session.save()
    client.cookies["meterdesk_session"] = request.session.session_key
    return client


@pytest.mark.req("SSI-NFR-7", "SSI-NFR-19")
def test_whom_a_provider_vouches_for_needs_no_password_here_and_may_end_earlier() -> None:
    ann = make_person("ann", must_set_password=True)
    ends_at = timezone.now() + timedelta(hours=1)
    asserted = {"provider_id": 7, "roles": ["MI User"], "user_ids": [], "name_id": "x"}
    client = begin(
        ann,
        proofs=[Proof.PROVIDER],
        provider="Alder directory",
        assertion=asserted,
        ends_at=ends_at,
    )

    assert client.get("/profile/").status_code == 200
    assert client.session["assertion"] == asserted
    row = LogInSession.objects.get()
    assert (row.ends_at, row.device, row.proofs) == (ends_at, "Firefox on Windows", ["provider"])
    LogInSession.objects.update(ends_at=timezone.now())
    assert client.get("/profile/").status_code == 302


@pytest.mark.req("SSI-NFR-6")
def test_no_session_lasts_longer_than_eight_and_a_half_hours(ann) -> None:
    begin(ann, proofs=[Proof.PROVIDER], ends_at=timezone.now() + timedelta(days=3))
    row = LogInSession.objects.get()
    assert row.ends_at - row.begun_at == timedelta(hours=8, minutes=30)


@pytest.mark.req("SSI-NFR-7")
def test_sessions_ended_from_elsewhere_open_nothing_from_the_next_request_on(ann) -> None:
    clients = [begin(ann, proofs=[Proof.PASSWORD, Proof.APP]) for _ in range(3)]
    kept = clients[1].session[REGISTER]

    assert end_sessions_of(ann.pk, at=timezone.now(), but=kept) == 2

    assert [one.get("/profile/").status_code for one in clients] == [302, 200, 302]
    assert end_sessions_of(ann.pk, at=timezone.now(), but=kept) == 0


def test_a_locked_account_begins_no_session(ann) -> None:
    Person.objects.update(status=Person.Status.LOCKED)
    with pytest.raises(NotAllowed):
        begin(ann, proofs=[Proof.PROVIDER])
    assert not LogInSession.objects.exists()


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
