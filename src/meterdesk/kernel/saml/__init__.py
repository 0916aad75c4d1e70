"""SAML 2.0 Web Browser SSO as plain Python: what is read, checked and written (SSI-NFR-8 to 19).

`check_response` is the whole of a log-in's proof: bytes of strangers in, an Assertion out, or a
SamlRefused with a stable reason. It reads values from nothing but the canonical form of what a
pinned certificate signed. It does no input or output and is given its clock; who answered which
request, and whether an assertion was seen before, its caller knows.
"""

from meterdesk.kernel.saml.assertions import Assertion, Expectations
from meterdesk.kernel.saml.certificates import Certificate, read_certificate
from meterdesk.kernel.saml.documents import decode_message
from meterdesk.kernel.saml.metadata import (
    ProviderMetadata,
    read_provider_metadata,
    service_metadata,
)
from meterdesk.kernel.saml.refusals import REASONS, Reason, SamlRefused
from meterdesk.kernel.saml.requests import AuthnRequest, authn_request, fresh_id
from meterdesk.kernel.saml.responses import answered_request, check_response
from meterdesk.kernel.saml.signatures import STRICT, SignaturePolicy

__all__ = [
    "REASONS",
    "STRICT",
    "Assertion",
    "AuthnRequest",
    "Certificate",
    "Expectations",
    "ProviderMetadata",
    "Reason",
    "SamlRefused",
    "SignaturePolicy",
    "answered_request",
    "authn_request",
    "check_response",
    "decode_message",
    "fresh_id",
    "read_certificate",
    "read_provider_metadata",
    "service_metadata",
]
