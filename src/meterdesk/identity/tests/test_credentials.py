"""First and next passwords: for one use, for a time, by a link that only its reader can use."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from meterdesk.identity.actions import AccountDetails, create_account, reset_account
from meterdesk.identity.models import AccountLink, LogInDay, Person
from meterdesk.identity.rules import JobTypeRole
from meterdesk.identity.rules.accounts import Credential
from meterdesk.identity.tests.factories import (
    PASSWORD,
    actor_for,
    log_in,
    make_person,
    make_user_id,
)
from meterdesk.kernel.errors import NotAllowed, Refused
from meterdesk.notifications.actions import deliver
from meterdesk.notifications.models import OutgoingMessage

pytestmark = pytest.mark.django_db
NEW_PASSWORD = "four slow green kettles"


@pytest.fixture(autouse=True)
def quick_passwords(settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture
def admin() -> Person:
    return make_person("petra", [(make_user_id(), JobTypeRole.ORGANISATIONAL_ADMINISTRATOR)])


def create(admin: Person, credential: Credential, at=None):
    details = AccountDetails("Nia", "Howell", "nia@alder.example")
    at = at or timezone.now()
    return create_account(actor_for(admin), "nia", details, credential, at=at)


def enter(password: str, username: str = "nia"):
    return Client().post("/login/", {"username": username, "password": password})


def link_sent() -> str:
    message = OutgoingMessage.objects.filter(subject="Set your Meterdesk password").latest("pk")
    deliver(message.pk)
    return re.search(r"(/links/[\w-]+/)", mail.outbox[-1].body)[1]


@pytest.mark.req("SSI-FR-60", "SSI-NFR-11")
def test_a_first_password_works_once(admin) -> None:
    password = create(admin, Credential.PASSWORD).password
    assert enter(password)["Location"] == "/welcome/"
    assert enter(password).status_code == 422
    assert LogInDay.objects.get(person__username="nia").count == 1


@pytest.mark.req("SSI-FR-60", "SSI-NFR-11")
def test_a_first_password_runs_out(admin, settings) -> None:
    settings.METERDESK_FIRST_PASSWORD_HOURS = 72
    at = timezone.now() - timedelta(hours=72)
    password = create(admin, Credential.PASSWORD, at).password
    assert enter(password).status_code == 422
    Person.objects.filter(username="nia").update(
        password_expires_at=timezone.now() + timedelta(minutes=1)
    )
    assert enter(password).status_code == 302


@pytest.mark.req("SSI-FR-60")
@pytest.mark.parametrize("credential", Credential)
def test_a_reset_ends_sessions_and_the_old_password_and_lifts_the_lock(admin, credential) -> None:
    ann = make_person("ann", organisation=admin.organisation, password=PASSWORD)
    client = Client()
    log_in(client, ann)
    assert client.get("/profile/").status_code == 200
    Person.objects.filter(pk=ann.pk).update(status=Person.Status.LOCKED)

    done = reset_account(actor_for(admin), ann.pk, credential, ann.version, at=timezone.now())

    assert client.get("/profile/").status_code == 302
    ann.refresh_from_db()
    assert ann.status == "ACTIVE"
    assert enter(PASSWORD, "ann").status_code == 422
    assert (done.password is None) == (credential is Credential.LINK)
    if done.password:
        assert enter(done.password, "ann")["Location"] == "/login/code/"


@pytest.mark.req("SSI-FR-60")
def test_nobody_resets_their_own_password_past_the_old_one(admin) -> None:
    with pytest.raises(NotAllowed):
        reset_account(actor_for(admin), admin.pk, Credential.PASSWORD, None, at=timezone.now())
    ann = make_person("ann", organisation=admin.organisation, email="")
    with pytest.raises(Refused) as refused:
        reset_account(actor_for(admin), ann.pk, Credential.LINK, None, at=timezone.now())
    assert "credential" in refused.value.fields


@pytest.mark.req("SSI-FR-60", "SSI-NFR-11")
def test_a_link_sets_a_password_once_and_only_when_it_is_posted(admin, client) -> None:
    create(admin, Credential.LINK)
    link = link_sent()
    for _ in range(3):
        page = client.get(link)
        assert page.status_code == 200
        assert "nia" in page.content.decode()
    weak = client.post(link, {"password": "short", "again": "short"})
    assert weak.status_code == 422
    given = {"password": NEW_PASSWORD, "again": NEW_PASSWORD}
    assert client.post(link, given)["Location"] == "/login/"
    assert enter(NEW_PASSWORD)["Location"] == "/welcome/"

    answers = [client.get(link), client.post(link, given), client.get("/links/unknown/")]
    answers.append(client.post("/links/unknown/", given))
    AccountLink.objects.update(ended_at=None, expires_at=timezone.now())
    answers += [client.get(link), client.post(link, given)]
    assert {answer.status_code for answer in answers} == {404}
    assert len({seen(answer) for answer in answers}) == 2, "one of GET, one of POST"


def seen(answer) -> str:
    """What a person sees, but for the number of the request."""
    main = re.search(r"<main.*</main>", answer.content.decode(), re.S)[0]
    return re.sub(r"[0-9a-f]{32}", "", main)


@pytest.mark.req("SSI-FR-60")
def test_guessing_links_is_slowed_down_by_address(admin, client) -> None:
    create(admin, Credential.LINK)
    link = link_sent()
    for number in range(30):
        assert client.get(f"/links/{number:043}/").status_code == 404
    assert client.get(link).status_code == 429
    assert client.post(link, {"password": NEW_PASSWORD}).status_code == 429


@pytest.mark.req("SSI-FR-60", "SSI-NFR-11")
def test_a_newer_link_replaces_the_older_and_neither_stands_in_the_database(admin, client) -> None:
    created = create(admin, Credential.LINK)
    first = link_sent()
    reset_account(actor_for(admin), created.person_id, Credential.LINK, None, at=timezone.now())
    message = OutgoingMessage.objects.latest("pk")
    assert message.sealed
    second = link_sent()
    assert client.get(first).status_code == 404
    assert client.get(second).status_code == 200
    message.refresh_from_db()
    secret = second.split("/")[2]
    assert message.sealed == ""
    assert secret not in message.body
    assert not AccountLink.objects.filter(digest=secret).exists()
