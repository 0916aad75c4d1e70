"""Metadata read at enrolment and given out; certificates; the request that is sent."""

import base64
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from meterdesk.kernel.saml import (
    SamlRefused,
    authn_request,
    fresh_id,
    read_certificate,
    read_provider_metadata,
    service_metadata,
)
from meterdesk.kernel.saml.tests.maker import ACS, AUDIENCE, CONTEXT, ISSUER, NOW, certificate

SSO = "https://idp.alder.example/sso"
PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"


def key_of(name: str, use: str = ' use="signing"') -> str:
    body = "".join(certificate(name).pem.strip().split("\n")[1:-1])
    return (
        f"<md:KeyDescriptor{use}><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{body}"
        "</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
    )


def metadata(
    keys: str = "",
    entity: str = ISSUER,
    binding: str = "POST",
    sso: str = SSO,
    more: str = "",
    role: str = "",
) -> bytes:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"
    xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="{entity}" {more}>
  <!-- exported by the provider -->
  <md:IDPSSODescriptor protocolSupportEnumeration="{PROTOCOL}" {role}>
    {keys or key_of("provider")}
    <md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:persistent</md:NameIDFormat>
    <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
        Location="{sso}/redirect"/>
    <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-{binding}"
        Location="{sso}"/>
  </md:IDPSSODescriptor>
  <md:ContactPerson contactType="technical"><md:GivenName>Ann</md:GivenName>
    <md:EmailAddress>mailto:ann@alder.example</md:EmailAddress></md:ContactPerson>
</md:EntityDescriptor>""".encode()


def reason(document: bytes, entity_id: str = "") -> str:
    with pytest.raises(SamlRefused) as refused:
        read_provider_metadata(document, entity_id)
    return refused.value.reason


@pytest.mark.req("SSI-NFR-15")
def test_what_a_provider_says_of_itself_is_read() -> None:
    keys = key_of("provider") + key_of("new", "") + key_of("third", ' use="encryption"')
    found = read_provider_metadata(metadata(keys + key_of("provider")))
    assert (found.entity_id, found.sso_url) == (ISSUER, SSO)
    assert [one.fingerprint for one in found.certificates] == [
        certificate("provider").fingerprint,
        certificate("new").fingerprint,
    ]
    assert found.contacts == ("Ann ann@alder.example",)
    assert found.problems(NOW) == []


@pytest.mark.req("SSI-NFR-15", "SSI-NFR-18")
def test_what_speaks_against_it_is_said() -> None:
    problems = read_provider_metadata(
        metadata(
            key_of("weak") + key_of("a") + key_of("b"),
            sso="http://idp.alder.example/sso",
            more='validUntil="2026-05-04T08:59:59Z"',
            role='WantAuthnRequestsSigned="true"',
        )
    ).problems(NOW)
    assert len(problems) == 5
    later = NOW + timedelta(days=400)
    assert "4 April 2027" in read_provider_metadata(metadata()).problems(later)[0]


@pytest.mark.req("SSI-NFR-15")
def test_what_is_no_metadata_of_one_provider_is_refused() -> None:
    assert reason(b"<a/>") == "not_metadata"
    assert reason(metadata(binding="Artifact")) == "no_post_address"
    assert reason(metadata(sso="javascript:alert(1)")) == "no_post_address"
    assert reason(metadata(key_of("a", ' use="encryption"'))) == "no_certificate"
    assert reason(metadata(key_of("a")[:200].replace("MII", "xx") + "</x>")) == "not_xml"
    assert reason(metadata(entity="")) == "not_metadata"
    assert reason(b"<!DOCTYPE a>" + metadata()[38:]) == "document_type"
    one = metadata()[38:].decode()
    two = one.replace(ISSUER, "https://second.example")
    several = f'<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">{one}{two}'
    both = f"{several}</md:EntitiesDescriptor>".encode()
    assert reason(both) == "not_metadata"
    assert read_provider_metadata(both, ISSUER).entity_id == ISSUER


@pytest.mark.req("SSI-NFR-9", "SSI-NFR-15")
def test_a_certificate_is_read_as_people_compare_it() -> None:
    found = read_certificate(certificate("provider-ec").pem)
    assert (found.key, found.is_strong) == ("EC secp256r1", True)
    assert found.subject == "CN=provider-ec.example"
    assert len(found.fingerprint.split(":")) == 32
    assert not certificate("weak").is_strong
    bare = "".join(found.pem.strip().split("\n")[1:-1])
    assert read_certificate(f" {bare} \n").fingerprint == found.fingerprint


@given(st.text(max_size=300))
def test_what_is_no_certificate_is_refused(text: str) -> None:
    with pytest.raises(SamlRefused):
        read_certificate(text)


@pytest.mark.req("SSI-NFR-15")
def test_a_certificate_of_a_thousand_beginnings_is_refused_by_its_length() -> None:
    with pytest.raises(SamlRefused, match="certificate"):
        read_certificate("-----BEGIN CERTIFICATE-----" * 40_000)


@pytest.mark.req("SSI-NFR-17", "SSI-NFR-18")
def test_our_metadata_names_us_and_where_answers_go() -> None:
    root = etree.fromstring(service_metadata(AUDIENCE, ACS, ["desk@meterdesk.example"]))
    role = root[0]
    assert root.get("entityID") == AUDIENCE
    assert role.get("AuthnRequestsSigned") == "false"
    assert role.get("WantAssertionsSigned") == "true"
    assert role[1].get("Location") == ACS
    assert role[1].get("Binding").endswith("HTTP-POST")


@pytest.mark.req("SSI-NFR-8", "SSI-NFR-16", "SSI-NFR-18")
def test_the_request_is_unsigned_and_asks_for_a_persistent_name() -> None:
    asked = authn_request(
        request_id=fresh_id(),
        destination=SSO,
        issuer=AUDIENCE,
        acs_url=ACS,
        contexts=[CONTEXT],
        issued_at=NOW,
        force=True,
    )
    root = etree.fromstring(base64.b64decode(asked.field))
    assert root.get("ID") == asked.id
    assert root.get("Destination") == SSO
    assert root.get("AssertionConsumerServiceURL") == ACS
    assert root.get("IssueInstant") == "2026-05-04T09:00:00Z"
    assert root.get("ForceAuthn") == "true"
    assert root[0].text == AUDIENCE
    assert root[1].get("Format").endswith("persistent")
    assert root[2][0].text == CONTEXT
    assert not root.findall(".//{http://www.w3.org/2000/09/xmldsig#}Signature")
    assert fresh_id() != fresh_id()
