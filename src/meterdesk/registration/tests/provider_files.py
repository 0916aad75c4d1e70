"""Providers and their files for tests."""

from datetime import UTC, date, datetime, time
from pathlib import Path

from meterdesk.identity.models import UserId
from meterdesk.identity.tests.factories import make_operator
from meterdesk.incidents.tests.scene import load_categories
from meterdesk.platform.intake import run_intake
from meterdesk.platform.models import IntakeRun
from meterdesk.registration.actions import ProviderDetails, add_provider
from meterdesk.registration.models import ProviderFile
from meterdesk.registration.rules.files import Fuel
from meterdesk.registration.tests.files import (
    DISTRIBUTOR,
    IMPORT_MPAN,
    SUPPLIER,
    TRANSPORTER,
    make_parties,
)

MONDAY = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
ADDRESS = "100023336956|12|High Street|Townley|AB1 0AJ"


def make_providers() -> None:
    """The parties, the operator, and two providers: NORTH for electricity, PIPES for gas."""
    load_categories()
    make_parties()
    make_operator()
    for code, fuel, eui in (
        ("NORTH", Fuel.ELECTRICITY, DISTRIBUTOR),
        ("PIPES", Fuel.GAS, TRANSPORTER),
    ):
        details = ProviderDetails(
            code=code,
            name=f"{code.title()} Data",
            fuel=fuel,
            organisation_id=UserId.objects.get(eui=eui).organisation_id,
            user_id=eui,
            due_time=time(6),
            due_since=date(2026, 11, 16),
        )
        add_provider(None, details, at=MONDAY)


def record(
    begins: str = "2024-04-01", supplier: str = SUPPLIER, mpan: str = IMPORT_MPAN, ends: str = ""
) -> str:
    """A registration of an import MPAN."""
    return f"R|{mpan}|IMPORT|{begins}|{ends}|{supplier}|{DISTRIBUTOR}||{ADDRESS}"


def text_of(
    sequence: int,
    *records: str,
    kind: str = "CHANGE",
    made: str = "2026-11-16T04:00:00Z",
    refresh: str = "",
    provider: str = "NORTH",
    fuel: str = "ELECTRICITY",
    count: int | None = None,
) -> str:
    """A file in the provider layout."""
    header = f"H|{fuel}|{provider}|{kind}|{sequence}|{made}|1|{refresh}"
    trailer = f"T|{provider}|{sequence}|{len(records) if count is None else count}"
    return "\n".join([header, *records, trailer]) + "\n"


def receive(
    folder: Path,
    text: str | bytes,
    name: str = "north_1.txt",
    kind: str = "registration-electricity",
) -> tuple[IntakeRun, ProviderFile]:
    """Take a file in; its run and what is kept of it."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    run = run_intake(kind, [path])
    return run, ProviderFile.objects.latest("pk")
