"""People by API: what the screens do, with versions, keys and the same limits."""

from typing import Any

import pytest
from django.test import Client

from meterdesk.identity.models import Person
from meterdesk.identity.rules import JobTypeRole, UserRole
from meterdesk.identity.tests.factories import (
    bearer,
    make_organisation,
    make_person,
    make_user_id,
)

pytestmark = pytest.mark.django_db
ADMINISTRATOR, CALLS = JobTypeRole.ORGANISATIONAL_ADMINISTRATOR, JobTypeRole.CALL_CENTRE_USER
JSON = "application/json"


@pytest.fixture(autouse=True)
def quick_passwords(settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def user_id() -> str:
    return make_user_id(organisation=make_organisation("Alder Energy"), role=UserRole.IS)


@pytest.fixture
def petra(user_id) -> dict[str, Any]:
    return bearer(make_person("petra", [(user_id, ADMINISTRATOR)]), proved=True)


def new(user_id: str, **changes: object) -> dict[str, object]:
    return {
        "username": "nia",
        "first_name": "Nia",
        "last_name": "Howell",
        "email": "nia@alder.example",
        "roles": [{"user_id": user_id, "job_type_role": CALLS}],
        "credential": "password",
        **changes,
    }


@pytest.mark.req("SSI-FR-60", "SSI-FR-61")
def test_an_account_from_its_opening_to_its_end(client: Client, petra, user_id) -> None:
    key = {"HTTP_IDEMPOTENCY_KEY": "open-nia"}
    opened = client.post("/api/v1/people", new(user_id), JSON, **petra, **key)
    assert opened.status_code == 201, opened.content
    again = client.post("/api/v1/people", new(user_id), JSON, **petra, **key)
    assert again.json() == opened.json()
    person = Person.objects.get(username="nia")
    assert person.check_password(opened.json()["password"])
    address = f"/api/v1/people/{person.pk}"
    read = client.get(address, **petra)
    assert "password" not in read.json()
    assert read.json()["roles"] == [{"user_id": user_id, "job_type_role": CALLS}]

    match = {"HTTP_IF_MATCH": read["ETag"]}
    changed = client.patch(address, {"department": "Care", "roles": []}, JSON, **petra, **match)
    assert changed.status_code == 200, changed.content
    assert (changed.json()["department"], changed.json()["roles"]) == ("Care", [])
    assert changed.json()["first_name"] == "Nia"
    stale = client.patch(address, {"department": "Sales"}, JSON, **petra, **match)
    assert stale.status_code == 412
    assert client.post(f"{address}/unlock", **petra).status_code == 409
    assert client.post(f"{address}/reset", {}, JSON, **petra, **match).status_code == 412
    reset = client.post(f"{address}/reset", {"credential": "link"}, JSON, **petra)
    assert reset.json()["password"] is None
    assert client.delete(address, **petra).status_code == 204
    assert client.get(address, **petra).json()["status"] == "DELETED"
    listed = client.get("/api/v1/people", **petra).json()["items"]
    assert [one["username"] for one in listed] == ["petra"]
    gone = client.get("/api/v1/people?status=DELETED&sort=-last_login", **petra).json()["items"]
    assert [one["username"] for one in gone] == ["nia"]


@pytest.mark.req("SSI-FR-61", "SSI-NFR-22", "FSM-13")
def test_what_cannot_be_is_refused_at_its_field(client: Client, petra, user_id) -> None:
    theirs = make_user_id()
    for changes, field in (
        ({"username": "PETRA"}, "username"),
        ({"email": "nia@gmail.com"}, "email"),
        ({"roles": [{"user_id": theirs, "job_type_role": CALLS}]}, "roles"),
        ({"desk_roles": ["ADMINISTRATOR"]}, "desk"),
    ):
        answer = client.post("/api/v1/people", new(user_id, **changes), JSON, **petra)
        assert answer.status_code in {409, 422}
        assert set(answer.json()["errors"]) == {field}


@pytest.mark.req("SSI-NFR-2", "SSI-NFR-25")
def test_others_people_are_not_there_and_a_narrowed_token_opens_nothing(
    client: Client, petra, user_id
) -> None:
    stranger = make_person("stranger", [(make_user_id(), CALLS)])
    address = f"/api/v1/people/{stranger.pk}"
    assert client.get(address, **petra).status_code == 404
    assert client.patch(address, {"department": "x"}, JSON, **petra).status_code == 404
    assert client.delete(address, **petra).status_code == 404
    assert client.post(f"{address}/reset", {}, JSON, **petra).status_code == 404
    elsewhere = new(user_id, organisation_id=stranger.organisation_id)
    assert client.post("/api/v1/people", elsewhere, JSON, **petra).status_code == 404
    owen = make_person("owen", [(user_id, ADMINISTRATOR)])
    narrowed = bearer(owen, ["UC_Inventory"])
    assert client.get("/api/v1/people", **narrowed).status_code == 403


@pytest.mark.req("SSI-FR-58", "FSM-9", "FSM-13")
def test_files_reviews_and_rules(client: Client, petra, user_id) -> None:
    text = "username,first_name,last_name,email\nnia,Nia,Howell,nia@alder.example\n"
    checked = client.post("/api/v1/account-imports", {"csv": text}, JSON, **petra)
    assert checked.json()["rows"][0]["outcome"] == "NEW"
    address = f"/api/v1/account-imports/{checked.json()['id']}"
    assert client.post(f"{address}/apply", **petra).json()["rows"][0]["outcome"] == "CREATED"
    assert client.get(address, **petra).json()["applied_at"]
    page = client.get(f"{address}/rows?outcome=CREATED", **petra).json()
    assert [one["username"] for one in page["items"]] == ["nia"]
    (listed,) = client.get("/api/v1/account-imports", **petra).json()["items"]
    assert (listed["state"], listed["created"], listed["total"]) == ("DONE", 1, 1)
    rival = bearer(make_person("rival", [(make_user_id(), ADMINISTRATOR)]), proved=True)
    assert client.get("/api/v1/account-imports", **rival).json()["items"] == []
    for path in (address, f"{address}/rows"):
        assert client.get(path, **rival).status_code == 404
    assert client.post(f"{address}/apply", **rival).status_code == 404

    review = client.post("/api/v1/account-reviews", **petra).json()
    assert (review["total"], review["finished_at"]) == (2, None)
    place = f"/api/v1/account-reviews/{review['id']}"
    everybody = client.get(f"{place}/accounts", **petra).json()["items"]
    given = {"person_ids": [one["person_id"] for one in everybody]}
    done = client.post(f"{place}/confirmations", given, JSON, **petra).json()
    assert done["finished_at"]
    assert client.get("/api/v1/account-reviews", **petra).json()["items"][0]["confirmed"] == 2

    rules = client.get("/api/v1/account-rules", **petra)
    given = {"email_domains": ["alder.example"], "dormant_after_days": 60, "review_every_months": 3}
    match = {"HTTP_IF_MATCH": rules["ETag"]}
    kept = client.put("/api/v1/account-rules", given, JSON, **petra, **match)
    assert kept.json()["email_domains"] == ["alder.example"]
    assert client.put("/api/v1/account-rules", given, JSON, **petra, **match).status_code == 412
