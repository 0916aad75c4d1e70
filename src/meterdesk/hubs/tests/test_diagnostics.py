"""Hub diagnostics: what they say, and to whom."""

from pathlib import Path

import pytest
from django.test import Client

from meterdesk.hubs.tests.home import hub_row, make_home, request
from meterdesk.identity.rules import DeskRole, JobTypeRole
from meterdesk.identity.tests.factories import bearer, grant, log_in, make_person
from meterdesk.inventory.tests.files import HUB, METER
from meterdesk.platform.models import ActivityEntry
from meterdesk.registration.tests.files import (
    AGENT,
    DISTRIBUTOR,
    GAS_SUPPLIER,
    OUTSIDER,
    RIVAL,
    SUPPLIER,
    TRANSPORTER,
)

pytestmark = pytest.mark.django_db
CALL_CENTRE = JobTypeRole.CALL_CENTRE_USER
UNKNOWN = "00-DB-12-34-56-78-90-FF"


@pytest.fixture
def home(tmp_path: Path) -> None:
    messages = [request(hours, METER, RIVAL if hours % 2 else SUPPLIER) for hours in range(2, 9)]
    make_home(tmp_path, [*messages, request(1, METER, RIVAL, code="E21")])


@pytest.mark.req("SSI-FR-16", "SSI-FR-16b", "SSI-NFR-25", "SEC-1")
@pytest.mark.parametrize("eui", [SUPPLIER, GAS_SUPPLIER, DISTRIBUTOR, TRANSPORTER])
def test_the_parties_of_the_hubs_premises_are_answered(
    client: Client, home: None, eui: str
) -> None:
    person = make_person("", [(eui, CALL_CENTRE)])
    log_in(client, person)
    assert client.get(f"/hubs/{HUB}/").status_code == 200
    assert client.get(f"/api/v1/hubs/{HUB}", **bearer(person)).status_code == 200
    kept = ActivityEntry.objects.filter(verb="hubs.read", subject=HUB)
    assert list(kept.values_list("username", flat=True)) == [person.username] * 2


@pytest.mark.req("SSI-NFR-35")
def test_what_the_csp_says_names_the_run_and_line_it_came_from(client: Client, home: None) -> None:
    person = make_person("", [(SUPPLIER, CALL_CENTRE)])
    source = client.get(f"/api/v1/hubs/{HUB}", **bearer(person)).json()["source"]
    assert (source["title"], source["line"], source["file"]) == ("Communications Hub data", 2, None)
    log_in(client, person)
    assert "Communications Hub data, run" in client.get(f"/hubs/{HUB}/").content.decode()


@pytest.mark.req("SSI-FR-16b", "SSI-NFR-25")
@pytest.mark.parametrize("eui", [RIVAL, AGENT, OUTSIDER])
def test_others_are_told_why_not_and_nothing_of_the_hub(
    client: Client, home: None, eui: str
) -> None:
    person = make_person("", [(eui, CALL_CENTRE)])
    log_in(client, person)
    page = client.get(f"/hubs/{HUB}/")
    assert page.status_code == 403
    assert "Responsible Supplier" in page.content.decode()
    answer = client.get(f"/api/v1/hubs/{HUB}", **bearer(person))
    assert answer.status_code == 403
    assert answer.json()["code"] == "not_allowed"
    assert "csp_data" not in answer.json()
    assert not ActivityEntry.objects.filter(verb="hubs.read").exists()


@pytest.mark.req("SSI-FR-16b")
def test_a_hub_that_is_not_there_is_not_found_by_anybody(client: Client, home: None) -> None:
    person = make_person("", [(OUTSIDER, CALL_CENTRE)])
    assert client.get(f"/api/v1/hubs/{UNKNOWN}", **bearer(person)).status_code == 404
    log_in(client, person)
    assert client.get(f"/hubs/{UNKNOWN}/").status_code == 404


@pytest.mark.req("SSI-FR-16b")
def test_a_grant_opens_a_hub_and_the_operators_staff_see_every_one(
    client: Client, home: None
) -> None:
    grant(SUPPLIER, RIVAL)
    rival = make_person("", [(RIVAL, CALL_CENTRE)])
    assert client.get(f"/api/v1/hubs/{HUB}", **bearer(rival)).status_code == 403
    granted = make_person(
        "", [(RIVAL, CALL_CENTRE), (SUPPLIER, CALL_CENTRE)], organisation=rival.organisation
    )
    agent = make_person("", desk=[DeskRole.AGENT])
    for person in (granted, agent):
        assert client.get(f"/api/v1/hubs/{HUB}", **bearer(person)).status_code == 200


@pytest.mark.req("SSI-NFR-2")
def test_a_role_without_the_component_has_no_form(client: Client, home: None) -> None:
    log_in(client, make_person("", [(SUPPLIER, JobTypeRole.MI_USER)]))
    assert client.get("/hubs/").status_code == 403


@pytest.mark.req("SSI-FR-17")
def test_the_last_five_commands_are_anonymous(client: Client, home: None) -> None:
    person = make_person("", [(SUPPLIER, CALL_CENTRE)])
    body = client.get(f"/api/v1/hubs/{HUB}", **bearer(person)).json()
    assert [one["success"] for one in body["commands"]] == [False, True, True, True, True]
    assert all(set(one) == {"at", "success"} for one in body["commands"])
    log_in(client, person)
    page = client.get(f"/hubs/{HUB}/").content.decode()
    assert page.count("Success") == 4
    for secret in (RIVAL, "Birch Power", "6.11", METER):
        assert secret not in page


@pytest.mark.req("SSI-FR-17", "SSI-FR-19")
def test_what_sits_on_the_hub_requires_communication(client: Client, tmp_path: Path) -> None:
    make_home(tmp_path, hub=hub_row(deactivated_at="2026-01-05T12:00:00Z", network_status="Off"))
    person = make_person("", [(SUPPLIER, CALL_CENTRE)])
    data = client.get(f"/api/v1/hubs/{HUB}", **bearer(person)).json()["csp_data"]
    assert data["han_status"] == "Requires device communication"
    assert data["deactivated_at"] == "2026-01-05T12:00:00Z"
    assert data["aerial_installed"] is False
    log_in(client, person)
    page = client.get(f"/hubs/{HUB}/").content.decode()
    for text in ("Requires device communication", "5 Jan 2026 12:00 GMT", "Last restore"):
        assert text in page


@pytest.mark.req("SSI-FR-16", "SSI-FR-18")
def test_the_form_leads_to_the_answer_and_says_what_is_wrong(client: Client, home: None) -> None:
    log_in(client, make_person("", [(SUPPLIER, CALL_CENTRE)]))
    found = client.get("/hubs/", {"device_id": HUB.replace("-", "").lower()})
    assert found.status_code == 302
    assert found["Location"] == f"/hubs/{HUB}/"
    wrong = client.get("/hubs/", {"device_id": "00-DB"})
    assert wrong.status_code == 422
    assert "16 characters" in wrong.content.decode()
    meter = client.get(f"/hubs/{METER}/")
    assert meter.status_code == 422
    assert f"Its hub is {HUB}" in meter.content.decode()
