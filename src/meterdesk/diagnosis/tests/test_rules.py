"""The rules of diagnosis: what each kind of trouble looks like, and whose it is."""

from dataclasses import replace
from datetime import timedelta

import pytest

from meterdesk.coverage.rules import Likelihood
from meterdesk.diagnosis.rules import Cause, Evidence, Verdict
from meterdesk.diagnosis.rules.evidence import OPERATOR
from meterdesk.diagnosis.tests.homes import (
    AT,
    DEVICES,
    EXPORT,
    GAS,
    HOME,
    HUB,
    LISTED,
    METER,
    MPAN,
    POINTS,
    PROXY,
    ago,
    alert,
    bad,
    diagnosed,
    good,
    with_coverage,
    with_device,
    with_hub,
    with_trail,
    without,
)
from meterdesk.hubs.rules import WanConnectivity
from meterdesk.inventory.rules import DeviceStatus, DeviceType
from meterdesk.registration.rules import MeterPointKind

ELECTRICITY, GAS_SUPPLIER, DISTRIBUTOR = "Alder Energy", "the gas supplier", "Fenland Networks"
SENDER = "whoever sent the request"


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


def failing(*failures: object, successes: tuple[object, ...] = (), **more: object) -> Evidence:
    return with_trail(HOME, failures=failures, successes=successes, **more)


def disconnected(**changes: object) -> Evidence:
    return with_hub(HOME, wan_connectivity=WanConnectivity.NOT_CONNECTED, **changes)


CASES = {
    "no Device": (replace(HOME, devices=()), Cause.NO_DEVICES, ELECTRICITY),
    "pending meter": (
        with_device(HOME, METER, status=DeviceStatus.PENDING),
        Cause.NOT_COMMISSIONED,
        ELECTRICITY,
    ),
    "gas meter not commissioned": (
        with_device(HOME, GAS, status=DeviceStatus.INSTALLED_NOT_COMMISSIONED),
        Cause.NOT_COMMISSIONED,
        GAS_SUPPLIER,
    ),
    "hub not commissioned": (
        with_device(HOME, HUB, status=DeviceStatus.WHITELISTED),
        Cause.NOT_COMMISSIONED,
        OPERATOR,
    ),
    "suspended gas meter": (
        with_device(HOME, GAS, status=DeviceStatus.SUSPENDED),
        Cause.SUSPENDED,
        GAS_SUPPLIER,
    ),
    "decommissioned meter": (
        with_device(HOME, METER, status=DeviceStatus.DECOMMISSIONED),
        Cause.METER_LEFT,
        ELECTRICITY,
    ),
    "withdrawn hub": (
        with_device(HOME, HUB, status=DeviceStatus.WITHDRAWN),
        Cause.HUB_LEFT,
        ELECTRICITY,
    ),
    "recovery": (
        with_device(HOME, GAS, status=DeviceStatus.RECOVERY),
        Cause.IN_RECOVERY,
        OPERATOR,
    ),
    "no hub": (without(HOME, HUB), Cause.NO_HUB, ELECTRICITY),
    "meter off the hub": (
        with_device(with_device(HOME, METER, associated=()), HUB, associated=(PROXY,)),
        Cause.METER_WITHOUT_HUB,
        ELECTRICITY,
    ),
    "gas meter without proxy": (
        with_device(
            with_device(without(HOME, PROXY), GAS, associated=(HUB,)), HUB, associated=(METER, GAS)
        ),
        Cause.PROXY_MISSING,
        GAS_SUPPLIER,
    ),
    "firmware not listed": (
        with_device(HOME, METER, listing=replace(LISTED, status=None)),
        Cause.FIRMWARE_NOT_LISTED,
        ELECTRICITY,
    ),
    "hub firmware removed": (
        with_device(HOME, HUB, listing=replace(LISTED, status="Removed")),
        Cause.FIRMWARE_REMOVED,
        OPERATOR,
    ),
    "hub not connected": (disconnected(), Cause.HUB_NOT_CONNECTED, OPERATOR),
    "hub deactivated": (
        disconnected(network_status="Deactivated"),
        Cause.HUB_DEACTIVATED,
        OPERATOR,
    ),
    "hub never connected": (
        disconnected(birth_event_at=None, last_connection_at=None),
        Cause.HUB_NEVER_CONNECTED,
        ELECTRICITY,
    ),
    "hub comes and goes": (
        with_hub(HOME, wan_connectivity=WanConnectivity.INTERMITTENT),
        Cause.HUB_INTERMITTENT,
        OPERATOR,
    ),
    "hub without power explains that it is not connected": (
        disconnected(last_outage_at=ago(1), last_connection_at=ago(2)),
        Cause.POWER_OUT,
        DISTRIBUTOR,
    ),
    "hub tampered with": (
        with_hub(HOME, last_tamper_at=AT - timedelta(days=3)),
        Cause.HUB_TAMPER,
        ELECTRICITY,
    ),
    "no coverage explains that it is not connected": (
        with_coverage(disconnected(), coverage_available=False, no_coverage_intended=True),
        Cause.NO_COVERAGE,
        OPERATOR,
    ),
    "coverage not likely": (
        with_coverage(HOME, likelihood=Likelihood.LOW),
        Cause.POOR_COVERAGE,
        OPERATOR,
    ),
    "known issue": (with_coverage(HOME, known_issue="Hill"), Cause.POOR_COVERAGE, OPERATOR),
    "nothing reached": (
        replace(failing(bad(METER, 1, "E20")), hubs=()),
        Cause.HUB_UNREACHABLE,
        OPERATOR,
    ),
    "every Device silent since, though one answered before": (
        replace(
            failing(bad(METER, 1, "E20"), bad(GAS, 2, "E20"), successes=(good(METER, 3),)),
            hubs=(),
        ),
        Cause.HUB_UNREACHABLE,
        OPERATOR,
    ),
    "gas meter silent for weeks, electricity asked a week ago": (
        replace(
            failing(bad(GAS, 2, "E21"), successes=(good(GAS, 24 * 20), good(METER, 24 * 6))),
            hubs=None,
        ),
        Cause.GAS_LOST,
        GAS_SUPPLIER,
    ),
    "one failure a day after an answer": (
        failing(bad(METER, 2, "E21"), successes=(good(METER, 26), good(GAS, 3))),
        Cause.FAILED_ONCE,
        SENDER,
    ),
    "silent although the CSP says that the hub is connected": (
        failing(bad(METER, 2, "E21")),
        Cause.NO_ANSWER,
        ELECTRICITY,
    ),
    "electricity meter silent behind a hub that answers": (
        failing(bad(METER, 2, "E21"), successes=(good(HUB, 1),)),
        Cause.NO_ANSWER,
        ELECTRICITY,
    ),
    "gas meter silent while electricity answers": (
        failing(bad(GAS, 2, "E21"), successes=(good(METER, 1),)),
        Cause.GAS_LOST,
        GAS_SUPPLIER,
    ),
    "low battery explains a silent gas meter only by rank": (
        failing(bad(GAS, 2, "E21"), successes=(good(METER, 1),), alerts=(alert(GAS, 9, "8F1F"),)),
        Cause.GAS_LOST,
        GAS_SUPPLIER,
    ),
    "low battery": (
        with_trail(HOME, alerts=(alert(GAS, 9, "8F1F"),)),
        Cause.BATTERY_LOW,
        GAS_SUPPLIER,
    ),
    "role refused": (
        failing(bad(METER, 1, "E4"), successes=(good(HUB, 2),)),
        Cause.WRONG_SENDER,
        SENDER,
    ),
    "wrong request": (
        failing(bad(METER, 1, "E11"), successes=(good(HUB, 2),)),
        Cause.WRONG_REQUEST,
        SENDER,
    ),
    "unknown Device": (
        failing(bad(METER, 1, "E19"), successes=(good(HUB, 2),)),
        Cause.UNKNOWN_DEVICE,
        SENDER,
    ),
    "timed out": (
        failing(bad(METER, 1, "E30"), successes=(good(HUB, 2),)),
        Cause.TIMED_OUT,
        SENDER,
    ),
    "code without a published meaning": (
        failing(bad(METER, 1, "E57"), successes=(good(HUB, 2),)),
        Cause.FAILED,
        OPERATOR,
    ),
    "nothing for a week": (
        with_trail(HOME, successes=(good(METER, 24 * 9),)),
        Cause.SILENT,
        OPERATOR,
    ),
    "supply interrupted": (
        failing(alerts=(alert(METER, 1, "8F57"),), successes=(good(METER, 2),)),
        Cause.POWER_OUT,
        DISTRIBUTOR,
    ),
    "power outage alert": (
        failing(alerts=(alert(HUB, 1, "AD1"),), successes=(good(METER, 2),)),
        Cause.POWER_OUT,
        DISTRIBUTOR,
    ),
    "integrity": (
        with_trail(HOME, alerts=(alert(METER, 5, "81A0"),)),
        Cause.INTEGRITY,
        ELECTRICITY,
    ),
    "tampering": (
        with_trail(HOME, alerts=(alert(GAS, 5, "8F74"),)),
        Cause.TAMPER,
        GAS_SUPPLIER,
    ),
    "gas meter lost by the hub's alert": (
        with_trail(HOME, alerts=(alert(HUB, 2, "8F29"),)),
        Cause.GAS_LOST,
        GAS_SUPPLIER,
    ),
    "meter without its hub by its alert": (
        with_trail(HOME, alerts=(alert(METER, 2, "81A3"),)),
        Cause.NO_ANSWER,
        ELECTRICITY,
    ),
    "gas meter lost by its alert": (
        with_trail(HOME, alerts=(alert(GAS, 2, "819D"),)),
        Cause.GAS_LOST,
        GAS_SUPPLIER,
    ),
}


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


SOUND = {
    "failure answered since": failing(bad(METER, 4, "E20"), successes=(good(METER, 1),)),
    "outage over by its alert": failing(
        alerts=(alert(HUB, 5, "AD1"), alert(METER, 4, "8F36")), successes=(good(METER, 6),)
    ),
    "outage over because something answered": failing(
        alerts=(alert(HUB, 5, "AD1"),), successes=(good(METER, 4),)
    ),
    "hub came back": with_hub(HOME, last_outage_at=ago(9), last_restore_at=ago(8)),
    "gas meter found again": with_trail(HOME, alerts=(alert(HUB, 9, "8F29"),)),
    "battery changed": with_trail(HOME, alerts=(alert(GAS, 9, "8F1F"), alert(GAS, 2, "8F82"))),
    "old tampering": with_hub(HOME, last_tamper_at=AT - timedelta(days=200)),
    "meter exchanged": replace(
        HOME,
        devices=(
            *DEVICES,
            replace(
                DEVICES[1],
                device_id="00-DB-12-34-56-78-90-B1",
                associated=(),
                status=DeviceStatus.DECOMMISSIONED,
            ),
        ),
    ),
    "type 2 without status": replace(
        HOME,
        devices=(
            *DEVICES,
            replace(
                DEVICES[1],
                device_id="00-DB-12-34-56-78-90-B2",
                mpxns=(),
                status=None,
                device_type=DeviceType.IHD,
                associated=(METER,),
                listing=None,
            ),
        ),
    ),
}


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
