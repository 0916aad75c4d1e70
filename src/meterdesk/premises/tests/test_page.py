"""The premises page: what stands on it, for whom, in how many queries."""

from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags

from meterdesk.hubs.tests.home import HUBS_HEADER, NOW, alert, hub_row, make_home, request
from meterdesk.identity.rules import DeskRole, JobTypeRole
from meterdesk.identity.tests.factories import actor_for, bearer, log_in, make_person
from meterdesk.inventory.tests.files import GAS_METER, HUB, METER, MPAN, MPRN, device_row
from meterdesk.inventory.tests.files import take_in as take_in_devices
from meterdesk.platform.intake import run_intake
from meterdesk.premises.queries import premises_page
from meterdesk.registration.tests.files import (
    GAS_SUPPLIER,
    OUTSIDER,
    RIVAL,
    SUPPLIER,
    electricity,
)
from meterdesk.registration.tests.files import take_in as take_in_parties

pytestmark = pytest.mark.django_db
CALL_CENTRE = JobTypeRole.CALL_CENTRE_USER
URL = f"/premises/{MPAN}/"


@pytest.fixture
def home(tmp_path: Path) -> None:
    messages = [
        request(30),
        request(29.9),
        request(3),
        request(50, GAS_METER),
        request(2, GAS_METER, code="E21"),
        request(4, METER, RIVAL, code="E4"),
        request(60, srv="4.8.1"),
        alert(20, "81A0"),
    ]
    make_home(tmp_path, messages)


def page_of(client: Client, eui: str, role: JobTypeRole = CALL_CENTRE, query: str = "") -> str:
    log_in(client, make_person("", [(eui, role)]))
    response = client.get(URL + query)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.req("SSI-FR-5", "SSI-FR-7", "SSI-FR-15", "SSI-FR-19", "SSI-NFR-35")
def test_one_page_says_everything_about_a_premises(client: Client, home: None) -> None:
    page = page_of(client, SUPPLIER)
    for text in (
        "12 High Street, Townley",
        "AB1 0AJ",
        MPAN,
        MPRN,
        "100023336956",
        "Alder Energy",
        "Northern Wires",
        "The gas meter has lost the home network",
        METER,
        HUB,
        "Alert 81A0",
        "Hub health",
        "Coverage",
        "Registration as of",
        "Audit trail as of",
        "Hub data as of",
    ):
        assert text in page, text


@pytest.mark.req("REG-2")
def test_names_of_parties_are_withheld_from_others(client: Client, home: None) -> None:
    page = page_of(client, OUTSIDER)
    for name in ("Alder Energy", "Northern Wires", "Pipes and Mains", SUPPLIER):
        assert name not in page
    assert "Named to the parties of this premises" in page
    body = client.get(
        f"/api/v1/premises/{MPAN}", **bearer(make_person("", [(OUTSIDER, CALL_CENTRE)]))
    ).json()
    assert body["meter_points"][0]["supplier"] == {
        "label": "the electricity supplier",
        "organisation": None,
        "user_id": None,
    }


@pytest.mark.req("SSI-NFR-24", "SSI-NFR-25")
def test_messages_and_hub_are_there_for_their_own_parties_alone(client: Client, home: None) -> None:
    # What people read alone: a random token of a form can hold any short code.
    outsider = strip_tags(page_of(client, OUTSIDER))
    for hidden in ("Hub health", "81A0", "6.11", "E21", "E4"):
        assert hidden not in outsider
    rival = strip_tags(page_of(client, RIVAL))
    assert "E4 Role not authorised for this Device" in rival
    for hidden in ("Hub health", "81A0", "E21"):
        assert hidden not in rival


@pytest.mark.req("SSI-FR-16b", "SSI-NFR-25")
def test_of_two_hubs_at_one_uprn_each_party_reads_its_own(home: None, tmp_path: Path) -> None:
    other, flat = "00-DB-12-34-56-78-90-C0", "1312345678916"
    place = {"associated_with": other, "import_mpxn": flat}
    take_in_devices(
        tmp_path,
        [device_row(other, "CHF"), device_row("00-DB-12-34-56-78-90-C1", "ESME", **place)],
    )
    take_in_parties(tmp_path, electricity(supplier=RIVAL, mpan=flat))
    path = tmp_path / "flat-hub.csv"
    path.write_text(f"{HUBS_HEADER}\n{hub_row()}\n{hub_row(device_id=other)}\n")
    run_intake("hubs", [path])

    def read_by(eui: str) -> set[str]:
        actor = actor_for(make_person("", [(eui, CALL_CENTRE)]))
        hubs = premises_page(actor, MPAN, NOW).gathered.hubs
        return {one.device_id for one in hubs or ()}

    assert read_by(GAS_SUPPLIER) == {HUB}
    assert read_by(RIVAL) == {other}
    assert read_by(OUTSIDER) == set()


@pytest.mark.req("SSI-FR-11")
def test_meter_reads_are_there_for_everyone_and_lead_to_their_record(
    client: Client, home: None
) -> None:
    page = page_of(client, OUTSIDER, query="?show=messages")
    timeline = page.split('class="timeline"')[1].split("</ol>")[0]
    assert timeline.count("<time") == 1
    assert "4.8.1" in timeline
    record = timeline.split('href="')[1].split('"')[0]
    assert record.startswith("/meter-reads/")
    assert client.get(record).status_code == 200


@pytest.mark.req("SSI-NFR-2")
def test_a_part_without_its_component_is_absent(client: Client, home: None) -> None:
    page = page_of(client, SUPPLIER, JobTypeRole.SECURITY_USER)
    assert "Coverage" not in page
    assert "Hub health" not in page
    page = page_of(client, SUPPLIER, JobTypeRole.LOGISTICS)
    assert "?show=messages" not in page
    assert "Audit trail as of" not in page
    assert "Hub health" in page


@pytest.mark.req("SSI-FR-7")
def test_events_are_filtered_by_kind_in_the_address(client: Client, home: None) -> None:
    every, alerts = page_of(client, SUPPLIER), page_of(client, SUPPLIER, query="?show=alerts")
    timeline = alerts.split('class="timeline"')[1].split("</ol>")[0]
    assert timeline.count("<time") == 1
    assert "Alert 81A0" in timeline
    assert "6.11" not in timeline
    assert "Commissioned" not in timeline
    assert "3 times since" in every


@pytest.mark.req("SSI-NFR-22")
def test_an_unknown_premises_is_not_found_and_a_wrong_number_is_explained(
    client: Client, home: None
) -> None:
    person = make_person("", [(SUPPLIER, CALL_CENTRE)])
    log_in(client, person)
    assert client.get("/premises/1312345678916/").status_code in {404, 422}
    assert client.get("/premises/7411111106/").status_code == 404
    assert client.get("/premises/13123/").status_code == 404
    assert client.get("/premises/1312345678906/").status_code == 422
    assert client.get("/api/v1/premises/7411111106", **bearer(person)).status_code == 404


@pytest.mark.req("IM-2")
@pytest.mark.parametrize("mpxn", [MPAN, MPRN])
def test_the_page_takes_at_most_twelve_queries(home: None, mpxn: str) -> None:
    actor = actor_for(make_person("", [(SUPPLIER, JobTypeRole.ALL_ACCESS)]))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        page = premises_page(actor, mpxn, NOW)
    assert page.incidents == ()
    assert page.gathered.hubs
    assert len(queries) <= 12, [one["sql"][:120] for one in queries.captured_queries]


@pytest.mark.req("IM-2", "IM-5")
def test_diagnose_shows_every_check_and_works_without_scripts(client: Client, home: None) -> None:
    log_in(client, make_person("", [(SUPPLIER, CALL_CENTRE)]))
    answer = client.post(f"{URL}diagnosis/")
    assert answer.status_code == 302
    page = client.get(answer["Location"]).content.decode()
    for text in ("Status of each Device", "Firmware against the products list", "E21", "Fault"):
        assert text in page
    assert "is responsible" in page
    fragment = client.post(f"{URL}diagnosis/", headers={"HX-Request": "true"})
    assert fragment.status_code == 200
    assert fragment.content.decode().lstrip().startswith('<div id="diagnosis"')


@pytest.mark.req("IM-2", "SSI-NFR-7")
def test_a_diagnosis_is_read_by_its_maker_alone(client: Client, home: None) -> None:
    log_in(client, make_person("", [(SUPPLIER, CALL_CENTRE)]))
    made = client.post(f"{URL}diagnosis/")["Location"]
    for other in (
        make_person("", [(SUPPLIER, CALL_CENTRE)]),
        make_person("", [(GAS_SUPPLIER, CALL_CENTRE)]),
        make_person("", desk=[DeskRole.AGENT]),
    ):
        log_in(client, other)
        assert client.get(made).status_code == 404


@pytest.mark.req("IM-2")
def test_diagnose_says_what_its_readers_rights_leave_out(client: Client, home: None) -> None:
    def outcome(eui: str) -> dict[str, Any]:
        person = make_person("", [(eui, CALL_CENTRE)])
        response = client.post(f"/api/v1/premises/{MPAN}/diagnosis", **bearer(person))
        assert response.status_code == 201
        body: dict[str, Any] = response.json()
        return body

    outsider = outcome(OUTSIDER)
    assert outsider["left_out"] == [
        "Open incidents",
        "The hub's SM WAN connection",
        "The hub's power",
        "Tampering with the hub",
    ]
    hidden = [one for one in outsider["checks"] if one["verdict"] == "NOT_SHOWN"]
    assert all(one["evidence"] == [] for one in hidden)
    assert "Alder Energy" not in str(outsider)
    supplier = outcome(SUPPLIER)
    assert supplier["left_out"] == ["Open incidents"]
    assert supplier["likely_cause"] == "The gas meter has lost the home network"
    assert supplier["responsible_party"] == "Alder Energy"


@pytest.mark.req("IM-2", "IM-5")
def test_a_hub_that_is_not_connected_is_seen_at_one_look(client: Client, tmp_path: Path) -> None:
    make_home(tmp_path, [request(40)], hub=hub_row(wan_connectivity="Not connected"))
    page = page_of(client, SUPPLIER)
    assert "The Communications Hub is not connected to the SM WAN." in page
    assert "The network&#x27;s operator" in page
