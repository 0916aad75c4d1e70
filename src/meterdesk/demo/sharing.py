"""Officers, sharings and standings of the demonstration, through the actions of real ones.

Officers have a certificate each; its key stands in `officers` in the demonstration's folder, so
that a signature can be tried out with OpenSSL.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.serialization import pkcs7

from meterdesk.demo.certificates import OwnCertificate
from meterdesk.demo.people import (
    ALDER,
    BRIGHTWELL,
    DUNLIN,
    EASTMOOR,
    GREENLANE,
    HARBOUR,
    IVYBANK,
    UserIdOf,
)
from meterdesk.identity.queries import actor_named, organisation_id_of, organisation_record
from meterdesk.identity.rules import Actor, OrganisationKind, Suspension, UserRole
from meterdesk.kernel.paging import PageRequest
from meterdesk.organisations import actions, queries
from meterdesk.organisations.rules import OfficerKind, SharingVerb

OFFICERS = (ALDER, BRIGHTWELL, DUNLIN, EASTMOOR, GREENLANE, HARBOUR)
_ONBOARDING = "Juniper Gas Supply"
_LEFT = "Kestrel Power"
_JUNIPER = "90-B3-D5-1F-30-1A-00-03"


def open_sharings(folder: Path, *, at: datetime) -> int:
    """Record officers, share, rescind, suspend; returns how many sharings there are.

    Run again, it changes nothing.
    """
    operator = actor_named("desk.administrator")
    there = len(queries.sharings(operator, PageRequest(), at=at).items)
    if there:
        return there
    keys = {party.key: _Key(folder / "officers", party, at) for party in OFFICERS}
    numbers = {party.key: _officer(operator, party, keys[party.key], at) for party in OFFICERS}
    book = _Book(operator, keys, numbers, at)
    gas, power = UserRole.GS, UserRole.IS
    agent, other = GREENLANE.user_id(UserRole.RSA), HARBOUR.user_id(UserRole.OU)
    book.activate(book.share(ALDER, ALDER.user_id(gas), GREENLANE, agent))
    book.activate(book.share(ALDER, ALDER.user_id(power), HARBOUR, other, days=200))
    ended = book.activate(book.share(BRIGHTWELL, BRIGHTWELL.user_id(power), HARBOUR, other))
    book.rescind(ended, BRIGHTWELL, BRIGHTWELL.user_id(power), other)
    book.share(EASTMOOR, EASTMOOR.user_id(UserRole.ED), GREENLANE, agent)
    book.propose(DUNLIN, DUNLIN.user_id(gas), GREENLANE, agent, None)
    declined = book.propose(HARBOUR, other, DUNLIN, DUNLIN.user_id(gas), 90)
    book.decide(actor_named("dunlin.officer"), declined, SharingVerb.DECLINE, "No contract yet")
    rejected = book.share(BRIGHTWELL, BRIGHTWELL.user_id(gas), GREENLANE, agent)
    reason = "The agent's contract with this supplier has ended"
    book.decide(operator, rejected, SharingVerb.REJECT, reason)
    book.write(ALDER, ALDER.user_id(UserRole.ES), EASTMOOR, EASTMOOR.user_id(UserRole.ED))
    _standings(operator, at)
    return 8


def _standings(operator: Actor, at: datetime) -> None:
    """One party suspended to reading, and one in the middle of its onboarding."""
    number = organisation_id_of(IVYBANK.name)
    if number is not None:
        reason = "Charges of August to October are unpaid"
        version = organisation_record(number).version
        actions.suspend(operator, number, Suspension.READ_ONLY, reason, version, at=at)
    if organisation_id_of(_ONBOARDING) is None:
        number = actions.take_up(operator, _ONBOARDING, OrganisationKind.PARTY, at=at)
        actions.give_user_id(operator, number, _JUNIPER, UserRole.GS, at=at)
    if organisation_id_of(_LEFT) is None:
        taken_up, left = at - timedelta(days=140), at - timedelta(days=35)
        number = actions.take_up(operator, _LEFT, OrganisationKind.PARTY, at=taken_up)
        version = organisation_record(number).version
        actions.off_board(operator, number, "Left the market", version, at=left)


def _officer(operator: Actor, party: UserIdOf, key: "_Key", at: datetime) -> int:
    person = actor_named(f"{party.key}.officer")
    details = actions.OfficerDetails(
        kind=OfficerKind.SRO,
        name=person.display_name,
        email=f"officer@{party.key}.example",
        telephone="020 7946 0150",
        active_from=(at - timedelta(days=400)).date(),
        certificate=key.made.pem,
        person_id=person.person_id,
    )
    return actions.record_officer(operator, person.organisation_id, details, at=at)


class _Key:
    """An officer's key and certificate, kept for people who try it out."""

    def __init__(self, folder: Path, party: UserIdOf, at: datetime) -> None:
        name = f"Officer of {party.name}"
        starts = min(at, datetime.now(UTC)) - timedelta(days=30)
        ends = max(at, datetime.now(UTC)) + timedelta(days=730)
        self.made = OwnCertificate(name, starts, ends, f"officer@{party.key}.example")
        folder.mkdir(parents=True, exist_ok=True)
        plain = serialization.NoEncryption()
        pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
        secret = folder / f"{party.key}.key"
        secret.touch(mode=0o600)
        secret.write_bytes(self.made.key.private_bytes(pem, pkcs8, plain))
        (folder / f"{party.key}.pem").write_bytes(self.made.pem)

    def sign(self, text: str) -> bytes:
        """A detached CMS signature."""
        builder = pkcs7.PKCS7SignatureBuilder().set_data(text.encode())
        builder = builder.add_signer(self.made.certificate, self.made.key, hashes.SHA256())
        options = [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary]
        return builder.sign(serialization.Encoding.DER, options)


class _Book:
    """The workflow of a sharing, in the parts of both sides and of the operator."""

    def __init__(
        self, operator: Actor, keys: dict[str, _Key], numbers: dict[str, int], at: datetime
    ) -> None:
        self.operator = operator
        self.keys = keys
        self.numbers = numbers
        # Signatures carry the time at which they are made, which must not be in the future.
        self.at = max(at, datetime.now(UTC))

    def write(
        self, first: UserIdOf, own: str, second: UserIdOf, other: str, days: int | None = None
    ) -> tuple[UUID, UUID]:
        """The first side's notification, which waits for its officer's signature."""
        until = (self.at + timedelta(days=days)).date() if days else None
        given = actions.Proposal((own,), second.name, (other,), until, self.numbers[first.key])
        return actions.propose(actor_named(f"{first.key}.officer"), given, at=self.at)

    def propose(
        self, first: UserIdOf, own: str, second: UserIdOf, other: str, days: int | None
    ) -> UUID:
        """The first side's signed notification."""
        sharing_id, notification_id = self.write(first, own, second, other, days)
        self._sign(first, sharing_id, notification_id)
        return sharing_id

    def share(
        self, first: UserIdOf, own: str, second: UserIdOf, other: str, days: int | None = None
    ) -> UUID:
        """Both sides' signed notifications, left to the operator."""
        sharing_id = self.propose(first, own, second, other, days)
        actor = actor_named(f"{second.key}.officer")
        answered = actions.answer(
            actor, sharing_id, self.numbers[second.key], self._version(sharing_id), at=self.at
        )
        self._sign(second, sharing_id, answered)
        return sharing_id

    def activate(self, sharing_id: UUID) -> UUID:
        """The operator's verification."""
        self.decide(self.operator, sharing_id, SharingVerb.ACTIVATE)
        return sharing_id

    def decide(self, actor: Actor, sharing_id: UUID, verb: SharingVerb, why: str = "") -> None:
        """Activate, decline or reject."""
        actions.decide(actor, sharing_id, verb, why, self._version(sharing_id), at=self.at)

    def rescind(self, sharing_id: UUID, by: UserIdOf, own: str, other: str) -> None:
        """A rescinding notification, signed."""
        actor = actor_named(f"{by.key}.officer")
        given = actions.Rescinding((own,), (other,), self.numbers[by.key])
        version = self._version(sharing_id)
        written = actions.write_rescinding(actor, sharing_id, given, version, at=self.at)
        self._sign(by, sharing_id, written)

    def _sign(self, party: UserIdOf, sharing_id: UUID, notification_id: UUID) -> None:
        actor = actor_named(f"{party.key}.officer")
        text = queries.notification(actor, sharing_id, notification_id, at=self.at).text
        signature = self.keys[party.key].sign(text)
        actions.hand_in_signature(actor, sharing_id, notification_id, signature, at=self.at)

    def _version(self, sharing_id: UUID) -> int:
        return queries.sharing(self.operator, sharing_id, at=self.at).version
