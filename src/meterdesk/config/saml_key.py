"""The key that signs assertions: the operator's, or one made once where nothing is at stake."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from meterdesk.config.parsing import ConfigurationError
from meterdesk.kernel.saml import Certificate, SamlRefused, read_certificate
from meterdesk.kernel.saml.issuing import SigningKey

_TEN_YEARS = timedelta(days=3_653)


def signing_key(
    key: str | None, certificate: str | None, following: str | None
) -> tuple[SigningKey | None, tuple[Certificate, ...]]:
    """The key, and the certificates that metadata shows: the present one, then the next one.

    Raises ConfigurationError unless key and certificate belong together and are strong.
    """
    if key is None and certificate is None:
        return None, ()
    if key is None or certificate is None:
        raise ConfigurationError("Set METERDESK_SAML_KEY and METERDESK_SAML_CERTIFICATE together.")
    shown = [_certificate("METERDESK_SAML_CERTIFICATE", certificate)]
    if following:
        shown.append(_certificate("METERDESK_SAML_NEXT_CERTIFICATE", following))
    _check_pair(key, shown)
    return SigningKey(key, shown[0].pem), tuple(shown)


def _certificate(name: str, text: str) -> Certificate:
    try:
        found = read_certificate(text)
    except SamlRefused as refused:
        raise ConfigurationError(f"{name} holds no X.509 certificate in PEM form.") from refused
    if not found.key.startswith("RSA") or not found.is_strong:
        raise ConfigurationError(f"{name} needs an RSA key of at least 2048 bits.")
    return found


def _check_pair(key: str, shown: Sequence[Certificate]) -> None:
    try:
        private = load_pem_private_key(key.encode(), None)
    except (ValueError, TypeError) as error:
        raise ConfigurationError(
            "METERDESK_SAML_KEY is no private key in PEM form without a passphrase."
        ) from error
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    own = private.public_key().public_bytes(*form)
    if own != shown[0].x509.public_key().public_bytes(*form):
        raise ConfigurationError(
            "METERDESK_SAML_CERTIFICATE does not belong to METERDESK_SAML_KEY."
        )


def make_pair() -> str:
    """A fresh key and its own certificate in one PEM text; for anything but production."""
    key = rsa.generate_private_key(public_exponent=65_537, key_size=3_072)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Meterdesk demonstration")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + _TEN_YEARS)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return (private + certificate.public_bytes(Encoding.PEM)).decode()


def split_pair(text: str) -> tuple[str, str]:
    """Key and certificate of such a text."""
    begins = text.index("-----BEGIN CERTIFICATE-----")
    return text[:begins], text[begins:]


def pair_file(home: Path) -> Path:
    """Where the pair is kept."""
    return home / "saml-key.pem"
