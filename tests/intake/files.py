"""A good file of each kind and form that Meterdesk takes in, to be made bad by the tests."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import orjson
from django.db import connection

from meterdesk.coverage.tests.test_intake import GOOD as COVERAGE
from meterdesk.hubs.tests.test_intake import HEADER as HUB_HEADER
from meterdesk.hubs.tests.test_intake import ROW as HUB_ROW
from meterdesk.inventory.intake.products import COLUMNS
from meterdesk.inventory.tests import files as inventory
from meterdesk.inventory.tests.products import write_products
from meterdesk.kernel.identifiers import mpan_check_digit
from meterdesk.platform.intake import Unreadable, run_intake
from meterdesk.platform.models import IntakeRefusal, IntakeRun
from meterdesk.registration.tests import files as registration
from meterdesk.registration.tests.files import GAS_SUPPLIER, TRANSPORTER
from meterdesk.registration.tests.provider_files import ADDRESS, make_providers, record, text_of
from meterdesk.trail.tests.lines import request_line

Row = dict[str, str]
NEW_FIRMWARE = "00000200"
PRODUCTS: Final = (
    ("1", "Current", "Single Element Electricity Metering Equipment", "1063", "E4700100"),
    ("2", "Current", "Communications Hub", "1086", "54310200"),
    ("3", "Current", "Gas Smart Meter", "1063", "47360100"),
)


@dataclass(frozen=True)
class Form:
    """A kind of file in one of its forms.

    Attributes:
        head: line 1 where the form has one, without its end.
        rows: three or more lines, each good by itself.
        tail: the last line where the form has one.
        tables: what a good row is written to, for counting.
    """

    kind: str
    suffix: str
    rows: tuple[bytes, ...]
    tables: tuple[str, ...]
    head: bytes = b""
    tail: bytes = b""
    prepare: Callable[[Path], object] = field(default=lambda _folder: None, repr=False)

    def __str__(self) -> str:
        return f"{self.kind}{self.suffix}"

    @property
    def first_line(self) -> int:
        """The line of the first row."""
        return 2 if self.head else 1

    def text(self, *rows: bytes, end: bytes = b"\n", count: int | None = None) -> bytes:
        """A whole file of rows, by default of its own; `count` for a trailer to give."""
        tail = self.tail
        if tail and count is not None:
            tail = tail[: tail.rindex(b"|") + 1] + str(count).encode()
        lines = [self.head, *(rows or self.rows), tail]
        return end.join([line for line in lines if line]) + end

    @property
    def family(self) -> str:
        """Which rules of text it follows."""
        return "provider" if self.tail else "csv" if self.head else "ndjson"


@dataclass(frozen=True)
class Answer:
    """What became of a file: the counts, refusals by line and code, or why it was not read."""

    accepted: int = 0
    unchanged: int = 0
    refused: tuple[tuple[int, str], ...] = ()
    unreadable: str = ""


def taken(form: Form, folder: Path, content: bytes) -> Answer:
    """Take a file in."""
    path = folder / f"given{form.suffix}"
    path.write_bytes(content)
    try:
        run: IntakeRun = run_intake(form.kind, [path])
    except Unreadable as error:
        return Answer(unreadable=error.message)
    refused = IntakeRefusal.objects.filter(run=run).order_by("line", "pk")
    for one in refused:
        assert one.reason.endswith("."), f"{one.code} has no sentence: {one.reason}"
    return Answer(run.accepted, run.unchanged, tuple(refused.values_list("line", "code")))


def stored(form: Form) -> tuple[int, ...]:
    """Rows in the tables of a form."""
    with connection.cursor() as cursor:
        counts = []
        for table in form.tables:
            cursor.execute(f"select count(*) from {table}")
            counts.append(int(cursor.fetchone()[0]))
    return tuple(counts)


def _mpan(number: int) -> str:
    core = f"10{number:010}"
    return core + str(mpan_check_digit(core))


def _csv(rows: Sequence[Row]) -> tuple[bytes, tuple[bytes, ...]]:
    names = list(dict.fromkeys(name for row in rows for name in row))
    lines = tuple(",".join(row.get(name, "") for name in names).encode() for row in rows)
    return ",".join(names).encode(), lines


def _both(kind: str, rows: Sequence[Row], tables: tuple[str, ...], **more: object) -> list[Form]:
    head, lines = _csv(rows)
    objects = tuple(
        orjson.dumps({name: text for name, text in row.items() if text}) for row in rows
    )
    return [
        Form(kind, ".csv", lines, tables, head, **more),  # type: ignore[arg-type]
        Form(kind, ".ndjson", objects, tables, **more),  # type: ignore[arg-type]
    ]


def _list_products(folder: Path) -> object:
    rows = [(*row, NEW_FIRMWARE) for row in PRODUCTS]
    return run_intake("products", [write_products(folder / "products.csv", rows)])


def _pending_home(folder: Path) -> object:
    rows = [
        {**row, "device_status": "Pending", "status_date": "2024-01-01"}
        for row in inventory.home()
        if row["device_type"] in {"CHF", "ESME", "GPF"}
    ]
    return inventory.take_in(folder, rows)


def _product_rows() -> tuple[bytes, tuple[bytes, ...]]:
    version = "Version 1.000 Issued on 01-11-2024"
    rows = [
        f"{version},{number},{status},{kind},{maker},{model[:4]},{model[4:6]},{model[6:]},{model},"
        f"{NEW_FIRMWARE},SMETS V5.1,GBCS Version 4.1,".encode()
        for number, status, kind, maker, model in PRODUCTS
    ]
    return ",".join(COLUMNS).encode(), tuple(rows)


def _provider(fuel: str) -> Form:
    gas = fuel == "GAS"
    rows = [
        record(mpan=_mpan(number))
        if not gas
        else f"R|{mprn}|GAS|2024-04-01||{GAS_SUPPLIER}|{TRANSPORTER}||{ADDRESS}"
        for number, mprn in ((1, "7411111106"), (2, "3938424403"), (3, "1500000203"))
    ]
    text = text_of(1, *rows, fuel=fuel, provider="PIPES" if gas else "NORTH", kind="FULL")
    head, *lines, tail = text.encode().splitlines()
    return Form(
        f"registration-{fuel.lower()}",
        ".txt",
        tuple(lines),
        ("registration_registration", "registration_stagedrow"),
        head,
        tail,
        lambda _folder: make_providers(),
    )


def _forms() -> list[Form]:
    registered = ("registration_meterpoint", "registration_registration")
    devices = ("inventory_device", "inventory_devicestatuschange")
    notified = [
        {"device_id": device, "device_type": kind, "manufacturer": maker, "model": model,
         "firmware_version": NEW_FIRMWARE, "at": "2024-01-01"}
        for device, kind, maker, model in (
            (inventory.HUB, "CHF", "1086", "54310200"),
            (inventory.METER, "ESME", "1063", "E4700100"),
            (inventory.GAS_METER, "GSME", "1063", "47360100"),
        )
    ]  # fmt: skip
    changes = [
        {"device_id": device, "status": "Withdrawn", "at": "2024-06-01T10:00:00Z", "reason": ""}
        for device in (inventory.HUB, inventory.METER, inventory.PROXY)
    ]
    product_head, product_rows = _product_rows()
    cover_head, *cover_rows = COVERAGE.encode().splitlines()
    hub_rows = [HUB_ROW.strip().replace("90A0", f"90A{number}") for number in range(3)]
    covered = (("coverage_coveragerow",), ("coverage_coverageversion",))
    return [
        Form("registration", ".csv", tuple(
            row.encode() for row in (registration.electricity(mpan=_mpan(1)),
            registration.electricity(mpan=_mpan(2)), registration.gas())),
            registered, registration.HEADER.encode(),
            prepare=lambda _folder: registration.make_parties()),
        _provider("ELECTRICITY"),
        _provider("GAS"),
        Form("products", ".csv", product_rows, ("inventory_productentry",), product_head),
        *_both("inventory", inventory.home()[:4], devices),
        *_both("prenotification", notified, devices, prepare=_list_products),
        *_both("device-status", changes, ("inventory_devicestatuschange",), prepare=_pending_home),
        Form("trail", ".ndjson", tuple(
            orjson.dumps(request_line(number)) for number in (1, 2, 3)), ("trail_message",)),
        Form("coverage", ".csv", tuple(cover_rows), covered[0], cover_head),
        Form("coverage-whole", ".csv", tuple(cover_rows), covered[1], cover_head),
        Form("places", ".csv", (b"AB1 0AJ,384779,800921", b"ab10dj,385350,801340",
             b"M1 1AA,384000,398000"), ("coverage_postcodeplace",), b"postcode,easting,northing"),
        Form("hubs", ".csv", tuple(row.encode() for row in hub_rows), ("hubs_hubrecord",),
             HUB_HEADER.strip().encode()),
    ]  # fmt: skip


FORMS: Final = {str(form): form for form in _forms()}
