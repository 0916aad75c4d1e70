"""What an assertion gives, read again on every request; and what ends it."""

import pytest
from django.test import Client
from django.utils import timezone

from meterdesk.federation.actions import take_step
from meterdesk.federation.tests.factories import log_in_through, make_federation
from meterdesk.identity.actions import imports, rescind_grant
from meterdesk.identity.models import (
    AccountImportRow,
    LogInSession,
    Person,
    RoleAssignment,
    UserId,
)
from meterdesk.identity.queries import actor_of
from meterdesk.identity.rules import JobTypeRole
from meterdesk.identity.tests.factories import (
    actor_for,
    grant,
    make_person,
    make_user_id,
    token_for,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def alder():
    return make_federation()


def ann() -> Person:
    return Person.objects.select_related("organisation").get(username="ann")


def acting(client: Client):
    return actor_of(ann(), assertion=client.session["assertion"])


@pytest.mark.req("SSI-NFR-19", "SSI-NFR-26", "SSI-NFR-27")
def test_every_role_applies_to_every_user_id_that_is_named(client, alder) -> None:
    second, third = (make_user_id(organisation=alder.organisation) for _ in range(2))
    named = f"{alder.user_id}, {second.lower()}"
    log_in_through(client, alder, roles="MI User,Call Centre User", user_ids=named)
    actor = acting(client)
    assert actor.user_ids == {alder.user_id, second}
    assert third not in actor.user_ids
    for user_id in actor.user_ids:
        assert actor.job_type_roles[user_id] == {"MI User", "Call Centre User"}


@pytest.mark.req("SSI-NFR-7", "SSI-NFR-33")
def test_a_rescinded_grant_gives_nothing_from_the_next_request_on(client, alder) -> None:
    theirs = make_user_id()
    grant_id = grant(theirs, alder.user_id)
    log_in_through(client, alder, user_ids=f"{alder.user_id},{theirs}")
    assert theirs in acting(client).user_ids
    rescind_grant(None, grant_id, at=timezone.now())
    assert acting(client).user_ids == {alder.user_id}
    page = client.get("/profile/").content.decode()
    assert alder.user_id in page
    assert theirs not in page


@pytest.mark.req("SSI-NFR-27")
def test_assigned_roles_neither_add_to_an_assertion_nor_come_from_it(client, alder) -> None:
    log_in_through(client, alder, roles="MI User")
    RoleAssignment.objects.create(
        person=ann(),
        user_id_id=alder.user_id,
        job_type_role=JobTypeRole.ORGANISATIONAL_ADMINISTRATOR,
        assigned_at=timezone.now(),
    )
    assert client.get("/people/").status_code == 403
    assert acting(client).job_type_roles[alder.user_id] == {"MI User"}
    RoleAssignment.objects.all().delete()
    assert actor_for(ann()).entitlements == {}
    token = {"HTTP_AUTHORIZATION": f"Bearer {token_for(ann())}"}
    assert client.get("/api/v1/me", **token).json()["roles"] == []


@pytest.mark.req("SSI-NFR-7", "SSI-NFR-15")
def test_suspending_a_provider_ends_its_sessions_at_once(client, alder) -> None:
    log_in_through(client, alder)
    provider = alder.provider
    profile = client.get("/profile/").content.decode()
    assert f"<dt>Identity provider</dt><dd>{provider.name}</dd>" in profile
    take_step(
        actor_for(alder.operator),
        provider.pk,
        "suspend",
        provider.version,
        why="Key stolen",
        at=timezone.now(),
    )
    assert client.get("/profile/").status_code == 302
    assert LogInSession.objects.get().ended_by == alder.operator
    assert Client().get("/saml/alder-energy/").status_code == 404


@pytest.mark.req("SSI-FR-58", "SSI-NFR-19", "SSI-NFR-25")
def test_a_file_of_accounts_is_opened_with_what_the_assertion_still_gives(
    alder, monkeypatch
) -> None:
    monkeypatch.setattr(imports, "IMPORT_AT_ONCE", 0)
    petra = make_person("petra", organisation=alder.organisation, by_provider=True)
    asserted = {
        "provider_id": alder.provider.pk,
        "roles": [JobTypeRole.ORGANISATIONAL_ADMINISTRATOR],
        "user_ids": [alder.user_id],
    }

    def handed_in(username: str) -> int:
        acting, at = actor_of(petra, assertion=asserted), timezone.now()
        line = f"{username},Nia,Howell,{username}@alder.example"
        content = f"username,first_name,last_name,email\n{line}".encode()
        number = imports.check_import(acting, "accounts.csv", content, at=at)
        imports.go_on_with_import(number, at=at)
        imports.apply_import(acting, number, at=at)
        return number

    def opened(number: int) -> bool:
        imports.go_on_with_import(number, at=timezone.now())
        (row,) = AccountImportRow.objects.filter(account_import_id=number)
        assert (row.outcome, row.reason) in {("CREATED", ""), ("REFUSED", imports._NO_RIGHT)}
        return Person.objects.filter(username=row.username).exists()

    assert opened(handed_in("as-asked"))
    number = handed_in("suspended")
    UserId.objects.filter(eui=alder.user_id).update(suspension="NOTHING")
    assert not opened(number)
    UserId.objects.update(suspension="NONE")
    number = handed_in("disowned")
    why, at = "Key stolen", timezone.now()
    take_step(actor_for(alder.operator), alder.provider.pk, "suspend", None, why=why, at=at)
    assert not opened(number)


def test_a_request_costs_as_many_queries_as_with_a_password(
    client, alder, django_assert_max_num_queries
) -> None:
    log_in_through(client, alder)
    with django_assert_max_num_queries(4):
        client.get("/session")
