"""The AuthnRequest that is sent, unsigned, by HTTP POST (SSI-NFR-8, 16, 18)."""

import base64
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from meterdesk.kernel.saml.documents import (
    ASSERTION,
    PERSISTENT,
    POST_BINDING,
    PROTOCOL,
    write_instant,
)


@dataclass(frozen=True, slots=True)
class AuthnRequest:
    """A request ready to be posted: `field` is the form field SAMLRequest."""

    id: str
    destination: str
    xml: bytes

    @property
    def field(self) -> str:
        """The value of the form field SAMLRequest."""
        return base64.b64encode(self.xml).decode()


def fresh_id() -> str:
    """An ID that nobody can guess: 160 random bits after an underscore."""
    return f"_{secrets.token_hex(20)}"


def authn_request(
    *,
    request_id: str,
    destination: str,
    issuer: str,
    acs_url: str,
    contexts: Iterable[str],
    issued_at: datetime,
    force: bool = False,
) -> AuthnRequest:
    """An AuthnRequest for a persistent name and one of the agreed contexts.

    Args:
        destination: the provider's single sign-on address.
        issuer: our entity id.
        force: whether the person must log in there anew, as a test of an enrolment wants.
    """
    root = etree.Element(
        f"{{{PROTOCOL}}}AuthnRequest",
        {
            "ID": request_id,
            "Version": "2.0",
            "IssueInstant": write_instant(issued_at),
            "Destination": destination,
            "AssertionConsumerServiceURL": acs_url,
            "ProtocolBinding": POST_BINDING,
            **({"ForceAuthn": "true"} if force else {}),
        },
        nsmap={"samlp": PROTOCOL, "saml": ASSERTION},
    )
    etree.SubElement(root, f"{{{ASSERTION}}}Issuer").text = issuer
    etree.SubElement(
        root, f"{{{PROTOCOL}}}NameIDPolicy", {"Format": PERSISTENT, "AllowCreate": "true"}
    )
    asked = etree.SubElement(root, f"{{{PROTOCOL}}}RequestedAuthnContext", {"Comparison": "exact"})
    for context in contexts:
        etree.SubElement(asked, f"{{{ASSERTION}}}AuthnContextClassRef").text = context
    return AuthnRequest(request_id, destination, etree.tostring(root))
