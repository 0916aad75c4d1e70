"""The inventory on screen and by API: rights, answers, refusals, number of queries."""

from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from meterdesk.identity.models import Person
from meterdesk.identity.rules import DeskRole, JobTypeRole
from meterdesk.identity.tests.factories import bearer, log_in, make_person, make_user_id
from meterdesk.inventory.tests.files import (
    DISPLAY,
    ELSEWHERE,
    GAS_METER,
    HUB,
    METER,
    MPAN,
    MPRN,
    PROXY,
    UPRN,
    home,
    take_in,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def a_home(tmp_path: Path) -> None:
    take_in(tmp_path, home())


@pytest.fixture
def person() -> Person:
    return make_person(assignments=[(make_user_id(), JobTypeRole.CALL_CENTRE_USER)])


@pytest.fixture
def headers(person: Person) -> dict[str, str]:
    return bearer(person)


def ids(answer: Any) -> set[str]:
    return {item["device_id"] for item in answer.json()["items"]}


@pytest.mark.req("SSI-FR-2", "SSI-FR-3")
@pytest.mark.usefixtures("a_home")
def test_the_api_finds_devices_with_the_fields_of_the_list(
    client: Client, headers: dict[str, str]
) -> None:
    answer = client.get("/api/v1/devices", {"mpxn": MPAN}, **headers)
    assert answer.status_code == 200
    assert answer.json() == {
        "items": [
            {
                "device_id": METER,
                "device_type": "ESME",
                "mpxn": MPAN,
                "status": "Commissioned",
                "status_at": "2024-05-01T09:30:00Z",
                "property": "12",
                "uprn": UPRN,
                "postcode": "AB1 0AJ",
            }
        ],
        "next": None,
    }
    everything = {"postcode": "ab1 0aj", "include_uncommissioned": "true"}
    assert len(ids(client.get("/api/v1/devices", everything, **headers))) == 7
    first = client.get("/api/v1/devices", {**everything, "limit": 4}, **headers).json()
    more = {**everything, "limit": 4, "cursor": first["next"]}
    second = client.get("/api/v1/devices", more, **headers).json()
    assert (len(first["items"]), len(second["items"]), second["next"]) == (4, 3, None)


@pytest.mark.req("SSI-FR-5")
@pytest.mark.usefixtures("a_home")
def test_the_api_tells_a_device_with_its_closure(client: Client, headers: dict[str, str]) -> None:
    device = client.get(f"/api/v1/devices/{METER.lower().replace('-', '')}", **headers).json()
    assert (device["device_id"], device["esme_variant"], device["csp_region"]) == (METER, "A", None)
    assert device["history"] == [
        {"status": "Commissioned", "at": "2024-05-01T09:30:00Z", "usual": True}
    ]
    assert {one["device_id"] for one in device["closure"]} >= {HUB, PROXY, GAS_METER, DISPLAY}
    hub = next(one for one in device["closure"] if one["device_id"] == HUB)
    assert hub["description"] == "Communications hub, 106C 433100AC"
    display = client.get(f"/api/v1/devices/{DISPLAY}", **headers).json()
    assert (display["status"], display["firmware_version"], display["history"]) == (None, None, [])


@pytest.mark.parametrize(
    ("path", "status", "code", "fields"),
    [
        ("devices", 422, "invalid_search", {"device_id"}),
        ("devices?mpxn=1312345678908", 422, "invalid_search", {"mpxn"}),
        ("devices?property=12", 422, "invalid_search", {"postcode"}),
        ("devices?uprn=1&limit=0", 422, "invalid", {"limit"}),
        ("devices?uprn=1&cursor=abc", 400, "bad_cursor", set()),
        ("devices/nonsense", 422, "invalid_identifier", set()),
        ("devices/00-00-00-00-00-00-00-01", 404, "not_found", set()),
    ],
)
def test_the_api_refuses_with_a_problem_document(
    client: Client, headers: dict[str, str], path: str, status: int, code: str, fields: set[str]
) -> None:
    answer = client.get(f"/api/v1/{path}", **headers)
    assert answer.headers["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert (answer.status_code, body["code"]) == (status, code)
    assert {name.split(".")[-1] for name in body.get("errors", {})} == fields


@pytest.mark.req("SSI-NFR-2")
@pytest.mark.parametrize("path", ["/devices/", f"/devices/{METER}/", "/devices/details?uprn=1"])
def test_a_person_without_roles_is_told_so(client: Client, path: str) -> None:
    log_in(client, make_person())
    assert client.get(path).status_code == 403


@pytest.mark.req("SSI-NFR-2")
def test_the_api_needs_a_token_with_the_component(client: Client, person: Person) -> None:
    path = f"/api/v1/devices/{METER}"
    assert client.get(path).status_code == 401
    assert client.get(path, **bearer(make_person())).status_code == 403
    assert client.get(path, **bearer(person, components=["UC_CSPCoverage"])).status_code == 403
    resolver = make_person(desk=[DeskRole.RESOLVER])
    assert client.get(path, **bearer(resolver)).status_code == 403
    agent = make_person(desk=[DeskRole.AGENT])
    assert client.get(path, **bearer(agent)).status_code == 404


@pytest.mark.req("SSI-FR-2", "SSI-FR-3", "SSI-NFR-35")
@pytest.mark.usefixtures("a_home")
def test_the_search_screen(client: Client, person: Person) -> None:
    log_in(client, person)
    empty = client.get("/devices/").content.decode()
    assert "Search by any identifier you have" in empty
    found = client.get("/devices/", {"postcode": "ab10aj", "property": "12"}).content.decode()
    assert f'href="/devices/{METER}/"' in found
    assert "Inventory as of" in found
    none = client.get("/devices/", {"device_id": ELSEWHERE})
    assert "No Devices match" in none.content.decode()
    assert none.context["include_url"].endswith("include_uncommissioned=on")
    wrong = client.get("/devices/", {"mpxn": "1312345678908"})
    assert wrong.status_code == 422
    assert "it should end in 7" in wrong.content.decode()


@pytest.mark.req("SSI-FR-4", "SSI-FR-5")
@pytest.mark.usefixtures("a_home")
def test_the_details_screen_and_the_ways_to_it(client: Client, person: Person) -> None:
    log_in(client, person)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        page = client.get(f"/devices/{METER}/")
    inventory = [one["sql"] for one in queries if "inventory_" in one["sql"]]
    assert len(inventory) == 8
    text = page.content.decode()
    assert "Electricity meter, 1063 00030201" in text
    assert f'href="/devices/{HUB}/"' in text
    assert "CSP region" not in text
    assert client.get(f"/devices/{METER.lower()}/").url == f"/devices/{METER}/"
    assert client.get("/devices/00-00-00-00-00-00-00-01/").status_code == 404

    def opened(**criteria: str) -> str:
        return client.get("/devices/details", criteria).url

    assert opened(mpxn=MPRN) == f"/devices/{GAS_METER}/"
    assert opened(uprn=UPRN) == f"/devices/{METER}/"
    assert opened(postcode="AB1 0AJ", property="12") == f"/devices/{METER}/"
    assert opened(uprn="1") == "/devices/?uprn=1"
