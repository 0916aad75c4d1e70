"""Detached CMS: what is signed properly is taken, everything else is refused by its reason."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from asn1crypto import cms, core
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from meterdesk.kernel.signatures import SignatureRefused, as_pem, check_detached, read_certificate

pytestmark = pytest.mark.req("SSI-NFR-28", "SSI-NFR-31", "SSI-NFR-32")

TEXT = b"Alder Energy grants access to 90-B3-D5-1F-30-11-00-01.\r\n"
NOW = datetime.now(UTC)
DER = serialization.Encoding.DER
PEM = serialization.Encoding.PEM


@cache
def key_of(name: str):
    """One key a name: making RSA keys is slow."""
    if name.startswith("weak"):
        return rsa.generate_private_key(65537, 1024)
    if name.startswith("ec"):
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(65537, 2048)


@cache
def certificate(
    name: str,
    issuer: str = "",
    days: tuple[int, int] = (-30, 365),
    is_issuer: bool = False,
    signs: bool = True,
) -> x509.Certificate:
    """A certificate of that name, signed by itself or by the issuer's key."""
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, name),
            x509.NameAttribute(NameOID.EMAIL_ADDRESS, f"{name}@alder.example"),
        ]
    )
    by = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]) if issuer else subject
    if issuer and is_issuer is False:
        by = certificate(issuer, is_issuer=True).subject
    usage = x509.KeyUsage(signs, False, not signs, False, False, is_issuer, is_issuer, False, False)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by)
        .public_key(key_of(name).public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW + timedelta(days=days[0]))
        .not_valid_after(NOW + timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(is_issuer, None), critical=True)
        .add_extension(usage, critical=True)
    )
    return made.sign(key_of(issuer or name), hashes.SHA256())


def sign(
    name: str,
    by: x509.Certificate | None = None,
    text: bytes = TEXT,
    digest: hashes.HashAlgorithm | None = None,
    options: tuple[pkcs7.PKCS7Options, ...] = (pkcs7.PKCS7Options.DetachedSignature,),
    also: str = "",
    encoding: serialization.Encoding = DER,
) -> bytes:
    """A CMS signature by the standard library of the trade, not by the code under test."""
    builder = pkcs7.PKCS7SignatureBuilder().set_data(text)
    for one in filter(None, (name, also)):
        chosen = by if by and one == name else certificate(one)
        builder = builder.add_signer(chosen, key_of(one), digest or hashes.SHA256())
    return builder.sign(encoding, [pkcs7.PKCS7Options.Binary, *options])


def pinned(name: str = "sian") -> bytes:
    return certificate(name).public_bytes(PEM)


def refused(signature: bytes, text: bytes = TEXT, at: datetime | None = None, **known) -> str:
    """The code of the refusal."""
    at = at or datetime.now(UTC)
    known = known or {"pinned": pinned()}
    with pytest.raises(SignatureRefused) as error:
        check_detached(text, signature, at=at, **known)
    return error.value.code


def altered(change: Callable[[cms.SignedData], None], signature: bytes = b"") -> bytes:
    """A signature with its structure changed."""
    message = cms.ContentInfo.load(signature or sign("sian"))
    change(message["content"])
    return message.dump(force=True)


@pytest.mark.parametrize("name", ["sian", "ec-sian"])
@pytest.mark.parametrize("digest", [hashes.SHA256(), hashes.SHA384(), hashes.SHA512()])
@pytest.mark.parametrize("encoding", [DER, PEM])
def test_the_pinned_certificate_s_signature_is_taken(name, digest, encoding) -> None:
    signer = check_detached(
        TEXT,
        sign(name, digest=digest, encoding=encoding),
        at=datetime.now(UTC),
        pinned=pinned(name),
    )
    assert signer.certificate == read_certificate(certificate(name).public_bytes(DER))
    assert signer.certificate.emails == (f"{name}@alder.example",)
    assert signer.signed_at is not None


def test_an_issuer_that_is_trusted_vouches() -> None:
    leaf = certificate("sian", "authority")
    known = [certificate("authority", is_issuer=True).public_bytes(PEM)]
    signer = check_detached(TEXT, sign("sian", leaf), at=datetime.now(UTC), issuers=known)
    assert signer.certificate.emails == ("sian@alder.example",)
    assert "emailAddress=sian@alder.example" in signer.certificate.subject


def test_who_is_not_vouched_for_is_refused() -> None:
    known = [certificate("authority", is_issuer=True).public_bytes(PEM)]
    forged = certificate("mallory", "sian")
    assert refused(sign("sian"), issuers=known) == "issuer_not_trusted"
    assert refused(sign("mallory", forged), issuers=known) == "issuer_not_trusted"
    not_an_issuer = [certificate("sian").public_bytes(PEM)]
    assert refused(sign("mallory", forged), issuers=not_an_issuer) == "issuer_not_trusted"
    assert refused(sign("sian"), issuers=[]) == "no_certificate_known"


def test_another_text_another_signer_and_another_key_are_refused() -> None:
    assert refused(sign("sian"), TEXT + b" ") == "other_text"
    assert refused(sign("mallory")) == "other_certificate"
    lookalike = certificate("mallory")

    def pretend(signed: cms.SignedData) -> None:
        real = cms.ContentInfo.load(sign("sian"))["content"]["signer_infos"][0]["sid"]
        signed["signer_infos"][0]["sid"] = real

    assert refused(altered(pretend, sign("mallory", lookalike))) == "wrong_signature"


def test_none_or_two_signers_are_refused() -> None:
    assert refused(sign("sian", also="mallory")) == "not_one_signer"
    nobody = altered(lambda signed: signed.__setitem__("signer_infos", cms.SignerInfos([])))
    assert refused(nobody) == "not_one_signer"


def test_the_text_may_not_come_with_the_signature() -> None:
    attached = sign("sian", text=b"something else", options=())
    assert refused(attached, b"something else") == "not_detached"


def test_without_signed_attributes_it_is_refused() -> None:
    bare = sign(
        "sian",
        options=(pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.NoAttributes),
    )
    assert refused(bare) in {"not_cms", "no_signed_attributes"}


def test_signed_attributes_cannot_be_exchanged_nor_doubled() -> None:
    other = cms.ContentInfo.load(sign("sian", text=b"other text"))["content"]["signer_infos"][0]

    def exchange(signed: cms.SignedData) -> None:
        signed["signer_infos"][0]["signed_attrs"] = other["signed_attrs"]

    assert refused(altered(exchange), b"other text") == "wrong_signature"

    def double(signed: cms.SignedData) -> None:
        attributes = signed["signer_infos"][0]["signed_attrs"]
        signed["signer_infos"][0]["signed_attrs"] = cms.CMSAttributes(
            [*attributes, *[one for one in attributes if one["type"].native == "message_digest"]]
        )

    assert refused(altered(double)) == "ambiguous"


@pytest.mark.parametrize("name", ["sha1", "md5", "sha224"])
def test_weak_digests_are_refused(name) -> None:
    def weaken(signed: cms.SignedData) -> None:
        signed["signer_infos"][0]["digest_algorithm"] = {"algorithm": name}

    assert refused(altered(weaken)) == "weak_digest"


def test_a_digest_of_another_name_than_the_signature_s_is_refused() -> None:
    def confuse(signed: cms.SignedData) -> None:
        signed["signer_infos"][0]["signature_algorithm"] = {"algorithm": "sha1_rsa"}

    assert refused(altered(confuse)) == "weak_digest"


def test_weak_keys_are_refused_as_certificate_and_as_signer() -> None:
    weak = certificate("weak", "authority")
    with pytest.raises(SignatureRefused) as error:
        read_certificate(weak.public_bytes(DER))
    assert error.value.code == "weak_key"
    known = [certificate("authority", is_issuer=True).public_bytes(PEM)]
    assert refused(sign("weak", weak), issuers=known) == "weak_key"


def test_times_are_held_to() -> None:
    long_over = certificate("old", days=(-60, -1))
    known = long_over.public_bytes(PEM)
    assert refused(sign("old", long_over), pinned=known) == "certificate_expired"
    yet_to_come = certificate("young", days=(1, 60))
    known = yet_to_come.public_bytes(PEM)
    assert refused(sign("young", yet_to_come), pinned=known) == "certificate_expired"

    def postdate(signed: cms.SignedData) -> None:
        for one in signed["signer_infos"][0]["signed_attrs"]:
            if one["type"].native == "signing_time":
                later = cms.Time({"utc_time": core.UTCTime(NOW + timedelta(days=2))})
                one["values"] = [later]

    # The signature no longer fits either; both are refusals.
    assert refused(altered(postdate)) == "wrong_signature"
    long_ago = datetime.now(UTC) - timedelta(days=1)
    assert refused(sign("sian"), at=long_ago) in {"signed_in_future", "certificate_expired"}


def test_a_certificate_that_is_not_for_signing_is_refused() -> None:
    other = certificate("cipher", signs=False)
    answer = refused(sign("cipher", other), pinned=other.public_bytes(PEM))
    assert answer == "not_for_signing"


def test_an_rsa_signature_does_not_pass_for_another_kind() -> None:
    def rename(signed: cms.SignedData) -> None:
        signed["signer_infos"][0]["signature_algorithm"] = {"algorithm": "sha256_ecdsa"}

    assert refused(altered(rename)) == "weak_key"


def test_a_certificate_survives_the_way_through_pem() -> None:
    der = certificate("sian").public_bytes(DER)
    assert read_certificate(as_pem(der).encode()) == read_certificate(der)
    for nonsense in (b"", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", b"\0"):
        with pytest.raises(SignatureRefused):
            read_certificate(nonsense)


@given(st.binary(max_size=400))
def test_nonsense_is_refused_and_never_raises_anything_else(nonsense: bytes) -> None:
    refused(nonsense)


@given(st.data())
def test_no_changed_bit_of_what_is_signed_nor_of_the_signature_is_taken(
    data: st.DataObject,
) -> None:
    whole = sign("sian")
    signer = cms.ContentInfo.load(whole)["content"]["signer_infos"][0]
    part = data.draw(st.sampled_from(("signed_attrs", "signature")))
    place = whole.rindex(signer[part].dump())
    at = place + data.draw(st.integers(0, len(signer[part].dump()) - 1))
    bit = 1 << data.draw(st.integers(0, 7))
    refused(whole[:at] + bytes([whole[at] ^ bit]) + whole[at + 1 :])


def test_trailing_bytes_are_refused() -> None:
    assert refused(sign("sian") + b"\0") == "not_cms"
