"""Tables: what a person chose is kept for that person, and files hold what the screen shows."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from meterdesk.identity.models import Person
from meterdesk.identity.rules import DeskRole, JobTypeRole
from meterdesk.identity.tests.factories import (
    log_in,
    make_organisation,
    make_person,
    make_user_id,
)
from meterdesk.incidents.tests.scene import Scene, set_scene
from meterdesk.inventory.tests.files import METER, MPAN, home, take_in
from meterdesk.platform.models import ActivityEntry, TableChoice
from meterdesk.trail.tests import lines

pytestmark = pytest.mark.django_db

ADMINISTRATOR = JobTypeRole.ORGANISATIONAL_ADMINISTRATOR
CALLS = JobTypeRole.CALL_CENTRE_USER


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return set_scene(tmp_path)


def choose(client: Client, table: str, *columns: str, size: str = "50", **more: str) -> Any:
    given = {"column": columns, "page_size": size, "next": "/devices/?mpxn=1", **more}
    return client.post(f"/tables/{table}/", given)


def read(response: Any) -> list[dict[str, str]]:
    text = b"".join(response.streaming_content).decode("utf-8")
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


@pytest.mark.req("SSI-FR-3")
def test_hidden_columns_are_gone_from_page_and_file_for_that_person_alone(
    client: Client, tmp_path: Path
) -> None:
    take_in(tmp_path, home())
    eui = make_user_id()
    ann, ben = make_person("ann", [(eui, CALLS)]), make_person("ben", [(eui, CALLS)])
    log_in(client, ann)
    back = choose(client, "devices", "mpxn", "status", size="25")
    assert (back.status_code, back["Location"]) == (302, "/devices/?mpxn=1")

    page = client.get("/devices/", {"mpxn": MPAN}).content.decode()
    assert '<th scope="col">MPxN</th>' in page
    assert '<th scope="col">Postcode</th>' not in page
    assert "AB1 0AJ" not in page
    assert METER in page
    (row,) = read(client.get("/devices/export.csv", {"mpxn": MPAN}))
    assert row == {"Device ID": METER, "MPxN": MPAN, "SMI Status": "Commissioned"}

    log_in(client, ben)
    (whole,) = read(client.get("/devices/export.csv", {"mpxn": MPAN}))
    assert (whole["Postcode"], whole["Device Type"]) == ("AB1 0AJ", "ESME")
    assert "AB1 0AJ" in client.get("/devices/", {"mpxn": MPAN}).content.decode()

    log_in(client, ann)
    choose(client, "devices", reset="yes")
    assert not TableChoice.objects.exists()
    assert "AB1 0AJ" in client.get("/devices/", {"mpxn": MPAN}).content.decode()


def test_the_page_has_the_chosen_length_and_the_file_every_row(client: Client) -> None:
    eui = make_user_id()
    rows = [
        Person(username=f"p{n:04}", organisation=make_organisation("x"), created_at=timezone.now())
        for n in range(620)
    ]
    boss = make_person("boss", [(eui, ADMINISTRATOR)])
    for row in rows:
        row.organisation = boss.organisation
    Person.objects.bulk_create(rows)
    make_person("elsewhere")
    log_in(client, boss)
    assert len(client.get("/people/").context["page"].items) == 50
    choose(client, "people", size="25")
    assert len(client.get("/people/").context["page"].items) == 25

    names = [row["Username"] for row in read(client.get("/people/export.csv"))]
    assert names == ["boss", *(row.username for row in rows)]
    found = client.get("/people/export.csv", {"text": "p0619", "sort": "-username"})
    assert [row["Username"] for row in read(found)] == ["p0619"]


@pytest.mark.parametrize("size", ["", "7", "1000", "-25", "x"])
def test_other_page_sizes_are_refused(client: Client, size: str) -> None:
    log_in(client, make_person("ann", [(make_user_id(), CALLS)]))
    assert choose(client, "devices", size=size).status_code == 422
    assert choose(client, "nothing").status_code == 404
    assert not TableChoice.objects.exists()


def test_going_back_stays_on_this_site(client: Client) -> None:
    log_in(client, make_person("ann", [(make_user_id(), CALLS)]))
    assert choose(client, "devices", next="https://elsewhere.example/")["Location"] == "/"


@pytest.mark.req("SSI-FR-32", "SSI-FR-70", "SSI-NFR-21", "SSI-NFR-2")
def test_a_file_of_incidents_is_saved_and_holds_what_its_reader_may_see(
    scene: Scene, client: Client
) -> None:
    mine = scene.raise_one(at=timezone.now(), summary="=HYPERLINK(1)", your_reference="+44")

    log_in(client, scene.people["raiser"])
    answer = client.get("/incidents/export.csv", {"state": "open"})
    assert answer["Content-Disposition"] == 'attachment; filename="incidents.csv"'
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    (row,) = read(answer)
    assert row["Reference"] == mine
    assert (row["Summary"], row["Your reference"]) == ("'=HYPERLINK(1)", "'+44")
    assert row["State"] == "New"
    entry = ActivityEntry.objects.get(verb="tables.export")
    assert (entry.username, entry.subject) == ("gwen", "incidents")
    assert entry.detail["filters"] == {"state": ["open"]}
    assert "summary" in entry.detail["columns"]

    log_in(client, scene.people["interested"])
    (row,) = read(client.get("/incidents/export.csv"))
    assert (row["Reference"], row["Your reference"]) == (mine, "")
    for name in ("stranger", "colleague"):
        log_in(client, scene.people[name])
        assert read(client.get("/incidents/export.csv")) == []


@pytest.mark.req("IM-21", "SSI-FR-70")
def test_the_queue_as_a_file_is_in_the_order_of_the_screen(scene: Scene, client: Client) -> None:
    low, high = (scene.raise_one(at=timezone.now(), urgency=urgency) for urgency in (3, 1))
    log_in(client, scene.people["agent"])
    rows = read(client.get("/desk/export.csv"))
    assert [row["Reference"] for row in rows] == [high, low]
    assert {row["Raising organisation"] for row in rows} == {"Alder Energy"}
    assert [row["Reference"] for row in read(client.get("/desk/export.csv?sort=-priority"))] == [
        low,
        high,
    ]
    log_in(client, scene.people["resolver"])
    assert read(client.get("/desk/export.csv")) == []


@pytest.mark.req("SSI-FR-6a", "SSI-FR-7", "SSI-FR-10", "SSI-FR-70")
def test_a_file_of_the_trail_holds_ones_own_messages_and_meter_reads_are_open(
    client: Client, tmp_path: Path
) -> None:
    other = "90-B3-D5-1F-30-03-00-00"
    both = [
        lines.request_line(
            counter,
            request_id=f"{eui}:{METER}:{counter}",
            originator=eui,
            device_id=METER,
            srv="4.8.1",
            service_reference=None,
            status_history=[],
        )
        for counter, eui in ((1, lines.SUPPLIER), (2, other))
    ]
    assert lines.take_in(tmp_path, *both) == (2, 0, 0)
    make_user_id(lines.SUPPLIER), make_user_id(other)
    search, organisation = {"device_id": METER}, "DCC Service User Organisation ID"
    for person, eui in (("ann", lines.SUPPLIER), ("bob", other)):
        log_in(client, make_person(person, [(eui, JobTypeRole.ALL_ACCESS)]))
        (row,) = read(client.get("/trail/export.csv", search))
        assert (row["Device ID"], row[organisation]) == (METER, eui)
        reads = read(client.get("/meter-reads/export.csv", search))
        assert {row[organisation] for row in reads} == {lines.SUPPLIER, other}

    choose(client, "trail", "times")
    (row,) = read(client.get("/trail/export.csv", search))
    assert set(row) == {"Received", "Response sent", "Message"}
    page = client.get("/trail/", search).content.decode()
    assert "Organisation ID, GBCS sequence</th>" not in page
    assert len(read(client.get("/meter-reads/export.csv", search))[0]) > 3


def test_without_a_search_there_is_nothing_to_download(client: Client) -> None:
    log_in(client, make_person("agent", desk=[DeskRole.AGENT]))
    for address in ("/devices/", "/trail/", "/meter-reads/"):
        answer = client.get(f"{address}export.csv")
        assert answer.status_code == 422
        assert "Search first" in answer.content.decode()
