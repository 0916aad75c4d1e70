"""Metadata: an identity provider's, read at enrolment; ours as a service provider, given out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from lxml import etree

from meterdesk.kernel.saml.certificates import Certificate, read_certificate
from meterdesk.kernel.saml.documents import (
    METADATA,
    PERSISTENT,
    POST_BINDING,
    PROTOCOL,
    SIGNATURE,
    children,
    instant,
    parse,
    text_of,
)
from meterdesk.kernel.saml.refusals import SamlRefused


@dataclass(frozen=True, slots=True)
class ProviderMetadata:
    """What an identity provider says of itself.

    Nothing of it is proved by its own signature: the operator compares fingerprints (SSI-NFR-15).

    Attributes:
        sso_url: where AuthnRequests are posted.
        certificates: those that may sign, in the order given, each once.
        valid_until: when the metadata says it is out of date, if it does.
        wants_signed_requests: it asks for signed AuthnRequests, which are not agreed (SSI-NFR-18).
        contacts: names and addresses of its keepers, one line each.
    """

    entity_id: str
    sso_url: str
    certificates: tuple[Certificate, ...]
    name_id_formats: tuple[str, ...]
    valid_until: datetime | None
    wants_signed_requests: bool
    organisation: str
    contacts: tuple[str, ...]

    def problems(self, now: datetime, *, plain_http: bool = False) -> list[str]:
        """What speaks against activating it, in sentences; none when it can be used as it is.

        Args:
            plain_http: let addresses without TLS pass (development alone).
        """
        found: list[str] = []
        parts = urlsplit(self.sso_url)
        if parts.scheme != "https" and not (plain_http and parts.scheme == "http"):
            found.append("Its log-in address is not an https address.")
        if self.valid_until is not None and self.valid_until <= now:
            found.append("This metadata is no longer valid.")
        if self.wants_signed_requests:
            found.append("It asks for signed requests, which Meterdesk does not send.")
        if self.name_id_formats and PERSISTENT not in self.name_id_formats:
            found.append("It does not offer persistent names for people.")
        if len(self.certificates) > 2:
            found.append("It has more than two signing certificates.")
        return found + [problem for one in self.certificates for problem in one.problems(now)]


def read_provider_metadata(document: bytes, entity_id: str = "") -> ProviderMetadata:
    """Read the metadata of one identity provider.

    Args:
        entity_id: which one is meant, where the document describes several.

    Raises SamlRefused.
    """
    root = parse(document, asides=True)
    entities = [one for one in root.iter(f"{{{METADATA}}}EntityDescriptor") if _roles(one)]
    if entity_id:
        entities = [one for one in entities if one.get("entityID") == entity_id]
    if len(entities) != 1 or len(_roles(entities[0])) != 1:
        raise SamlRefused("not_metadata", f"{len(entities)} identity providers")
    entity, role = entities[0], _roles(entities[0])[0]
    name = str(entity.get("entityID", "")).strip()
    if not name or len(name) > 1024:
        raise SamlRefused("not_metadata", "no entityID")
    ends = [instant(one, "validUntil") for one in (root, entity, role)]
    return ProviderMetadata(
        entity_id=name,
        sso_url=_sso_url(role),
        certificates=_certificates(role),
        name_id_formats=tuple(text_of(one) for one in children(role, METADATA, "NameIDFormat")),
        valid_until=min((end for end in ends if end is not None), default=None),
        wants_signed_requests=role.get("WantAuthnRequestsSigned") in {"true", "1"},
        organisation=_organisation(entity),
        contacts=tuple(_contact(one) for one in children(entity, METADATA, "ContactPerson")),
    )


def _roles(entity: etree._Element) -> list[etree._Element]:
    return [
        role
        for role in children(entity, METADATA, "IDPSSODescriptor")
        if PROTOCOL in str(role.get("protocolSupportEnumeration", "")).split()
    ]


def _sso_url(role: etree._Element) -> str:
    for service in children(role, METADATA, "SingleSignOnService"):
        address = str(service.get("Location", "")).strip()
        parts = urlsplit(address)
        if service.get("Binding") == POST_BINDING and parts.scheme in {"https", "http"}:
            return address
    raise SamlRefused("no_post_address")


def _certificates(role: etree._Element) -> tuple[Certificate, ...]:
    found: dict[str, Certificate] = {}
    for key in children(role, METADATA, "KeyDescriptor"):
        if key.get("use") in {None, "signing"}:
            for element in key.iter(f"{{{SIGNATURE}}}X509Certificate"):
                one = read_certificate(text_of(element))
                found.setdefault(one.fingerprint, one)
    if not found:
        raise SamlRefused("no_certificate")
    return tuple(found.values())


def _organisation(entity: etree._Element) -> str:
    for organisation in children(entity, METADATA, "Organization"):
        for name in ("OrganizationDisplayName", "OrganizationName"):
            for element in children(organisation, METADATA, name):
                return text_of(element)[:200]
    return ""


def _contact(person: etree._Element) -> str:
    said = [text_of(one).removeprefix("mailto:") for one in person]
    return " ".join(part for part in said if part)[:300]


def service_metadata(entity_id: str, acs_url: str, contacts: Sequence[str] = ()) -> bytes:
    """Our metadata as a service provider (SSI-NFR-17, 18).

    Requests unsigned, assertions signed, persistent names, HTTP POST.
    """
    root = etree.Element(
        f"{{{METADATA}}}EntityDescriptor", {"entityID": entity_id}, nsmap={"md": METADATA}
    )
    role = etree.SubElement(
        root,
        f"{{{METADATA}}}SPSSODescriptor",
        {
            "AuthnRequestsSigned": "false",
            "WantAssertionsSigned": "true",
            "protocolSupportEnumeration": PROTOCOL,
        },
    )
    etree.SubElement(role, f"{{{METADATA}}}NameIDFormat").text = PERSISTENT
    etree.SubElement(
        role,
        f"{{{METADATA}}}AssertionConsumerService",
        {"Binding": POST_BINDING, "Location": acs_url, "index": "0", "isDefault": "true"},
    )
    for address in contacts:
        person = etree.SubElement(
            root, f"{{{METADATA}}}ContactPerson", {"contactType": "technical"}
        )
        etree.SubElement(person, f"{{{METADATA}}}EmailAddress").text = f"mailto:{address}"
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")
