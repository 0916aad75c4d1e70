"""How Devices come into use and leave it: each rule, each refusal, what is kept, who is told."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core import mail
from hypothesis import given
from hypothesis import strategies as st

from meterdesk.identity.rules import JobTypeRole, UserRole
from meterdesk.identity.tests.factories import actor_for, make_person, make_user_id
from meterdesk.inventory.actions import tell_network_parties
from meterdesk.inventory.events import HubReplaced, StatusesChanged
from meterdesk.inventory.intake.statuses import parse_status
from meterdesk.inventory.models import Device, DeviceStatusChange, NetworkNotice
from meterdesk.inventory.queries import closure, device, lineage, placements_of
from meterdesk.inventory.rules import DeviceStatus, DeviceType, System, systems_of
from meterdesk.inventory.tests.files import (
    DISPLAY,
    ELSEWHERE,
    GAS_METER,
    HUB,
    METER,
    MPAN,
    MPRN,
    PREPAYMENT,
    PROXY,
    UPRN,
    counts,
    device_row,
    home,
    take_in,
)
from meterdesk.kernel.errors import Refused
from meterdesk.notifications.models import OutgoingMessage
from meterdesk.platform import events
from meterdesk.platform.intake import run_intake
from meterdesk.platform.models import IntakeRefusal, IntakeRun

pytestmark = [pytest.mark.django_db, pytest.mark.database]

NEW_HUB = "00-DB-12-34-56-78-90-C0"
NEW_PROXY = "00-DB-12-34-56-78-90-C3"
SECOND_METER = "00-DB-12-34-56-78-90-C1"
NOON = datetime(2024, 6, 1, 12, tzinfo=UTC)


def change(
    folder: Path, *rows: tuple[str, str, str] | Mapping[str, str], kind: str = "device-status"
) -> IntakeRun:
    """Take in changes: (Device, status, instant), or a row with more columns."""
    names = ("device_id", "status", "at", "reason", "user_id", "replaces")
    lines = [",".join(names)]
    for row in rows:
        given = row if isinstance(row, Mapping) else dict(zip(names, row, strict=False))
        lines.append(",".join(given.get(name, "") for name in names))
    path = folder / "status.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return run_intake(kind, [path])


def codes(run: IntakeRun) -> list[str]:
    return list(
        IntakeRefusal.objects.filter(run=run).order_by("line").values_list("code", flat=True)
    )


def pending(rows: Iterable[Mapping[str, str]]) -> list[dict[str, str]]:
    """The same Devices before they are installed."""
    return [
        {**row, "device_status": row["device_status"] and "Pending", "status_date": row[
            "status_date"] and "2024-01-01"}
        for row in rows
    ]  # fmt: skip


def status_of(device_id: str) -> str:
    return Device.objects.get(pk=device_id).status


@pytest.mark.req("INV-1", "INV-3", "INV-4")
def test_a_home_is_commissioned_hub_first_in_one_file(tmp_path: Path) -> None:
    take_in(tmp_path, pending(home()))
    steps = [
        (HUB, "Commissioned", "2024-06-01T10:00:00Z"),
        (METER, "InstalledNotCommissioned", "2024-06-01T10:05:00Z"),
        (METER, "Commissioned", "2024-06-01T10:10:00Z"),
        (PROXY, "Commissioned", "2024-06-01T10:11:00Z"),
        (GAS_METER, "Commissioned", "2024-06-01T10:12:00Z"),
        (PREPAYMENT, "Commissioned", "2024-06-01T10:20:00Z"),
    ]
    run = change(tmp_path, *steps)
    assert counts(run) == (6, 0, 0)
    assert "Pending to Commissioned: 4." in run.note
    assert counts(change(tmp_path, *steps)) == (0, 6, 0), "again, nothing is new"
    meter = Device.objects.get(pk=METER)
    assert (meter.status, str(meter.commissioned_date)) == ("Commissioned", "2024-06-01")
    rows = DeviceStatusChange.objects.filter(device_id=METER, run=run.pk).order_by("at")
    assert [(row.status, row.line) for row in rows] == [
        ("InstalledNotCommissioned", 3),
        ("Commissioned", 4),
    ]


@pytest.mark.req("INV-3")
def test_each_rule_of_commissioning_refuses_with_a_reason_of_its_own(tmp_path: Path) -> None:
    rows = pending(home())
    loose = device_row(
        SECOND_METER, "ESME", device_status="Pending", status_date="2024-01-01", import_mpxn=MPAN
    )
    take_in(tmp_path, [*rows, loose])
    later = "2024-06-01T10:00:00Z"
    run = change(
        tmp_path,
        ("00-00-00-00-00-00-00-01", "Commissioned", later),
        (DISPLAY, "Commissioned", later),
        (METER, "Commissioned", later),
        (SECOND_METER, "Commissioned", later),
        (HUB, "Commissioned", later),
        (PREPAYMENT, "Commissioned", later),
        (METER, "Commissioned", "2023-12-31T10:00:00Z"),
        (METER, "Suspended", later),
        (METER, "Whitelisted", later),
        (METER, "Commissioned", "2024-06-01T11:00:00Z"),
    )
    assert codes(run) == [
        "not_in_inventory",
        "no_smi_status",
        "hub_not_commissioned",
        "no_hub",
        "meter_not_commissioned",
        "earlier_than_known",
        "no_such_step",
        "wrong_status",
    ]
    assert counts(run) == (2, 0, 8)
    assert {status_of(one) for one in (METER, PREPAYMENT, SECOND_METER)} == {
        "Whitelisted",
        "Pending",
    }, "what was refused changed nothing"


@pytest.mark.req("INV-3")
def test_a_meter_point_has_one_commissioned_meter_and_a_device_one_hub(tmp_path: Path) -> None:
    take_in(tmp_path, home())
    second = {"device_status": "Pending", "status_date": "2024-05-02"}
    take_in(
        tmp_path,
        [
            device_row(NEW_HUB, "CHF", uprn="", **{"device_status": "Pending"}),
            device_row(SECOND_METER, "ESME", import_mpxn=MPAN, associated_with=HUB, **second),
            device_row(ELSEWHERE, "HCALCS", associated_with=f"{HUB} {NEW_HUB} {METER}", **second),
        ],
    )
    run = change(
        tmp_path,
        (SECOND_METER, "Commissioned", "2024-06-01T10:00:00Z"),
        (NEW_HUB, "Commissioned", "2024-06-01T10:00:00Z"),
        (ELSEWHERE, "Commissioned", "2024-06-01T10:00:00Z"),
        (METER, "Decommissioned", "2024-06-01T11:00:00Z"),
        (SECOND_METER, "Commissioned", "2024-06-01T12:00:00Z"),
    )
    assert codes(run) == ["meter_point_taken", "in_two_homes"]
    assert (status_of(METER), status_of(SECOND_METER)) == ("Decommissioned", "Commissioned")


@pytest.mark.req("INV-4")
def test_a_system_is_enrolled_when_all_its_devices_are_commissioned() -> None:
    commissioned, installed = DeviceStatus.COMMISSIONED, DeviceStatus.INSTALLED_NOT_COMMISSIONED
    later = NOON.replace(day=2)
    electricity = [(DeviceType.CHF, commissioned, NOON), (DeviceType.ESME, commissioned, later)]
    assert systems_of(electricity) == (System("electricity", later, ()),)
    gas = [(DeviceType.GSME, installed, NOON), (DeviceType.GPF, commissioned, NOON)]
    assert [(one.fuel, one.is_enrolled, one.lacking) for one in systems_of(electricity + gas)] == [
        ("electricity", True, ()),
        ("gas", False, (DeviceType.GSME,)),
    ]
    assert systems_of(gas)[0].lacking == (DeviceType.GSME, DeviceType.CHF)


def register(folder: Path) -> tuple[str, str]:
    """Register the home's electricity; returns supplier and network company, whose nora reads."""
    network = make_user_id(role=UserRole.ED)
    make_person("nora", [(network, JobTypeRole.SERVICE_MANAGEMENT_USER)], email="nora@example.org")
    supplier = make_user_id()
    registration = folder / "registration.csv"
    registration.write_text(
        "mpxn,kind,effective_from,effective_to,supplier,network_party,agent,uprn,property,street,"
        f"town,postcode\n{MPAN},import,2020-01-01,,{supplier},{network},,{UPRN},12,A,B,AB1 0AJ\n",
        encoding="utf-8",
    )
    run_intake("registration", [registration])
    return supplier, network


@pytest.mark.req("INV-5")
def test_a_meter_that_a_snapshot_tells_has_left_is_told_to_the_network_company(
    tmp_path: Path,
) -> None:
    _supplier, network = register(tmp_path)
    take_in(tmp_path, home())
    gone = {"device_status": "Decommissioned", "status_date": "2024-06-01T10:00:00Z"}
    new = device_row(SECOND_METER, "ESME", **gone, import_mpxn=MPAN)
    earlier = device_row(METER, "ESME", **gone | {"status_date": "2024-01-01"}, import_mpxn=MPAN)
    assert counts(take_in(tmp_path, [new, earlier]))[2] == 0
    assert not NetworkNotice.objects.exists(), "one was never in use here, the other is again"
    left = [device_row(METER, "ESME", **gone), device_row(PREPAYMENT, "PPMID", **gone)]
    for _ in range(2):
        take_in(tmp_path, left)
    notice = NetworkNotice.objects.get()
    assert (notice.network_party, notice.mpxn, notice.device_id) == (network, MPAN, METER)
    assert notice.status == "Decommissioned"


@pytest.mark.req("INV-5")
def test_the_network_company_is_told_of_meters_taken_out_of_use(tmp_path: Path) -> None:
    supplier, network = register(tmp_path)
    take_in(tmp_path, home())
    told: list[StatusesChanged] = []
    events.subscribe(StatusesChanged, told.append)
    at = "2024-06-01T10:00:00Z"
    change(
        tmp_path,
        {"device_id": METER, "status": "Withdrawn", "at": at, "user_id": supplier,
         "reason": "Opted out"},
        (GAS_METER, "Decommissioned", at),
        (PREPAYMENT, "Decommissioned", at),
    )  # fmt: skip
    assert [one.device_id for one in told[-1].changes] == [METER, GAS_METER, PREPAYMENT]
    notice = NetworkNotice.objects.get()
    assert (notice.network_party, notice.device_id, notice.status) == (network, METER, "Withdrawn")
    kept = DeviceStatusChange.objects.get(device_id=METER, status="Withdrawn")
    assert (kept.reason, kept.user_id) == ("Opted out", supplier)
    now = datetime.now(UTC)
    assert tell_network_parties(at=now) == 1
    assert tell_network_parties(at=now) == 0, "once"
    message = OutgoingMessage.objects.get(to="nora@example.org")
    assert MPAN in message.body
    assert METER in message.body
    assert MPRN not in message.body
    assert not mail.outbox, "it goes when the transaction has been committed"


@pytest.mark.req("INV-5")
def test_a_device_withdrawn_or_decommissioned_is_activated_again(tmp_path: Path) -> None:
    take_in(tmp_path, home())
    run = change(
        tmp_path,
        (METER, "Withdrawn", "2024-06-01T10:00:00Z"),
        (METER, "Commissioned", "2024-06-02T10:00:00Z"),
        (GAS_METER, "Decommissioned", "2024-06-01T10:00:00Z"),
        (GAS_METER, "Commissioned", "2024-06-02T10:00:00Z"),
        (GAS_METER, "Pending", "2024-06-03T10:00:00Z"),
        (HUB, "Suspended", "2024-06-03T10:00:00Z"),
        (HUB, "Commissioned", "2024-06-04T10:00:00Z"),
    )
    assert codes(run) == ["wrong_status"]
    assert (status_of(METER), status_of(GAS_METER), status_of(HUB)) == (
        "Commissioned",
        "Pending",
        "Commissioned",
    )


@pytest.mark.req("INV-5")
def test_a_hub_is_replaced_by_restoring_its_stored_device_log(tmp_path: Path) -> None:
    take_in(
        tmp_path,
        [
            *home(),
            device_row(NEW_HUB, "CHF", device_status="Pending", uprn="", postcode="", property=""),
            device_row(NEW_PROXY, "GPF", device_status="Pending", uprn="", postcode="",
                       property="", associated_with=NEW_HUB),
        ],
    )  # fmt: skip
    replaced: list[HubReplaced] = []
    events.subscribe(HubReplaced, replaced.append)
    row = {
        "device_id": NEW_HUB,
        "status": "Commissioned",
        "at": "2024-06-01T10:00:00Z",
        "replaces": HUB,
        "reason": "Fault",
    }
    assert counts(change(tmp_path, row)) == (1, 0, 0)
    together = {one.device_id for one in closure(METER)}
    assert {NEW_HUB, NEW_PROXY, GAS_METER, PREPAYMENT} <= together
    assert HUB not in together
    assert PROXY not in together
    assert set(replaced[-1].moved) == {METER, GAS_METER, PREPAYMENT}
    old, new, proxy = (Device.objects.get(pk=one) for one in (HUB, NEW_HUB, NEW_PROXY))
    assert (old.status, old.uprn, new.uprn, new.property) == ("Decommissioned", None, UPRN, "12")
    assert proxy.import_mpxn == MPRN
    assert [(one.uprn, one.to_at and one.to_at.hour) for one in placements_of(HUB)] == [(UPRN, 10)]
    assert former(METER) == [(HUB, "2024-06-01T10:00", "Changes of Device status", 2)]
    assert {one[0] for one in former(HUB)} == {METER}
    assert {one[0] for one in former(PROXY)} == {GAS_METER, PREPAYMENT}
    assert counts(change(tmp_path, row)) == (0, 1, 0), "again, nothing is new"


@pytest.mark.req("INV-1", "INV-5")
def test_what_a_record_no_longer_hangs_together_with_is_remembered(tmp_path: Path) -> None:
    take_in(tmp_path, home())
    other = device_row(METER, "ESME", import_mpxn=MPAN, associated_with=ELSEWHERE)
    for _ in range(2):
        take_in(tmp_path, [other])
    ((hub, _until, title, line),) = former(METER)
    assert (hub, title, line) == (HUB, "Inventory of Devices", 2)
    assert former(GAS_METER) == []


def former(device_id: str) -> list[tuple[str, str, str, int | None]]:
    """What a Device no longer hangs together with, as whoever may look it up reads it."""
    actor = actor_for(make_person("", [(make_user_id(), JobTypeRole.MI_USER)]))
    found = device(actor, device_id)
    assert found is not None
    return [
        (one.device_id, f"{one.until_at:%Y-%m-%dT%H:%M}", one.source.title, one.source.line)
        for one in lineage(actor, found).former
        if one.source
    ]


@pytest.mark.req("INV-5")
@pytest.mark.parametrize(
    ("new", "old", "code"),
    [
        (METER, HUB, "not_a_hub"),
        (HUB, METER, "not_a_hub"),
        (HUB, "00-00-00-00-00-00-00-01", "not_in_inventory"),
        (HUB, HUB, "same_hub"),
        (HUB, NEW_HUB, "hub_has_devices"),
    ],
)
def test_a_replacement_that_cannot_be_changes_nothing(
    tmp_path: Path, new: str, old: str, code: str
) -> None:
    other = device_row(NEW_HUB, "CHF", uprn="1")
    hanging = device_row(SECOND_METER, "ESME", uprn="1", associated_with=NEW_HUB)
    take_in(tmp_path, [*home(), other, hanging])
    before = {one.device_id for one in closure(METER)}
    run = change(
        tmp_path,
        {"device_id": new, "status": "Commissioned", "at": "2024-06-01T10:00:00Z", "replaces": old},
    )
    assert codes(run) == [code]
    assert {one.device_id for one in closure(METER)} == before


@pytest.mark.req("INV-1")
@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"device_id": "", "status": "Pending", "at": "2024-01-01"}, "no_device_id"),
        ({"device_id": METER, "status": "", "at": "2024-01-01"}, "no_status"),
        ({"device_id": METER, "status": "Pending", "at": ""}, "no_status_date"),
        ({"device_id": METER, "status": "Lost", "at": "2024-01-01"}, "invalid_value"),
        ({"device_id": METER, "status": "Pending", "at": "2024-02-30"}, "bad_date"),
        ({"device_id": METER, "status": "Pending", "at": "2999-01-01"}, "in_future"),
        ({"device_id": "12-34", "status": "Pending", "at": "2024-01-01"}, "invalid_identifier"),
        (
            {"device_id": METER, "status": "Pending", "at": "2024-01-01", "replaces": HUB},
            "not_yet",
        ),
        (
            {"device_id": METER, "status": "Pending", "at": "2024-01-01", "user_id": ELSEWHERE},
            "unknown_user_id",
        ),
    ],
)
def test_a_bad_record_is_refused_by_itself(tmp_path: Path, row: dict[str, str], code: str) -> None:
    take_in(tmp_path, pending(home()))
    run = change(tmp_path, row, (METER, "Whitelisted", "2024-06-01T10:00:00Z"))
    assert codes(run) == [code]
    assert status_of(METER) == "Whitelisted"


@pytest.mark.req("INV-1")
@given(
    st.dictionaries(
        st.sampled_from(["device_id", "status", "at", "reason", "user_id", "replaces"]),
        st.none() | st.text(max_size=30) | st.integers() | st.lists(st.text(max_size=3)),
    )
)
def test_any_object_is_a_record_or_refused_with_a_reason(row: dict[str, object]) -> None:
    try:
        parse_status(row)
    except Refused as refused:
        assert refused.message
        assert refused.code
