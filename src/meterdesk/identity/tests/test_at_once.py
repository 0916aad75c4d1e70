"""Two at the same moment: administrators who remove each other, edits, a link used twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from meterdesk.identity.actions import delete_account, edit_account, set_password_by_link
from meterdesk.identity.actions.account_details import AccountDetails
from meterdesk.identity.actions.credentials import send_link
from meterdesk.identity.models import Person
from meterdesk.identity.rules import JobTypeRole
from meterdesk.identity.rules.accounts import LinkPurpose
from meterdesk.identity.tests.factories import actor_for, make_person, make_user_id
from meterdesk.kernel.errors import NotAllowed, Refused

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
ADMINISTRATOR = JobTypeRole.ORGANISATIONAL_ADMINISTRATOR


def at_once(*calls: Callable[[], Any]) -> list[str]:
    """What became of calls that begin together: done, or the name of the refusal."""
    start = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> str:
        start.wait(timeout=20)
        try:
            call()
            return "done"
        except Refused as refused:
            return type(refused).__name__
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return sorted(pool.map(run, calls))


@pytest.fixture
def pair() -> tuple[Person, Person]:
    eui = make_user_id()
    return make_person("petra", [(eui, ADMINISTRATOR)]), make_person("owen", [(eui, ADMINISTRATOR)])


@pytest.mark.req("FSM-18", "SSI-FR-60")
def test_two_administrators_cannot_remove_each_other(pair) -> None:
    petra, owen = pair
    actors, at = [actor_for(one) for one in pair], timezone.now()
    outcome = at_once(
        lambda: delete_account(actors[0], owen.pk, None, at=at),
        lambda: delete_account(actors[1], petra.pk, None, at=at),
    )
    assert outcome == ["NotAllowed", "done"]
    assert Person.objects.filter(status="ACTIVE").count() == 1


@pytest.mark.req("SSI-NFR-7", "SEC-1")
@pytest.mark.parametrize("how", ["role", "lock"])
def test_an_administrator_who_is_no_longer_one_changes_nothing_in_a_request_under_way(
    pair, how
) -> None:
    petra, owen = pair
    before, at = actor_for(owen), timezone.now()
    if how == "role":
        owen.role_assignments.all().delete()
    else:
        Person.objects.filter(pk=owen.pk).update(status="LOCKED")
    with pytest.raises(NotAllowed):
        delete_account(before, petra.pk, None, at=at)
    petra.refresh_from_db()
    assert petra.status == "ACTIVE"


@pytest.mark.req("SSI-FR-60")
def test_of_two_edits_of_the_same_version_one_is_told(pair) -> None:
    actor, owen, at = actor_for(pair[0]), pair[1], timezone.now()
    roles = frozenset(
        (one.user_id_id, JobTypeRole(one.job_type_role)) for one in owen.role_assignments.all()
    )

    def edit(name: str) -> Callable[[], object]:
        details = AccountDetails(name, "Tester", "owen@example.org", roles=roles)
        return lambda: edit_account(actor, owen.pk, details, owen.version, at=at)

    assert at_once(edit("Ann"), edit("Bea")) == ["Stale", "done"]


@pytest.mark.req("SSI-FR-60", "SSI-NFR-11")
def test_a_link_is_used_once(pair, monkeypatch, settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    secret, at = "s" * 43, timezone.now()
    monkeypatch.setattr(
        "meterdesk.identity.actions.credentials.secrets.token_urlsafe", lambda _: secret
    )
    send_link(pair[1], LinkPurpose.SET_UP, "owen@example.org", "", at)
    calls = [
        lambda text=text: set_password_by_link(secret, text, "192.0.2.1", at=at)
        for text in ("four slow green kettles", "five quick blue ladders")
    ]
    assert at_once(*calls) == ["NotVisible", "done"]
