"""The catalogue by API: what the screens do, with the same rights."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from meterdesk.catalogue.tests.scene import METER, RAISER, Scene
from meterdesk.identity.tests.factories import bearer, log_in

CONTACT = {
    "first_name": "Gwendolyn",
    "last_name": "Holloway",
    "telephone": "020 7946 0123",
    "email": "gwendolyn@alder.example",
}
DISPUTE = {
    "request_type": "data-dispute",
    "user_id": RAISER,
    "contact": CONTACT,
    "answers": {"grounds": "Read on site."},
    "dispute": {
        "kind": "device",
        "key": METER.lower(),
        "datum": "status",
        "proposed_value": "Suspended",
        "proposed_since": "2026-01-02",
    },
}
REQUESTS = "/api/v1/service-requests"


def _post(client: Client, path: str, body: dict[str, Any], **headers: str) -> Any:
    return client.post(path, body, content_type="application/json", **headers)


@pytest.mark.req("SSI-FR-52", "SSI-FR-53", "SSI-FR-55", "SSI-FR-56")
def test_a_dispute_is_raised_followed_and_worked_on(scene: Scene, client: Client) -> None:
    raiser, agent = bearer(scene.people["raiser"]), bearer(scene.people["agent"])
    offered = client.get("/api/v1/service-catalogue", **raiser).json()
    types = [
        one["code"]
        for category in offered["categories"]
        for service in category["services"]
        for one in service["request_types"]
    ]
    assert DISPUTE["request_type"] in types
    about = {"kind": "device", "key": METER}
    data = client.get("/api/v1/disputable-data", about, **raiser).json()["data"]
    status = next(one for one in data if one["name"] == "status")
    assert (status["value"], status["disputes"]) == ("Commissioned", [])
    assert "Suspended" in status["choices"]

    raised = _post(client, REQUESTS, DISPUTE, **raiser)
    assert raised.status_code == 201
    reference = raised.json()["reference"]
    again = _post(client, REQUESTS, DISPUTE, **raiser)
    assert (again.status_code, again.json()["code"]) == (409, "already_disputed")
    assert reference in again.json()["detail"]
    path = f"{REQUESTS}/{reference}"
    taken = _post(client, f"{path}/transitions", {"verb": "take"}, **agent)
    assert taken.json()["assigned_person"]
    stale = {"verb": "comment", "text": "Too late."}
    refused = _post(client, f"{path}/transitions", stale, **raiser, HTTP_IF_MATCH=raised["ETag"])
    assert refused.status_code == 412
    file = {"file": SimpleUploadedFile("meter.txt", b"suspended")}
    added = client.post(f"{path}/attachments", file, **raiser)
    assert added.status_code == 201
    kept = client.get(f"{path}/attachments/{added.json()['id']}", **agent)
    assert (kept.content, kept["Content-Disposition"][:10]) == (b"suspended", "attachment")
    changed = client.put(
        f"{path}/contacts",
        {"contact": CONTACT | {"telephone": "020 7946 0999"}},
        content_type="application/json",
        **raiser,
    )
    assert changed.json()["contact"]["telephone"] == "020 7946 0999"

    done = {"verb": "complete", "text": "Its source sends it anew."}
    ended = _post(client, f"{path}/transitions", done, **agent)
    assert ended.json()["state"] == "COMPLETED"
    seen = client.get(path, **raiser).json()
    assert seen["outcome"] == "Its source sends it anew."
    assert seen["assigned_person"] is None
    assert seen["dispute"]["held_value"] == "Commissioned"
    assert seen["dispute"]["now"]["as_proposed"] is False
    listed = client.get(REQUESTS, {"state": "COMPLETED"}, **raiser).json()["items"]
    assert [one["reference"] for one in listed] == [reference]


@pytest.mark.req("SSI-FR-56", "SSI-NFR-22")
def test_what_is_wrong_is_told_by_field(scene: Scene, client: Client) -> None:
    body = {
        "request_type": "general",
        "user_id": RAISER,
        "contact": CONTACT | {"email": "nobody"},
        "answers": {"mpxn": "no", "nothing": "x"},
    }
    answer = _post(client, REQUESTS, body, **bearer(scene.people["raiser"]))
    assert answer.status_code == 422
    wrong = str(answer.json())
    for field in ("summary", "email", "answers.details", "answers.mpxn", "answers.nothing"):
        assert field in wrong


@pytest.mark.req("SSI-FR-2", "SSI-FR-54")
def test_the_box_leads_to_a_request_for_those_who_see_it(scene: Scene, client: Client) -> None:
    reference = scene.ask()
    scene.ask(your_reference=reference)  # a later one that refers to it
    log_in(client, scene.people["raiser"])
    found = client.get("/find", {"q": reference.lower()})
    assert found["Location"] == f"/catalogue/requests/{reference}/"
    log_in(client, scene.people["rival"])
    assert client.get("/find", {"q": reference}).status_code == 200
