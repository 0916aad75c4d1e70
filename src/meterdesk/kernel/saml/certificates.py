"""Certificates that organisations enrol for their identity providers: pinned, never chained."""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from meterdesk.kernel.saml.refusals import SamlRefused

SMALLEST_RSA = 2048
SMALLEST_CURVE = 256
LONGEST = 20_000
"""Characters of a certificate as text; one takes about two thousand."""
_BEGIN, _END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"


@dataclass(frozen=True, slots=True)
class Certificate:
    """An X.509 certificate as people compare it.

    Attributes:
        key: its kind and size in words, such as "RSA 2048" or "EC secp256r1".
        strength: bits of the RSA modulus or of the curve; 0 for other keys.
        algorithm: what the certificate itself is signed with; it is pinned, so nothing rests on it.
        fingerprint: SHA-256 of the certificate, as pairs of hexadecimal digits with colons.
        not_before, not_after: UTC.
    """

    pem: str
    subject: str
    issuer: str
    key: str
    strength: int
    algorithm: str
    fingerprint: str
    not_before: datetime
    not_after: datetime
    x509: x509.Certificate

    def is_valid_at(self, moment: datetime) -> bool:
        """Whether the moment lies in its period."""
        return self.not_before <= moment <= self.not_after

    @property
    def is_strong(self) -> bool:
        """RSA of at least 2048 bits, or an elliptic curve of at least 256 (FIPS 186-4)."""
        smallest = SMALLEST_RSA if self.key.startswith("RSA") else SMALLEST_CURVE
        return self.strength >= smallest

    def problems(self, now: datetime) -> list[str]:
        """What speaks against trusting it, in sentences."""
        found = []
        if not self.is_strong:
            found.append(f"The key {self.key} of the certificate {self.subject} is too weak.")
        if not self.is_valid_at(now):
            found.append(
                f"The certificate {self.subject} is valid from {self.not_before:%-d %B %Y} "
                f"to {self.not_after:%-d %B %Y} only."
            )
        return found


def read_certificate(text: str) -> Certificate:
    """A certificate given as PEM, or as the base64 that metadata holds. Raises SamlRefused."""
    if len(text) > LONGEST:
        raise SamlRefused("not_a_certificate", f"{len(text)} characters")
    inside, end, _ = text.partition(_BEGIN)[2].partition(_END)
    compact = "".join((inside if end else text).split())
    try:
        found = x509.load_der_x509_certificate(base64.b64decode(compact, validate=True))
        key, strength = _key_of(found)
        return Certificate(
            pem=found.public_bytes(Encoding.PEM).decode(),
            subject=_name(found.subject),
            issuer=_name(found.issuer),
            key=key,
            strength=strength,
            algorithm=found.signature_algorithm_oid._name,
            fingerprint=found.fingerprint(SHA256()).hex(":").upper(),
            not_before=found.not_valid_before_utc,
            not_after=found.not_valid_after_utc,
            x509=found,
        )
    except (binascii.Error, ValueError, UnsupportedAlgorithm) as error:
        raise SamlRefused("not_a_certificate", str(error)) from None


def _name(name: x509.Name) -> str:
    return name.rfc4514_string() or "(no name)"


def _key_of(certificate: x509.Certificate) -> tuple[str, int]:
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        return f"RSA {key.key_size}", key.key_size
    if isinstance(key, ec.EllipticCurvePublicKey):
        return f"EC {key.curve.name}", key.key_size
    return type(key).__name__.strip("_"), 0
