"""Service accounts: a program's account, by administrators, with tokens and no log-in (FSM-17)."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from meterdesk.identity.access import people_visible_to
from meterdesk.identity.actions import begin_session, check_password
from meterdesk.identity.models import Organisation, Person, RoleAssignment
from meterdesk.identity.rules import DeskRole, JobTypeRole, Proof
from meterdesk.identity.tests.factories import (
    PASSWORD,
    actor_for,
    bearer,
    log_in,
    make_organisation,
    make_person,
    make_user_id,
)
from meterdesk.kernel.errors import NotAllowed
from meterdesk.notifications.models import OutgoingMessage
from meterdesk.platform.models import ActivityEntry

pytestmark = [pytest.mark.django_db, pytest.mark.req("FSM-17", "SSI-NFR-27")]

ADMINISTRATOR = JobTypeRole.ORGANISATIONAL_ADMINISTRATOR
PATH = "/api/v1/service-accounts"


@pytest.fixture
def alder() -> Organisation:
    return make_organisation("Alder Energy")


@pytest.fixture
def own(alder: Organisation) -> str:
    return make_user_id(organisation=alder)


@pytest.fixture
def ann(own: str) -> Person:
    return make_person("ann", [(own, ADMINISTRATOR)])


def roles(user_id: str, *names: JobTypeRole) -> list[dict[str, str]]:
    return [{"user_id": user_id, "job_type_role": name.value} for name in names]


def opened(client: Client, admin: Person, user_id: str, **more: Any) -> Any:
    given = {
        "username": "alder.billing",
        "name": "Billing",
        "purpose": "Reads the inventory every night. Gwen answers for it.",
        "roles": roles(user_id, JobTypeRole.SERVICE_MANAGEMENT_USER),
        **more,
    }
    return client.post(PATH, given, "application/json", **bearer(admin))


def token_of(client: Client, admin: Person, account_id: int, **more: Any) -> Any:
    ends = (timezone.now() + timedelta(hours=5)).isoformat()
    given = {"name": "Nightly", "expires_at": ends, **more}
    path = f"{PATH}/{account_id}/tokens"
    return client.post(path, given, "application/json", **bearer(admin))


def test_it_has_the_roles_it_was_given_as_they_are_at_each_call(client, ann, own) -> None:
    account = opened(client, ann, own).json()
    secret = token_of(client, ann, account["id"]).json()["secret"]
    by_it = {"HTTP_AUTHORIZATION": f"Bearer {secret}"}
    me = client.get("/api/v1/me", **by_it).json()
    assert (me["username"], me["roles"]) == ("alder.billing", ["Service Management User"])
    assert client.get("/api/v1/incidents", **by_it).status_code == 200
    assert client.get("/api/v1/organisation-tokens", **by_it).status_code == 403

    path = f"{PATH}/{account['id']}"
    change = {**account, "roles": roles(own, JobTypeRole.CALL_CENTRE_USER)}

    def put(tag: str) -> Any:
        how = {**bearer(ann), "HTTP_IF_MATCH": tag}
        return client.put(path, change, "application/json", **how)

    assert put('"v9"').status_code == 412
    assert put('"v1"').json()["version"] == 2
    assert client.get("/api/v1/incidents", **by_it).status_code == 403

    assert client.delete(path, **bearer(ann)).status_code == 204
    assert client.get("/api/v1/me", **by_it).status_code == 401
    assert client.delete(path, **bearer(ann)).status_code == 409
    verbs = ActivityEntry.objects.filter(subject="alder.billing").order_by("pk")
    assert list(verbs.values_list("verb", flat=True)) == [
        "identity.open_service_account",
        "identity.change_service_account",
        "identity.revoke_tokens",
        "identity.close_service_account",
    ]
    changed = verbs.get(verb="identity.change_service_account").detail
    assert changed["before"]["roles"] == [f"Service Management User on {own}"]
    assert changed["after"]["roles"] == [f"Call Centre User on {own}"]


def test_it_is_nobody_who_logs_in_or_stands_among_the_people(client, rf, ann, own) -> None:
    account_id = opened(client, ann, own).json()["id"]
    assert check_password("alder.billing", PASSWORD, "203.0.113.9", at=timezone.now()) is None
    with pytest.raises(NotAllowed):
        begin_session(rf.get("/"), account_id, proofs=[Proof.PROVIDER], at=timezone.now())
    listed = client.get("/api/v1/service-accounts", **bearer(ann)).json()["items"]
    assert [one["username"] for one in listed] == ["alder.billing"]
    assert not Person.objects.filter(people_visible_to(actor_for(ann)), pk=account_id).exists()


def test_others_do_not_know_of_it(client, ann, own) -> None:
    account_id = opened(client, ann, own).json()["id"]
    rival = make_person("rival", [(make_user_id(), ADMINISTRATOR)])
    olive = make_person("olive", desk=[DeskRole.ADMINISTRATOR])
    for person in (rival, olive):
        how = bearer(person)
        assert client.get(f"{PATH}/{account_id}", **how).status_code == 404
        assert client.delete(f"{PATH}/{account_id}", **how).status_code == 404
        assert token_of(client, person, account_id).status_code == 404
        assert client.get(PATH, **how).json()["items"] == []
    listed = client.get("/api/v1/organisation-tokens?state=all", **bearer(rival)).json()["items"]
    assert {one["owner"] for one in listed} == {"rival"}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"roles": [("own", ADMINISTRATOR)]}, "roles"),
        ({"roles": [("foreign", JobTypeRole.MI_USER)]}, "roles"),
        ({"desk_roles": ["AGENT"]}, "desk"),
        ({"name": "  "}, "name"),
        ({"purpose": "  "}, "purpose"),
        ({"username": "ANN"}, "username"),
    ],
)
def test_what_it_cannot_be(client, ann, own, change, field) -> None:
    if "roles" in change:
        (whose, role) = change["roles"][0]
        change = {"roles": roles(own if whose == "own" else make_user_id(), role)}
    answer = opened(client, ann, own, **change)
    assert answer.status_code in {409, 422}
    assert field in answer.json()["errors"]


def test_its_administrators_read_of_its_tokens(client, ann, own) -> None:
    account_id = opened(client, ann, own).json()["id"]
    OutgoingMessage.objects.all().delete()
    token_of(client, ann, account_id, networks=["203.0.113.0/24"], components=["UC_Inventory"])
    assert OutgoingMessage.objects.get(subject__contains="Nightly").to == ann.email
    foreign = token_of(client, ann, account_id, components=["UC_OrgManager"])
    assert "components" in foreign.json()["errors"]


def test_the_operators_programs_have_desk_roles_that_decide_on_nobody(client) -> None:
    olive = make_person("olive", desk=[DeskRole.ADMINISTRATOR])
    bad = {"roles": [], "desk_roles": ["SECURITY_OFFICER"], "username": "network.robot"}
    assert "desk" in opened(client, olive, "", **bad).json()["errors"]
    account = opened(client, olive, "", **{**bad, "desk_roles": ["AGENT"]}).json()
    secret = token_of(client, olive, account["id"]).json()["secret"]
    me = client.get("/api/v1/me", HTTP_AUTHORIZATION=f"Bearer {secret}").json()
    assert me["desk_permissions"] == ["assign", "network_data", "queue"]


def test_a_change_leaves_the_roles_that_stay_as_they_were(client, ann, own) -> None:
    stays, goes, comes = list(JobTypeRole)[2:5]
    number = opened(client, ann, own, roles=roles(own, stays, goes)).json()["id"]
    long_ago = timezone.now() - timedelta(days=90)
    RoleAssignment.objects.filter(person_id=number).update(assigned_at=long_ago)
    log_in(client, ann)
    page = client.get(f"/service-accounts/{number}/").content.decode()
    assert f"{stays} on {own}" in page
    assert f"Organisational Administrator on {own}" not in page
    ticked = [f"{own}|{stays}", f"{own}|{comes}"]
    given = {"name": "Billing", "purpose": "Gwen", "roles": ticked, "version": 1}
    assert client.post(f"/service-accounts/{number}/", given).status_code == 302
    held = RoleAssignment.objects.filter(person_id=number)
    assert set(held.values_list("job_type_role", flat=True)) == {stays, comes}
    assert held.get(job_type_role=stays).assigned_at == long_ago
    assert held.get(job_type_role=comes).assigned_at > long_ago
