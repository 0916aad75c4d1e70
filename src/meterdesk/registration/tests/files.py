"""Registration files for tests."""

from pathlib import Path

from meterdesk.identity.rules import UserRole
from meterdesk.identity.tests.factories import make_organisation, make_user_id
from meterdesk.platform.intake import run_intake
from meterdesk.platform.models import IntakeRun

SUPPLIER = "90-B3-D5-1F-30-01-00-01"
RIVAL = "90-B3-D5-1F-30-02-00-01"
GAS_SUPPLIER = "90-B3-D5-1F-30-01-00-03"
DISTRIBUTOR = "90-B3-D5-1F-30-05-00-01"
TRANSPORTER = "90-B3-D5-1F-30-06-00-01"
AGENT = "90-B3-D5-1F-30-07-00-01"
OUTSIDER = "90-B3-D5-1F-30-08-00-01"

IMPORT_MPAN = "1012345678903"
EXPORT_MPAN = "1012345678912"
MPRN = "7411111106"

HEADER = (
    "mpxn,kind,effective_from,effective_to,supplier,network_party,agent,"
    "uprn,property,street,town,postcode"
)
ADDRESS = "100023336956,12,High Street,Townley,AB1 0AJ"


def make_parties() -> None:
    """The UserIds that the rows below name, each of an organisation of its own."""
    for name, eui, role in (
        ("Alder Energy", SUPPLIER, UserRole.IS),
        ("Alder Energy", GAS_SUPPLIER, UserRole.GS),
        ("Birch Power", RIVAL, UserRole.IS),
        ("Northern Wires", DISTRIBUTOR, UserRole.ED),
        ("Pipes and Mains", TRANSPORTER, UserRole.GT),
        ("Field Agents", AGENT, UserRole.RSA),
        ("Outside Ltd", OUTSIDER, UserRole.OU),
    ):
        make_user_id(eui, make_organisation(name), role)


def electricity(
    begins: str = "2024-04-01",
    ends: str = "",
    supplier: str = SUPPLIER,
    mpan: str = IMPORT_MPAN,
    address: str = ADDRESS,
    agent: str = "",
) -> str:
    """A row of an import MPAN."""
    return f"{mpan},IMPORT,{begins},{ends},{supplier},{DISTRIBUTOR},{agent},{address}"


def gas(begins: str = "2024-04-01", mprn: str = MPRN, address: str = ADDRESS) -> str:
    """A row of an MPRN."""
    return f"{mprn},GAS,{begins},,{GAS_SUPPLIER},{TRANSPORTER},,{address}"


def take_in(folder: Path, *rows: str, name: str = "registration.csv") -> IntakeRun:
    """Take in rows as one file."""
    path = folder / name
    path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return run_intake("registration", [path])


def counts(run: IntakeRun) -> tuple[int, int, int]:
    """Accepted, unchanged, refused."""
    return run.accepted, run.unchanged, run.refused
