"""Detached signatures of officers: CMS (RFC 5652) over the exact bytes that were shown.

Nothing of the message is believed but what the signature covers. The certificate is either the
officer's own, pinned beforehand, or one that a trusted issuer vouches for; in the second case the
caller compares whom it names. SHA-256 or better, RSA of 2048 bits or more, or the curves P-256,
P-384 and P-521. Requirements: SSI-NFR-28, 31, 32.
"""

import hmac
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final, NoReturn

from asn1crypto import cms, core, pem
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    PolicyBuilder,
    Store,
    VerificationError,
)

from meterdesk.kernel.errors import Refused

LONGEST_SIGNATURE: Final = 64 * 1024
CLOCK_SKEW: Final = timedelta(minutes=5)
_HASHES: Final[dict[str, hashes.HashAlgorithm]] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
_CURVES: Final = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)
_SHORTEST_RSA: Final = 2048
_MOST_CERTIFICATES: Final = 10
_NAMES: Final = {NameOID.EMAIL_ADDRESS: "emailAddress"}


class SignatureRefused(Refused):
    """The signature does not prove what it should; `code` names which check failed."""

    default_code = "signature_refused"
    default_message = "This is not a valid signature of this text."


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """What a certificate says of itself; times are aware UTC.

    Attributes:
        fingerprint: SHA-256 of the certificate, upper-case hexadecimal.
        emails: addresses it names, lower case.
    """

    subject: str
    issuer: str
    serial: str
    fingerprint: str
    valid_from: datetime
    valid_until: datetime
    emails: tuple[str, ...]

    def is_valid(self, at: datetime) -> bool:
        """Whether the instant lies in the certificate's time."""
        return self.valid_from <= at <= self.valid_until


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signed, by which certificate, and when by their own clock (None: it does not say)."""

    certificate: CertificateFacts
    signed_at: datetime | None


def read_certificate(given: bytes) -> CertificateFacts:
    """Read a certificate in PEM or DER. Raises SignatureRefused when it is none, or too weak."""
    return facts_of(_load_certificate(given))


def facts_of(certificate: x509.Certificate) -> CertificateFacts:
    """What a certificate says of itself."""
    der = certificate.public_bytes(serialization.Encoding.DER)
    return CertificateFacts(
        subject=certificate.subject.rfc4514_string(_NAMES),
        issuer=certificate.issuer.rfc4514_string(_NAMES),
        serial=f"{certificate.serial_number:X}",
        fingerprint=sha256(der).hexdigest().upper(),
        valid_from=certificate.not_valid_before_utc,
        valid_until=certificate.not_valid_after_utc,
        emails=tuple(dict.fromkeys(_emails(certificate))),
    )


def as_pem(given: bytes) -> str:
    """A certificate given in PEM or DER as PEM text. Raises SignatureRefused."""
    return _load_certificate(given).public_bytes(serialization.Encoding.PEM).decode()


def check_detached(
    content: bytes,
    signature: bytes,
    *,
    at: datetime,
    pinned: bytes | None = None,
    issuers: Sequence[bytes] = (),
) -> Signer:
    """Check a detached CMS signature over these very bytes.

    Args:
        content: what was to be signed.
        signature: the CMS message, DER or PEM.
        at: when it was received (aware UTC); the certificate must be valid then, and when it was
            signed as far as the signature says so.
        pinned: the signer's certificate (PEM or DER); given, no other will do.
        issuers: certificates of issuers, one of which must vouch for the signer's certificate
            when none is pinned.

    Raises SignatureRefused.
    """
    with _refusing_nonsense():
        signed = _signed_data(signature)
        signer = _only_signer(signed)
        attributes = _signed_attributes(signer)
        algorithm = signer["digest_algorithm"]["algorithm"].native
        if algorithm not in _HASHES:
            _refuse("weak_digest", "Sign with SHA-256, SHA-384 or SHA-512.")
        _check_digest(content, attributes, _HASHES[algorithm])
        carried = _carried_certificates(signed)
        if pinned is not None:
            certificate = _load_certificate(pinned)
            if not _is_named(signer, certificate):
                _refuse("other_certificate", "It was signed with another certificate.")
        else:
            certificate = _named_certificate(signer, carried)
        covered = signer["signed_attrs"].untag().dump()
        _check_key(signer, certificate, covered, algorithm)
    signed_at = _signing_time(attributes)
    _check_times(certificate, signed_at, at)
    if pinned is None:
        _check_chain(certificate, carried, issuers, at)
    return Signer(facts_of(certificate), signed_at)


def _refuse(code: str, message: str) -> NoReturn:
    raise SignatureRefused(message, code=code)


@contextmanager
def _refusing_nonsense() -> Iterator[None]:
    """The parser raises many things at what is not the structure it expects."""
    try:
        yield
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError) as error:
        raise SignatureRefused("This file is not a CMS signature.", code="not_cms") from error
    except RecursionError as error:
        raise SignatureRefused("This file is not a CMS signature.", code="not_cms") from error


def _signed_data(signature: bytes) -> Any:
    if len(signature) > LONGEST_SIGNATURE:
        _refuse("too_long", "A signature has at most 64 kB. Send the signature without the text.")
    der = pem.unarmor(signature)[2] if pem.detect(signature) else signature
    message = cms.ContentInfo.load(der, strict=True)
    if message["content_type"].native != "signed_data":
        _refuse("not_cms", "This file is not a CMS signature.")
    signed = message["content"]
    if signed["encap_content_info"]["content_type"].native != "data":
        _refuse("not_data", "The signature is not over plain data.")
    if signed["encap_content_info"]["content"].native is not None:
        _refuse("not_detached", "The signature carries a text of its own. Make a detached one.")
    return signed


def _only_signer(signed: Any) -> Any:
    if len(signed["signer_infos"]) != 1:
        _refuse("not_one_signer", "There must be exactly one signer.")
    return signed["signer_infos"][0]


def _signed_attributes(signer: Any) -> dict[str, Any]:
    attributes: dict[str, Any] = {}
    for attribute in signer["signed_attrs"]:
        name = attribute["type"].native
        if name in attributes or len(attribute["values"]) != 1:
            _refuse("ambiguous", "The signature says one thing twice.")
        attributes[name] = attribute["values"][0].native
    if attributes.get("content_type") != "data" or "message_digest" not in attributes:
        _refuse("no_signed_attributes", "The signature lacks its signed attributes.")
    return attributes


def _check_digest(
    content: bytes, attributes: dict[str, Any], algorithm: hashes.HashAlgorithm
) -> None:
    digest = hashes.Hash(algorithm)
    digest.update(content)
    if not hmac.compare_digest(digest.finalize(), attributes["message_digest"]):
        _refuse("other_text", "The signature is over another text, or the text was changed.")


def _carried_certificates(signed: Any) -> list[x509.Certificate]:
    given = signed["certificates"]
    carried = [] if isinstance(given, core.Void) else list(given)
    if len(carried) > _MOST_CERTIFICATES:
        _refuse("too_many_certificates", "The signature carries too many certificates.")
    return [
        x509.load_der_x509_certificate(one.chosen.dump())
        for one in carried
        if one.name == "certificate"
    ]


def _named_certificate(signer: Any, carried: Iterable[x509.Certificate]) -> x509.Certificate:
    found = {facts_of(one).fingerprint: one for one in carried if _is_named(signer, one)}
    if len(found) != 1:
        _refuse("no_certificate", "The signature does not carry its signer's certificate.")
    return _strong(next(iter(found.values())))


def _is_named(signer: Any, certificate: x509.Certificate) -> bool:
    sid = signer["sid"]
    if sid.name == "issuer_and_serial_number":
        same_issuer = sid.chosen["issuer"].dump() == certificate.issuer.public_bytes()
        serial: int = sid.chosen["serial_number"].native
        return same_issuer and serial == certificate.serial_number
    try:
        key = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    except x509.ExtensionNotFound:
        return False
    return bool(sid.chosen.native == key.value.digest)


def _check_key(signer: Any, certificate: x509.Certificate, covered: bytes, digest: str) -> None:
    key, algorithm = certificate.public_key(), signer["signature_algorithm"]
    kind, used = algorithm.signature_algo, _HASHES[digest]
    # Plain rsaEncryption names no digest of its own: the signer's digest algorithm is meant.
    if algorithm["algorithm"].native != "rsassa_pkcs1v15" and algorithm.hash_algo != digest:
        _refuse("weak_digest", "The signature and its digest use different algorithms.")
    try:
        match key:
            case rsa.RSAPublicKey() if kind == "rsassa_pkcs1v15":
                key.verify(signer["signature"].native, covered, padding.PKCS1v15(), used)
            case rsa.RSAPublicKey() if kind == "rsassa_pss":
                mask = padding.PSS(padding.MGF1(used), padding.PSS.AUTO)
                key.verify(signer["signature"].native, covered, mask, used)
            case ec.EllipticCurvePublicKey() if kind == "ecdsa":
                key.verify(signer["signature"].native, covered, ec.ECDSA(used))
            case _:
                _refuse("weak_key", "Sign with RSA or with a key on a NIST curve.")
    except InvalidSignature:
        _refuse("wrong_signature", "The signature does not fit its certificate.")


def _signing_time(attributes: dict[str, Any]) -> datetime | None:
    said = attributes.get("signing_time")
    return said.astimezone(UTC) if isinstance(said, datetime) else None


def _check_times(certificate: x509.Certificate, signed_at: datetime | None, at: datetime) -> None:
    facts = facts_of(certificate)
    if signed_at is not None and signed_at > at + CLOCK_SKEW:
        _refuse("signed_in_future", "It was signed in the future. Check the signer's clock.")
    if not facts.is_valid(at) or not (signed_at is None or facts.is_valid(signed_at)):
        _refuse("certificate_expired", "The signer's certificate is not valid at that time.")
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return
    if not (usage.digital_signature or usage.content_commitment):
        _refuse("not_for_signing", "The signer's certificate is not for signing.")


def _check_chain(
    certificate: x509.Certificate,
    carried: Iterable[x509.Certificate],
    issuers: Sequence[bytes],
    at: datetime,
) -> None:
    if not issuers:
        _refuse("no_certificate_known", "No certificate is recorded for this officer.")
    issuer_policy = ExtensionPolicy.permit_all().require_present(
        x509.BasicConstraints, Criticality.AGNOSTIC, None
    )
    builder = PolicyBuilder().store(Store([_load_certificate(one) for one in issuers])).time(at)
    builder = builder.extension_policies(
        ca_policy=issuer_policy, ee_policy=ExtensionPolicy.permit_all()
    )
    others = [one for one in carried if one != certificate]
    try:
        builder.build_client_verifier().verify(certificate, others)
    except VerificationError as error:
        message = "No issuer that the operator trusts vouches for the signer's certificate."
        raise SignatureRefused(message, code="issuer_not_trusted") from error


def _load_certificate(given: bytes) -> x509.Certificate:
    try:
        is_pem = given.lstrip().startswith(b"-----BEGIN")
        load = x509.load_pem_x509_certificate if is_pem else x509.load_der_x509_certificate
        certificate = load(given)
        certificate.public_key()
        _emails(certificate)
    except (ValueError, TypeError, x509.DuplicateExtension) as error:
        message = "This is not an X.509 certificate in PEM or DER form."
        raise SignatureRefused(message, code="not_a_certificate") from error
    return _strong(certificate)


def _strong(certificate: x509.Certificate) -> x509.Certificate:
    key = certificate.public_key()
    strong_rsa = isinstance(key, rsa.RSAPublicKey) and key.key_size >= _SHORTEST_RSA
    strong_curve = isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, _CURVES)
    if not (strong_rsa or strong_curve):
        message = "The key is too weak: RSA of 2048 bits or more, or P-256, P-384, P-521."
        raise SignatureRefused(message, code="weak_key")
    return certificate


def _emails(certificate: x509.Certificate) -> list[str]:
    named = certificate.subject.get_attributes_for_oid(NameOID.EMAIL_ADDRESS)
    found = [str(one.value) for one in named]
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        found += names.get_values_for_type(x509.RFC822Name)
    except x509.ExtensionNotFound:
        pass
    return [one.lower() for one in found]
