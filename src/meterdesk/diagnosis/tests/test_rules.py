"""The rules of diagnosis: what each kind of trouble looks like, and whose it is."""

from dataclasses import replace

import pytest

from meterdesk.diagnosis.rules import Cause, Evidence, Verdict
from meterdesk.diagnosis.tests.cases import CASES, ELECTRICITY, SOUND, disconnected
from meterdesk.diagnosis.tests.homes import (
    AT,
    DEVICES,
    EXPORT,
    HOME,
    HUB,
    LISTED,
    METER,
    MPAN,
    POINTS,
    diagnosed,
    with_device,
)
from meterdesk.registration.rules import MeterPointKind


@pytest.mark.req("IM-2")
def test_a_sound_home_has_no_cause_and_every_check_says_so() -> None:
    diagnosis = diagnosed(HOME)
    assert {one.check: one.verdict for one in diagnosis.checks} == {
        "inventory.devices": Verdict.OK,
        "inventory.status": Verdict.OK,
        "inventory.associations": Verdict.OK,
        "inventory.firmware": Verdict.OK,
        "trail.messages": Verdict.OK,
        "trail.response_codes": Verdict.OK,
        "trail.alerts": Verdict.OK,
        "coverage.available": Verdict.OK,
        "hubs.connection": Verdict.OK,
        "hubs.power": Verdict.OK,
        "hubs.tampering": Verdict.OK,
    }
    assert diagnosis.verdict is Verdict.OK
    assert diagnosis.sentence == "No fault found."
    assert diagnosis.likely_cause is None
    assert diagnosis.left_out == ()
    assert all(one.evidence for one in diagnosis.checks)


@pytest.mark.req("IM-2", "IM-5", "IM-6")
@pytest.mark.parametrize(("home", "cause", "responsible"), CASES.values(), ids=CASES.keys())
def test_trouble_is_named_with_its_cause_and_whose_it_is(
    home: Evidence, cause: Cause, responsible: str
) -> None:
    diagnosis = diagnosed(home)
    assert diagnosis.likely_cause == cause.advice.text
    assert diagnosis.responsible_party == responsible
    assert diagnosis.what_to_do_first
    assert diagnosis.what_to_do_first.startswith(cause.advice.first_step)
    assert diagnosis.verdict in {Verdict.FAULT, Verdict.WARNING}


@pytest.mark.req("IM-2")
@pytest.mark.parametrize("home", SOUND.values(), ids=SOUND.keys())
def test_what_is_over_is_no_trouble(home: Evidence) -> None:
    diagnosis = diagnosed(home)
    assert diagnosis.likely_cause is None, diagnosis.as_json()
    assert diagnosis.verdict is Verdict.OK


@pytest.mark.req("IM-2")
def test_newer_firmware_is_told_yet_explains_nothing() -> None:
    diagnosis = diagnosed(with_device(HOME, METER, listing=replace(LISTED, newer="03")))
    firmware = next(one for one in diagnosis.checks if one.check == "inventory.firmware")
    assert firmware.verdict is Verdict.WARNING
    assert "03" in firmware.summary
    assert diagnosis.likely_cause is None


@pytest.mark.req("IM-6")
@pytest.mark.parametrize(
    ("kinds", "lead"),
    [
        (("EXPORT", "GAS", "IMPORT"), "IMPORT supplier"),
        (("EXPORT", "IMPORT"), "IMPORT supplier"),
        (("GAS",), "GAS supplier"),
        (("EXPORT",), "EXPORT supplier"),
    ],
)
def test_the_lead_supplier_answers_for_what_needs_a_visit(kinds: list[str], lead: str) -> None:
    points = tuple(
        replace(POINTS[0], kind=MeterPointKind(kind), supplier=f"{kind} supplier", mpxn=mpxn)
        for kind, mpxn in zip(kinds, (EXPORT, "3938424403", MPAN), strict=False)
    )
    home = replace(disconnected(birth_event_at=None, last_connection_at=None), points=points)
    assert diagnosed(home).responsible_party == lead


@pytest.mark.req("IM-7", "DIAG-1")
def test_a_smets1_hub_is_the_lead_electricity_suppliers() -> None:
    home = disconnected()
    devices = tuple(replace(one, is_smets1=True, s1sp="Secure") for one in DEVICES)
    home = replace(home, devices=devices)
    other, lead = diagnosed(home), diagnosed(home.seen_by_lead())
    assert other.responsible_party == lead.responsible_party == ELECTRICITY
    assert other.what_to_do_first is not None
    assert lead.what_to_do_first is not None
    assert "not in your own Device" in other.what_to_do_first
    assert "not in your own Device" not in lead.what_to_do_first
    coverage = next(one for one in other.checks if one.check == "coverage.available")
    assert coverage.evidence == (("SMETS1", "Does not apply; the S1SP is Secure"),)


@pytest.mark.req("IM-2")
def test_what_the_reader_may_not_see_is_left_out_and_said() -> None:
    home = replace(disconnected(), hubs=None, trail=None)
    diagnosis = diagnosed(home)
    hidden = [one for one in diagnosis.checks if one.verdict is Verdict.NOT_SHOWN]
    assert [one.title for one in hidden] == list(diagnosis.left_out)
    assert {one.check for one in hidden} == {
        "trail.messages",
        "trail.response_codes",
        "trail.alerts",
        "hubs.connection",
        "hubs.power",
        "hubs.tampering",
    }
    assert all(one.evidence == () and one.cause is None for one in hidden)
    assert diagnosis.likely_cause is None


@pytest.mark.req("IM-2")
def test_no_evidence_is_not_good_news() -> None:
    empty = replace(HOME, devices=None, trail=None, coverage=None, hubs=())
    diagnosis = diagnosed(empty)
    assert diagnosis.sentence == "There is too little evidence to say anything."


@pytest.mark.req("IM-2")
def test_a_diagnosis_is_plain_values_to_be_attached() -> None:
    outcome = diagnosed(disconnected()).as_json()
    assert outcome["likely_cause"] == Cause.HUB_NOT_CONNECTED.advice.text
    assert outcome["at"] == AT.isoformat()
    connection = next(one for one in outcome["checks"] if one["check"] == "hubs.connection")
    assert connection["verdict"] == "FAULT"
    assert connection["evidence"] == [
        {"label": f"Hub {HUB[-5:]}", "value": "Not connected, last 20 Nov 2026"}
    ]
