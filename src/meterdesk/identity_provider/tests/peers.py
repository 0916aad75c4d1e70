"""Two other makers' service providers: pysaml2 and python3-saml, set up from our own metadata."""

import shutil
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from onelogin.saml2.auth import OneLogin_Saml2_Auth
from onelogin.saml2.idp_metadata_parser import OneLogin_Saml2_IdPMetadataParser
from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT
from saml2.client import Saml2Client
from saml2.config import Config
from saml2.metadata import entity_descriptor

ENTITY = "https://orders.example/saml"
ACS = "https://orders.example/saml/acs"
XMLSEC = shutil.which("xmlsec1")
needs_xmlsec = pytest.mark.skipif(
    XMLSEC is None, reason="pysaml2 checks signatures with the program xmlsec1, which is missing"
)


def pysaml2(metadata: bytes) -> Saml2Client:
    """A service provider by pysaml2 that insists on signed assertions."""
    config = {
        "entityid": ENTITY,
        "xmlsec_binary": XMLSEC,
        "allow_unknown_attributes": True,
        "service": {
            "sp": {
                "endpoints": {"assertion_consumer_service": [(ACS, BINDING_HTTP_POST)]},
                "want_assertions_signed": True,
                "want_response_signed": False,
                "allow_unsolicited": False,
                "authn_requests_signed": False,
            }
        },
        "metadata": {"inline": [metadata.decode()]},
    }
    return Saml2Client(Config().load(config))


def metadata_of(client: Saml2Client) -> bytes:
    """That service provider's own metadata."""
    return str(entity_descriptor(client.config)).encode()


def request_of(client: Saml2Client, binding: str) -> tuple[str, dict[str, str]]:
    """The id of a fresh AuthnRequest and the fields that carry it."""
    entity = client.metadata.identity_providers()[0]
    url = client._sso_location(entity, binding)
    number, request = client.create_authn_request(url, binding=BINDING_HTTP_POST)
    sent = client.apply_binding(binding, str(request), url, relay_state="back here")
    if binding == BINDING_HTTP_REDIRECT:
        query = parse_qs(urlsplit(dict(sent["headers"])["Location"]).query)
        return number, {name: values[0] for name, values in query.items()}
    text = sent["data"]
    return number, {"SAMLRequest": text.split('name="SAMLRequest" value="')[1].split('"')[0]}


def python3_saml(metadata: bytes, post: dict[str, str] | None = None) -> OneLogin_Saml2_Auth:
    """A service provider by python3-saml, strict, for a request at its own address."""
    settings: dict[str, Any] = {
        "strict": True,
        "sp": {
            "entityId": ENTITY,
            "assertionConsumerService": {
                "url": ACS,
                "binding": "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST",
            },
            "NameIDFormat": "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
        },
        "security": {
            "wantAssertionsSigned": True,
            "rejectDeprecatedAlgorithm": True,
            "requestedAuthnContext": ["https://refeds.org/profile/mfa"],
            "failOnAuthnContextMismatch": True,
        },
        "idp": OneLogin_Saml2_IdPMetadataParser.parse(metadata)["idp"],
    }
    request = {
        "https": "on",
        "http_host": "orders.example",
        "script_name": "/saml/acs",
        "get_data": {},
        "post_data": post or {},
    }
    return OneLogin_Saml2_Auth(request, settings)
