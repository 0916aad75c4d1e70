"""Who asks learns nothing of which accounts there are: same answer, same headers, same work.

Usernames are unique across organisations, so that opening an account under a taken one is refused;
that is limited to a hundred a day (test_administration, test_imports).
"""

import re
from collections import Counter
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from fido2.cose import ES256
from fido2.webauthn import Aaguid, AttestedCredentialData

from meterdesk.identity.actions import set_password_by_link, suspend_organisation
from meterdesk.identity.models import AccountLink, Person, SecondFactor
from meterdesk.identity.rules import DeskRole, FactorKind, JobTypeRole, Suspension
from meterdesk.identity.tests.factories import (
    PASSWORD,
    actor_for,
    bearer,
    log_in,
    make_operator,
    make_organisation,
    make_person,
    make_user_id,
)
from meterdesk.identity.tests.soft_key import SoftKey
from meterdesk.kernel.errors import NotVisible
from meterdesk.platform import counters

pytestmark = [pytest.mark.django_db, pytest.mark.req("SEC-1", "SSI-NFR-10", "SSI-NFR-22")]
ADMINISTRATOR, CALLS = JobTypeRole.ORGANISATIONAL_ADMINISTRATOR, JobTypeRole.CALL_CENTRE_USER
CHANGING = re.compile(
    r'csrfmiddlewaretoken" value="[^"]+"|challenge[^}]+|[0-9A-Za-z-]{32,}|[0-9-]{10}T[0-9:.+]+'
)
OWN_HEADERS = {"X-Request-ID", "ETag", "Content-Length", "Set-Cookie"}
ACCOUNTS = (
    "nobody",
    "plain",
    "locked",
    "deleted",
    "suspended",
    "by-provider",
    "program",
    "waiting",
)


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def everybody() -> None:
    """An account of each standing; "nobody" is none."""
    alder, birch = make_organisation("Alder Energy"), make_organisation("Birch Power")
    for name in ("plain", "locked", "deleted", "by-provider", "program"):
        make_person(name, organisation=alder, password=PASSWORD)
    make_person("waiting", organisation=alder, password=None, must_set_password=True)
    make_person("suspended", organisation=birch, password=PASSWORD)
    people = {one.username: one for one in Person.objects.all()}
    for name in ("by-provider", "program", "deleted"):
        people[name].set_unusable_password()
    people["by-provider"].by_provider = True
    people["program"].kind = Person.Kind.SERVICE
    people["locked"].status = Person.Status.LOCKED
    people["deleted"].status = Person.Status.DELETED
    for one in people.values():
        one.save()
    operator = make_operator()
    zeb = actor_for(make_person("zeb", organisation=operator, desk=[DeskRole.ADMINISTRATOR]))
    suspend_organisation(zeb, birch.pk, Suspension.NOTHING, "Fees", 1, at=timezone.now())


def seen(answer: Any) -> tuple[Any, ...]:
    """What a stranger sees of an answer, less what differs by chance."""
    headers = {name: value for name, value in answer.headers.items() if name not in OWN_HEADERS}
    body = CHANGING.sub("", answer.content.decode())
    return answer.status_code, headers, body, sorted(answer.cookies)


def work_of(call: Any) -> tuple[Any, Counter[str]]:
    """What a call gives, and how often it asks the database for what."""
    with CaptureQueriesContext(connection) as captured:
        result = call()
    shapes = (query["sql"].split(" WHERE ")[0][:50] for query in captured.captured_queries)
    return result, Counter(shape for shape in shapes if "SAVEPOINT" not in shape)


def test_a_log_in_that_fails_looks_and_works_the_same_for_every_name(
    everybody, monkeypatch
) -> None:
    hashed: list[str] = []
    monkeypatch.setattr(
        "django.contrib.auth.hashers.MD5PasswordHasher.encode",
        lambda _self, password, salt: hashed.append(password) or f"md5${salt}$x",
    )
    found = []
    for name in ACCOUNTS:
        hashed.clear()
        counters.forget("log-in-address:127.0.0.1")
        given = {"username": name, "password": "wrong"}
        answer, work = work_of(lambda given=given: Client().post("/login/", given))
        status, headers, page, cookies = seen(answer)
        page = page.replace(f'"{name}"', "NAME")
        found.append(((status, headers, page, cookies), len(hashed), work))
    for name, one in zip(ACCOUNTS[1:], found[1:], strict=True):
        assert one == found[0], name
    assert found[0][1] == 1, "the password is hashed, once"


def test_the_right_password_opens_no_standing_before_the_second_factor(everybody) -> None:
    """A suspended organisation's person is told so only after proving who they are."""
    pages = []
    for name in ("plain", "suspended"):
        client = Client()
        accepted = client.post("/login/", {"username": name, "password": PASSWORD})
        assert accepted["Location"] == "/login/code/"
        pages.append((seen(accepted), seen(client.get("/login/code/"))))
        wrong = client.post("/login/code/", {"code": "000000"})
        pages[-1] = (*pages[-1], seen(wrong))
    assert pages[0] == pages[1]
    for name in ("locked", "deleted", "by-provider", "program", "waiting", "nobody"):
        refused = Client().post("/login/", {"username": name, "password": PASSWORD})
        assert refused.status_code == 422, name


@pytest.mark.parametrize("code", ["000000", "00000000", "AAAAA-AAAAA"])
def test_a_wrong_code_of_each_kind_gets_the_same_answer(everybody, code) -> None:
    client = Client()
    client.post("/login/", {"username": "plain", "password": PASSWORD})
    answer = client.post("/login/code/", {"code": code})
    assert answer.status_code == 422
    assert "This code is not right, or was used before. Enter the next one." in (
        answer.content.decode()
    )


def test_a_passkey_that_opens_nothing_gets_the_same_answer_whosever_it_is(everybody) -> None:
    key, other = SoftKey(), ES256.from_cryptography_key(SoftKey().private.public_key())
    credential = bytes(AttestedCredentialData.create(Aaguid.NONE, key.credential_id, other))
    pages = []
    for name in ("nobody", "plain", "deleted", "locked", "by-provider", "suspended"):
        SecondFactor.objects.filter(kind=FactorKind.PASSKEY).delete()
        counters.forget("log-in-address:127.0.0.1")
        if name != "nobody":
            SecondFactor.objects.create(
                person=Person.objects.get(username=name),
                kind=FactorKind.PASSKEY,
                name="Passkey",
                credential_id=key.credential_id,
                credential=credential,
                created_at=timezone.now(),
            )
        client = Client()
        answer = key.get(client.get("/login/passkey/").context["question"].options)
        pages.append(seen(client.post("/login/passkey/", {"answer": answer})))
    assert all(page == pages[0] for page in pages)
    assert pages[0][0] == 422


def test_links_that_are_used_over_or_of_nobody_get_the_same_answer(everybody) -> None:
    at, answers = timezone.now(), []
    for name, ended in (("plain", at), ("deleted", None), ("locked", None), ("by-provider", at)):
        secret = f"{name:x<43}"
        AccountLink.objects.create(
            person=Person.objects.get(username=name),
            purpose="SET_UP",
            digest=sha256(secret.encode()).hexdigest(),
            email="a@example.org",
            created_at=at,
            expires_at=at + timedelta(hours=1),
            ended_at=ended,
        )
        answers.append(work_of(lambda secret=secret: Client().get(f"/links/{secret}/")))
        with pytest.raises(NotVisible):
            set_password_by_link(secret, PASSWORD, "192.0.2.1", at=at)
    answers.append(work_of(lambda: Client().get(f"/links/{'y' * 43}/")))
    first = seen(answers[0][0]), answers[0][1]
    assert all((seen(answer), work) == first for answer, work in answers)
    assert answers[0][0].status_code == 404


@pytest.mark.parametrize(
    "path",
    ["", "unlock/", "reset/", "delete/", "security/", "security/reset/", "security/sessions/end/"],
)
def test_an_administrator_meets_others_people_as_if_there_were_none(everybody, path) -> None:
    petra = make_person("petra", [(make_user_id(), ADMINISTRATOR)])
    client = Client()
    log_in(client, petra)
    answers = []
    for number in (Person.objects.get(username="locked").pk, 10**9):
        address = f"/people/{number}/{path}"
        given = {"version": "1", "reason": "Lost", "credential": "link", "username": "locked"}
        answers.append([seen(client.get(address)), seen(client.post(address, given))])
    theirs, nobodys = (str(one).replace(str(10**9), "N") for one in answers)
    locked = str(Person.objects.get(username="locked").pk)
    assert theirs.replace(f"/{locked}/", "/N/") == nobodys
    assert answers[0][1][0] in (404, 405)


def test_a_reset_by_name_says_the_same_of_others_people_and_of_none(everybody) -> None:
    petra = make_person("petra", [(make_user_id(), ADMINISTRATOR)], password=PASSWORD)
    token = bearer(petra, proved=True)
    answers = []
    for name in ("plain", "nobody"):
        given = {"username": name, "reason": "Lost"}
        answer = Client().post("/api/v1/factor-resets", given, "application/json", **token)
        problem = {name: one for name, one in answer.json().items() if name != "request_id"}
        answers.append((answer.status_code, problem))
    assert answers[0] == answers[1]
    assert answers[0][0] == 404
