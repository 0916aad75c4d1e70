"""The one box goes straight to a record, offers a choice, or says what is wrong."""

from pathlib import Path

import pytest
from django.test import Client

from meterdesk.identity.rules import DeskRole, JobTypeRole
from meterdesk.identity.tests.factories import bearer, log_in, make_person
from meterdesk.incidents.tests.scene import HUB, METER, MPAN, MPRN, Scene
from meterdesk.inventory.tests import files as inventory
from meterdesk.registration.tests.files import OUTSIDER, electricity, take_in
from meterdesk.search.queries import find
from meterdesk.search.rules import HitKind
from meterdesk.search.views import address_of

UPRN = "100023336956"
DEVICE, PREMISES, COVERAGE = HitKind.DEVICE, HitKind.PREMISES, HitKind.COVERAGE


@pytest.mark.req("SSI-FR-2", "SSI-FR-4", "SSI-FR-12")
def test_an_identifier_leads_straight_to_its_record(client: Client, scene: Scene) -> None:
    table = [
        (METER, DEVICE, METER),
        (METER.replace("-", "").lower(), DEVICE, METER),
        (f" device id: {METER} ", DEVICE, METER),
        (f"{OUTSIDER}:{HUB}:1000", DEVICE, HUB),
        (MPAN, PREMISES, MPAN),
        ("13 1234 5678 907", PREMISES, MPAN),
        (f"03 801 001 {MPAN}", PREMISES, MPAN),
        (MPRN, PREMISES, MPRN),
        (f"MPRN {MPRN}", PREMISES, MPRN),
        (UPRN, PREMISES, MPAN),
        ("UPRN: " + UPRN, PREMISES, MPAN),
        ("ab10aj", PREMISES, MPAN),
        ("12 AB1 0AJ", PREMISES, MPAN),
        ("12 High Street, Townley, AB1 0AJ", PREMISES, MPAN),
        ("AB1", COVERAGE, "AB1"),
    ]
    log_in(client, scene.people["stranger"])
    for text, kind, key in table:
        found = find(scene.actor("stranger"), text)
        assert found.only is not None, text
        assert (found.only.kind, found.only.key) == (kind, key), text
        answer = client.get("/find", {"q": text})
        assert (answer.status_code, answer["Location"]) == (302, address_of(found.only)), text
        assert key in answer["Location"], text


@pytest.mark.req("SSI-FR-2", "SSI-NFR-22")
def test_what_is_not_found_is_explained(client: Client, scene: Scene) -> None:
    table = [
        ("1312345678908", "its check digit is wrong; it should end in 7"),
        ("131234567890", "This has 12 digits; an MPAN has 13"),
        ("00DB1234567890A", "a Device ID has 16"),
        ("AB1 OAJ", "with the letter O for the number 0"),
        ("1234567890", "This reads as a UPRN (1234567890) or an MPRN (1234567890)"),
        ("14 AB1 0AJ", "This reads as a postcode (14, AB1 0AJ)"),
        ("00-DB-12-34-56-78-90-FF", "There is nothing under it that you can see"),
        ("INC0999999", "This reads as a reference (INC0999999)"),
        ("good morning", "This is not an identifier that Meterdesk knows"),
        ("<script>", "This is not an identifier that Meterdesk knows"),
        ("x" * 300, "This is too long to be an identifier"),
        ("", "Type any identifier"),
    ]
    log_in(client, scene.people["stranger"])
    for text, says in table:
        answer = client.get("/find", {"q": text})
        page = answer.content.decode()
        assert answer.status_code == 200, text
        assert says in page, text
        assert "What the box takes" in page, text
        assert "<script>" not in page.split("<main")[1], text


@pytest.mark.req("SSI-FR-2")
def test_several_records_are_offered_as_a_choice(
    client: Client, scene: Scene, tmp_path: Path
) -> None:
    take_in(tmp_path, electricity(mpan="1012345678912", address=",9,High Street,Townley,AB1 0AJ"))
    log_in(client, scene.people["stranger"])
    page = client.get("/find", {"q": "AB1 0AJ"}).content.decode()
    assert "Which one?" in page
    assert page.index("9 High Street, Townley, AB1 0AJ") < page.index("12 High Street, Townley")
    assert f"Import MPAN {MPAN}, MPRN {MPRN}" in page
    # One number can be two things: a UPRN and an MPRN.
    take_in(
        tmp_path,
        electricity(mpan="1012345678903", address=f"{MPRN},3,Mill Lane,Townley,AB1 0AX"),
    )
    found = find(scene.actor("stranger"), MPRN)
    assert [(hit.because, hit.key) for hit in found.hits] == [
        ("MPRN", MPRN),
        ("UPRN", "1012345678903"),
    ]


@pytest.mark.req("SSI-FR-2")
def test_devices_without_a_registration_are_found_too(scene: Scene, tmp_path: Path) -> None:
    lone = inventory.device_row(
        "00-DB-12-34-56-78-90-C1",
        "ESME",
        import_mpxn="1012345678903",
        device_status="Pending",
        uprn="55",
        postcode="AB9 9ZZ",
        property="7",
    )
    inventory.take_in(tmp_path, [lone])
    actor = scene.actor("stranger")
    for text in ("1012345678903", "UPRN 55", "7 AB9 9ZZ", "ab9 9zz"):
        found = find(actor, text)
        assert found.only is not None
        assert (found.only.kind, found.only.key) == (DEVICE, "00-DB-12-34-56-78-90-C1")
        assert "Pending" in found.only.detail


@pytest.mark.req("IM-24", "SSI-FR-2")
def test_an_incident_is_found_by_those_who_may_see_it_alone(client: Client, scene: Scene) -> None:
    reference = scene.raise_one()
    for name in ("raiser", "responsible", "interested", "agent"):
        found = find(scene.actor(name), f"inc {int(reference[3:])}")
        assert found.only is not None
        assert found.only.key == reference
        log_in(client, scene.people[name])
        assert client.get("/find", {"q": reference})["Location"] == f"/incidents/{reference}/"
    for name in ("stranger", "colleague", "resolver"):
        assert find(scene.actor(name), reference).hits == ()
        log_in(client, scene.people[name])
        seen, unseen = (
            client.get("/find", {"q": text}).content.decode().split("<main")[1]
            for text in (reference, "INC0999999")
        )
        assert seen.replace(reference, "INC0999999") == unseen


@pytest.mark.req("SSI-NFR-2", "SSI-NFR-24")
def test_each_kind_is_looked_up_by_whose_roles_open_it(client: Client, scene: Scene) -> None:
    call_centre = make_person(assignments=[(OUTSIDER, JobTypeRole.CALL_CENTRE_USER)])
    reference = scene.raise_one()
    log_in(client, call_centre)
    page = client.get("/find", {"q": reference}).content.decode()
    assert "Your roles do not include looking up reference" in page
    log_in(client, scene.people["resolver"])
    page = client.get("/find", {"q": METER}).content.decode()
    assert "Your roles do not include looking up Device ID" in page
    assert client.get("/find", {"q": MPAN}).status_code == 200
    log_in(client, make_person(desk=[DeskRole.SECURITY_OFFICER]))
    assert client.get("/find", {"q": METER}).status_code == 403


@pytest.mark.req("SSI-FR-2")
def test_the_box_by_api(client: Client, scene: Scene) -> None:
    def get(text: str, person: str = "stranger", **more: object):
        return client.get("/api/v1/find", {"q": text}, **bearer(scene.people[person], **more))

    body = get("12, AB1 0AJ").json()
    assert body["readings"][0]["property"] == "12"
    assert [(one["kind"], one["key"]) for one in body["items"]] == [("Premises", MPAN)]
    assert (body["more"], body["next"]) == (False, None)
    wrong = get("1312345678908").json()
    assert wrong["items"] == []
    assert "should end in 7" in wrong["readings"][0]["note"]
    reference = scene.raise_one()
    assert get(reference).json()["items"] == []
    assert get(reference, "raiser").json()["items"][0]["key"] == reference
    narrowed = get(MPAN, components=["UC_Search"]).json()
    assert narrowed["items"] == []
    assert get("").status_code == 422
    assert get("x" * 201).status_code == 422
    assert client.get("/api/v1/find", {"q": MPAN}).status_code == 401
