"""A dispute keeps both values as they were, and says when the data came round."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from meterdesk.catalogue.actions import DisputeDatum, RaiseRequest, check_request, take_step
from meterdesk.catalogue.queries import RequestSearch, data_of, request, search_requests
from meterdesk.catalogue.rules.data import RecordKind, RecordName, record_name
from meterdesk.catalogue.rules.states import RequestVerb
from meterdesk.catalogue.tests.scene import (
    CONTACT,
    HUB,
    METER,
    MPAN,
    MPRN,
    RAISER,
    RIVAL,
    STATUS,
    Scene,
)
from meterdesk.hubs.tests.home import HUBS_HEADER, hub_row
from meterdesk.identity.models import UserId
from meterdesk.identity.rules import Suspension
from meterdesk.inventory.tests import files as inventory
from meterdesk.kernel.contacts import Contact
from meterdesk.kernel.errors import Conflict, Refused
from meterdesk.kernel.paging import PageRequest
from meterdesk.notifications.models import OutgoingMessage
from meterdesk.platform.intake import run_intake


def _seen(scene: Scene, reference: str, name: str = "raiser"):
    found = request(scene.actor(name), reference, now=timezone.now()).dispute
    assert found is not None
    return found


@pytest.mark.database
@pytest.mark.req("SSI-FR-52", "INV-1")
def test_it_keeps_what_was_held_and_sees_the_correction_come_in(
    scene: Scene, tmp_path: Path
) -> None:
    reference = scene.dispute()
    before = _seen(scene, reference)
    assert (before.held_value, before.proposed_value) == ("Commissioned", "Suspended")
    assert before.held_source.startswith("Inventory of Devices, run ")
    assert ".csv" not in before.held_source
    assert before.held_source_at is not None
    assert before.now is not None
    assert before.now.as_proposed is False

    given = {"device_status": "Suspended", "status_date": "2026-01-02T00:00:00Z"}
    row = {**inventory.home()[1], **given}
    assert row["device_id"] == METER
    inventory.take_in(tmp_path, [row])

    after = _seen(scene, reference)
    assert (after.held_value, after.held_source) == (before.held_value, before.held_source)
    assert after.now is not None
    assert (after.now.value, after.now.as_proposed) == ("Suspended", True)


@pytest.mark.req("SSI-FR-52")
def test_the_value_must_be_one_the_datum_can_have_and_another_than_is_held(scene: Scene) -> None:
    for value in ("Commissioned", "Broken", ""):
        with pytest.raises(Refused) as refused:
            scene.dispute(DisputeDatum(STATUS.record, "status", value))
        assert set(refused.value.fields) == {"proposed_value"}
    same = DisputeDatum(STATUS.record, "import_mpxn", f" {MPAN[:5]} {MPAN[5:]}")
    with pytest.raises(Refused):
        scene.dispute(same)


@pytest.mark.req("SSI-FR-52")
def test_a_party_is_the_same_by_name_and_by_user_id(scene: Scene) -> None:
    about = RecordName(RecordKind.METER_POINT, MPAN)
    supplier = data_of(scene.actor("agent"), about, timezone.now()).datum("supplier")
    assert supplier is not None
    assert supplier.says(RIVAL.lower().replace("-", ""))
    assert supplier.says(supplier.value.upper())
    assert not supplier.says("Somebody else")


@pytest.mark.req("SSI-FR-52")
def test_since_when_is_a_day_in_britain_and_not_to_come(scene: Scene) -> None:
    half_past_midnight = datetime(2026, 6, 1, 23, 30, tzinfo=UTC)  # 2 June in London
    new = RaiseRequest(
        RAISER,
        "data-dispute",
        CONTACT,
        answers={"grounds": "Read on site."},
        dispute=replace(STATUS, proposed_since=date(2026, 6, 2)),
    )
    raiser = scene.actor("raiser")
    check_request(raiser, new, half_past_midnight)
    with pytest.raises(Refused) as refused:
        check_request(raiser, new, half_past_midnight - timedelta(hours=1))
    assert set(refused.value.fields) == {"proposed_since"}


@pytest.mark.req("SSI-FR-56")
def test_contacts_are_kept_as_one_line_each(scene: Scene) -> None:
    untidy = Contact("Gwen\nJane", " Holloway ", CONTACT.telephone, f" {CONTACT.email}\n")
    seen = request(scene.actor("raiser"), scene.ask(contact=untidy), now=timezone.now())
    assert seen.contact == replace(CONTACT, first_name="Gwen Jane")
    assert [one.to for one in OutgoingMessage.objects.all()] == [CONTACT.email]


@pytest.mark.req("SSI-FR-52")
def test_the_outcome_and_both_values_are_written_to_the_raiser(scene: Scene) -> None:
    reference = scene.dispute()
    agent = scene.actor("agent")
    take_step(agent, reference, RequestVerb.NOTE, timezone.now(), text="Between us.")
    take_step(agent, reference, RequestVerb.REJECT, timezone.now(), text="The seal says otherwise.")
    sent = list(OutgoingMessage.objects.filter(about=reference).order_by("pk"))
    assert [one.to for one in sent] == ["gwendolyn@alder.example"] * 2
    for words in ("The seal says otherwise.", "Commissioned", "Suspended", reference):
        assert words in sent[-1].body
    assert not any("Between us." in one.body for one in sent)


@pytest.mark.req("SSI-FR-52")
def test_emails_say_days_as_screens_do(scene: Scene) -> None:
    name = RecordName(RecordKind.DEVICE, METER)
    since = date(2026, 1, 31)
    scene.dispute(DisputeDatum(name, "installed_date", "2025-03-09", proposed_since=since))
    (sent,) = OutgoingMessage.objects.all()
    assert "You say it should be: 9 Mar 2025, since 31 Jan 2026" in sent.body
    assert "2025-03-09" not in sent.body


@pytest.mark.req("SSI-FR-52", "SEC-1")
def test_whoever_may_read_nothing_is_not_written_to(scene: Scene) -> None:
    reference = scene.ask()
    OutgoingMessage.objects.all().delete()
    UserId.objects.filter(pk=RAISER).update(suspension=Suspension.NOTHING)
    take_step(scene.actor("agent"), reference, RequestVerb.REJECT, timezone.now(), text="No.")
    assert not OutgoingMessage.objects.exists()


@pytest.mark.req("SSI-FR-52")
def test_it_is_not_reopened_beside_another_open_one(scene: Scene) -> None:
    first = scene.dispute()
    raiser = scene.actor("raiser")
    take_step(scene.actor("agent"), first, RequestVerb.REJECT, timezone.now(), text="No.")
    second = scene.dispute()
    with pytest.raises(Conflict, match="another open dispute"):
        take_step(raiser, first, RequestVerb.REOPEN, timezone.now(), text="Still wrong.")
    take_step(raiser, second, RequestVerb.WITHDRAW, timezone.now(), text="The first one goes on.")
    take_step(raiser, first, RequestVerb.REOPEN, timezone.now(), text="Still wrong.")


@pytest.mark.req("SSI-FR-17", "SSI-FR-13", "REG-2")
def test_every_kind_of_record_tells_its_data_with_the_run_they_came_in_by(
    scene: Scene, tmp_path: Path
) -> None:
    hubs, coverage = tmp_path / "hubs.csv", tmp_path / "coverage.csv"
    hubs.write_text(f"{HUBS_HEADER}\n{hub_row(device_id=HUB)}\n", encoding="utf-8")
    run_intake("hubs", [hubs])
    header = "postcode,property,csp_region,coverage_available,likelihood"
    rows = "AB1 0AJ,,South,Yes,High\nAB1 0AJ,12,South,No,\n"
    coverage.write_text(f"{header}\n{rows}", encoding="utf-8")
    run_intake("coverage", [coverage])
    raiser, now = scene.actor("raiser"), timezone.now()
    for kind, key, name, value in (
        ("hub", HUB.lower(), "wan_connectivity", "Connected"),
        ("coverage", "ab10aj", "available", "Yes"),
        ("meter-point", MPRN, "supplier", "Alder Energy"),
        ("device", METER, "status", "Commissioned"),
    ):
        datum = data_of(raiser, record_name(kind, key), now).datum(name)
        assert datum is not None, kind
        assert (datum.value, ", run " in datum.source) == (value, True), kind
        assert datum.source_at is not None
        assert ".csv" not in datum.source
    house = DisputeDatum(record_name("coverage", "ab10aj, 12"), "available", "Yes")
    reference = scene.dispute(house)
    found = search_requests(raiser, RequestSearch(text="AB1 0AJ"), PageRequest()).items
    assert [one.reference for one in found] == [reference]
