"""One's own security, what organisations demand, and sessions of their people."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from meterdesk.identity.actions import limit_sessions, remove_factor, set_security_policy
from meterdesk.identity.models import LogInSession, Person, SecondFactor, SecurityPolicy
from meterdesk.identity.queries.sessions import REGISTER
from meterdesk.identity.rules import FactorKind, FactorPolicy, JobTypeRole, Totp
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
from meterdesk.kernel.errors import Conflict, NotAllowed, NotVisible, Refused, Stale
from meterdesk.notifications.models import OutgoingMessage
from meterdesk.platform.models import ActivityEntry

pytestmark = [pytest.mark.django_db, pytest.mark.req("FSM-5")]
APP, KEY, PASSKEY = FactorKind.APP, FactorKind.KEY, FactorKind.PASSKEY
ADMINISTRATOR = JobTypeRole.ORGANISATIONAL_ADMINISTRATOR


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def ann() -> Person:
    return make_person("ann", [(make_user_id(), JobTypeRole.CALL_CENTRE_USER)], password=PASSWORD)


@pytest.fixture
def amy(ann) -> Person:
    return make_person("amy", [(make_user_id(organisation=ann.organisation), ADMINISTRATOR)])


def code(step: int = 0, secret: str = TOTP_SECRET) -> str:
    return Totp(secret).code(int(timezone.now().timestamp()) // 30 + step)


def full_log_in(client: Client, step: int, address: str = "192.0.2.1", agent: str = "x") -> Any:
    SecondFactor.objects.update(counter=0)
    given = {"REMOTE_ADDR": address, "HTTP_USER_AGENT": agent}
    client.post("/login/", {"username": "ann", "password": PASSWORD}, **given)
    return client.post("/login/code/", {"code": code(step)}, **given)


def stale(client: Client) -> None:
    past = timezone.now() - timedelta(minutes=6)
    LogInSession.objects.filter(pk=client.session[REGISTER]).update(proved_at=past)


@pytest.mark.req("FSM-6", "FSM-5")
def test_several_apps_are_named_and_any_of_them_logs_in(client, ann) -> None:
    log_in(client, ann)
    page = client.get("/profile/security/app/").content.decode()
    secret = re.search(r"((?:[A-Z2-7]{4} ){7}[A-Z2-7]{4})", page)[1].replace(" ", "")
    given = {"name": "Tablet", "code": code(secret=secret)}
    assert client.post("/profile/security/app/", given)["Location"] == "/profile/security/"
    again = client.get("/profile/security/app/").content.decode()
    assert secret not in again.replace(" ", ""), "each app has a secret of its own"
    assert "“Tablet” was added" in OutgoingMessage.objects.get(to="ann@example.org").body
    other = Client()
    other.post("/login/", {"username": "ann", "password": PASSWORD})
    right = code(1, secret)
    assert other.post("/login/code/", {"code": right})["Location"] == "/welcome/"


@pytest.mark.parametrize(
    "path",
    [
        "/profile/security/app/",
        "/profile/security/key/",
        "/profile/security/passkey/",
        "/profile/security/recovery-codes/",
        "/profile/password/",
    ],
)
def test_changes_to_ones_own_security_ask_for_fresh_proof(client, ann, path) -> None:
    log_in(client, ann)
    stale(client)
    assert client.get(path)["Location"] == f"/profile/proof/?next={path}"
    assert client.post(path, {"name": "x"})["Location"].startswith("/profile/proof/")
    wrong = {"password": "wrong", "code": code(), "next": path}
    assert client.post("/profile/proof/", wrong).status_code == 422
    proof = {"password": PASSWORD, "code": code(), "next": path}
    assert client.post("/profile/proof/", proof)["Location"] == path
    assert client.get(path).status_code in (200, 302)
    assert "/proof/" not in client.get(path).headers.get("Location", "")


def test_guessing_at_the_proof_locks_the_account_and_ends_the_session(client, ann) -> None:
    log_in(client, ann)
    for _ in range(5):
        last = client.post("/profile/proof/", {"password": "wrong", "code": "1"})
    assert last["Location"] == "/login/"
    ann.refresh_from_db()
    assert ann.status == Person.Status.LOCKED


def test_the_proof_leads_back_to_this_site_only(client, ann) -> None:
    log_in(client, ann)
    proof = {"password": PASSWORD, "code": code(), "next": "https://evil.example/"}
    assert client.post("/profile/proof/", proof)["Location"] == "/profile/security/"


def test_factors_are_renamed_and_removed_but_for_the_last(client, ann) -> None:
    log_in(client, ann)
    only = SecondFactor.objects.get()
    path = f"/profile/security/factors/{only.pk}/"
    client.post(path, {"name": "Old telephone", "version": 1})
    only.refresh_from_db()
    assert (only.name, only.version) == ("Old telephone", 2)
    assert client.post(path, {"name": "x", "version": 1}).status_code == 422
    refused = client.post(path, {"name": "x", "version": 2, "remove": "1"})
    assert "last second factor" in refused.content.decode()
    SecondFactor.objects.create(
        person=ann, kind=APP, name="New", secret=only.secret, created_at=timezone.now()
    )
    assert client.post(path, {"name": "x", "version": 2, "remove": "1"}).status_code == 302
    assert [one.name for one in SecondFactor.objects.all()] == ["New"]


def test_another_persons_factors_and_sessions_do_not_exist(client, ann, amy) -> None:
    theirs = Client()
    log_in(theirs, amy)
    log_in(client, ann)
    factor = SecondFactor.objects.get(person=amy)
    assert client.get(f"/profile/security/factors/{factor.pk}/").status_code == 404
    session = theirs.session[REGISTER]
    assert client.post(f"/profile/security/sessions/{session}/end/").status_code == 404
    assert theirs.get("/profile/").status_code == 200
    with pytest.raises(NotVisible):
        remove_factor(actor_for(ann), factor.pk, 1, at=timezone.now())


def test_fresh_recovery_codes_replace_the_old_and_are_shown_until_kept(client, ann) -> None:
    log_in(client, ann)

    def shown() -> list[str]:
        page = client.get("/profile/security/recovery-codes/").content.decode()
        return re.findall(r"<li>(\d{8})</li>", page)

    old = shown()
    client.post("/profile/security/recovery-codes/")
    fresh = shown()
    assert len(fresh) == 10
    assert not set(old) & set(fresh)
    text = client.get("/profile/security/recovery-codes.txt").content.decode()
    assert all(one in text for one in fresh)
    client.post("/profile/security/recovery-codes/", {"kept": "1"})
    assert shown() == []
    assert client.get("/profile/security/recovery-codes.txt").status_code == 302
    other = Client()
    other.post("/login/", {"username": "ann", "password": PASSWORD})
    assert other.post("/login/code/", {"code": old[0]}).status_code == 422
    assert other.post("/login/code/", {"code": fresh[0]})["Location"] == "/welcome/"
    assert "9 of 10" in client.get("/profile/security/").content.decode()


def test_a_changed_password_ends_other_sessions_and_this_one_goes_on(client, ann) -> None:
    other = Client()
    log_in(other, ann)
    log_in(client, ann)
    new = {"password": "four slow green kettles", "again": "four slow green kettles"}
    assert client.post("/profile/password/", new)["Location"] == "/profile/security/"
    assert client.get("/profile/").status_code == 200
    assert other.get("/profile/").status_code == 302


def test_sessions_are_listed_and_ended_by_their_person(client, ann) -> None:
    others = [Client(), Client()]
    for one in (*others, client):
        log_in(one, ann)
    page = client.get("/profile/security/").content.decode()
    assert page.count(">End<") == 2
    assert "This one" in page
    client.post(f"/profile/security/sessions/{others[0].session[REGISTER]}/end/")
    assert [one.get("/profile/").status_code for one in (*others, client)] == [302, 200, 200]
    client.post("/profile/security/sessions/end-others/")
    assert [one.get("/profile/").status_code for one in (*others, client)] == [302, 302, 200]
    assert ActivityEntry.objects.filter(verb="identity.end_sessions").count() == 2


def test_administrators_see_and_end_the_sessions_of_their_people_alone(client, ann, amy) -> None:
    theirs = Client()
    log_in(theirs, ann)
    log_in(client, amy)
    path = f"/people/{ann.pk}/security/"
    assert "192.0.2.10" in client.get(path).content.decode()
    client.post(f"{path}sessions/{theirs.session[REGISTER]}/end/")
    assert theirs.get("/profile/").status_code == 302
    log_in(theirs, ann)
    client.post(f"{path}sessions/end/")
    assert theirs.get("/profile/").status_code == 302

    rival = make_person("rival", [(make_user_id(), ADMINISTRATOR)])
    log_in(client, rival)
    log_in(theirs, ann)
    assert client.get(path).status_code == 404
    assert client.post(f"{path}sessions/end/").status_code == 404
    assert theirs.get("/profile/").status_code == 200


def test_a_new_device_or_address_is_told_by_email_and_a_known_one_is_not(ann) -> None:
    firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    told = OutgoingMessage.objects.filter(subject__contains="new device")
    full_log_in(Client(), -1, agent=firefox)
    assert not told.exists(), "at the first log-in everything is new"
    full_log_in(Client(), 0, agent=firefox)
    assert not told.exists()
    full_log_in(Client(), 1, agent=firefox, address="198.51.100.7")
    assert "Firefox on Linux, from the address 198.51.100.7" in told.get().body


@pytest.mark.parametrize(("own", "most"), [(None, 2), (1, 1), (3, 3)])
def test_the_oldest_session_makes_room(ann, own, most) -> None:
    SecurityPolicy.objects.create(organisation=ann.organisation, sessions_most=2)
    Person.objects.filter(pk=ann.pk).update(sessions_most=own)
    clients = [Client() for _ in range(4)]
    for number, one in enumerate(clients):
        assert full_log_in(one, 0)["Location"] == "/welcome/"
        LogInSession.objects.filter(pk=one.session[REGISTER]).update(
            active_at=timezone.now() - timedelta(minutes=8 - number)
        )
    opened = [one.get("/profile/").status_code == 200 for one in clients]
    assert opened == [number >= 4 - most for number in range(4)]


def decide(actor: Person, allowed: list[FactorKind], version: int = 0, **more: int) -> None:
    chosen = {"grace_days": 14, "sessions_most": 10, **more}
    set_security_policy(
        actor_for(actor),
        allowed,
        chosen["grace_days"],
        chosen["sessions_most"],
        version,
        at=timezone.now(),
    )


def test_a_kind_no_longer_allowed_is_let_pass_for_the_days_of_grace_and_then_replaced(
    client, ann, amy
) -> None:
    decide(amy, [PASSKEY])
    assert full_log_in(client, -1)["Location"] == "/welcome/"
    assert client.get("/profile/").status_code == 200
    assert "no longer allows" in client.get("/profile/security/").content.decode()

    SecurityPolicy.objects.update(decided_at=timezone.now() - timedelta(days=14))
    assert client.get("/profile/")["Location"] == "/set-up/", "in open sessions too"
    assert client.get("/set-up/authenticator/")["Location"] == "/set-up/key/"
    assert "Set up a passkey" in client.get("/set-up/key/").content.decode()


def test_a_policy_is_set_on_screen_audited_and_two_administrators_are_told(
    client, ann, amy
) -> None:
    log_in(client, amy)
    given = {"allowed": ["APP"], "grace_days": "7", "sessions_most": "3", "version": "0"}
    assert client.post("/people/security/", given).status_code == 302
    policy = SecurityPolicy.objects.get()
    assert (policy.allowed_kinds, policy.grace_days, policy.sessions_most) == (["APP"], 7, 3)
    entry = ActivityEntry.objects.get(verb="identity.set_security_policy")
    assert entry.detail["before"]["sessions_most"] == 10
    assert entry.detail["after"]["allowed"] == ["APP"]
    assert "Somebody else changed" in client.post("/people/security/", given).content.decode()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"allowed": []}, "allowed"),
        ({"grace_days": 91}, "grace_days"),
        ({"sessions_most": 0}, "sessions_most"),
    ],
)
def test_what_a_policy_may_not_be(amy, given, field) -> None:
    allowed = given.pop("allowed", [APP])
    with pytest.raises(Refused) as refused:
        decide(amy, allowed, **given)
    assert field in refused.value.fields


def test_who_may_decide(ann, amy) -> None:
    with pytest.raises(NotAllowed):
        decide(ann, [APP])
    decide(amy, [APP])
    with pytest.raises(Stale):
        decide(amy, [KEY])
    with pytest.raises(NotVisible):
        stranger = make_person("stranger", organisation=make_organisation("Elsewhere"))
        limit_sessions(actor_for(amy), stranger.pk, 3, 1, at=timezone.now())


def test_the_last_allowed_factor_stays(ann, amy) -> None:
    SecondFactor.objects.create(
        person=ann, kind=KEY, name="Key", credential_id=b"1", created_at=timezone.now()
    )
    decide(amy, [KEY])
    key = SecondFactor.objects.get(kind=KEY)
    with pytest.raises(Conflict):
        remove_factor(actor_for(ann), key.pk, 1, at=timezone.now())


@pytest.mark.req("FSM-17")
def test_sessions_and_policy_by_api(client, ann, amy) -> None:
    theirs = Client()
    log_in(theirs, ann)
    mine, own = bearer(amy, proved=True), bearer(ann)
    path = f"/api/v1/people/{ann.pk}/sessions"
    (session,) = client.get(path, **mine).json()["items"]
    assert client.get("/api/v1/sessions", **own).json()["items"] == [session]
    assert client.delete(f"{path}/{session['id']}", **bearer(ann)).status_code == 403
    narrow = bearer(ann, ["UC_Inventory"])
    assert client.delete(f"/api/v1/sessions/{session['id']}", **narrow).status_code == 403
    assert theirs.get("/profile/").status_code == 200
    assert client.delete(f"{path}/{session['id']}", **mine).status_code == 204
    assert theirs.get("/profile/").status_code == 302

    policy = client.get("/api/v1/security-policy", **mine)
    given = {"allowed": ["APP", "KEY"], "grace_days": 3, "sessions_most": 4}

    def put(tag: str) -> Any:
        more = {**mine, "HTTP_IF_MATCH": tag}
        return client.put("/api/v1/security-policy", given, "application/json", **more)

    done = put(policy["ETag"])
    assert (done.status_code, done.json()["version"]) == (200, 1)
    assert put(policy["ETag"]).status_code == 412
    rival = bearer(make_person("rival", [(make_user_id(), ADMINISTRATOR)]))
    assert client.get(path, **rival).status_code == 404
    assert client.delete(path, **rival).status_code == 404


@pytest.mark.parametrize(
    ("allowed", "held", "accepted"),
    [
        ({APP, KEY}, [APP], {APP}),
        ({KEY}, [APP, KEY], {KEY}),
        ({KEY}, [APP], {APP}),
        ({KEY}, [], set()),
    ],
)
def test_what_a_log_in_takes(allowed, held, accepted) -> None:
    assert FactorPolicy(frozenset(allowed)).accepted(held) == accepted
