"""Suspension by the operator: of an organisation or a UserId, to reading or to nothing, at once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from meterdesk.identity.actions import (
    add_grant,
    close_organisation,
    reopen_organisation,
    suspend_organisation,
    suspend_user_id,
)
from meterdesk.identity.models import ApiToken, Grant, Organisation, Person, UserId
from meterdesk.identity.queries import is_written_to, service_management_addresses
from meterdesk.identity.rules import DeskRole, JobTypeRole, Suspension, Totp, UserRole
from meterdesk.identity.tests.factories import (
    PASSWORD,
    TOTP_SECRET,
    actor_for,
    bearer,
    grant,
    log_in,
    make_organisation,
    make_person,
    make_user_id,
)
from meterdesk.kernel.errors import Conflict, NotAllowed, Refused, Stale
from meterdesk.platform.models import ActivityEntry

pytestmark = [pytest.mark.django_db, pytest.mark.req("Suspension of an organisation or a UserId")]

REASON = "Invoices of three months are unpaid"
RAISE = "UC_RaiseSMI"


@pytest.fixture
def operator():
    return actor_for(make_person("zeb", desk=[DeskRole.ADMINISTRATOR]))


def suspend(operator, organisation: Organisation, level: Suspension, reason: str = REASON) -> None:
    organisation.refresh_from_db()
    suspend_organisation(
        operator, organisation.pk, level, reason, organisation.version, at=timezone.now()
    )


def suspend_one(operator, eui: str, level: Suspension) -> None:
    version = UserId.objects.get(eui=eui).version
    suspend_user_id(operator, eui, level, REASON, version, at=timezone.now())


def test_no_access_closes_open_sessions_and_tokens_and_says_why(client, operator) -> None:
    person = make_person("ann", [(make_user_id(), JobTypeRole.ALL_ACCESS)])
    log_in(client, person)
    token = bearer(person)
    assert client.get("/profile/").status_code == 200

    suspend(operator, person.organisation, Suspension.NOTHING)

    for path in ("/profile/", "/devices/", "/", "/set-up/"):
        refused = client.get(path)
        assert refused.status_code == 403, path
        assert REASON in refused.content.decode()
    answer = client.get("/api/v1/me", **token)
    assert (answer.status_code, answer.json()["code"]) == (403, "suspended")
    assert REASON in answer.json()["detail"]
    assert client.post("/logout/").status_code == 302

    suspend(operator, person.organisation, Suspension.NONE)
    assert client.get("/api/v1/me", **token).status_code == 200


@pytest.mark.parametrize("what", ["organisation", "UserId"])
def test_who_may_read_nothing_is_not_written_to_either(operator, what) -> None:
    eui = make_user_id()
    person = make_person("ann", [(eui, JobTypeRole.SERVICE_MANAGEMENT_USER)])
    assert service_management_addresses([eui]) == {eui: [person.email]}
    assert is_written_to(eui)
    if what == "organisation":
        suspend(operator, person.organisation, Suspension.NOTHING)
    else:
        suspend_one(operator, eui, Suspension.NOTHING)
    assert service_management_addresses([eui]) == {}
    assert not is_written_to(eui)


def test_nobody_of_it_logs_in_and_only_who_proves_to_be_of_it_learns_why(client, operator) -> None:
    person = make_person("ann", [(make_user_id(), JobTypeRole.MI_USER)], password=PASSWORD)
    suspend(operator, person.organisation, Suspension.NOTHING)

    wrong = client.post("/login/", {"username": "ann", "password": "wrong"})
    assert REASON not in wrong.content.decode()
    half = client.post("/login/", {"username": "ann", "password": PASSWORD})
    assert REASON not in half.content.decode()
    code = Totp(TOTP_SECRET).next_code(timezone.now())
    refused = client.post("/login/code/", {"code": code})

    assert refused.status_code == 403
    assert REASON in refused.content.decode()
    assert client.get("/profile/").status_code == 302


def test_reading_only_reads_on_and_changes_nothing(client, operator) -> None:
    person = make_person("ann", [(make_user_id(), JobTypeRole.ALL_ACCESS)])
    log_in(client, person)
    token = bearer(person)
    suspend(operator, person.organisation, Suspension.READ_ONLY)

    assert REASON in client.get("/devices/").content.decode()
    assert client.get("/incidents/").status_code == 200
    for answer in (
        client.get("/incidents/raise/"),
        client.post("/incidents/raise/"),
        client.post("/incidents/INC9999999/updates/"),
        client.post("/api/v1/incidents", {}, content_type="application/json", **token),
    ):
        assert answer.status_code == 403
        assert REASON in answer.content.decode()
    assert client.get("/api/v1/incidents", **token).status_code == 200
    assert client.post("/tables/devices/", {"size": "50"}).status_code != 403
    assert client.post("/profile/bookmarks/", {"title": "A", "path": "/"}).status_code != 403


def test_a_user_id_without_access_gives_nothing_and_others_go_on(operator) -> None:
    alder = make_organisation("Alder Energy")
    gas, electricity = (make_user_id(organisation=alder, role=UserRole(r)) for r in ("GS", "IS"))
    role = JobTypeRole.SERVICE_MANAGEMENT_USER
    person = make_person("ann", [(gas, role), (electricity, role)])

    suspend_one(operator, gas, Suspension.NOTHING)

    assert actor_for(person).user_ids == {electricity}
    assert actor_for(person).user_ids_for("UC_ViewSMI") == {electricity}


def test_a_user_id_suspended_to_reading_gives_no_component_of_change(client, operator) -> None:
    alder = make_organisation("Alder Energy")
    gas, electricity = (make_user_id(organisation=alder, role=UserRole(r)) for r in ("GS", "IS"))
    role = JobTypeRole.SERVICE_MANAGEMENT_USER
    both = make_person("both", [(gas, role), (electricity, role)])
    one = make_person("one", [(gas, role)])

    suspend_one(operator, gas, Suspension.READ_ONLY)

    actor = actor_for(both)
    assert actor.read_only == {gas}
    assert actor.user_ids_for("UC_ViewSMI") == {gas, electricity}
    assert actor.user_ids_for(RAISE) == actor.writes_for(RAISE) == {electricity}
    log_in(client, both)
    assert client.get("/incidents/raise/").status_code == 200
    log_in(client, one)
    refused = client.get("/incidents/raise/")
    assert refused.status_code == 403
    assert gas in refused.content.decode()
    assert client.get("/incidents/").status_code == 200


@pytest.mark.parametrize("whose", ["granting", "granted", "organisation"])
@pytest.mark.parametrize("level", [Suspension.READ_ONLY, Suspension.NOTHING])
def test_suspension_reaches_what_is_granted(operator, whose: str, level: Suspension) -> None:
    supplier = make_user_id(role=UserRole.GS)
    agent = make_user_id(role=UserRole.RSA)
    agency = UserId.objects.get(eui=agent).organisation
    role = JobTypeRole.SERVICE_MANAGEMENT_USER
    person = make_person("viktor", [(supplier, role)], organisation=agency)
    grant(supplier, agent)
    assert actor_for(person).user_ids_for(RAISE) == {supplier}

    if whose == "organisation":
        suspend(operator, UserId.objects.get(eui=supplier).organisation, level)
    else:
        suspend_one(operator, supplier if whose == "granting" else agent, level)

    actor = actor_for(person)
    reads = actor.user_ids_for("UC_ViewSMI")
    assert reads == ({supplier} if level is Suspension.READ_ONLY else frozenset())
    assert not actor.user_ids_for(RAISE)


@pytest.mark.req("SSI-NFR-33")
def test_a_grant_past_its_end_gives_nothing_and_can_be_made_anew() -> None:
    supplier = make_user_id(role=UserRole.GS)
    agent = make_user_id(role=UserRole.RSA)
    agency = UserId.objects.get(eui=agent).organisation
    person = make_person("viktor", [(supplier, JobTypeRole.MI_USER)], organisation=agency)
    now = timezone.now() - timedelta(minutes=1)
    add_grant(
        None, supplier, agent, at=now - timedelta(days=2), expires_at=now - timedelta(hours=1)
    )
    assert actor_for(person).user_ids == frozenset()

    add_grant(None, supplier, agent, at=now)

    assert actor_for(person).user_ids == {supplier}
    assert Grant.objects.filter(rescinded_at=None).count() == 1


def test_only_the_operators_administrators_suspend(operator) -> None:
    alder = make_user_id()
    organisation = UserId.objects.get(eui=alder).organisation
    at = timezone.now()
    for actor in (
        actor_for(make_person("adm", [(alder, JobTypeRole.ORGANISATIONAL_ADMINISTRATOR)])),
        actor_for(make_person("agent", desk=[DeskRole.AGENT])),
    ):
        with pytest.raises(NotAllowed):
            suspend_organisation(actor, organisation.pk, Suspension.NOTHING, REASON, 1, at=at)
        with pytest.raises(NotAllowed):
            suspend_user_id(actor, alder, Suspension.NOTHING, REASON, 1, at=at)
        with pytest.raises(NotAllowed):
            close_organisation(actor, organisation.pk, 1, at=at)
    with pytest.raises(Conflict):
        suspend(operator, Organisation.objects.get(kind="OPERATOR"), Suspension.NOTHING)


def test_a_suspension_asks_for_a_reason_and_the_present_version(operator) -> None:
    organisation, at = make_organisation("Alder Energy"), timezone.now()
    with pytest.raises(Refused) as refused:
        suspend_organisation(operator, organisation.pk, Suspension.NOTHING, " ", 1, at=at)
    assert set(refused.value.fields) == {"reason"}
    suspend(operator, organisation, Suspension.READ_ONLY)
    with pytest.raises(Stale):
        suspend_organisation(operator, organisation.pk, Suspension.NONE, "", 1, at=at)
    with pytest.raises(Conflict):
        suspend(operator, organisation, Suspension.READ_ONLY)
    entry = ActivityEntry.objects.get(verb="identity.suspend_organisation")
    assert entry.detail == {"before": "NONE", "after": "READ_ONLY", "reason": REASON}
    assert entry.organisation_id == organisation.pk


def test_closing_ends_accounts_tokens_and_access_and_keeps_the_record(client, operator) -> None:
    eui = make_user_id()
    organisation = UserId.objects.get(eui=eui).organisation
    person = make_person("ann", [(eui, JobTypeRole.ALL_ACCESS)])
    log_in(client, person)
    token = bearer(person)

    assert close_organisation(operator, organisation.pk, 1, at=timezone.now()) == 1

    assert client.get("/profile/").status_code == 302
    assert client.get("/api/v1/me", **token).status_code == 401
    assert ApiToken.objects.get(person=person).revoked_at is not None
    assert Person.objects.get(pk=person.pk).status == "DELETED"
    assert UserId.objects.filter(eui=eui).exists()

    reopen_organisation(operator, organisation.pk, 2, at=timezone.now())
    assert Person.objects.get(pk=person.pk).status == "DELETED"
