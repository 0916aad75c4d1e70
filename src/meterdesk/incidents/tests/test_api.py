"""Incidents by API: everything the screens can do, with the same rights."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from meterdesk.identity.tests.factories import bearer, log_in
from meterdesk.incidents.actions import allocate
from meterdesk.incidents.models import Incident
from meterdesk.incidents.queries import incident
from meterdesk.incidents.tests.scene import METER, MPAN, Scene

BODY = {
    "area": "ELECTRICITY_METER",
    "device_id": METER,
    "summary": "No reads since the storm",
    "contact": {"first_name": "Gwendolyn", "last_name": "Holloway", "telephone": "020 7946 0123"},
    "diagnosis_not_run": "Read on site.",
}


def _post(client: Client, path: str, body: object, who: dict[str, str]):
    return client.post(f"/api/v1{path}", body, content_type="application/json", **who)


@pytest.mark.req("SSI-FR-23", "SSI-FR-27", "SSI-FR-31", "IM-12", "IM-13")
def test_from_raising_to_resolution(scene: Scene, client: Client) -> None:
    raiser, agent = bearer(scene.people["raiser"]), bearer(scene.people["agent"])

    raised = _post(client, "/incidents", BODY, raiser)
    assert raised.status_code == 201
    body = raised.json()
    reference = body["reference"]
    assert (body["part"], body["state"]) == ("RAISER", "NEW")
    assert MPAN in body["mpxns"]
    assert {clock["clock"] for clock in body["clocks"]} == {"RESPONSE", "RESOLUTION"}

    hold = {"verb": "hold", "why": "When was it last read?", "version": body["version"]}
    held = _post(client, f"/incidents/{reference}/transitions", hold, agent).json()
    assert held["state"] == "ON_HOLD"
    assert held["target_at"] is None
    stale = _post(client, f"/incidents/{reference}/transitions", hold, agent)
    assert (stale.status_code, stale.json()["code"]) == (409, "stale")

    update = {"type": "ALL", "text": "On Friday."}
    answered = _post(client, f"/incidents/{reference}/updates", update, raiser)
    assert answered.status_code == 201
    assert answered.json()["state"] == "IN_PROGRESS"

    file = SimpleUploadedFile("reading.csv", b"at,value\r\n")
    attached = client.post(
        f"/api/v1/incidents/{reference}/attachments", {"type": "ALL", "file": file}, **raiser
    )
    assert attached.status_code == 201
    number = attached.json()["id"]
    path = f"/api/v1/incidents/{reference}/attachments/{number}"
    assert client.get(path, **agent).content == b"at,value\r\n"
    assert client.get(path, **bearer(scene.people["interested"])).status_code == 404

    for step, state in (
        ({"verb": "resolve", "why": "Meter replaced"}, "RESOLVED"),
        ({"verb": "close"}, "CLOSED"),
        ({"verb": "reopen", "why": "Stopped again"}, "IN_PROGRESS"),
    ):
        done = _post(client, f"/incidents/{reference}/transitions", step, agent)
        assert (done.status_code, done.json()["state"]) == (201, state)


@pytest.mark.req("SSI-FR-22", "SSI-FR-26")
def test_what_does_not_fit_is_said_by_field(scene: Scene, client: Client) -> None:
    raiser = bearer(scene.people["raiser"])
    for change, field in (
        ({"device_id": "00-00-00-00-00-00-00-99"}, "device_id"),
        ({"mpxn": "1200023305967", "device_id": None}, "mpxn"),
        ({"diagnosis_not_run": ""}, "diagnosis_not_run"),
        ({"diagnosis_id": "no such"}, "diagnosis_id"),
        ({"occurred_at": (timezone.now() + timedelta(hours=1)).isoformat()}, "occurred_at"),
        ({"repeat_of": "INC9999999"}, "repeat_of"),
    ):
        refused = _post(client, "/incidents", BODY | change, raiser)
        assert refused.status_code == 422, change
        assert field in refused.json()["errors"]
    assert client.get("/api/v1/incidents", **raiser).json()["items"] == []
    stranger = bearer(scene.people["stranger"])
    own = BODY | {"user_id": next(iter(scene.actor("raiser").user_ids))}
    assert _post(client, "/incidents", own, stranger).status_code == 403


@pytest.mark.req("SSI-FR-32")
def test_lists_page_by_cursor_in_each_order(scene: Scene, client: Client) -> None:
    raiser = bearer(scene.people["raiser"])
    begun = timezone.now() - timedelta(days=3)
    made = [
        scene.raise_one(at=begun + timedelta(hours=number), urgency=1 + number % 3)
        for number in range(5)
    ]
    for sort in ("-raised", "raised", "priority", "-priority"):
        seen, cursor = [], None
        while True:
            query = {"limit": 2, "sort": sort} | ({"cursor": cursor} if cursor else {})
            page = client.get("/api/v1/incidents", query, **raiser).json()
            seen += [(row["priority"], row["reference"]) for row in page["items"]]
            cursor = page["next"]
            if cursor is None:
                break
        assert sorted(reference for _, reference in seen) == made
        order = [one[1] for one in seen] if "raised" in sort else seen
        assert order == sorted(order, reverse=sort.startswith("-"))
    assert client.get("/api/v1/incidents?cursor=abc", **raiser).status_code == 400


@pytest.mark.req("IM-21", "IM-24")
def test_what_a_resolver_hands_back_is_out_of_its_sight_and_said_to_be_done(
    scene: Scene, client: Client
) -> None:
    agent, resolver = scene.actor("agent"), scene.people["resolver"]
    first, second = scene.raise_one(), scene.raise_one()
    for reference in (first, second):
        provider = scene.provider.pk
        allocate(agent, reference, timezone.now(), why="Look", organisation_id=provider)

    step = {"verb": "hand_back", "why": "Not ours"}
    done = _post(client, f"/incidents/{first}/transitions", step, bearer(resolver))
    log_in(client, resolver)
    seen = incident(scene.actor("resolver"), second)
    answer = client.post(
        f"/incidents/{second}/hand_back/", {"why": "Not ours", "version": seen.version}
    )

    assert done.status_code == 204
    assert answer["Location"] == "/incidents/"
    assert client.get(f"/incidents/{second}/").status_code == 404


@pytest.mark.req("FSM-17", "SSI-FR-23")
def test_a_token_that_cannot_be_answered_raises_nothing(scene: Scene, client: Client) -> None:
    blind = bearer(scene.people["raiser"], ["UC_RaiseSMI"])
    assert _post(client, "/incidents", BODY, blind).status_code == 403
    assert not Incident.objects.exists()
