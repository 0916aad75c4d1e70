"""Security keys and passkeys: registered, used, and what does not open an account."""

import html
import json
import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from meterdesk.identity.actions import add_key, ask_for_key, ask_for_new_key, ask_for_passkey
from meterdesk.identity.actions.keys import accept_key, person_of_key
from meterdesk.identity.models import LogInSession, Person, SecondFactor, SecurityPolicy
from meterdesk.identity.rules import FAILURES_BEFORE_LOCK, FactorKind, JobTypeRole, Proof
from meterdesk.identity.tests.factories import (
    PASSWORD,
    actor_for,
    log_in,
    make_person,
    make_user_id,
)
from meterdesk.identity.tests.soft_key import ORIGIN, SoftKey
from meterdesk.kernel.errors import Refused
from meterdesk.platform.models import ActivityEntry

pytestmark = [pytest.mark.django_db, pytest.mark.req("FSM-5")]


@pytest.fixture(autouse=True)
def here(settings: Any) -> None:
    settings.PUBLIC_URL = ORIGIN
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def ann() -> Person:
    return make_person("ann", [(make_user_id(), JobTypeRole.CALL_CENTRE_USER)], password=PASSWORD)


def registered(
    person: Person, kind: FactorKind = FactorKind.PASSKEY, number: int = 1, *, verifies=True
) -> SoftKey:
    """A key of this person."""
    key, actor = SoftKey(f"soft-key-{number:07}".encode(), verifies=verifies), actor_for(person)
    question = ask_for_new_key(actor, kind)
    name = f"Key {number}"
    add_key(actor, name, question.ceremony, key.create(question.options), at=timezone.now())
    return key


def question_on(page: str) -> str:
    return html.unescape(re.search(r'data-question="([^"]+)"', page)[1])


def enter_password(client: Client) -> str:
    client.post("/login/", {"username": "ann", "password": PASSWORD})
    return client.get("/login/code/").content.decode()


def test_a_key_is_registered_on_screen_and_finishes_a_log_in_after_the_password(
    client, ann
) -> None:
    log_in(client, ann)
    key = SoftKey(verifies=False)
    page = client.get("/profile/security/key/").content.decode()
    answer = key.create(question_on(page))
    done = client.post("/profile/security/key/", {"name": "Blue key", "answer": answer})
    assert done["Location"] == "/profile/security/"
    assert "Blue key" in client.get("/profile/security/").content.decode()

    other = Client()
    answer = key.get(question_on(enter_password(other)))
    assert other.post("/login/code/", {"answer": answer})["Location"] == "/welcome/"
    assert LogInSession.objects.latest("pk").proofs == [Proof.PASSWORD, Proof.KEY]
    assert SecondFactor.objects.get(name="Blue key").counter == key.counter


@pytest.mark.req("FSM-5", "SSI-NFR-14")
def test_a_passkey_alone_logs_in_and_leads_where_one_wanted(client, ann) -> None:
    key = registered(ann)
    page = client.get("/login/passkey/?next=/profile/").content.decode()
    answer = client.post("/login/passkey/", {"answer": key.get(question_on(page))})
    assert answer["Location"] == "/profile/"
    assert LogInSession.objects.get().proofs == [Proof.PASSKEY]


def test_an_answer_opens_once(client, ann) -> None:
    key = registered(ann)
    answer = key.get(question_on(client.get("/login/passkey/").content.decode()))
    stale = client.session["passkey_pending"]
    client.post("/login/passkey/", {"answer": answer})

    thief = Client()
    page = thief.get("/login/passkey/").content.decode()
    assert thief.post("/login/passkey/", {"answer": answer}).status_code == 422
    assert json.loads(question_on(page))["publicKey"]["challenge"] not in str(stale)
    assert thief.get("/profile/").status_code == 302
    key.step = 0
    again = accept_key(ann.pk, stale["ceremony"], answer, at=timezone.now(), alone=True)
    assert again is None, "its counter was used"


def wrong_answers(key: SoftKey, options: str) -> dict[str, str]:
    other = SoftKey(key.credential_id)
    other.handle = key.handle
    foreign = SoftKey(b"never-registered")
    foreign.handle = key.handle
    asked = json.loads(options)
    asked["publicKey"]["challenge"] = "A" * 43
    return {
        "another origin": key.get(options, origin="https://evil.example"),
        "another port": key.get(options, origin="http://localhost:9"),
        "another relying party": key.get(options, rp_id="evil.example"),
        "another challenge": key.get(json.dumps(asked)),
        "another private key": other.get(options),
        "an unknown key": foreign.get(options),
        "another person's handle": key.get(options, userHandle="AAAAAAAAAAk"),
        "no handle": key.get(options, userHandle=""),
        "no signature": key.get(options, signature=""),
        "no JSON": "{",
        "too long": "[" * 30_000,
    }


def test_what_is_wrong_in_any_way_opens_nothing(ann) -> None:
    key = registered(ann)
    question = ask_for_passkey()
    for why, answer in wrong_answers(key, question.options).items():
        given = accept_key(ann.pk, question.ceremony, answer, at=timezone.now(), alone=True)
        assert given is None, why
    right = key.get(question.options)
    assert accept_key(ann.pk, question.ceremony, right, at=timezone.now(), alone=True)


@given(st.text(max_size=200) | st.recursive(st.none() | st.text(), st.lists, max_leaves=9))
def test_nonsense_is_nobodys_key(answer: Any) -> None:
    assert person_of_key(answer if isinstance(answer, str) else json.dumps(answer)) is None


def test_a_passkey_that_did_not_verify_its_holder_is_no_log_in_alone(ann) -> None:
    key = registered(ann)
    key.verifies = False
    question = ask_for_passkey()
    answer = key.get(question.options)
    assert accept_key(ann.pk, question.ceremony, answer, at=timezone.now(), alone=True) is None


def test_a_security_key_is_no_log_in_alone(client, ann) -> None:
    key = registered(ann, FactorKind.KEY)
    page = client.get("/login/passkey/").content.decode()
    assert client.post("/login/passkey/", {"answer": key.get(question_on(page))}).status_code == 422


def test_a_copied_key_is_noticed_by_its_counter(ann) -> None:
    key = registered(ann)
    question = ask_for_passkey()
    first = key.get(question.options)
    assert accept_key(ann.pk, question.ceremony, first, at=timezone.now(), alone=True)
    key.counter = 0
    copied = key.get(question.options)
    assert accept_key(ann.pk, question.ceremony, copied, at=timezone.now(), alone=True) is None
    assert ActivityEntry.objects.filter(verb="identity.key_counter_fell").count() == 1


def test_one_persons_key_finishes_nobody_elses_log_in(ann) -> None:
    bob = make_person("bob")
    key = registered(bob)
    registered(ann, number=2)
    question = ask_for_key(ann.pk)
    answer = key.get(question.options)
    assert accept_key(ann.pk, question.ceremony, answer, at=timezone.now()) is None


def test_failed_passkeys_lock_the_account_and_slow_the_address_down(client, ann) -> None:
    key = registered(ann)
    for _ in range(FAILURES_BEFORE_LOCK):
        question = question_on(client.get("/login/passkey/").content.decode())
        answer = key.get(question, origin="https://evil.example")
        assert client.post("/login/passkey/", {"answer": answer}).status_code == 422
    ann.refresh_from_db()
    assert ann.status == Person.Status.LOCKED
    question = question_on(client.get("/login/passkey/").content.decode())
    assert client.post("/login/passkey/", {"answer": key.get(question)}).status_code == 422
    for _ in range(30):
        client.get("/login/passkey/")
        last = client.post("/login/passkey/", {"answer": "{}"})
    assert last.status_code == 429


def test_a_key_belongs_to_one_account_and_is_registered_once(ann) -> None:
    key = registered(ann)
    actor = actor_for(make_person("bob"))
    question = ask_for_new_key(actor, FactorKind.PASSKEY)
    answer = key.create(question.options)
    with pytest.raises(Refused, match="registered already"):
        add_key(actor, "Mine", question.ceremony, answer, at=timezone.now())
    assert SecondFactor.objects.filter(kind=FactorKind.PASSKEY).count() == 1


@pytest.mark.parametrize("wrong", ["origin", "unverified", "late"])
def test_what_is_not_registered(ann, wrong) -> None:
    actor, key = actor_for(ann), SoftKey(verifies=wrong != "unverified")
    question = ask_for_new_key(actor, FactorKind.PASSKEY)
    origin = "https://evil.example" if wrong == "origin" else ORIGIN
    answer = key.create(question.options, origin=origin)
    ceremony = None if wrong == "late" else question.ceremony
    with pytest.raises(Refused):
        add_key(actor, "Mine", ceremony, answer, at=timezone.now())
    assert not SecondFactor.objects.filter(kind=FactorKind.PASSKEY).exists()


def test_a_kind_that_is_no_longer_allowed_opens_nothing_beside_one_that_is(client, ann) -> None:
    key = registered(ann)
    SecurityPolicy.objects.create(organisation=ann.organisation, allowed_kinds=["APP"])
    page = client.get("/login/passkey/").content.decode()
    assert client.post("/login/passkey/", {"answer": key.get(question_on(page))}).status_code == 422
    assert "data-question" not in enter_password(client)


@pytest.mark.req("FSM-5", "SSI-NFR-11")
def test_a_newcomer_where_passkeys_alone_are_allowed_sets_one_up(client, ann) -> None:
    SecurityPolicy.objects.create(organisation=ann.organisation, allowed_kinds=["PASSKEY"])
    SecondFactor.objects.all().delete()
    client.post("/login/", {"username": "ann", "password": PASSWORD})
    assert client.get("/set-up/authenticator/")["Location"] == "/set-up/key/"
    key = SoftKey()
    answer = key.create(question_on(client.get("/set-up/key/?kind=key").content.decode()))
    given = {"name": "Laptop", "answer": answer}
    assert client.post("/set-up/key/", given)["Location"] == "/set-up/recovery-codes/"
    assert SecondFactor.objects.get().kind == FactorKind.PASSKEY
    client.post("/set-up/recovery-codes/")
    assert client.get("/profile/").status_code == 200
    assert client.post("/set-up/key/", given).status_code == 302, "the step is over"
