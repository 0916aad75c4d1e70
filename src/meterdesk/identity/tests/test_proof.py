"""What weighs most asks for fresh proof: on screen by coming back, by API with the token."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from meterdesk.identity.actions import request_reset
from meterdesk.identity.models import ApiToken, FactorReset, LogInSession, Person, SecondFactor
from meterdesk.identity.rules import JobTypeRole, Totp
from meterdesk.identity.tests.factories import (
    PASSWORD,
    TOTP_SECRET,
    actor_for,
    bearer,
    log_in,
    make_organisation,
    make_person,
    make_user_id,
)
from meterdesk.kernel.errors import Conflict

pytestmark = [pytest.mark.django_db, pytest.mark.req("FSM-5", "FSM-9", "FSM-17", "SSI-FR-60")]
ADMINISTRATOR, CALLS = JobTypeRole.ORGANISATIONAL_ADMINISTRATOR, JobTypeRole.CALL_CENTRE_USER
JSON = "application/json"


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def user_id() -> str:
    return make_user_id(organisation=make_organisation("Alder Energy"))


@pytest.fixture
def petra(user_id) -> Person:
    return make_person("petra", [(user_id, ADMINISTRATOR)], password=PASSWORD)


@pytest.fixture
def nia(user_id) -> Person:
    return make_person("nia", [(user_id, CALLS)])


@pytest.fixture
def hour_old(petra) -> Client:
    client = Client()
    log_in(client, petra)
    LogInSession.objects.update(proved_at=timezone.now() - timedelta(hours=1))
    return client


def prove(client: Client, back: str) -> Any:
    code = Totp(TOTP_SECRET).code(int(timezone.now().timestamp()) // 30)
    SecondFactor.objects.update(counter=0)
    given = {"password": PASSWORD, "code": code, "next": back}
    return client.post("/profile/proof/", given)


def send(client: Client, path: str, fields: dict[str, Any]) -> Any:
    return client.post(path, fields, HTTP_REFERER=f"http://testserver{path}")


def fields_of(person: Person, *roles: str) -> dict[str, Any]:
    return {
        "first_name": "Nia",
        "last_name": "Howell",
        "email": person.email,
        "department": "Care",
        "roles": list(roles),
        "version": str(person.version),
    }


def test_making_an_administrator_asks_for_proof_and_keeps_what_was_entered(
    hour_old, nia, user_id
) -> None:
    path = f"/people/{nia.pk}/"
    fields = fields_of(nia, f"{user_id}|{ADMINISTRATOR}")

    assert send(hour_old, path, fields)["Location"] == f"/profile/proof/?next={path}"
    assert ADMINISTRATOR not in actor_for(nia).job_type_roles[user_id]
    assert prove(hour_old, path)["Location"] == path
    page = hour_old.get(path).content.decode()
    assert 'value="Care"' in page
    assert "What you entered is kept" in page
    assert 'value="Care"' not in hour_old.get(path).content.decode(), "kept once"

    assert send(hour_old, path, fields)["Location"] == path
    assert ADMINISTRATOR in actor_for(nia).job_type_roles[user_id]


def test_an_ordinary_edit_asks_for_none(hour_old, nia) -> None:
    assert send(hour_old, f"/people/{nia.pk}/", fields_of(nia))["Location"] == f"/people/{nia.pk}/"


def test_deleting_resets_and_the_policy_ask_for_proof(hour_old, nia) -> None:
    for path in ("delete/", "reset/", "security/reset/"):
        address = f"/people/{nia.pk}/{path}"
        assert hour_old.get(address)["Location"] == f"/profile/proof/?next={address}"
        assert hour_old.post(address, {"username": "nia", "version": "1"}).status_code == 302
    nia.refresh_from_db()
    assert nia.status == Person.Status.ACTIVE
    assert hour_old.get("/people/security/").status_code == 200
    policy = {"allowed": ["KEY"], "grace_days": "3", "sessions_most": "4", "version": "0"}
    asked = send(hour_old, "/people/security/", policy)
    assert asked["Location"] == "/profile/proof/?next=/people/security/"
    prove(hour_old, "/people/security/")
    assert 'name="grace_days" value="3"' in hour_old.get("/people/security/").content.decode()
    assert send(hour_old, "/people/security/", policy)["Location"] == "/people/security/"


def test_whom_a_provider_vouches_for_proves_it_by_a_log_in(hour_old, nia) -> None:
    LogInSession.objects.update(proofs=["provider"])
    refused = hour_old.get(f"/people/{nia.pk}/delete/")
    assert refused.status_code == 403
    assert "log in again by your organisation" in refused.content.decode().replace("\n", " ")
    LogInSession.objects.update(proved_at=timezone.now())
    assert hour_old.get(f"/people/{nia.pk}/delete/").status_code == 200


def test_by_api_a_token_is_given_the_proof_for_five_minutes(client, petra, nia) -> None:
    token = bearer(petra)
    weighty = [
        ("delete", f"/api/v1/people/{nia.pk}", {}),
        ("post", f"/api/v1/people/{nia.pk}/reset", {}),
        ("put", "/api/v1/security-policy", {"allowed": [], "grace_days": 1, "sessions_most": 1}),
        ("post", "/api/v1/factor-resets", {"username": "nia", "reason": "Lost"}),
        ("post", "/api/v1/factor-resets/1/decision", {"verb": "approve"}),
        ("delete", f"/api/v1/factors/{SecondFactor.objects.get(person=petra).pk}", {}),
    ]
    for method, path, body in weighty:
        answer = getattr(client, method)(path, body, JSON, **token)
        assert (answer.status_code, answer.json()["code"]) == (403, "proof_needed"), path

    code = Totp(TOTP_SECRET).code(int(timezone.now().timestamp()) // 30)
    wrong = {"password": "wrong", "code": code}
    assert client.post("/api/v1/proof", wrong, JSON, **token).json()["code"] == "wrong_proof"
    right = {"password": PASSWORD, "code": code}
    assert client.post("/api/v1/proof", right, JSON, **token).status_code == 200
    other = bearer(petra)
    assert client.delete(weighty[0][1], **other).status_code == 403, "for that token alone"
    ApiToken.objects.filter(proved_at__isnull=False).update(
        proved_at=timezone.now() - timedelta(minutes=6)
    )
    assert client.delete(weighty[0][1], **token).status_code == 403
    ApiToken.objects.update(proved_at=timezone.now())
    assert client.delete(weighty[0][1], **token).status_code == 204


@pytest.mark.parametrize("has_key", [False, True])
def test_guessing_the_proof_by_api_locks_the_account_and_so_the_token(
    client, petra, has_key
) -> None:
    token = bearer(petra)
    wrong = {"password": "wrong", "code": "000000"}
    answers = []
    for number in range(6):
        key = {"HTTP_IDEMPOTENCY_KEY": f"guess-{number}"} if has_key else {}
        answers.append(client.post("/api/v1/proof", wrong, JSON, **token, **key).status_code)
    assert answers == [422, 422, 422, 422, 403, 401]
    petra.refresh_from_db()
    assert petra.status == Person.Status.LOCKED


def test_own_factors_by_api(client, petra, nia) -> None:
    token = bearer(petra, proved=True)
    (factor,) = client.get("/api/v1/factors", **token).json()["items"]
    path = f"/api/v1/factors/{factor['id']}"
    renamed = client.patch(path, {"name": "Telephone"}, JSON, HTTP_IF_MATCH='"v1"', **token)
    assert (renamed.json()["name"], renamed.json()["version"]) == ("Telephone", 2)
    stale = client.patch(path, {"name": "x"}, JSON, HTTP_IF_MATCH='"v1"', **token)
    assert stale.status_code == 412
    assert client.delete(path, **token).status_code == 409, "the last one stays"
    theirs = SecondFactor.objects.get(person=nia).pk
    assert client.delete(f"/api/v1/factors/{theirs}", **token).status_code == 404
    narrowed = bearer(petra, ["UC_OrgManager"], proved=True)
    assert client.delete(path, **narrowed).status_code == 403
    seen = client.get(f"/api/v1/people/{nia.pk}/factors", **token).json()
    assert [one["kind"] for one in seen["items"]] == ["APP"]
    rival = bearer(make_person("rival", [(make_user_id(), ADMINISTRATOR)]))
    assert client.get(f"/api/v1/people/{nia.pk}/factors", **rival).status_code == 404


def test_a_lost_factor_by_api_takes_two_for_an_administrator(client, petra, nia, user_id) -> None:
    token = bearer(petra, proved=True)

    def ask(username: str, **headers: str) -> Any:
        given = {"username": username, "reason": "Telephone lost"}
        return client.post("/api/v1/factor-resets", given, JSON, **headers)

    assert ask("nia", **token).json()["code"]
    owen, ola = (make_person(name, [(user_id, ADMINISTRATOR)]) for name in ("owen", "ola"))
    assert ask("owen", **token).json() == {"code": None}
    assert ask("nobody", **token).status_code == 404
    (waiting,) = client.get("/api/v1/factor-resets", **token).json()["items"]
    path = f"/api/v1/factor-resets/{waiting['id']}/decision"
    for wrong in (token, bearer(owen, proved=True)):
        assert client.post(path, {"verb": "approve"}, JSON, **wrong).status_code == 403
    rival = bearer(make_person("rival", [(make_user_id(), ADMINISTRATOR)]), proved=True)
    assert client.post(path, {"verb": "approve"}, JSON, **rival).status_code == 404
    agreed = client.post(path, {"verb": "approve"}, JSON, **bearer(ola, proved=True))
    assert agreed.json()["code"]
    assert not SecondFactor.objects.filter(person=owen).exists()


def test_sessions_and_their_limit_by_api(client, petra, nia) -> None:
    screen = Client()
    log_in(screen, petra)
    token = bearer(petra)
    assert client.delete("/api/v1/sessions", **token).status_code == 204
    assert screen.get("/profile/").status_code == 302
    path = f"/api/v1/people/{nia.pk}/session-limit"
    put = client.put(path, {"sessions_most": 2}, JSON, HTTP_IF_MATCH='"v1"', **token)
    assert put.status_code == 204
    nia.refresh_from_db()
    assert nia.sessions_most == 2
    stale = client.put(path, {"sessions_most": 3}, JSON, HTTP_IF_MATCH='"v1"', **token)
    assert stale.status_code == 412


def test_what_a_provider_looks_after_is_reset_there(client, petra, nia) -> None:
    Person.objects.filter(pk=nia.pk).update(by_provider=True)
    token = bearer(petra, proved=True)
    for path, body in (
        (f"/api/v1/people/{nia.pk}/reset", {"credential": "password"}),
        (f"/api/v1/people/{nia.pk}/reset", {"credential": "link"}),
        ("/api/v1/factor-resets", {"username": "nia", "reason": "Lost"}),
    ):
        refused = client.post(path, body, JSON, **token)
        assert (refused.status_code, refused.json()["code"]) == (409, "by_provider"), path
        assert "identity provider" in refused.json()["detail"]
    new = {
        "username": "NIA",
        "first_name": "Nia",
        "last_name": "Howell",
        "email": "nia@alder.example",
    }
    refused = client.post("/api/v1/people", new, JSON, **token)
    assert refused.json()["code"] == "by_provider"
    elsewhere = bearer(make_person("rival", [(make_user_id(), ADMINISTRATOR)]), proved=True)
    assert client.post("/api/v1/people", new, JSON, **elsewhere).json()["code"] == "username_taken"
    nia.refresh_from_db()
    assert not nia.must_set_password
    assert not FactorReset.objects.exists()
    screen = Client()
    log_in(screen, petra)
    page = screen.get(f"/people/{nia.pk}/").content.decode()
    assert "identity provider" in page
    assert "Reset password" not in page
    with pytest.raises(Conflict, match="identity provider"):
        request_reset(actor_for(petra), nia.pk, "Lost", at=timezone.now())


def test_administrators_by_a_provider_are_not_the_ones_who_stay(client, petra, user_id) -> None:
    """Decision 0013: when the provider fails, somebody must still be able to act."""
    make_person("owen", [(user_id, ADMINISTRATOR)])
    Person.objects.filter(username="owen").update(by_provider=True)
    token = bearer(petra, proved=True)
    refused = client.patch(f"/api/v1/people/{petra.pk}", {"roles": []}, JSON, **token)
    assert refused.status_code == 409
    assert "People whose role comes from an identity provider do not count" in str(refused.json())
    Person.objects.filter(username="owen").update(by_provider=False)
    done = client.patch(f"/api/v1/people/{petra.pk}", {"roles": []}, JSON, **token)
    assert done.status_code == 200, done.content
    assert ADMINISTRATOR not in actor_for(petra).job_type_roles.get(user_id, ())
