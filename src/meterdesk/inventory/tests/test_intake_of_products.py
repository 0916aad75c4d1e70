"""The products list as published: every row accepted, or refused with a reason."""

import csv
from pathlib import Path

import pytest

from meterdesk.inventory.intake.products import COLUMNS
from meterdesk.inventory.queries import product, products, products_list
from meterdesk.inventory.tests.files import counts
from meterdesk.platform.intake import Unreadable, run_intake
from meterdesk.platform.models import IntakeRefusal

pytestmark = [pytest.mark.django_db, pytest.mark.database]

ENTRY = {
    "version": "Version 1.0 Issued on 01-02-2024",
    "entry.number": "1",
    "entry.status": "Current",
    "device_type.name": "Gas  Smart Meter ",
    "device_model.manufacturer_identifier": "1063",
    "device_model.model_identifier": "4772",
    "device_model.hardware_version.version": "1",
    "device_model.hardware_version.revision": "01",
    "device_model.model_identifier_concatenated_with_hardware_version": "47720101",
    "device_model.firmware_version": "0303024a",
    "smets_chts version.version_number_and_effective_date": "SMETS V2.0 ",
    "gbcs version.version_number": "GBCS Version 1.1  ",
    "manufacturer_image.hash": "",
}


def written(path: Path, *entries: dict[str, str]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS)
        writer.writeheader()
        writer.writerows({**ENTRY, **entry} for entry in entries)
    return path


@pytest.mark.req("INV-2")
def test_the_real_list_comes_in_whole_and_a_second_run_changes_nothing(realdata: Path) -> None:
    path = realdata / "cpl-2.051" / "central_products_list_v2.051.csv"
    run = run_intake("products", [path])
    assert counts(run) == (728, 0, 1)
    refusal = IntakeRefusal.objects.get(run=run)
    assert refusal.code == "unknown_device_type"
    assert refusal.reason == "octopus.cs is not a device type of the products list."
    assert counts(run_intake("products", [path])) == (0, 728, 1)

    listed = products_list()
    assert listed is not None
    assert (listed.version, listed.issued_date.isoformat()) == ("2.051", "2022-09-21")
    lost_by_a_spreadsheet = product("1086", "54311F52", "000A6900")
    assert lost_by_a_spreadsheet is not None
    assert lost_by_a_spreadsheet.hardware_version == "1F"
    assert lost_by_a_spreadsheet.smets_chts_version == "CHTS V1.0"
    assert lost_by_a_spreadsheet.image_hash == ""
    # Entry 629 was removed, entry 710 lists the same model and firmware again.
    again = product("1086", "54312260", "0C240000")
    assert again is not None
    assert (again.entry_number, again.is_current) == (710, True)


@pytest.mark.req("INV-2")
def test_versions_stand_side_by_side_and_the_newest_counts(tmp_path: Path) -> None:
    assert counts(run_intake("products", [written(tmp_path / "1.csv", {})])) == (1, 0, 0)
    newer = {"version": "Version 1.1 issued on 01-03-2024"}
    other = {**newer, "entry.number": "2", "device_model.firmware_version": "03030300"}
    path = written(tmp_path / "2.csv", {**newer, "entry.status": "Removed"}, other)
    assert counts(run_intake("products", [path])) == (2, 0, 0)
    wanted = [("1063", "47720101", "0303024A"), ("1063", "47720101", "03030300")]
    found = products([*wanted, ("1063", "47720101", "FFFFFFFF")])
    assert {key: entry.is_current for key, entry in found.items()} == {
        wanted[0]: False,
        wanted[1]: True,
    }


@pytest.mark.req("INV-2")
def test_a_correction_replaces_and_a_contradiction_is_refused(tmp_path: Path) -> None:
    run_intake("products", [written(tmp_path / "1.csv", {})])
    removed = {"entry.status": "Removed"}
    path = written(tmp_path / "2.csv", removed, removed, {})
    run = run_intake("products", [path])
    assert counts(run) == (1, 1, 1)
    assert IntakeRefusal.objects.get(run=run).code == "entry_contradicts"
    entry = product("1063", "47720101", "0303024A")
    assert entry is not None
    assert entry.status == "Removed"


@pytest.mark.req("INV-2")
@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"version": "2.051"}, "bad_version"),
        ({"version": "Version 1.0 Issued on 31-02-2024"}, "bad_version"),
        ({"entry.number": "0"}, "bad_entry_number"),
        ({"entry.number": "1000000"}, "bad_entry_number"),
        ({"entry.status": "Unknown"}, "bad_status"),
        ({"device_model.manufacturer_identifier": "10G3"}, "not_hexadecimal"),
        ({"device_model.hardware_version.version": "2"}, "model_disagrees"),
        ({"manufacturer_image.hash": "AB"}, "not_hexadecimal"),
        ({"gbcs version.version_number": ""}, "wrong_length"),
    ],
)
def test_a_wrong_entry_is_refused_with_its_reason(
    tmp_path: Path, wrong: dict[str, str], code: str
) -> None:
    run = run_intake("products", [written(tmp_path / "1.csv", wrong, {"entry.number": "2"})])
    assert counts(run) == (1, 0, 1)
    assert IntakeRefusal.objects.get(run=run).code == code


def test_another_kind_of_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("device_id,device_type\n", encoding="utf-8")
    with pytest.raises(Unreadable):
        run_intake("products", [path])
