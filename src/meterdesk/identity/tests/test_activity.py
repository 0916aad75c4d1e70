"""The activity log: each organisation its own, the security officer all of it (FSM-10, SEC-1)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from meterdesk.identity.actions import (
    check_password,
    edit_account,
    log_keeping,
    suspend_organisation,
    unlock_person,
)
from meterdesk.identity.actions.account_details import AccountDetails
from meterdesk.identity.models import Person
from meterdesk.identity.queries import activity
from meterdesk.identity.rules import DeskRole, JobTypeRole, Suspension
from meterdesk.identity.tests.factories import (
    PASSWORD,
    actor_for,
    bearer,
    grant,
    log_in,
    make_organisation,
    make_person,
    make_user_id,
)
from meterdesk.kernel.errors import NotAllowed
from meterdesk.kernel.paging import PageRequest
from meterdesk.notifications.models import OutgoingMessage
from meterdesk.platform import activity as log
from meterdesk.platform.activity.reading import EntrySearch

pytestmark = [pytest.mark.django_db, pytest.mark.req("FSM-10", "SEC-1")]

ADMINISTRATOR = JobTypeRole.ORGANISATIONAL_ADMINISTRATOR


@pytest.fixture
def alder() -> str:
    return make_user_id(organisation=make_organisation("Alder Energy"))


@pytest.fixture
def ann(alder: str) -> Person:
    return make_person("ann", [(alder, ADMINISTRATOR)])


@pytest.fixture
def olive() -> Person:
    return make_person("olive", desk=[DeskRole.ADMINISTRATOR])


@pytest.fixture
def sol() -> Person:
    return make_person("sol", desk=[DeskRole.SECURITY_OFFICER])


def read(person: Person, **search: object) -> list[tuple[str, str, str]]:
    wanted = EntrySearch(**search)  # type: ignore[arg-type]
    page = activity(actor_for(person), wanted, PageRequest(500))
    return [(line.verb, line.subject, line.who) for line in page.items]


def test_an_organisation_reads_its_own_and_not_who_at_the_operator_did_it(
    ann, olive, sol, alder
) -> None:
    make_person("rival", [(make_user_id(), ADMINISTRATOR)])
    at = timezone.now()
    suspend_organisation(
        actor_for(olive), ann.organisation_id, Suspension.READ_ONLY, "Unpaid.", version=1, at=at
    )
    own = read(ann)
    assert ("identity.suspend_organisation", "Alder Energy", "National Metering Network") in own
    assert not [one for one in own if one[1] == "rival"]
    everything = read(sol)
    assert ("identity.suspend_organisation", "Alder Energy", "olive") in everything
    assert [one for one in everything if one[1] == "rival"]
    assert read(ann, organisation_id=olive.organisation_id) == own
    assert read(sol, organisation_id=ann.organisation_id, verb="identity.suspend_organisation")


def test_who_has_no_right_reads_nothing(client, ann, olive, alder) -> None:
    plain = make_person("plain", [(alder, JobTypeRole.ALL_ACCESS)])
    theirs = make_user_id()
    grant(alder, theirs)
    at_rival = Person.objects.get(pk=make_person("rival", [(theirs, ADMINISTRATOR)]).pk)
    guarding = make_person(
        "guarding", [(alder, JobTypeRole.SECURITY_USER)], organisation=at_rival.organisation
    )
    for person in (plain, guarding, olive):
        with pytest.raises(NotAllowed):
            read(person)
        client = Client()
        log_in(client, person)
        assert client.get("/activity/").status_code == 403
        assert client.get("/activity/export.csv").status_code == 403
        assert client.get("/api/v1/activity", **bearer(person)).status_code == 403


def test_a_security_user_reads_it_and_a_token_limited_to_something_else_does_not(
    client, alder
) -> None:
    guard = make_person("guard", [(alder, JobTypeRole.SECURITY_USER)])
    answer = client.get("/api/v1/activity?who=GUARD", **bearer(guard))
    assert [one["what"] for one in answer.json()["items"]] == ["Created an API token"]
    narrow = bearer(guard, ["UC_Inventory"])
    assert client.get("/api/v1/activity", **narrow).status_code == 403


def test_it_is_found_by_person_subject_kind_outcome_and_day(client, ann, settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    ann.set_password("seventeen calm otters")
    ann.save(update_fields=["password"])
    at = timezone.now()
    ann.set_password(PASSWORD)
    ann.save()
    for hour in range(6):
        check_password("ann", "wrong", "203.0.113.9", at=at + timedelta(hours=hour))
    failed = read(ann, failed=True)
    assert {one[0] for one in failed} == {"identity.log_in_failed", "identity.lock"}
    assert len(read(ann, failed=True, ends=at + timedelta(hours=2))) == 2
    assert len(read(ann, failed=True, begins=at + timedelta(hours=4))) == 2
    assert not {one[0] for one in failed} & {one[0] for one in read(ann, failed=False)}
    assert {one[1] for one in read(ann, subject="ann")} == {"ann"}
    assert read(ann, area="identity") == read(ann)
    assert read(ann, area="incidents") == []

    Person.objects.update(status=Person.Status.ACTIVE)
    log_in(client, Person.objects.get(pk=ann.pk))
    page = client.get("/activity/", {"outcome": "failed"}).content.decode()
    assert "Account locked after failed log-ins" in page
    assert client.get("/activity/", {"begins": "yesterday"}).status_code == 200
    rows = b"".join(client.get("/activity/export.csv", {"about": "ann"}).streaming_content)
    assert b"Log-in failed" in rows
    assert ("tables.export", "activity", "ann") in read(ann)


def test_what_an_administrator_changes_stands_in_it_before_and_after(ann, alder) -> None:
    ben = make_person("ben", [(alder, JobTypeRole.MI_USER)])
    details = AccountDetails(
        ben.first_name, ben.last_name, ben.email,
        roles=frozenset({(alder, JobTypeRole.CALL_CENTRE_USER)}),
    )  # fmt: skip
    edit_account(actor_for(ann), ben.pk, details, None, at=timezone.now())
    Person.objects.filter(pk=ben.pk).update(status=Person.Status.LOCKED)
    unlock_person(actor_for(ann), ben.pk, None, at=timezone.now())
    page = activity(actor_for(ann), EntrySearch(subject="ben"), PageRequest(10))
    facts = {line.verb: dict(line.facts) for line in page.items}
    assert "MI User" in facts["identity.edit_account"]["Before"]
    assert "Call Centre User" in facts["identity.edit_account"]["After"]
    assert "identity.unlock" in facts


@pytest.mark.database
def test_the_night_verifies_the_log_and_tells_the_security_officer_when_it_broke(
    client, ann, sol
) -> None:
    at = timezone.now()
    assert log_keeping.verify_activity_log(at=at)
    log_in(client, sol)
    assert "Whole" in client.get("/activity/").content.decode()
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into platform_activityseal (upto_transaction, entries, digest, at)"
            " values (9223372036854775807, 1, %s, %s)",
            [b"0" * 32, at],
        )
    assert not log_keeping.verify_activity_log(at=at + timedelta(days=1))
    assert "Altered" in client.get("/activity/").content.decode()
    assert OutgoingMessage.objects.filter(subject="The activity log was altered").count() == 1


def test_pages_follow_one_another_without_gap_or_repeat(ann) -> None:
    at = timezone.now()
    for number in range(12):
        log.record(actor=actor_for(ann), verb="test.write", subject=str(number), at=at)
    seen, cursor = [], None
    while True:
        page = activity(actor_for(ann), EntrySearch(verb="test.write"), PageRequest(5, cursor))
        seen += [line.subject for line in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert seen == [str(number) for number in reversed(range(12))]


def test_what_was_stands_before_what_became(ann) -> None:
    at = timezone.now()
    edit_account(
        actor_for(ann),
        ann.pk,
        AccountDetails("Ann", "Other", ann.email, roles=_roles(ann)),
        None,
        at=at,
    )
    (line,) = [
        one
        for one in activity(actor_for(ann), EntrySearch(), PageRequest(50)).items
        if one.verb == "identity.edit_account"
    ]
    assert [name for name, _ in line.facts] == ["Before", "After"]


def _roles(person: Person) -> frozenset[tuple[str, JobTypeRole]]:
    held = person.role_assignments.values_list("user_id_id", "job_type_role")
    return frozenset((eui, JobTypeRole(role)) for eui, role in held)
