"""Lost second factors: reset by an administrator, for an administrator by two people."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from meterdesk.identity.actions import (
    decide_reset,
    request_reset,
    reset_from_shell,
)
from meterdesk.identity.models import FactorReset, LogInSession, Organisation, Person, SecondFactor
from meterdesk.identity.queries import id_to_reset, waiting_resets
from meterdesk.identity.rules import DeskRole, JobTypeRole, ResetState
from meterdesk.identity.tests.factories import (
    PASSWORD,
    actor_for,
    log_in,
    make_organisation,
    make_person,
    make_user_id,
)
from meterdesk.kernel.errors import Conflict, NotAllowed, NotVisible
from meterdesk.notifications.models import OutgoingMessage
from meterdesk.platform.models import ActivityEntry

pytestmark = [pytest.mark.django_db, pytest.mark.req("FSM-5", "FSM-9", "SSI-FR-60")]
ADMINISTRATOR = JobTypeRole.ORGANISATIONAL_ADMINISTRATOR
WHY = "Telephone lost, called back on the number we hold"


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def alder() -> Organisation:
    return make_organisation("Alder Energy")


def administrator(name: str, alder: Organisation) -> Person:
    return make_person(name, [(make_user_id(organisation=alder), ADMINISTRATOR)])


def worker(alder: Organisation) -> Person:
    role = JobTypeRole.CALL_CENTRE_USER
    return make_person("ann", [(make_user_id(organisation=alder), role)], password=PASSWORD)


def ask(actor: Person, person: Person) -> str | None:
    return request_reset(actor_for(actor), person.pk, WHY, at=timezone.now())


def decide(actor: Person, verb: str = "approve", at: Any = None) -> str | None:
    reset = FactorReset.objects.latest("pk")
    return decide_reset(actor_for(actor), reset.pk, verb, at=at or timezone.now())


def test_an_administrator_resets_and_the_code_opens_the_set_up_alone_and_once(
    client, alder
) -> None:
    ann, amy = worker(alder), administrator("amy", alder)
    mine = Client()
    log_in(mine, ann)
    log_in(client, amy)

    page = client.post(f"/people/{ann.pk}/security/reset/", {"reason": WHY}).content.decode()

    code = re.search(r'data-copy="([A-Z2-9]{5}-[A-Z2-9]{5})"', page)[1]
    assert not FactorReset.objects.filter(code_digest__contains=code).exists()
    assert mine.get("/profile/").status_code == 302
    told = OutgoingMessage.objects.get(to="ann@example.org")
    assert "second factors were reset" in told.subject
    assert code not in told.body
    assert code not in str(list(ActivityEntry.objects.values_list("detail", flat=True)))

    fresh = Client()
    fresh.post("/login/", {"username": "ann", "password": PASSWORD})
    assert fresh.get("/profile/").status_code == 302, "the password alone opens nothing"
    assert fresh.post("/login/code/", {"code": code.lower()})["Location"] == "/welcome/"
    assert fresh.get("/welcome/")["Location"] == "/set-up/"
    assert fresh.get("/set-up/")["Location"] == "/set-up/authenticator/"
    again = Client()
    again.post("/login/", {"username": "ann", "password": PASSWORD})
    assert again.post("/login/code/", {"code": code}).status_code == 422


def test_a_reset_code_ends_after_three_days_and_with_the_next_reset(alder) -> None:
    ann, amy = worker(alder), administrator("amy", alder)
    first = ask(amy, ann)
    ask(amy, ann)
    client = Client()
    client.post("/login/", {"username": "ann", "password": PASSWORD})
    assert client.post("/login/code/", {"code": first}).status_code == 422
    second = ask(amy, ann)
    FactorReset.objects.update(code_expires_at=timezone.now())
    assert client.post("/login/code/", {"code": second}).status_code == 422


def test_an_administrators_reset_takes_two_others(alder) -> None:
    lost, asks, agrees = (administrator(name, alder) for name in ("lost", "asks", "agrees"))
    LogInSession.objects.all().delete()
    assert ask(asks, lost) is None
    assert SecondFactor.objects.filter(person=lost).exists()
    assert [one.username for one in waiting_resets(actor_for(agrees), at=timezone.now())] == [
        "lost"
    ]
    with pytest.raises(Conflict):
        ask(agrees, lost)
    for wrong in (asks, lost):
        with pytest.raises(NotAllowed):
            decide(wrong)
    assert decide(agrees)
    assert not SecondFactor.objects.filter(person=lost).exists()
    reset = FactorReset.objects.get()
    assert (reset.requested_by, reset.decided_by, reset.state) == (asks, agrees, ResetState.DONE)
    verbs = set(ActivityEntry.objects.values_list("verb", flat=True))
    assert {"identity.request_factor_reset", "identity.reset_factors"} <= verbs
    with pytest.raises(Conflict):
        decide(agrees)


def test_a_locked_administrator_still_takes_two(alder) -> None:
    lost, asks = administrator("lost", alder), administrator("asks", alder)
    Person.objects.filter(pk=lost.pk).update(status=Person.Status.LOCKED)
    assert ask(asks, lost) is None


@pytest.mark.parametrize("verb", ["refuse", "withdraw"])
def test_a_request_is_refused_by_another_and_withdrawn_by_its_maker(alder, verb) -> None:
    lost, asks, other = (administrator(name, alder) for name in ("lost", "asks", "other"))
    ask(asks, lost)
    right, wrong = (asks, other) if verb == "withdraw" else (other, asks)
    with pytest.raises(NotAllowed):
        decide(wrong, verb)
    decide(right, verb)
    assert SecondFactor.objects.filter(person=lost).exists()
    assert ask(asks, lost) is None, "it may be asked for again"


def test_a_request_ends_after_three_days(alder) -> None:
    lost, asks, other = (administrator(name, alder) for name in ("lost", "asks", "other"))
    ask(asks, lost)
    late = timezone.now() + timedelta(hours=72)
    with pytest.raises(Conflict):
        decide(other, at=late)
    assert waiting_resets(actor_for(other), at=late) == []
    FactorReset.objects.update(requested_at=timezone.now() - timedelta(hours=72))
    assert ask(other, lost) is None


def test_where_a_party_has_nobody_left_the_operator_agrees_and_else_it_does_not(alder) -> None:
    zeb, zoe = (make_person(name, desk=[DeskRole.ADMINISTRATOR]) for name in ("zeb", "zoe"))
    lost, asks = administrator("lost", alder), administrator("asks", alder)
    with pytest.raises(NotVisible):
        ask(zeb, lost)
    ask(asks, lost)
    assert "wait" in OutgoingMessage.objects.get(to="zoe@example.org").subject
    third = administrator("third", alder)
    with pytest.raises(NotVisible):
        decide(zeb)
    third.delete()
    assert decide(zeb)
    Person.objects.filter(pk=asks.pk).update(status=Person.Status.DELETED)
    assert id_to_reset(actor_for(zeb), "LOST") == lost.pk
    assert ask(zeb, lost) is None
    with pytest.raises(NotAllowed):
        decide(zeb)
    assert decide(zoe)


def test_competitors_and_ordinary_people_find_nothing_to_reset(alder) -> None:
    ann = worker(alder)
    rival = administrator("rival", make_organisation("Rival Power"))
    zeb = make_person("zeb", desk=[DeskRole.ADMINISTRATOR])
    agent = make_person("agent", desk=[DeskRole.AGENT])
    administrator("amy", alder)
    for outsider in (rival, zeb, agent, make_person("bob", organisation=alder)):
        with pytest.raises(NotVisible):
            ask(outsider, ann)
    lost = administrator("lost", alder)
    ask(Person.objects.get(username="amy"), lost)
    for outsider in (rival, agent):
        assert waiting_resets(actor_for(outsider), at=timezone.now()) == []
        with pytest.raises(NotVisible):
            decide(outsider)


def test_nobody_resets_oneself(alder) -> None:
    amy = administrator("amy", alder)
    with pytest.raises(NotAllowed):
        ask(amy, amy)


def test_the_shell_is_the_last_resort(alder) -> None:
    ann = worker(alder)
    assert reset_from_shell("ANN", "Nobody is left", at=timezone.now())
    assert not SecondFactor.objects.filter(person=ann).exists()
    with pytest.raises(NotVisible):
        reset_from_shell("nobody", "Nobody is left", at=timezone.now())
