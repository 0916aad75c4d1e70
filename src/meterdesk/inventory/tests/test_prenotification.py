"""Pre-notification by file, by API and on screen; and what a dry run leaves behind: nothing."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from meterdesk.identity.models import Person
from meterdesk.identity.rules import JobTypeRole, UserRole
from meterdesk.identity.tests.factories import bearer, log_in, make_person, make_user_id
from meterdesk.inventory.models import Device, DeviceStatusChange
from meterdesk.inventory.queries import closure, freshness
from meterdesk.inventory.tests.files import (
    DISPLAY,
    HUB,
    METER,
    PREPAYMENT,
    PROXY,
    counts,
    device_row,
    home,
    take_in,
)
from meterdesk.inventory.tests.products import write_products
from meterdesk.platform.intake import run_intake
from meterdesk.platform.models import ActivityEntry, IntakeRefusal, IntakeRun

pytestmark = [pytest.mark.django_db, pytest.mark.database]

OLD, NEW = "00000100", "00000200"
GONE = "00000300"


@pytest.fixture(autouse=True)
def listed(tmp_path: Path) -> None:
    """A products list: a meter with two firmware versions, one of them removed, and a hub."""
    rows = [
        ("1", "Removed", "Single Element Electricity Metering Equipment", "1063", "E4700100", OLD),
        ("2", "Current", "Single Element Electricity Metering Equipment", "1063", "E4700100", NEW),
        ("3", "Current", "Communications Hub", "1086", "54310200", NEW),
        ("4", "Removed", "Gas Smart Meter", "1063", "47360100", GONE),
        ("5", "Current", "Pre-Payment Interface Device", "10E0", "49480500", NEW),
    ]
    run_intake("products", [write_products(tmp_path / "products.csv", rows)])


def row(device_id: str = METER, device_type: str = "ESME", **given: str) -> dict[str, str]:
    model = {"manufacturer": "1063", "model": "E4700100", "firmware_version": NEW}
    return {"device_id": device_id, "device_type": device_type, **model, **given}


def notify(folder: Path, *rows: dict[str, str], **options: str) -> IntakeRun:
    path = folder / "devices.ndjson"
    path.write_text("".join(f"{json.dumps(one)}\n" for one in rows), encoding="utf-8")
    return run_intake("prenotification", [path], options=options)


def codes(run: IntakeRun) -> list[str]:
    return list(
        IntakeRefusal.objects.filter(run=run).order_by("line").values_list("code", flat=True)
    )


@pytest.mark.req("INV-2", "INV-6")
def test_a_file_puts_devices_in_as_pending_each_for_itself(tmp_path: Path) -> None:
    supplier, network = make_user_id(), make_user_id(role=UserRole.ED)
    hub = {"manufacturer": "1086", "model": "54310200"}
    rows = [
        row(HUB, "CHF", **hub, associated_gpf=PROXY),
        row(PROXY, "GPF", **hub),
        row(user_id=supplier, firmware_version=""),
        row(DISPLAY, "IHD", user_id=network, model="unlisted"),
        row(PREPAYMENT, "PPMID", user_id=network, manufacturer="10E0", model="49480500"),
        row("00-00-00-00-00-00-00-02", "CHF", user_id=supplier, **hub),
        row("00-00-00-00-00-00-00-03", model="FFFFFFFF"),
        row("00-00-00-00-00-00-00-04", firmware_version="99999999"),
        row("00-00-00-00-00-00-00-05", firmware_version=OLD),
        row("00-00-00-00-00-00-00-06", "GSME"),
        row("00-00-00-00-00-00-00-07", "GSME", model="47360100", firmware_version=""),
        row("00-00-00-00-00-00-00-08", user_id="00-00-00-00-00-00-00-09"),
        row(firmware_version=NEW, user_id=supplier),
        row("00-00-00-00-00-00-00-0A", at="2999-01-01"),
        row("00-00-00-00-00-00-00-0B", associated_gpf="00-00-00-00-00-00-00-0B"),
        row("00-00-00-00-00-00-00-0C", "PPMID", esme_variant="A"),
    ]
    run = notify(tmp_path, *rows)
    assert codes(run) == [
        "suppliers_only",
        "network_only",
        "not_on_products_list",
        "firmware_not_listed",
        "removed_from_products_list",
        "wrong_type_for_model",
        "removed_from_products_list",
        "unknown_user_id",
        "already_there",
        "in_future",
        "associated_with_itself",
        "wrong_kind",
    ]
    assert counts(run) == (4, 0, 12)
    assert counts(notify(tmp_path, *rows[:4])) == (0, 4, 0), "again, nothing is new"
    meter, display = Device.objects.get(pk=METER), Device.objects.get(pk=DISPLAY)
    assert (meter.status, meter.smets_chts_version, display.status) == (
        "Pending",
        "SMETS V5.1",
        "",
    )
    kept = DeviceStatusChange.objects.get(device_id=METER)
    assert (kept.status, kept.user_id, kept.run, kept.line) == ("Pending", supplier, run.pk, 3)
    assert {one.device_id for one in closure(HUB)} == {HUB, PROXY}


@pytest.mark.req("INV-5")
def test_a_device_that_left_comes_back_as_the_model_it_is(tmp_path: Path) -> None:
    there = device_row(METER, "ESME", manufacturer="1063", model="E4700100", firmware_version=NEW)
    take_in(tmp_path, [there])
    assert codes(notify(tmp_path, row())) == ["already_there"]
    take_in(tmp_path, [{**there, "device_status": "Decommissioned", "status_date": "2025-01-01"}])
    assert codes(notify(tmp_path, row(at="2024-12-31"))) == ["earlier_than_known"]
    assert codes(notify(tmp_path, row(manufacturer="1086", model="54310200"))) == [
        "wrong_type_for_model"
    ]
    assert counts(notify(tmp_path, row(at="2025-02-01"))) == (1, 0, 0)
    steps = DeviceStatusChange.objects.filter(device_id=METER).order_by("at")
    assert [one.status for one in steps] == ["Commissioned", "Decommissioned", "Pending"]


@pytest.mark.req("INV-2")
@pytest.mark.parametrize("kind", ["prenotification", "device-status", "inventory"])
def test_a_dry_run_reports_and_changes_nothing(tmp_path: Path, kind: str) -> None:
    take_in(tmp_path, home())
    before = (Device.objects.count(), DeviceStatusChange.objects.count(), freshness())
    record = {
        "prenotification": row("00-00-00-00-00-00-00-02"),
        "device-status": {"device_id": METER, "status": "Withdrawn", "at": "2025-01-01"},
        "inventory": device_row(METER, "ESME", status_date="2025-01-01", uprn="7"),
    }[kind]
    path = tmp_path / "some.ndjson"
    path.write_text(f"{json.dumps(record)}\nnot json\n", encoding="utf-8")
    run = run_intake(kind, [path], options={"dry_run": "yes"})
    assert (counts(run), codes(run)) == ((1, 0, 1), ["not_json"])
    assert run.note.startswith("Dry run: nothing was changed.")
    assert (Device.objects.count(), DeviceStatusChange.objects.count(), freshness()) == before
    assert counts(run_intake(kind, [path])) == (1, 0, 1), "what it said would happen"


@pytest.fixture
def supplier() -> str:
    return make_user_id()


@pytest.fixture
def operative(supplier: str) -> Person:
    return make_person("otto", [(supplier, JobTypeRole.SMART_METER_OPERATIONS_USER)])


def post(client: Client, person: Person, body: dict[str, Any]) -> Any:
    return client.post(
        "/api/v1/device-prenotifications",
        json.dumps(body),
        content_type="application/json",
        **bearer(person),
    )


@pytest.mark.req("INV-2", "SSI-NFR-2")
def test_by_api_for_whom_may_and_in_their_own_name(
    client: Client, operative: Person, supplier: str
) -> None:
    wanted = {"devices": [row(), row("x"), row(HUB, "CHF")]}
    dry = post(client, operative, {**wanted, "dry_run": True}).json()
    assert [one["outcome"] for one in dry["answers"]] == ["accepted", "refused", "refused"]
    assert not Device.objects.exists()
    done = post(client, operative, wanted).json()
    assert (done["accepted"], done["refused"]) == (1, 2)
    assert [one["code"] for one in done["answers"]] == [None, "invalid_device", "network_only"]
    assert DeviceStatusChange.objects.get().user_id == supplier
    entry = ActivityEntry.objects.get(verb="inventory.pre_notify")
    assert (entry.username, entry.detail["user_id"]) == ("otto", supplier)
    assert post(client, operative, wanted).json()["unchanged"] == 1
    others = {**wanted, "user_id": make_user_id()}
    assert post(client, operative, others).status_code == 403
    reader = make_person("rita", [(supplier, JobTypeRole.CALL_CENTRE_USER)])
    assert post(client, reader, wanted).status_code == 403
    assert post(client, operative, {"devices": []}).status_code == 422


@pytest.mark.req("INV-2", "SSI-NFR-22")
def test_on_screen_by_form_check_and_confirmation(
    client: Client, operative: Person, supplier: str
) -> None:
    log_in(client, operative)
    path = "/devices/pre-notify/"
    assert client.get(path).status_code == 200
    typed = {**row(device_id="00 db 12 34 56 78 90 a1"), "user_id": supplier}
    wrong = client.post(path, {**typed, "model": "FFFFFFFF", "step": "check"})
    assert wrong.status_code == 422
    assert "is not on the products list" in wrong.content.decode()
    check = client.post(path, {**typed, "step": "check"})
    assert check.status_code == 200
    assert METER in check.content.decode()
    assert not Device.objects.exists(), "nothing before it is sent"
    sent = client.post(path, {**typed, "step": "send"}, follow=True)
    assert sent.redirect_chain == [(f"/devices/{METER}/pre-notified/", 302)]
    assert Device.objects.get().status == "Pending"
    again = client.post(path, {**typed, "step": "send"})
    assert again.status_code == 409
    assert (
        client.post(path, {**typed, "step": "send", "user_id": make_user_id()}).status_code == 422
    )
    log_in(client, make_person("rita", [(supplier, JobTypeRole.MI_USER)]))
    assert "You cannot pre-notify" in client.get(path).content.decode()
    assert client.post(path, typed).status_code == 403
