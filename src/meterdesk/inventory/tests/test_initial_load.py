"""An initial load leaves what the ordinary intake of the same file leaves, or nothing at all."""

import json
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meterdesk.inventory.intake import INVENTORY
from meterdesk.inventory.intake.blocks import read_blocks
from meterdesk.inventory.intake.columns import CHANGE_COLUMNS, DEVICE_COLUMNS, NAMES, Packer
from meterdesk.inventory.intake.loading import REQUIRED
from meterdesk.inventory.intake.packing import packed
from meterdesk.inventory.intake.parsing import parse_device
from meterdesk.inventory.tests.files import (
    COLUMNS,
    DISPLAY,
    ELSEWHERE,
    HUB,
    METER,
    MPAN,
    MPRN,
    PREPAYMENT,
    PROXY,
    counts,
    device_row,
    home,
    write_csv,
)
from meterdesk.kernel.errors import Conflict
from meterdesk.kernel.identifiers import eui_from_int
from meterdesk.platform.intake import INITIAL, Load, register, run_intake
from meterdesk.platform.models import IntakeRefusal, IntakeRun

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.req("INV-1")]

TABLES = ("inventory_device", "inventory_devicestatuschange", "inventory_deviceassociation")
MOMENTS = {"updated_at", "source_run", "recorded_at", "run"}


def load(*paths: Path) -> IntakeRun:
    return run_intake("inventory", paths, options={INITIAL: "yes"})


def held() -> list[list[dict[str, Any]]]:
    """All three tables, but for when and by which run they were written."""
    tables = []
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"select to_jsonb(t) from {table} t")
            rows = [json.loads(row) for (row,) in cursor.fetchall()]
            told = [{name: row[name] for name in row if name not in MOMENTS} for row in rows]
            tables.append(sorted(told, key=json.dumps))
    return tables


def forget() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"truncate {', '.join(TABLES)}, inventory_placement")


def indexes() -> list[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select indexdef, conname, contype from pg_indexes left join pg_constraint"
            " on conname = indexname where tablename = any(%s) order by 1",
            [list(TABLES)],
        )
        return list(cursor.fetchall())


def refusals(run: IntakeRun) -> list[tuple[int, str, str]]:
    found = IntakeRefusal.objects.filter(run=run).order_by("line", "code", "reason")
    return list(found.values_list("line", "code", "reason"))


def same_both_ways(path: Path) -> tuple[int, int, int]:
    """Take a file in both ways, hold one against the other, and return the counts."""
    forget()
    ordinary = run_intake("inventory", [path])
    expected = held()
    refused = refusals(ordinary)
    forget()
    loaded = load(path)
    assert held() == expected
    assert counts(loaded) == counts(ordinary)
    assert refusals(loaded) == refused
    return counts(loaded)


# Beyond doubt, in need of forgiving, refused, and some that only look alike.
ODD: list[dict[str, str]] = [
    {},
    {"device_id": METER.lower()},
    {"device_id": METER.replace("-", "")},
    {"device_id": f" {METER}"},
    {"import_mpxn": "1312345678908"},
    {"import_mpxn": "13 1234 5678 907"},
    {"import_mpxn": MPRN},
    {"import_mpxn": "１３１２３４５６７８９０７"},
    {"export_mpan": MPAN},
    {"secondary_import_mpan": "00111222" + MPAN},
    {"uprn": "000123"},
    {"uprn": "0"},
    {"postcode": "ab10aj"},
    {"postcode": "NOWHERE"},
    {"property": "'Flat 1' é"},
    {"property": "x" * 101},
    {"property": "Flat\x011"},
    {"property": "Flat 1\x7f"},
    {"property": "Flat\x851 é"},
    {"device_status": "installed not commissioned"},
    {"device_status": ""},
    {"status_date": "2024-07-01"},
    {"status_date": "2999-01-01"},
    {"device_type": "hcalcs"},
    {"device_type": "IHD"},
    {"device_type": "IHD", "device_status": "", "status_date": ""},
    {"associated_with": METER},
    {"associated_with": f"{HUB} {HUB}"},
    {"associated_with": f"{HUB}; {PROXY}"},
    {"associated_with": f"{HUB} {PROXY} {ELSEWHERE}"},
    {"csp_region": "4g north", "esme_variant": "ade", "connectivity": "virtual"},
    {"commissioned_date": "2024-02-30"},
    {"installed_date": "2024-02-29", "placed_at": "2024-03-01T10:00:00+01:00"},
    {"manufacturer": "abcd", "model": "not hex", "firmware_version": "0123456g"},
]


@pytest.mark.parametrize("kind", ["ESME", "GSME", "CHF"])
def test_a_load_is_the_ordinary_intake_only_quicker(tmp_path: Path, kind: str) -> None:
    others = (eui_from_int(0x00DB1234567890D0 + number) for number in range(len(ODD)))
    rows = [device_row(one, kind) | odd for one, odd in zip(others, ODD, strict=True)]
    assert sum(same_both_ways(write_csv(tmp_path / "odd.csv", rows))) == len(ODD)


TOLD = packed(datetime(2026, 1, 1, tzinfo=UTC)) + packed(7)
rows = st.fixed_dictionaries(
    {},
    optional={
        name: st.sampled_from(["", *{row[name] for row in ODD if name in row}])
        | st.text(max_size=9)
        for name in COLUMNS
    },
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(odd=rows, as_json=st.booleans())
def test_what_is_beyond_doubt_reads_as_it_always_does(
    tmp_path: Path, odd: dict[str, str], as_json: bool
) -> None:
    row = device_row(METER, "ESME") | odd
    path = tmp_path / ("one.ndjson" if as_json else "one.csv")
    if as_json:
        path.write_text(json.dumps(row), encoding="utf-8")
    else:
        values = ('"' + row.get(name, "").replace('"', '""') + '"' for name in COLUMNS)
        text = f"{','.join(COLUMNS)}\r\n{','.join(values)}\r\n"
        path.write_text(text, encoding="utf-8", newline="")
    found = [Packer(TOLD).rows(block, 0) for block in read_blocks(path, REQUIRED, NAMES)]
    if not any(one.count for one in found):
        return
    (one,), record = found, parse_device(row)
    line = packed(1 if as_json else 2)
    assert bytes(one.devices) == b"".join(
        [
            len(DEVICE_COLUMNS).to_bytes(2, "big"),
            *map(packed, (record.device_id, *record.values, record.placed_at)),
            line + TOLD,
        ]
    )
    assert bytes(one.changes) == b"".join(
        len(CHANGE_COLUMNS).to_bytes(2, "big")
        + b"".join(map(packed, (record.device_id, at, status)))
        + line
        + TOLD
        for at, status in record.history
    )
    assert len(one.associations) == 26 * len(record.associated)


def test_homes_and_what_stands_between_them(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "home.csv", home())
    lines = path.read_text(encoding="utf-8").splitlines()
    broken = [b"\xff" + lines[1].encode(), b"too,few", b"", b'x,"never closed', b"a\0" + b"," * 24]
    path.write_bytes(b"\r\n".join([b"\xef\xbb\xbf" + lines[0].encode(), *broken]) + b"\r\n")
    with path.open("ab") as stream:
        stream.write("\r\n".join(lines[1:]).encode())
    assert same_both_ways(path) == (7, 0, 4)


def test_indexes_and_constraints_are_as_they_were(tmp_path: Path) -> None:
    before = indexes()
    load(write_csv(tmp_path / "home.csv", home()))
    assert indexes() == before


def test_ndjson_with_numbers_lists_and_histories(tmp_path: Path) -> None:
    objects: list[dict[str, Any]] = [*home()]
    objects[4] = objects[4] | {"associated_with": [METER, PROXY], "uprn": 100023336956}
    objects[5] = objects[5] | {"property": None}
    objects[1] = objects[1] | {"status_history": [{"status": "Pending", "at": "2024-01-01"}]}
    path = tmp_path / "home.ndjson"
    named_twice = json.dumps(objects[0])[:-1] + ', "model": "00000000"}'
    control = json.dumps(objects[0] | {"property": "Flat\x7f"})
    wrong = ["[]", "{", named_twice, control]
    path.write_text("\r\n".join([*map(json.dumps, objects), *wrong]), encoding="utf-8")
    assert same_both_ways(path) == (7, 0, 4)


OTHER_HUB, OTHER_METER = eui_from_int(0x00DB1234567890C0), eui_from_int(0x00DB1234567890C1)
CONTRADICTIONS = {
    "one Device twice, the later counts": [
        device_row(METER, "ESME", firmware_version="00000001"),
        device_row(METER, "ESME", firmware_version="00000002", status_date="2024-06-01"),
    ],
    "two meters in use on a meter point": [
        device_row(METER, "ESME", import_mpxn=MPAN),
        device_row(OTHER_METER, "ESME", import_mpxn=MPAN),
    ],
    "the first of them named again": [
        device_row(METER, "ESME", import_mpxn=MPAN),
        device_row(OTHER_METER, "ESME", import_mpxn=MPAN),
        device_row(METER, "ESME", import_mpxn=MPAN, firmware_version="00000002"),
    ],
    "another that is not in use": [
        device_row(METER, "ESME", import_mpxn=MPAN),
        device_row(OTHER_METER, "ESME", import_mpxn=MPAN, device_status="Withdrawn"),
    ],
    "a Device of two hubs": [
        device_row(HUB, "CHF"),
        device_row(OTHER_HUB, "CHF"),
        device_row(METER, "ESME", associated_with=f"{HUB} {OTHER_HUB}"),
        device_row(DISPLAY, "IHD", device_status="", status_date="", associated_with=METER),
    ],
    "a circle": [
        device_row(HUB, "CHF", associated_with=METER),
        device_row(METER, "ESME", associated_with=PREPAYMENT),
        device_row(PREPAYMENT, "PPMID", associated_with=HUB),
    ],
}


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_what_records_may_not_say_together_is_refused_as_ever(tmp_path: Path, name: str) -> None:
    same_both_ways(write_csv(tmp_path / "several.csv", CONTRADICTIONS[name]))


def test_lines_are_told_of_the_file_they_stand_in(tmp_path: Path) -> None:
    first = write_csv(tmp_path / "a.csv", home())
    second = write_csv(tmp_path / "b.csv", [device_row("00-DB-12", "ESME")])
    assert counts(load(first, second)) == (7, 0, 1)
    refusal = IntakeRefusal.objects.get()
    assert (refusal.file, refusal.line, refusal.code) == ("b.csv", 2, "invalid_identifier")


def test_files_in_an_archive_are_loaded_and_a_bad_entry_refused(tmp_path: Path) -> None:
    inner = write_csv(tmp_path / "home.csv", home())
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../a.csv", "device_id,device_type")
        archive.write(inner, "home.csv")
        archive.writestr("more.csv", "device_id,device_type\nx,y\n")
    assert counts(load(path)) == (7, 0, 2)
    found = IntakeRefusal.objects.values_list("file", "line", "code")
    assert set(found) == {
        ("all.zip/../a.csv", 1, "unsafe_name"),
        ("all.zip/more.csv", 2, "invalid_identifier"),
    }


def test_an_inventory_with_devices_is_left_alone(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "home.csv", home())
    load(path)
    before = held()
    with pytest.raises(Conflict, match="has Devices already"):
        load(path)
    assert held() == before


@pytest.mark.django_db(transaction=True)
def test_stopped_on_its_way_it_leaves_nothing_and_begins_again(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "home.csv", [*home(), device_row("wrong", "ESME")])
    before = indexes()

    def stopped(given: Load) -> Any:
        assert INVENTORY.load
        yield next(INVENTORY.load(given))
        raise KeyboardInterrupt

    register(replace(INVENTORY, load=stopped))
    try:
        with pytest.raises(KeyboardInterrupt):
            load(path)
    finally:
        register(INVENTORY)
    run = IntakeRun.objects.get()
    assert (run.state, counts(run)) == (IntakeRun.State.STOPPED, (0, 0, 0))
    assert (held(), indexes()) == ([[], [], []], before)
    assert counts(load(path)) == (7, 0, 1)
