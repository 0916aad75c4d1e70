"""The screens of accounts: created, edited by two at once, reset, deleted, found again."""

import csv
import io
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from meterdesk.identity.models import LogInDay, Person
from meterdesk.identity.rules import DeskRole, JobTypeRole, UserRole
from meterdesk.identity.tests.factories import (
    bearer,
    log_in,
    make_organisation,
    make_person,
    make_user_id,
)

pytestmark = pytest.mark.django_db
ADMINISTRATOR, CALLS = JobTypeRole.ORGANISATIONAL_ADMINISTRATOR, JobTypeRole.CALL_CENTRE_USER


@pytest.fixture(autouse=True)
def quick_passwords(settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def user_id() -> str:
    return make_user_id(organisation=make_organisation("Alder Energy"), role=UserRole.IS)


@pytest.fixture
def petra(user_id) -> Client:
    client = Client()
    log_in(client, make_person("petra", [(user_id, ADMINISTRATOR)]))
    return client


def form(user_id: str, **changes) -> dict[str, object]:
    return {
        "first_name": "Nia",
        "last_name": "Howell",
        "email": "nia@alder.example",
        "department": "Customer care",
        "roles": [f"{user_id}|{CALLS.value}"],
        **changes,
    }


def create(petra: Client, user_id: str, **changes):
    given = form(user_id, username="nia", credential="password", **changes)
    return petra.post("/people/new/", given)


@pytest.mark.req("SSI-FR-61")
def test_an_account_is_created_and_its_password_shown_once(petra, user_id) -> None:
    page = petra.get("/people/new/").content.decode()
    assert f"{CALLS.value} on {user_id}" in page
    wrong = create(petra, user_id, email="nia@gmail.com", first_name="")
    assert wrong.status_code == 422
    text = wrong.content.decode()
    assert "open to everybody" not in text
    assert "Enter a first name." in text
    assert 'value="nia@gmail.com"' in text
    assert re.search(rf'value="{user_id}\|{CALLS.value}" checked', text)
    assert "open to everybody" in create(petra, user_id, email="nia@gmail.com").content.decode()

    done = create(petra, user_id).content.decode()
    person = Person.objects.get(username="nia")
    shown = re.search(r"[a-z2-9]{5}(-[a-z2-9]{5}){3}", done)[0]
    assert person.check_password(shown)
    assert shown not in petra.get(f"/people/{person.pk}/").content.decode()
    taken = create(petra, user_id)
    assert taken.status_code == 422
    assert "Choose another one" in taken.content.decode()


@pytest.mark.req("SSI-FR-60", "FSM-10")
def test_two_administrators_editing_the_same_person_are_told(petra, user_id) -> None:
    person = make_person("nia", [(user_id, CALLS)])
    address, version = f"/people/{person.pk}/", person.version
    assert f'name="version" value="{version}"' in petra.get(address).content.decode()
    first = petra.post(address, form(user_id, last_name="Howells", version=version))
    assert first["Location"] == address
    second = petra.post(address, form(user_id, last_name="Powell", version=version))
    assert second.status_code == 422
    text = second.content.decode()
    assert "Somebody else changed this" in text
    assert 'value="Powell"' in text
    person.refresh_from_db()
    assert person.last_name == "Howells"
    assert petra.post(address, form(user_id, last_name="Powell")).status_code == 422


@pytest.mark.req("SSI-FR-60")
def test_a_form_gives_no_role_that_is_not_offered_and_changes_no_username(petra, user_id) -> None:
    person = make_person("nia", [(user_id, CALLS)])
    theirs = make_user_id()
    address = f"/people/{person.pk}/"
    for roles in ([f"{theirs}|MI User"], [f"{user_id}|Emperor"], ["nonsense"]):
        answer = petra.post(address, form(user_id, roles=roles, version=person.version))
        assert answer.status_code == 422
    extra = form(user_id, version=person.version, username="root", status="LOCKED", desk=["AGENT"])
    petra.post(address, extra)
    person.refresh_from_db()
    assert (person.username, person.status) == ("nia", "ACTIVE")
    assert not person.desk_assignments.exists()


@pytest.mark.req("SSI-FR-60")
def test_deleting_asks_for_the_username_and_resetting_for_the_version_read(petra, user_id) -> None:
    person = make_person("nia", [(user_id, CALLS)])
    delete, reset = f"/people/{person.pk}/delete/", f"/people/{person.pk}/reset/"
    assert "cannot be undone" in petra.get(delete).content.decode()
    assert petra.post(delete, {"username": "nina", "version": person.version}).status_code == 422
    assert petra.post(reset, {"credential": "password", "version": 99}).status_code == 422
    done = petra.post(reset, {"credential": "password", "version": person.version})
    assert re.search(r"[a-z2-9]{5}(-[a-z2-9]{5}){3}", done.content.decode())
    person.refresh_from_db()
    answer = petra.post(delete, {"username": "NIA", "version": person.version}, follow=True)
    assert "nia is deleted" in answer.content.decode()
    assert ">nia<" not in petra.get("/people/").content.decode()
    assert ">nia<" in petra.get("/people/?status=DELETED").content.decode()


@pytest.mark.req("SSI-FR-59", "FSM-11")
def test_people_are_filtered_by_role_user_id_department_and_last_log_in(petra, user_id) -> None:
    alder = make_organisation("Alder Energy")
    gas = make_user_id(organisation=alder, role=UserRole.GS)
    now = timezone.now()
    make_person("calls", [(user_id, CALLS)], department="Care")
    make_person("gas", [(gas, CALLS)])
    seen = {"calls": now - timedelta(days=100), "gas": now - timedelta(days=3)}
    for username, at in seen.items():
        Person.objects.filter(username=username).update(last_login=at, created_at=at)

    def listed(**filters: str) -> set[str]:
        page = petra.get("/people/", filters).content.decode()
        return set(re.findall(r'<th scope="row"><a href="/people/\d+/">([\w.]+)</a>', page))

    assert listed() == {"petra", "calls", "gas"}
    assert listed(role=CALLS.value) == {"calls", "gas"}
    assert listed(role=CALLS.value, user_id=gas) == {"gas"}
    assert listed(department="Care") == {"calls"}
    assert listed(last_login="7") == {"gas"}
    assert listed(last_login="never") == {"petra"}
    assert listed(last_login="none60") == listed(last_login="dormant") == {"calls"}
    assert listed(role="Emperor") == set()
    order = [listed(sort=sort) for sort in ("name", "-status", "last_login", "-department")]
    assert order == [{"petra", "calls", "gas"}] * 4


@pytest.mark.req("FSM-11")
def test_the_report_counts_log_ins_with_department_and_line_manager(petra, user_id) -> None:
    person = make_person("nia", [(user_id, CALLS)], department="=Care", line_manager="Gwen Price")
    today = timezone.localdate()
    for days, count in ((0, 2), (20, 1), (60, 4), (120, 9)):
        LogInDay.objects.create(person=person, day=today - timedelta(days=days), count=count)
    text = b"".join(petra.get("/people/log-ins/export.csv")).decode("utf-8-sig")
    rows = {row["Username"]: row for row in csv.DictReader(io.StringIO(text))}
    nia = rows["nia"]
    assert (nia["Department"], nia["Line manager"]) == ("'=Care", "Gwen Price")
    assert (nia["Log-ins in 30 days"], nia["Log-ins in 90 days"]) == ("3", "7")
    assert nia["Days with a log-in of 90"] == "3"
    assert "Gwen Price" in petra.get("/people/log-ins/").content.decode()


@pytest.mark.req("SSI-FR-58", "SSI-NFR-25")
def test_people_of_others_have_no_pages(petra, user_id) -> None:
    stranger = make_person("stranger", [(make_user_id(), CALLS)])
    staff = make_person("wren", desk=[DeskRole.AGENT])
    for person in (stranger, staff):
        for path in ("", "reset/", "delete/"):
            address = f"/people/{person.pk}/{path}"
            assert petra.get(address).status_code == 404
            assert petra.post(address, form(user_id, version=1)).status_code == 404
    assert petra.get(f"/people/new/?organisation={stranger.organisation_id}").status_code == 404
    assert bearer(stranger)
