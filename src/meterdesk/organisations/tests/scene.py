"""Two parties with administrators and officers, a third one, and the operator's administrator."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import NameOID
from django.utils import timezone

from meterdesk.identity.models import Organisation, Person
from meterdesk.identity.rules import Actor, DeskRole, JobTypeRole, UserRole
from meterdesk.identity.tests.factories import (
    PASSWORD,
    actor_for,
    make_organisation,
    make_person,
    make_user_id,
)
from meterdesk.notifications.models import OutgoingMessage
from meterdesk.organisations.actions import OfficerDetails, record_officer
from meterdesk.organisations.models import Officer
from meterdesk.organisations.rules import OfficerKind

ALDER_GAS = "90-B3-D5-1F-30-11-00-03"
ALDER_POWER = "90-B3-D5-1F-30-11-00-01"
AGENT = "90-B3-D5-1F-30-17-00-06"
RIVAL = "90-B3-D5-1F-30-12-00-01"
FIRST_DAY = date(2026, 1, 1)


@dataclass(frozen=True)
class Party:
    """An organisation with an administrator, an officer and somebody without rights to share."""

    organisation: Organisation
    administrator: Person
    officer_person: Person
    officer: Officer
    colleague: Person

    @property
    def admin(self) -> Actor:
        return actor_for(self.administrator)


@dataclass(frozen=True)
class Scene:
    """Who takes part."""

    alder: Party
    greenlane: Party
    rival: Party
    operator_person: Person

    @property
    def operator(self) -> Actor:
        return actor_for(self.operator_person)


@cache
def key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@cache
def certificate(email: str = "sian@alder.example") -> x509.Certificate:
    """A certificate of its own making."""
    name = x509.Name([x509.NameAttribute(NameOID.EMAIL_ADDRESS, email)])
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key().public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365))
        .sign(key(), hashes.SHA256())
    )


def pem(of: x509.Certificate | None = None) -> bytes:
    return (of or certificate()).public_bytes(serialization.Encoding.PEM)


def signed(text: bytes, by: x509.Certificate | None = None) -> bytes:
    """A detached CMS signature of this text."""
    options = [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary]
    builder = pkcs7.PKCS7SignatureBuilder().set_data(text)
    builder = builder.add_signer(by or certificate(), key(), hashes.SHA256())
    return builder.sign(serialization.Encoding.DER, options)


def set_scene() -> Scene:
    operator_person = make_person("zeb", desk=[DeskRole.ADMINISTRATOR])
    operator = actor_for(operator_person)
    euis = {
        "alder": ((ALDER_POWER, UserRole.IS), (ALDER_GAS, UserRole.GS)),
        "greenlane": ((AGENT, UserRole.RSA),),
        "rival": ((RIVAL, UserRole.IS),),
    }
    names = {"alder": "Alder Energy", "greenlane": "Greenlane Metering", "rival": "Brightwell"}
    made = {name: _party(name, names[name], euis[name], operator) for name in names}
    return Scene(operator_person=operator_person, **made)


def _party(key: str, name: str, user_ids: tuple, operator: Actor) -> Party:
    organisation = make_organisation(name)
    for eui, role in user_ids:
        make_user_id(eui, organisation, role)
    admin = [(user_ids[0][0], JobTypeRole.ORGANISATIONAL_ADMINISTRATOR)]
    operations = [(user_ids[0][0], JobTypeRole.SMART_METER_OPERATIONS_USER)]
    officer_person = make_person(f"{key}.sro", operations, password=PASSWORD)
    details = OfficerDetails(
        kind=OfficerKind.SRO,
        name=f"Sian {name}",
        email=f"sian@{key}.example",
        telephone="020 7946 0111",
        active_from=FIRST_DAY,
        certificate=pem() if key == "alder" else b"",
        person_id=officer_person.pk,
    )
    number = record_officer(operator, organisation.pk, details, at=timezone.now())
    return Party(
        organisation=organisation,
        administrator=make_person(f"{key}.admin", admin),
        officer_person=officer_person,
        officer=Officer.objects.get(pk=number),
        colleague=make_person(f"{key}.colleague", operations),
    )


def letters() -> dict[str, list[str]]:
    """Subjects of what was written, by address."""
    found: dict[str, list[str]] = {}
    for one in OutgoingMessage.objects.order_by("pk"):
        found.setdefault(one.to, []).append(one.subject)
    return found
