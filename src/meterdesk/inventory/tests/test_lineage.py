"""Where a Device's data comes from: for everybody which run, for some who asked and why."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from meterdesk.identity.rules import DeskRole, JobTypeRole, UserRole
from meterdesk.identity.tests.factories import bearer, grant, log_in, make_person, make_user_id
from meterdesk.inventory.models import NetworkNotice
from meterdesk.inventory.tests.files import (
    ELSEWHERE,
    GAS_METER,
    METER,
    MPAN,
    MPRN,
    device_row,
    home,
    take_in,
)
from meterdesk.platform.intake import run_intake

pytestmark = pytest.mark.django_db


@pytest.fixture
def supplier() -> str:
    return make_user_id()


@pytest.fixture(autouse=True)
def life(tmp_path: Path, supplier: str) -> None:
    """A home taken in, its meter moved and then withdrawn at the supplier's word."""
    take_in(tmp_path, home())
    moved = device_row(METER, "ESME", import_mpxn=MPAN, uprn="77", status_date="2025-03-01")
    take_in(tmp_path, [moved])
    path = tmp_path / "withdrawals.ndjson"
    change = {"device_id": METER, "status": "Withdrawn", "at": "2025-06-01", "user_id": supplier}
    path.write_text(json.dumps({**change, "reason": "Moved out"}), encoding="utf-8")
    assert run_intake("device-status", [path]).accepted == 1


def told(client: Client, person: Any) -> dict[str, Any]:
    answer = client.get(f"/api/v1/devices/{METER}/lineage", **bearer(person))
    assert answer.status_code == 200
    body: dict[str, Any] = answer.json()
    return body


@pytest.mark.req("INV-1", "INV-4")
def test_each_status_names_the_run_and_line_that_told_of_it(client: Client, supplier: str) -> None:
    body = told(client, make_person(assignments=[(supplier, JobTypeRole.MI_USER)]))
    newest, *_others, oldest = body["steps"]
    assert (newest["status"], newest["source"]["title"], newest["source"]["line"]) == (
        "Withdrawn",
        "Changes of Device status",
        1,
    )
    assert oldest["source"]["line"] == 3, "the home's second Device stands in line 3"
    assert body["record"]["run_id"] > oldest["source"]["run_id"], "the move wrote the record last"
    now, *before = body["placements"]
    assert (now["uprn"], now["to_at"], len(before)) == ("77", None, 1)
    assert {one["fuel"]: one["is_enrolled"] for one in body["systems"]} == {
        "electricity": False,
        "gas": True,
    }


@pytest.mark.req("SSI-NFR-2")
def test_who_asked_and_why_is_for_themselves_and_the_operator(
    client: Client, supplier: str
) -> None:
    itself = make_person(assignments=[(supplier, JobTypeRole.MI_USER)])
    operator = make_person("olga", desk=[DeskRole.AGENT])
    competitor = make_person(assignments=[(make_user_id(), JobTypeRole.ALL_ACCESS)])
    agent = make_user_id()
    grant(supplier, agent)
    granted = make_person(
        assignments=[(agent, JobTypeRole.MI_USER), (supplier, JobTypeRole.MI_USER)]
    )
    for person, sees, file in (
        (itself, True, None),
        (operator, True, "withdrawals.ndjson"),
        (competitor, False, None),
        (granted, False, None),
    ):
        newest = told(client, person)["steps"][0]
        assert (newest["user_id"] == supplier, newest["reason"] == "Moved out") == (sees, sees)
        assert newest["source"]["file"] == file
        log_in(client, person)
        page = client.get(f"/devices/{METER}/").content.decode()
        assert ("Moved out" in page, supplier in page) == (sees, sees)
        assert "Changes of Device status, run" in page
        assert "Where it stands and stood" in page
        client.logout()


@pytest.mark.req("INV-5", "SSI-NFR-2")
def test_notices_are_for_the_network_company_of_the_meter_point(client: Client) -> None:
    ours, theirs = make_user_id(role=UserRole.ED), make_user_id(role=UserRole.GT)
    for party, mpxn, device_id in ((ours, MPAN, METER), (theirs, MPRN, GAS_METER)):
        at = "2025-06-01T00:00:00Z"
        NetworkNotice.objects.create(
            network_party=party, device_id=device_id, mpxn=mpxn, status="Withdrawn",
            status_at=at, noted_at=at,
        )  # fmt: skip
    person = make_person(assignments=[(ours, JobTypeRole.SERVICE_MANAGEMENT_USER)])
    items = client.get("/api/v1/network-notices", **bearer(person)).json()["items"]
    assert [(one["mpxn"], one["device_id"]) for one in items] == [(MPAN, METER)]
    log_in(client, person)
    page = client.get("/devices/notices/").content.decode()
    assert (MPAN in page, MPRN in page) == (True, False)
    file: Any = client.get("/devices/notices/export.csv")
    text = b"".join(file.streaming_content).decode()
    assert (MPAN in text, MPRN in text) == (True, False)
    assert (
        client.get(f"/api/v1/devices/{ELSEWHERE[:-1]}F/lineage", **bearer(person)).status_code
        == 404
    )
