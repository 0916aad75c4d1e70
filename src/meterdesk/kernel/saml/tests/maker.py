"""An identity provider for tests: keys, responses as they should be, and signatures over them.

answer = make_answer()                  # a Response whose assertion is signed
answer = make_answer(signed="response") # or the Response as a whole
make_answer(name_id="ann", change=lambda root: ...)   # changed before it is signed
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from lxml import etree
from signxml import CanonicalizationMethod, XMLSigner, methods

from meterdesk.kernel.saml import Certificate, Expectations, read_certificate
from meterdesk.kernel.saml.documents import (
    ASSERTION,
    PERSISTENT,
    PROTOCOL,
    SIGNATURE,
    write_instant,
)

NOW = datetime(2026, 5, 4, 9, 0, 0, tzinfo=UTC)
ISSUER = "https://idp.alder.example/metadata"
AUDIENCE = "https://meterdesk.example/saml/metadata/"
ACS = "https://meterdesk.example/saml/acs/"
REQUEST = "_request1"
CONTEXT = "https://refeds.org/profile/mfa"
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
ROLES = {"Roles": ["Call Centre User"], "OrgID": ["90-B3-D5-1F-30-11-00-01"]}

A, P = f"{{{ASSERTION}}}", f"{{{PROTOCOL}}}"
EXPECTED = Expectations(
    issuer=ISSUER,
    audience=AUDIENCE,
    acs_url=ACS,
    request_id=REQUEST,
    contexts=frozenset({CONTEXT}),
)


@cache
def key(name: str):
    """A private key: RSA of 2048 bits; EC for names with "ec"; RSA of 1024 for "weak"."""
    if "ec" in name:
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(65537, 1024 if name == "weak" else 2048)


@cache
def certificate(
    name: str = "provider", starts: datetime = NOW - timedelta(days=30), days: int = 365
) -> Certificate:
    """A self-signed certificate of that key."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{name}.example")])
    made = (
        x509.CertificateBuilder(subject, subject, key(name).public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(starts)
        .not_valid_after(starts + timedelta(days=days))
        .sign(key(name), hashes.SHA256())
    )
    return read_certificate(made.public_bytes(Encoding.PEM).decode())


def make_response(
    *,
    now: datetime = NOW,
    name_id: str = "ann-7f3a",
    issuer: str = ISSUER,
    audience: str = AUDIENCE,
    acs_url: str = ACS,
    request_id: str = REQUEST,
    context: str = CONTEXT,
    attributes: Mapping[str, list[str]] = ROLES,
    session_ends_at: datetime | None = None,
    authenticated_at: datetime | None = None,
    assertion_id: str = "_assertion1",
) -> etree._Element:
    """An unsigned Response as the agreed profile wants it."""
    nsmap = {"samlp": PROTOCOL, "saml": ASSERTION}
    stamp, soon = write_instant(now), write_instant(now + timedelta(minutes=5))
    root = etree.Element(
        f"{P}Response",
        {
            "ID": f"{assertion_id}-response",
            "Version": "2.0",
            "IssueInstant": stamp,
            "Destination": acs_url,
            "InResponseTo": request_id,
        },
        nsmap=nsmap,
    )
    etree.SubElement(root, f"{A}Issuer").text = issuer
    etree.SubElement(etree.SubElement(root, f"{P}Status"), f"{P}StatusCode", Value=SUCCESS)
    assertion = etree.SubElement(
        root, f"{A}Assertion", ID=assertion_id, Version="2.0", IssueInstant=stamp
    )
    etree.SubElement(assertion, f"{A}Issuer").text = issuer
    bounds = {"NotBefore": write_instant(now - timedelta(minutes=1)), "NotOnOrAfter": soon}
    data = {"InResponseTo": request_id, "NotOnOrAfter": soon, "Recipient": acs_url}
    login = {"AuthnInstant": write_instant(authenticated_at or now), "SessionIndex": "_s1"}
    if session_ends_at:
        login["SessionNotOnOrAfter"] = write_instant(session_ends_at)
    _subject(assertion, name_id, data)
    restriction = etree.SubElement(
        etree.SubElement(assertion, f"{A}Conditions", bounds), f"{A}AudienceRestriction"
    )
    etree.SubElement(restriction, f"{A}Audience").text = audience
    way = etree.SubElement(
        etree.SubElement(assertion, f"{A}AuthnStatement", login), f"{A}AuthnContext"
    )
    etree.SubElement(way, f"{A}AuthnContextClassRef").text = context
    _attributes(assertion, attributes)
    return root


def _subject(assertion: etree._Element, name_id: str, data: Mapping[str, str]) -> None:
    subject = etree.SubElement(assertion, f"{A}Subject")
    etree.SubElement(subject, f"{A}NameID", Format=PERSISTENT).text = name_id
    confirmation = etree.SubElement(subject, f"{A}SubjectConfirmation", Method=BEARER)
    etree.SubElement(confirmation, f"{A}SubjectConfirmationData", dict(data))


def _attributes(assertion: etree._Element, given: Mapping[str, list[str]]) -> None:
    statement = etree.SubElement(assertion, f"{A}AttributeStatement")
    for name, values in given.items():
        attribute = etree.SubElement(statement, f"{A}Attribute", Name=name)
        for value in values:
            etree.SubElement(attribute, f"{A}AttributeValue").text = value


def sign(
    element: etree._Element,
    by: str = "provider",
    method: str = "",
    digest: str = "sha256",
    reference: str | None = None,
) -> etree._Element:
    """Sign an element in place, with the signature after its Issuer; returns it signed."""
    holder = etree.fromstring(etree.tostring(element, with_tail=False))
    place = etree.Element(f"{{{SIGNATURE}}}Signature", {"Id": "placeholder"}, {"ds": SIGNATURE})
    holder.insert(1, place)
    signer = XMLSigner(
        method=methods.enveloped,
        signature_algorithm=method or ("ecdsa-sha256" if "ec" in by else "rsa-sha256"),
        digest_algorithm=digest,
        c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
    )
    signed = signer.sign(
        holder,
        key=key(by),
        cert=[certificate(by).x509],
        reference_uri=reference if reference is not None else f"#{element.get('ID')}",
    )
    parent = element.getparent()
    if parent is not None:
        parent.replace(element, signed)
    return signed


def make_answer(
    *,
    signed: str = "assertion",
    by: str = "provider",
    change: Callable[[etree._Element], object] = lambda root: None,
    after: Callable[[etree._Element], object] = lambda root: None,
    **given: object,
) -> bytes:
    """A signed answer; `change` is done to it before, `after` when it is signed."""
    root = make_response(**given)
    change(root)
    assertion = root.find(f"{A}Assertion")
    if signed in {"assertion", "both"} and assertion is not None:
        sign(assertion, by)
    if signed in {"response", "both"}:
        root = sign(root, by)
    after(root)
    return etree.tostring(root)
