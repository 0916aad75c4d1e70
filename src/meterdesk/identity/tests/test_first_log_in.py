"""The first log-in: password, details, authenticator, recovery codes, and nothing before them."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from meterdesk.identity import queries
from meterdesk.identity.models import Person
from meterdesk.identity.rules import JobTypeRole, Totp
from meterdesk.identity.tests.factories import PASSWORD, actor_for, make_person, make_user_id

pytestmark = pytest.mark.django_db
NEW_PASSWORD = "four slow green kettles"
DETAILS = {
    "first_name": "Nia",
    "last_name": "Howell",
    "email": "nia@alder.example",
    "telephone": "020 7946 0123",
}


@pytest.fixture(autouse=True)
def quick_passwords(settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def newcomer() -> Person:
    return make_person(
        "newcomer",
        [(make_user_id(), JobTypeRole.CALL_CENTRE_USER)],
        password=PASSWORD,
        must_set_password=True,
        details_confirmed=False,
        first_name="",
        last_name="",
        telephone="",
        email="",
    )


def begin(client: Client) -> None:
    client.post("/login/", {"username": "newcomer", "password": PASSWORD})


def set_password(client: Client, password: str = NEW_PASSWORD, again: str = ""):
    return client.post("/set-up/password/", {"password": password, "again": again or password})


def current_code(secret: str) -> str:
    return Totp(secret).code(int(timezone.now().timestamp()) // 30)


@pytest.mark.req("SSI-FR-1", "SSI-FR-1a", "SSI-NFR-11", "FSM-5", "FSM-6")
def test_the_whole_way_of_a_newcomer(client, newcomer) -> None:
    begin(client)
    assert client.get("/profile/")["Location"] == "/set-up/"
    assert client.get("/set-up/")["Location"] == "/set-up/password/"

    assert set_password(client)["Location"] == "/set-up/"
    assert client.get("/set-up/")["Location"] == "/set-up/details/"
    assert client.post("/set-up/details/", DETAILS)["Location"] == "/set-up/"
    assert client.get("/set-up/")["Location"] == "/set-up/authenticator/"
    page = client.get("/set-up/authenticator/").content.decode()
    assert 'src="data:image/svg+xml;base64,' in page
    secret = re.search(r"((?:[A-Z2-7]{4} ){7}[A-Z2-7]{4})", page)[1].replace(" ", "")
    client.post("/set-up/authenticator/", {"name": "Work", "code": current_code(secret)})
    codes = re.findall(r"<li>(\d{8})</li>", client.get("/set-up/recovery-codes/").content.decode())
    assert len(codes) == 10
    assert client.post("/set-up/recovery-codes/")["Location"] == "/welcome/"
    assert client.get("/set-up/recovery-codes/")["Location"] == "/welcome/"
    assert "Nia Howell" in client.get("/welcome/").content.decode()

    client.post("/logout/")
    assert client.post("/login/", {"username": "newcomer", "password": PASSWORD}).status_code == 422
    client.post("/login/", {"username": "newcomer", "password": NEW_PASSWORD})
    assert client.post("/login/code/", {"code": codes[0]})["Location"] == "/welcome/"
    client.post("/logout/")
    client.post("/login/", {"username": "newcomer", "password": NEW_PASSWORD})
    assert client.post("/login/code/", {"code": codes[0]}).status_code == 422


@pytest.mark.req("SSI-NFR-11")
@pytest.mark.parametrize(
    ("password", "again", "message"),
    [
        ("short", "", "at least 12 characters"),
        ("password1234", "", "too common"),
        ("newcomer-1234", "", "similar"),
        (PASSWORD, "", "other than the one you were given"),
        (NEW_PASSWORD, "five slow green kettles", "not the same"),
    ],
)
def test_weak_passwords_are_refused_with_what_to_do(
    client, newcomer, password, again, message
) -> None:
    begin(client)
    answer = set_password(client, password, again)
    assert answer.status_code == 422
    assert message in answer.content.decode()
    newcomer.refresh_from_db()
    assert newcomer.must_set_password


@pytest.mark.req("SSI-FR-1")
def test_missing_details_are_asked_for_one_by_one(client, newcomer) -> None:
    begin(client)
    set_password(client)
    answer = client.post("/set-up/details/", {"email": "nia", "telephone": "ring me"})
    page = answer.content.decode()
    assert answer.status_code == 422
    for message in ("Enter your first name.", "Enter your last name.", "name@example.org"):
        assert message in page
    answer = client.post("/set-up/details/", {**DETAILS, "telephone": "ring me"})
    assert "digits" in answer.content.decode()


def test_steps_cannot_be_taken_out_of_order(client, newcomer) -> None:
    begin(client)
    assert client.post("/set-up/details/", DETAILS)["Location"] == "/set-up/password/"
    assert client.get("/set-up/authenticator/")["Location"] == "/set-up/password/"
    newcomer.refresh_from_db()
    assert newcomer.details_confirmed_at is None


def test_a_wrong_code_enrols_nothing_and_the_key_stays_the_same(client, newcomer) -> None:
    Person.objects.update(must_set_password=False, details_confirmed_at=timezone.now())
    begin(client)
    before = client.get("/set-up/authenticator/").content.decode()
    answer = client.post("/set-up/authenticator/", {"code": "12345"})
    assert answer.status_code == 422
    key = re.search(r"data-copy=\"([A-Z2-7 ]{39})\"", before)[1]
    assert key in answer.content.decode()
    assert client.get("/profile/")["Location"] == "/set-up/"


def test_a_new_password_ends_the_other_sessions(client, newcomer) -> None:
    other = Client()
    begin(client)
    begin(other)
    set_password(client)
    assert client.get("/set-up/").status_code == 302
    assert other.get("/set-up/")["Location"].startswith("/login/")


def test_secrets_are_encrypted_at_rest(client, newcomer) -> None:
    Person.objects.update(must_set_password=False, details_confirmed_at=timezone.now())
    begin(client)
    page = client.get("/set-up/authenticator/").content.decode()
    secret = re.search(r"data-copy=\"([A-Z2-7 ]{39})\"", page)[1].replace(" ", "")
    assert secret not in str(dict(client.session))
    client.post("/set-up/authenticator/", {"name": "Work", "code": current_code(secret)})
    codes = queries.unseen_recovery_codes(actor_for(newcomer))
    assert len(codes) == 10
    stored = [one.secret for one in newcomer.second_factors.all()]
    stored += [str(one.data) for one in newcomer.authenticator_set.all()]
    assert len(stored) == 2
    assert not any(code in data for code in codes for data in stored)
    assert not any(secret in data for data in stored)
