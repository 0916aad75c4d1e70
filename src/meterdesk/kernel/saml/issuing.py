"""What we send as an identity provider: metadata, signed assertions, refusals (SSI-NFR-3, 9, 19).

The assertion is signed, RSA with SHA-256; the response around it is not, and nothing is encrypted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from lxml import etree
from signxml.algorithms import CanonicalizationMethod
from signxml.signer import XMLSigner

from meterdesk.kernel.saml.certificates import Certificate
from meterdesk.kernel.saml.documents import (
    ASSERTION,
    METADATA,
    PERSISTENT,
    POST_BINDING,
    PROTOCOL,
    SIGNATURE,
    write_instant,
)
from meterdesk.kernel.saml.requests import fresh_id

REDIRECT_BINDING: Final = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
BASIC_NAMES: Final = "urn:oasis:names:tc:SAML:2.0:attrname-format:basic"
BEARER: Final = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
VALID_FOR: Final = timedelta(minutes=3)
VALID_BEFORE: Final = timedelta(seconds=30)
"""Clocks differ a little: an assertion is valid from shortly before it is made."""


class Status(StrEnum):
    """Status codes of an answer; the second one says why the first is not success."""

    SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
    REQUESTER = "urn:oasis:names:tc:SAML:2.0:status:Requester"
    RESPONDER = "urn:oasis:names:tc:SAML:2.0:status:Responder"
    NO_PASSIVE = "urn:oasis:names:tc:SAML:2.0:status:NoPassive"
    NO_CONTEXT = "urn:oasis:names:tc:SAML:2.0:status:NoAuthnContext"
    NAME_POLICY = "urn:oasis:names:tc:SAML:2.0:status:InvalidNameIDPolicy"
    DENIED = "urn:oasis:names:tc:SAML:2.0:status:RequestDenied"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """Our key and the certificate that belongs to it, as PEM."""

    key: str
    certificate: str


@dataclass(frozen=True, slots=True)
class Vouching:
    """Whom we vouch for, to whom, and until when.

    Attributes:
        issuer: our entity id.
        audience: the service provider's entity id.
        acs_url: its registered address the answer goes to.
        in_response_to: the ID of its request.
        name_id: the person's persistent name at this service provider.
        authenticated_at: when the person logged in here.
        session_ends_at: when that log-in ends at the latest.
        context: how the person logged in.
        attributes: names to values; each value becomes one AttributeValue.
    """

    issuer: str
    audience: str
    acs_url: str
    in_response_to: str
    name_id: str
    authenticated_at: datetime
    session_ends_at: datetime
    context: str
    attributes: Mapping[str, str]


def signed_response(vouching: Vouching, signing: SigningKey, *, at: datetime) -> bytes:
    """A response whose one assertion is signed."""
    response = _response(
        vouching.issuer, vouching.acs_url, vouching.in_response_to, (Status.SUCCESS,), at
    )
    response.append(_signed(_assertion(vouching, at), signing))
    return etree.tostring(response)


def refusal_response(
    issuer: str, acs_url: str, in_response_to: str, codes: Sequence[Status], *, at: datetime
) -> bytes:
    """A response that says no, unsigned and without an assertion."""
    return etree.tostring(_response(issuer, acs_url, in_response_to, codes, at))


def _response(
    issuer: str, acs_url: str, in_response_to: str, codes: Sequence[Status], at: datetime
) -> etree._Element:
    root = etree.Element(
        f"{{{PROTOCOL}}}Response",
        {
            "ID": fresh_id(),
            "Version": "2.0",
            "IssueInstant": write_instant(at),
            "Destination": acs_url,
            "InResponseTo": in_response_to,
        },
        nsmap={"samlp": PROTOCOL, "saml": ASSERTION},
    )
    etree.SubElement(root, f"{{{ASSERTION}}}Issuer").text = issuer
    inner = etree.SubElement(root, f"{{{PROTOCOL}}}Status")
    for code in codes:
        inner = etree.SubElement(inner, f"{{{PROTOCOL}}}StatusCode", {"Value": code.value})
    return root


def _assertion(vouching: Vouching, at: datetime) -> etree._Element:
    until = write_instant(min(at + VALID_FOR, vouching.session_ends_at))
    root = etree.Element(
        f"{{{ASSERTION}}}Assertion",
        {"ID": fresh_id(), "Version": "2.0", "IssueInstant": write_instant(at)},
        nsmap={"saml": ASSERTION},
    )
    etree.SubElement(root, f"{{{ASSERTION}}}Issuer").text = vouching.issuer
    root.append(_subject(vouching, until))
    conditions = etree.SubElement(
        root,
        f"{{{ASSERTION}}}Conditions",
        {"NotBefore": write_instant(at - VALID_BEFORE), "NotOnOrAfter": until},
    )
    audience = etree.SubElement(conditions, f"{{{ASSERTION}}}AudienceRestriction")
    etree.SubElement(audience, f"{{{ASSERTION}}}Audience").text = vouching.audience
    root.append(_statement(vouching))
    if vouching.attributes:
        root.append(_attributes(vouching.attributes))
    return root


def _subject(vouching: Vouching, until: str) -> etree._Element:
    subject = etree.Element(f"{{{ASSERTION}}}Subject")
    etree.SubElement(
        subject,
        f"{{{ASSERTION}}}NameID",
        {
            "Format": PERSISTENT,
            "NameQualifier": vouching.issuer,
            "SPNameQualifier": vouching.audience,
        },
    ).text = vouching.name_id
    confirmation = etree.SubElement(
        subject, f"{{{ASSERTION}}}SubjectConfirmation", {"Method": BEARER}
    )
    etree.SubElement(
        confirmation,
        f"{{{ASSERTION}}}SubjectConfirmationData",
        {
            "InResponseTo": vouching.in_response_to,
            "NotOnOrAfter": until,
            "Recipient": vouching.acs_url,
        },
    )
    return subject


def _statement(vouching: Vouching) -> etree._Element:
    statement = etree.Element(
        f"{{{ASSERTION}}}AuthnStatement",
        {
            "AuthnInstant": write_instant(vouching.authenticated_at),
            "SessionIndex": fresh_id(),
            "SessionNotOnOrAfter": write_instant(vouching.session_ends_at),
        },
    )
    context = etree.SubElement(statement, f"{{{ASSERTION}}}AuthnContext")
    etree.SubElement(context, f"{{{ASSERTION}}}AuthnContextClassRef").text = vouching.context
    return statement


def _attributes(attributes: Mapping[str, str]) -> etree._Element:
    statement = etree.Element(f"{{{ASSERTION}}}AttributeStatement")
    for name, value in attributes.items():
        attribute = etree.SubElement(
            statement, f"{{{ASSERTION}}}Attribute", {"Name": name, "NameFormat": BASIC_NAMES}
        )
        etree.SubElement(attribute, f"{{{ASSERTION}}}AttributeValue").text = value
    return statement


def _signed(assertion: etree._Element, signing: SigningKey) -> etree._Element:
    # signxml puts the signature where this placeholder stands: right after the issuer.
    placeholder = etree.Element(f"{{{SIGNATURE}}}Signature", {"Id": "placeholder"})
    assertion.insert(1, placeholder)
    signer = XMLSigner(c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0)
    return signer.sign(
        assertion,
        key=signing.key.encode(),
        cert=signing.certificate,
        reference_uri=f"#{assertion.get('ID')}",
    )


def identity_provider_metadata(
    entity_id: str, sso_url: str, certificates: Sequence[Certificate]
) -> bytes:
    """Our metadata as an identity provider.

    Args:
        certificates: the one that signs now, and the next one before it is used.
    """
    root = etree.Element(
        f"{{{METADATA}}}EntityDescriptor",
        {"entityID": entity_id},
        nsmap={"md": METADATA, "ds": SIGNATURE},
    )
    role = etree.SubElement(
        root,
        f"{{{METADATA}}}IDPSSODescriptor",
        {"WantAuthnRequestsSigned": "false", "protocolSupportEnumeration": PROTOCOL},
    )
    for one in certificates:
        key = etree.SubElement(role, f"{{{METADATA}}}KeyDescriptor", {"use": "signing"})
        info = etree.SubElement(key, f"{{{SIGNATURE}}}KeyInfo")
        data = etree.SubElement(info, f"{{{SIGNATURE}}}X509Data")
        lines = one.pem.strip().splitlines()[1:-1]
        etree.SubElement(data, f"{{{SIGNATURE}}}X509Certificate").text = "".join(lines)
    etree.SubElement(role, f"{{{METADATA}}}NameIDFormat").text = PERSISTENT
    for binding in (REDIRECT_BINDING, POST_BINDING):
        etree.SubElement(
            role,
            f"{{{METADATA}}}SingleSignOnService",
            {"Binding": binding, "Location": sso_url},
        )
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")
