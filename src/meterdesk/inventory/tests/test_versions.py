"""Versions of the products list: what differs, what it means in the field, and applying it."""

from pathlib import Path

import pytest
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from meterdesk.identity.rules import DeskRole, JobTypeRole
from meterdesk.identity.tests.factories import bearer, log_in, make_person, make_user_id
from meterdesk.inventory.jobs import apply_products_list
from meterdesk.inventory.models import Device, DeviceStatusChange
from meterdesk.inventory.tests.files import GAS_METER, HUB, METER, device_row, take_in
from meterdesk.inventory.tests.products import write_products
from meterdesk.platform.intake import run_intake
from meterdesk.platform.models import ActivityEntry, IntakeRun

pytestmark = [pytest.mark.django_db, pytest.mark.database]

METERS, GAS = "Single Element Electricity Metering Equipment", "Gas Smart Meter"
OLD, NEW = "00000100", "00000200"
FIRST = [
    ("1", "Current", METERS, "1063", "E4700100", OLD),
    ("2", "Removed", GAS, "1063", "47360100", OLD),
    ("3", "Current", "Communications Hub", "1086", "54310200", OLD),
]
SECOND = [
    ("1", "Removed", METERS, "1063", "E4700100", OLD),
    ("2", "Current", GAS, "1063", "47360100", OLD),
    ("4", "Current", METERS, "1063", "E4700100", NEW),
]


def take_list(folder: Path, rows: list[tuple[str, ...]], version: str, **options: str) -> IntakeRun:
    return run_intake(
        "products", [write_products(folder / "p.csv", rows, version)], options=options
    )


@pytest.fixture(autouse=True)
def field(tmp_path: Path) -> None:
    """Three Devices in the field, and the first version of the list."""
    take_list(tmp_path, FIRST, "Version 1.000 Issued on 01-01-2024")
    model = {"firmware_version": OLD, "manufacturer": "1063"}
    gas = {**model, "model": "47360100", "device_status": "Suspended"}
    take_in(
        tmp_path,
        [
            device_row(METER, "ESME", model="E4700100", **model),
            device_row(GAS_METER, "GSME", **gas),
            device_row(HUB, "CHF", model="54310200", **{**model, "manufacturer": "1086"}),
        ],
    )


def take_second(folder: Path, **options: str) -> IntakeRun:
    return take_list(folder, SECOND, "Version 1.100 Issued on 01-02-2024", **options)


@pytest.mark.req("INV-2")
def test_before_it_is_taken_in_a_list_says_what_it_would_do(tmp_path: Path) -> None:
    run = take_second(tmp_path, dry_run="yes")
    for words in (
        "Added since version 1.000: 1.",
        "Removed since version 1.000: 1.",
        "No longer named since version 1.000: 1.",
        "Listed again since version 1.000: 1.",
        "Devices it would suspend once it is applied: 2.",
        "Devices it would restore once it is applied: 1.",
    ):
        assert words in run.note
    assert set(Device.objects.values_list("status", flat=True)) == {"Commissioned", "Suspended"}


@pytest.mark.req("INV-2", "INV-5")
def test_the_operator_sees_the_differences_and_applies_them(client: Client, tmp_path: Path) -> None:
    take_second(tmp_path)
    log_in(client, make_person("olga", desk=[DeskRole.ADMINISTRATOR]))
    assert "1.100" in client.get("/devices/products/").content.decode()
    page = client.get("/devices/products/1.100/").content.decode()
    assert "No longer named" in page
    assert "Apply to Devices" not in page
    listing = client.get("/devices/products/").content.decode()
    assert "Apply to Devices" in listing
    assert "Models whose Devices would change" in listing
    assert "the first version" in client.get("/devices/products/1.000/").content.decode()
    assert client.get("/devices/products/7/").status_code == 404
    confirm = client.get("/devices/products/1.100/apply/").content.decode()
    assert "2 commissioned Devices will be suspended and 1 suspended one restored" in confirm
    assert client.post("/devices/products/1.100/apply/").status_code == 302
    assert ActivityEntry.objects.get(verb="inventory.apply_products_list").username == "olga"
    job = ProcrastinateJob.objects.get(task_name="inventory.apply_products_list")
    assert apply_products_list(**job.args) == 3
    assert apply_products_list(**job.args) == 0, "again, nothing is left"
    statuses = dict(Device.objects.values_list("device_id", "status"))
    assert statuses == {METER: "Suspended", HUB: "Suspended", GAS_METER: "Commissioned"}
    kept = DeviceStatusChange.objects.get(device_id=METER, status="Suspended")
    assert (kept.reason, kept.person_id) == (
        "Version 1.100 of the products list",
        ActivityEntry.objects.get(verb="inventory.apply_products_list").person_id,
    )
    assert client.post("/devices/products/1.100/apply/").status_code == 409, "nothing to do"
    assert client.post("/devices/products/1.000/apply/").status_code == 409, "not the newest"
    assert client.post("/devices/products/7/apply/").status_code == 404
    assert "Apply to Devices" not in client.get("/devices/products/").content.decode()


@pytest.mark.req("INV-2", "INV-5")
def test_what_a_version_left_undone_is_done_by_the_next(client: Client, tmp_path: Path) -> None:
    take_second(tmp_path)  # never applied
    take_list(tmp_path, SECOND, "Version 1.200 Issued on 01-03-2024")
    late = "00-DB-12-34-56-78-90-77"
    row = device_row(late, "ESME", model="E4700100", manufacturer="1063", firmware_version=OLD)
    take_in(tmp_path, [row | {"import_mpxn": ""}])
    olga = make_person("olga", desk=[DeskRole.ADMINISTRATOR])
    headers = bearer(olga)
    path = "/api/v1/products-lists/1.200/application"
    would = client.get(path, **headers).json()
    assert (would["to_suspend"], would["to_restore"], len(would["models"])) == (3, 1, 3)
    assert client.get("/api/v1/products-lists/1.200", **headers).json()["to_suspend"] == 0
    assert client.get("/api/v1/products-lists/1.100/application", **headers).status_code == 404
    assert client.post(path, **headers).status_code == 202
    job = ProcrastinateJob.objects.get(task_name="inventory.apply_products_list")
    assert apply_products_list(**job.args) == 4
    statuses = dict(Device.objects.values_list("device_id", "status"))
    assert statuses == {
        METER: "Suspended", late: "Suspended", HUB: "Suspended", GAS_METER: "Commissioned"
    }  # fmt: skip
    assert client.get(path, **headers).json()["models"] == []


@pytest.mark.req("INV-2", "INV-5")
def test_a_suspension_that_no_list_brought_about_stays(client: Client, tmp_path: Path) -> None:
    take_list(tmp_path, FIRST, "Version 1.100 Issued on 01-02-2024")
    Device.objects.filter(pk=METER).update(status="Suspended")
    headers = bearer(make_person("olga", desk=[DeskRole.ADMINISTRATOR]))
    would = client.get("/api/v1/products-lists/1.100/application", **headers).json()
    assert (would["to_suspend"], would["to_restore"]) == (0, 0)


@pytest.mark.req("INV-2", "SSI-NFR-2")
def test_others_know_nothing_of_the_field(client: Client, tmp_path: Path) -> None:
    take_second(tmp_path)
    headers = bearer(make_person("olga", desk=[DeskRole.ADMINISTRATOR]))
    found = client.get("/api/v1/products-lists/1.100", **headers).json()
    assert (found["to_suspend"], found["to_restore"], len(found["differences"])) == (2, 1, 4)
    lists = client.get("/api/v1/products-lists", **headers).json()["items"]
    assert [(one["version"], one["entries"], one["current"]) for one in lists] == [
        ("1.100", 3, 2),
        ("1.000", 3, 2),
    ]
    agent = bearer(make_person("ada", desk=[DeskRole.AGENT]))
    path = "/api/v1/products-lists/1.100/application"
    assert client.post(path, **agent).status_code == 403
    assert client.post(path, **headers).status_code == 202
    supplier = make_person(assignments=[(make_user_id(), JobTypeRole.ALL_ACCESS)])
    assert client.get("/api/v1/products-lists", **bearer(supplier)).status_code == 403
    log_in(client, supplier)
    assert client.get("/devices/products/").status_code == 403
