"""Organisations and sharing by API: everything the screens can do, with the same rights."""

import base64
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from meterdesk.identity.models import Grant, Person
from meterdesk.identity.tests.factories import bearer
from meterdesk.organisations import jobs
from meterdesk.organisations.models import Officer
from meterdesk.organisations.tests.scene import (
    AGENT,
    ALDER_GAS,
    Scene,
    pem,
    set_scene,
    signed,
)

pytestmark = pytest.mark.django_db
NEW_EUI = "90-B3-D5-1F-30-77-00-01"


@pytest.fixture
def scene() -> Scene:
    return set_scene()


class Caller:
    """A person's program."""

    def __init__(self, person: Person) -> None:
        self.client, self.token = Client(), bearer(person)

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        call = getattr(self.client, method)
        given = {"content_type": "application/json", **self.token, **headers}
        if method == "get":
            given.pop("content_type")
            return call(f"/api/v1{path}", **given)
        return call(f"/api/v1{path}", body if body is not None else {}, **given)


@pytest.mark.req("FSM-9", "Operator's onboarding of an organisation")
def test_an_organisation_from_onboarding_to_off_boarding(scene: Scene) -> None:
    operator = Caller(scene.operator_person)
    taken_up = operator("post", "/organisations", {"name": "Harbour Gas"})
    assert taken_up.status_code == 201
    left = ["user-ids", "officers", "signature", "administrator", "first-log-in"]
    assert taken_up.json()["onboarding_left"] == left
    path = f"/organisations/{taken_up.json()['id']}"
    assert operator("post", path + "/administrator/link").status_code == 409
    given = operator("post", path + "/user-ids", {"eui": NEW_EUI, "user_role": "GS"})
    assert given.json()["user_ids"] == [NEW_EUI]
    officer = {
        "kind": "SRO",
        "name": "Ffion Rees",
        "email": "ffion@harbour.example",
        "telephone": "020 7946 0111",
        "active_from": "2026-01-01",
        "certificate": pem().decode(),
    }
    recorded = operator("post", path + "/officers", officer)
    assert (recorded.status_code, recorded.json()["version"]) == (201, 1)
    place = f"{path}/officers/{recorded.json()['id']}"
    ended = operator("put", place, officer | {"active_until": "2026-02-01"}, HTTP_IF_MATCH='"v1"')
    assert ended.json()["is_in_office"] is False
    assert operator("put", place, officer, HTTP_IF_MATCH='"v1"').status_code == 412

    reason = {"level": "READ_ONLY", "reason": "Invoices are unpaid"}
    suspended = operator("put", path + "/suspension", reason, HTTP_IF_MATCH='"v1"')
    assert (suspended.json()["standing"], suspended["ETag"]) == ("READ_ONLY", '"v2"')
    one = operator("put", f"{path}/user-ids/{NEW_EUI}/suspension", reason)
    assert one.json()["user_id_records"][0]["suspension"] == "READ_ONLY"
    assert operator("put", f"{path}/user-ids/{AGENT}/suspension", reason).status_code == 404
    renamed = operator("patch", path, {"name": "Harbour Gas Supply"})
    assert renamed.json()["name"] == "Harbour Gas Supply"
    closed = operator("post", path + "/off-boarding", {"reason": "Left"})
    assert closed.json()["standing"] == "CLOSED"
    assert operator("post", path + "/onboarding").json()["standing"] == "READ_ONLY"
    listed = operator("get", f"/organisations?text={NEW_EUI.replace('-', '')}").json()["items"]
    assert [row["name"] for row in listed] == ["Harbour Gas Supply"]
    assert Caller(scene.alder.administrator)("get", "/organisations").status_code == 403


@pytest.mark.req("SSI-NFR-28", "SSI-NFR-29", "SSI-NFR-33")
def test_a_sharing_from_its_proposal_to_its_end(scene: Scene) -> None:
    Officer.objects.filter(pk=scene.greenlane.officer.pk).update(certificate=pem().decode())
    alder, greenlane = Caller(scene.alder.administrator), Caller(scene.greenlane.administrator)
    officer = alder("get", "/sharing/choices").json()["officers"][0]["id"]
    proposal = {
        "own": [ALDER_GAS],
        "other_name": "Greenlane",
        "other": [AGENT],
        "officer_id": officer,
    }
    proposed = alder("post", "/sharing", proposal)
    assert (proposed.status_code, proposed.json()["state"]) == (201, "DRAFT")
    path = f"/sharing/{proposed.json()['id']}"
    assert greenlane("get", path).status_code == 404
    jobs.invite_other_side(sharing_id=proposed.json()["id"])

    def sign(who: Caller, written: dict[str, Any]) -> Any:
        signature = base64.b64encode(signed(written["text"].encode())).decode()
        place = f"{path}/notifications/{written['id']}/signature"
        return who("post", place, {"signature": signature})

    assert sign(alder, proposed.json()["notifications"][0]).json()["state"] == "PROPOSED"
    answer = {"officer_id": scene.greenlane.officer.pk}
    written = greenlane("post", path + "/answer", answer, HTTP_IF_MATCH='"v1"')
    assert written.status_code == 412
    written = greenlane("post", path + "/answer", answer)
    assert sign(greenlane, written.json()).json()["state"] == "VERIFYING"
    operator = Caller(scene.operator_person)
    assert all(check["holds"] for check in operator("get", path).json()["checks"])
    step = {"verb": "activate"}
    assert alder("post", path + "/transitions", step).status_code == 403
    unproved = operator("post", path + "/transitions", step)
    assert (unproved.status_code, unproved.json()["code"]) == (403, "proof_needed")
    scene.operator_person.api_tokens.update(proved_at=timezone.now())
    assert operator("post", path + "/transitions", step).json()["state"] == "ACTIVE"
    given = alder("get", "/sharing/access").json()["given"]
    assert [(row["granting"], row["granted"]) for row in given] == [(ALDER_GAS, AGENT)]

    rescinding = {"own": [AGENT], "other": [ALDER_GAS], "officer_id": answer["officer_id"]}
    written = greenlane("post", path + "/rescinding", rescinding)
    assert sign(greenlane, written.json()).json()["state"] == "RESCINDED"
    assert not Grant.objects.filter(rescinded_at=None).exists()
    assert Caller(scene.rival.administrator)("get", path).status_code == 404
    assert Caller(scene.rival.administrator)("get", "/sharing").json()["items"] == []
