"""Rights come from roles on UserIds, own and granted, at the moment of asking."""

from collections.abc import Callable
from io import BytesIO

import pytest
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.utils import timezone

from meterdesk.identity.actions import rescind_grant
from meterdesk.identity.models import Person, RoleAssignment, UserId
from meterdesk.identity.rules import DeskRole, JobTypeRole, UserRole
from meterdesk.identity.tests.factories import (
    actor_for,
    bearer,
    grant,
    log_in,
    make_organisation,
    make_person,
    make_user_id,
)

pytestmark = pytest.mark.django_db


@pytest.mark.req("SSI-NFR-2", "SSI-NFR-26", "SSI-NFR-27")
def test_roles_give_components_for_their_own_user_id_only() -> None:
    alder = make_organisation("Alder Energy")
    electricity = make_user_id(organisation=alder, role=UserRole.IS)
    gas = make_user_id(organisation=alder, role=UserRole.GS)
    person = make_person(
        "nia",
        [
            (electricity, JobTypeRole.CALL_CENTRE_USER),
            (gas, JobTypeRole.SERVICE_MANAGEMENT_USER),
        ],
    )

    actor = actor_for(person)

    assert actor.user_ids == {electricity, gas}
    assert actor.user_ids_for("UC_RaiseSMI") == {gas}
    assert not actor.may_use("UC_OrgManager")


@pytest.mark.req("SSI-NFR-33")
def test_a_role_on_anothers_user_id_counts_while_the_grant_is_in_force() -> None:
    supplier = make_user_id(role=UserRole.GS)
    agency = make_organisation()
    agent = make_user_id(organisation=agency, role=UserRole.RSA)
    person = make_person(
        "viktor",
        [(agent, JobTypeRole.LOGISTICS), (supplier, JobTypeRole.LOGISTICS)],
        organisation=agency,
    )
    assert actor_for(person).user_ids == {agent}

    granted = grant(supplier, agent)
    assert actor_for(person).user_ids == {agent, supplier}

    rescind_grant(None, granted, at=timezone.now())
    assert actor_for(person).user_ids == {agent}


@pytest.mark.req("SSI-FR-63", "SSI-NFR-23", "SSI-NFR-24", "SSI-NFR-25")
def test_me_answers_who_one_is_and_what_one_may_use(client) -> None:
    eui = make_user_id()
    person = make_person("nia", [(eui, JobTypeRole.MI_USER)])

    me = client.get("/api/v1/me", **bearer(person)).json()

    assert me["username"] == "nia"
    assert me["organisation"] == person.organisation.name
    assert me["user_ids"] == [eui]
    assert me["roles"] == ["MI User"]
    assert me["components"]["UC_Reports"] is True
    assert me["components"]["UC_OrgManager"] is False
    assert len(me["components"]) == 22


@pytest.mark.req("SSI-NFR-7")
def test_a_change_of_roles_takes_effect_in_an_open_session_and_token(client) -> None:
    person = make_person("ada", [(make_user_id(), JobTypeRole.ORGANISATIONAL_ADMINISTRATOR)])
    log_in(client, person)
    token = bearer(person)
    assert client.get("/people/").status_code == 200
    assert client.get("/api/v1/me", **token).json()["components"]["UC_OrgManager"] is True

    RoleAssignment.objects.filter(person=person).delete()

    assert client.get("/people/").status_code == 403
    assert client.get("/api/v1/me", **token).json()["components"]["UC_OrgManager"] is False


class TricklingBody(BytesIO):
    """A body in the midst of whose arrival something happens."""

    def __init__(self, content: bytes, meanwhile: Callable[[], object]) -> None:
        super().__init__(content)
        self.meanwhile = meanwhile

    def read(self, size: int | None = -1) -> bytes:
        if self.tell() == 0:
            self.meanwhile()
        return super().read(size)


@pytest.mark.req("SSI-NFR-7", "SEC-1")
@pytest.mark.parametrize("by", ["form", "upload", "token"])
def test_rights_that_end_while_a_request_trickles_in_are_gone_when_it_is_there(
    client, monkeypatch, by
) -> None:
    monkeypatch.setattr("meterdesk.config.middleware.SLOW_BODY_SECONDS", -1.0)
    eui = make_user_id()
    person = make_person("ada", [(eui, JobTypeRole.ORGANISATIONAL_ADMINISTRATOR)])
    log_in(client, person)
    given = {"path": "/networks/request/", "CONTENT_TYPE": "application/x-www-form-urlencoded"}
    content = b"kind=INTERNET&cidr=198.51.100.7&why=Office"
    if by == "upload":
        given["CONTENT_TYPE"] = MULTIPART_CONTENT
        fields = {"kind": "INTERNET", "cidr": "198.51.100.7", "why": "Office"}
        content = encode_multipart(BOUNDARY, fields)
    if by == "token":
        given = {"path": "/api/v1/networks", "CONTENT_TYPE": "application/json", **bearer(person)}
        content = b'{"kind": "INTERNET", "cidr": "198.51.100.7", "why": "Office"}'

    def sent(meanwhile: Callable[[], object]) -> int:
        body = {
            "wsgi.input": TricklingBody(content, meanwhile),
            "CONTENT_LENGTH": str(len(content)),
        }
        return client.generic("POST", **given, **body).status_code

    assert sent(lambda: None) not in {401, 403}
    assert sent(lambda: RoleAssignment.objects.filter(person=person).delete()) == 403
    gone = sent(lambda: Person.objects.filter(pk=person.pk).update(status="LOCKED"))
    assert gone == (401 if by == "token" else 302)


@pytest.mark.req("SSI-NFR-7")
@pytest.mark.parametrize("status", ["LOCKED", "DELETED"])
def test_a_lock_ends_open_sessions_and_tokens(client, status) -> None:
    person = make_person("ada", [(make_user_id(), JobTypeRole.MI_USER)])
    log_in(client, person)
    token = bearer(person)
    assert client.get("/profile/").status_code == 200

    Person.objects.filter(pk=person.pk).update(status=status)

    assert client.get("/profile/")["Location"].startswith("/login/")
    refused = client.get("/api/v1/me", **token)
    assert refused.status_code == 401
    assert refused["Content-Type"] == "application/problem+json"


@pytest.mark.req("SSI-NFR-33")
def test_a_rescinded_grant_ends_what_rests_on_it_at_once(client) -> None:
    supplier = make_user_id(role=UserRole.GS)
    agent = make_user_id(role=UserRole.RSA)
    agency = UserId.objects.get(eui=agent).organisation
    person = make_person(
        "viktor", [(supplier, JobTypeRole.SMART_METER_OPERATIONS_USER)], organisation=agency
    )
    granted = grant(supplier, agent)
    log_in(client, person)
    assert client.get("/devices/").status_code == 200

    rescind_grant(None, granted, at=timezone.now())

    assert client.get("/devices/").status_code == 403


def test_session_person_and_rights_cost_three_queries(client, django_assert_num_queries) -> None:
    person = make_person("ann", [(make_user_id(), JobTypeRole.MI_USER)])
    desk = make_person("wren", desk=[DeskRole.AGENT])
    for someone in (person, desk):
        log_in(client, someone)
        with django_assert_num_queries(3):
            assert client.post("/session").status_code == 204
