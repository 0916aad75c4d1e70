"""Two competing suppliers over the API: neither gets anything of the other's."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from meterdesk.hubs.tests.home import make_home, request
from meterdesk.identity.rules import JobTypeRole
from meterdesk.identity.tests.factories import bearer, make_person
from meterdesk.inventory.tests.files import HUB, METER, MPAN
from meterdesk.registration.tests.files import OUTSIDER, RIVAL, SUPPLIER

pytestmark = pytest.mark.django_db

RIVALS_DEVICE = "00-DB-12-34-56-78-99-F1"
RAISED = {
    "area": "ELECTRICITY_METER",
    "device_id": METER,
    "summary": "No reads since the storm",
    "contact": {"first_name": "Gwendolyn", "last_name": "Holloway", "telephone": "020 7946 0123"},
    "diagnosis_not_run": "Read on site.",
}


class Caller:
    """A person with every role on one UserId, calling by token."""

    def __init__(self, client: Client, eui: str) -> None:
        self.client = client
        self.headers = bearer(make_person("", [(eui, JobTypeRole.ALL_ACCESS)]))

    def get(self, path: str) -> tuple[int, Any]:
        answer = self.client.get(f"/api/v1{path}", **self.headers)
        return answer.status_code, json.loads(answer.content)

    def post(self, path: str, body: object) -> tuple[int, Any]:
        answer = self.client.post(
            f"/api/v1{path}", body, content_type="application/json", **self.headers
        )
        return answer.status_code, json.loads(answer.content)


@pytest.fixture
def callers(tmp_path: Path, client: Client) -> dict[str, Caller]:
    """Alder supplies the home; Birch once sent it a message and supplies elsewhere."""
    messages = [request(3), request(4, METER, RIVAL, code="E4"), request(5, RIVALS_DEVICE, RIVAL)]
    make_home(tmp_path, messages)
    names = {"alder": SUPPLIER, "birch": RIVAL, "outside": OUTSIDER}
    return {name: Caller(client, eui) for name, eui in names.items()}


def items(caller: Caller, path: str) -> list[Any]:
    status, body = caller.get(path)
    assert status == 200, body
    return body["items"]


@pytest.mark.req("SSI-FR-6", "SSI-NFR-27")
def test_messages_are_their_originators_alone(callers: dict[str, Caller]) -> None:
    seen = {
        name: items(caller, f"/service-audit?device_id={METER}") for name, caller in callers.items()
    }
    assert {one["user_id"] for one in seen["alder"]} == {SUPPLIER}
    assert {one["user_id"] for one in seen["birch"]} == {RIVAL}
    assert seen["outside"] == []
    for one, other in (("alder", "birch"), ("birch", "alder"), ("alder", "outside")):
        for row in seen[one]:
            theirs = callers[other].get(f"/service-audit/{row['id']}")
            absent = callers[other].get("/service-audit/" + "A" * 32)
            assert theirs[0] == absent[0] == 404
            assert {**theirs[1], "request_id": ""} == {**absent[1], "request_id": ""}
    assert items(callers["alder"], f"/service-audit?device_id={RIVALS_DEVICE}") == []


@pytest.mark.req("SSI-FR-33", "IM-24")
def test_incidents_are_their_parties_alone(callers: dict[str, Caller]) -> None:
    status, raised = callers["alder"].post("/incidents", RAISED)
    assert status == 201, raised
    reference = raised["reference"]
    absent = f"INC{int(reference[3:]) + 1:07d}"
    assert [one["reference"] for one in items(callers["alder"], "/incidents")] == [reference]
    for name in ("birch", "outside"):
        caller = callers[name]
        for text in ("", reference, METER, MPAN, "storm"):
            assert items(caller, f"/incidents?text={text}") == []
        assert caller.get(f"/incidents/{reference}")[0] == 404
        update = {"type": "ALL", "text": "Hello"}
        assert caller.post(f"/incidents/{reference}/updates", update)[0] == 404
        assert caller.post(f"/incidents/{absent}/updates", update)[0] == 404
        found = json.dumps(caller.get(f"/find?q={reference}")[1]).replace(f'"{reference}"', "")
        assert "storm" not in found
        assert items(caller, f"/find?q={reference}") == []
        assert reference not in json.dumps(caller.get(f"/premises/{MPAN}")[1])


@pytest.mark.req("SSI-FR-5", "SSI-NFR-27")
def test_only_registered_parties_read_who_supplies(callers: dict[str, Caller]) -> None:
    assert "Alder Energy" in json.dumps(callers["alder"].get(f"/premises/{MPAN}")[1])
    for name in ("birch", "outside"):
        status, body = callers[name].get(f"/premises/{MPAN}")
        text = json.dumps(body)
        assert status == 200
        assert "the electricity supplier" in text
        for withheld in ("Alder Energy", "Northern Wires", "Pipes and Mains", SUPPLIER):
            assert withheld not in text


@pytest.mark.req("SSI-FR-16")
def test_hub_answers_are_for_the_hubs_parties(callers: dict[str, Caller]) -> None:
    assert callers["alder"].get(f"/hubs/{HUB}")[0] == 200
    for name in ("birch", "outside"):
        status, body = callers[name].get(f"/hubs/{HUB}")
        assert (status, body["code"]) == (403, "not_allowed")
        assert callers[name].get(f"/devices/{HUB}")[0] == 200, "the inventory itself is open"
