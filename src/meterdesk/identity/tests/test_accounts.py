"""Profile, bookmarks and the people of one's organisation."""

import pytest
from django.utils import timezone

from meterdesk.identity.models import Person
from meterdesk.identity.rules import DeskRole, JobTypeRole, UserRole
from meterdesk.identity.tests.factories import (
    grant,
    log_in,
    make_operator,
    make_organisation,
    make_person,
    make_user_id,
)
from meterdesk.platform.models import ActivityEntry

pytestmark = pytest.mark.django_db


@pytest.mark.req("SSI-FR-62", "SSI-FR-63")
def test_the_profile_shows_user_ids_roles_and_every_component_with_yes_or_no(client) -> None:
    agency = make_organisation("Greenlane")
    own = make_user_id(organisation=agency, role=UserRole.RSA)
    theirs = make_user_id(organisation=make_organisation("Alder Energy"), role=UserRole.GS)
    grant(theirs, own)
    person = make_person(
        "viktor",
        [(own, JobTypeRole.LOGISTICS), (theirs, JobTypeRole.MI_USER)],
        organisation=agency,
    )
    log_in(client, person)

    page = client.get("/profile/").content.decode()

    rows = {row.split("</th>")[0]: row for row in page.split('<th scope="row">')}
    granted = next(row for row in rows.values() if theirs in row)
    assert "Granted" in granted
    assert "MI User" in granted
    assert "Alder Energy" in granted
    assert "Gas Supplier" in granted
    assert "<span>Yes</span>" in rows["Reporting"]
    assert "<span>No</span>" in rows["User account management"]
    assert page.count('class="mono">UC_') == 22


@pytest.mark.req("SSI-FR-63")
def test_bookmarks_are_added_and_removed_and_stay_on_this_site(client) -> None:
    person = make_person("ann", [(make_user_id(), JobTypeRole.MI_USER)])
    log_in(client, person)
    assert (
        'value="/people/?text=a"'
        in client.get("/profile/bookmarks/", {"path": "/people/?text=a"}).content.decode()
    )
    client.post("/profile/bookmarks/", {"title": "People", "path": "/people/"})
    assert person.bookmarks.get().path == "/people/"
    for path in ("https://evil.example/", "//evil.example", "/\\evil", "javascript:alert(1)"):
        answer = client.post("/profile/bookmarks/", {"title": "x", "path": path})
        assert answer.status_code == 422
    client.post(f"/profile/bookmarks/{person.bookmarks.get().pk}/remove/")
    assert not person.bookmarks.exists()


def administrator(organisation) -> Person:
    eui = make_user_id(organisation=organisation)
    return make_person("admin", [(eui, JobTypeRole.ORGANISATIONAL_ADMINISTRATOR)])


def locked(name: str, organisation) -> Person:
    person = make_person(name, organisation=organisation)
    person.status, person.locked_at = Person.Status.LOCKED, timezone.now()
    person.save()
    return person


@pytest.mark.req("SSI-FR-58", "SSI-FR-59", "SSI-FR-60", "SSI-NFR-25")
def test_an_administrator_sees_and_unlocks_people_of_the_own_organisation(client) -> None:
    alder, brightwell = make_organisation("Alder Energy"), make_organisation("Brightwell")
    ours, theirs = locked("ours", alder), locked("theirs", brightwell)
    log_in(client, administrator(alder))

    page = client.get("/people/").content.decode()
    assert "ours" in page
    assert "theirs" not in page
    assert client.post(f"/people/{theirs.pk}/unlock/", {"version": 1}).status_code == 404
    assert client.post(f"/people/{ours.pk}/unlock/", {"version": 9}).status_code == 409
    answer = client.post(f"/people/{ours.pk}/unlock/", {"version": 1}, follow=True)

    assert "ours is unlocked" in answer.content.decode()
    ours.refresh_from_db()
    assert (ours.status, ours.locked_at) == ("ACTIVE", None)
    assert ActivityEntry.objects.get(verb="identity.unlock").username == "admin"
    assert client.post(f"/people/{ours.pk}/unlock/", {"version": 2}).status_code == 409


@pytest.mark.req("SSI-FR-58")
def test_the_operators_administrator_unlocks_the_staff_and_nobody_at_a_party(client) -> None:
    party = locked("ours", make_organisation("Alder Energy"))
    staff = locked("wren", make_operator())
    log_in(client, make_person("zeb", desk=[DeskRole.ADMINISTRATOR]))
    page = client.get("/people/").content.decode()
    assert "wren" in page
    assert "ours" not in page
    assert client.post(f"/people/{party.pk}/unlock/", {"version": 1}).status_code == 404
    client.post(f"/people/{staff.pk}/unlock/", {"version": 1})
    staff.refresh_from_db()
    assert staff.status == "ACTIVE"


@pytest.mark.req("SSI-FR-59")
def test_people_are_found_sorted_and_paged(client) -> None:
    alder = make_organisation("Alder Energy")
    for number in range(60):
        make_person(f"agent.{number:02}", organisation=alder)
    locked("zoe", alder)
    log_in(client, administrator(alder))

    first = client.get("/people/").content.decode()
    assert "agent.48" in first
    assert "agent.51" not in first
    after = first.split("after=")[1].split('"')[0].split("&")[0]
    assert "zoe" in client.get(f"/people/?after={after}").content.decode()
    assert "zoe" in client.get("/people/?sort=-username").content.decode()
    only = client.get("/people/", {"status": "LOCKED"}).content.decode()
    assert "zoe" in only
    assert "agent.01" not in only
    assert "agent.07" in client.get("/people/", {"text": "AGENT.07"}).content.decode()
