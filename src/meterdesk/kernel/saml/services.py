"""What service providers send us as an identity provider: AuthnRequests and their metadata.

A request is not signed, or its signature counts for nothing: the answer goes to an address that
was registered before, and nowhere else.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from lxml import etree

from meterdesk.kernel.saml.documents import (
    ASSERTION,
    LARGEST,
    METADATA,
    PERSISTENT,
    POST_BINDING,
    PROTOCOL,
    children,
    decode_message,
    instant,
    parse,
    text_of,
)
from meterdesk.kernel.saml.refusals import SamlRefused

UNSPECIFIED = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
_LONGEST_ID, _LONGEST_NAME = 256, 1024


@dataclass(frozen=True, slots=True)
class ReceivedRequest:
    """An AuthnRequest of a service provider.

    Attributes:
        issuer: the entity id it gives itself; proved by nothing.
        acs_url: where it wants the answer; empty for its registered default.
        forces: the person is to log in anew.
        is_passive: nothing may be asked of the person.
        contexts: authentication contexts it asks for, in its order; none for any.
        comparison: exact, minimum, better or maximum.
    """

    id: str
    issuer: str
    destination: str
    acs_url: str
    issued_at: datetime
    forces: bool
    is_passive: bool
    name_id_format: str
    contexts: tuple[str, ...]
    comparison: str

    @property
    def accepts_persistent_names(self) -> bool:
        """Whether a persistent name suits it."""
        return self.name_id_format in {"", PERSISTENT, UNSPECIFIED}


def inflate_message(field: str) -> bytes:
    """The XML of a query parameter of the HTTP Redirect binding. Raises SamlRefused."""
    packed = decode_message(field)
    unpack = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        document = unpack.decompress(packed, LARGEST + 1)
    except zlib.error as error:
        raise SamlRefused("not_base64", str(error)) from None
    if len(document) > LARGEST or unpack.unconsumed_tail:
        raise SamlRefused("too_large", "more after unpacking")
    if not unpack.eof:
        raise SamlRefused("not_base64", "incomplete")
    return document


def read_authn_request(document: bytes) -> ReceivedRequest:
    """Read an AuthnRequest of a stranger. Raises SamlRefused."""
    root = parse(document)
    name = etree.QName(root)
    if name.namespace == PROTOCOL and name.localname in {"LogoutRequest", "LogoutResponse"}:
        raise SamlRefused("logout")
    if root.tag != f"{{{PROTOCOL}}}AuthnRequest":
        raise SamlRefused("not_a_request", name.localname[:60])
    if root.get("Version") != "2.0":
        raise SamlRefused("version", str(root.get("Version"))[:20])
    identifier, issued_at = str(root.get("ID", "")), instant(root, "IssueInstant")
    if not _is_ncname(identifier):
        raise SamlRefused("id_missing")
    if issued_at is None:
        raise SamlRefused("time", "no IssueInstant")
    issuer = text_of(next(iter(children(root, ASSERTION, "Issuer")), None))
    if not issuer or len(issuer) > _LONGEST_NAME:
        raise SamlRefused("request_issuer")
    if root.get("ProtocolBinding", POST_BINDING) != POST_BINDING:
        raise SamlRefused("request_binding", str(root.get("ProtocolBinding"))[:100])
    contexts, comparison = _contexts(root)
    policy = next(iter(children(root, PROTOCOL, "NameIDPolicy")), None)
    return ReceivedRequest(
        id=identifier,
        issuer=issuer,
        destination=str(root.get("Destination", "")),
        acs_url=str(root.get("AssertionConsumerServiceURL", "")),
        issued_at=issued_at,
        forces=_is_true(root, "ForceAuthn"),
        is_passive=_is_true(root, "IsPassive"),
        name_id_format="" if policy is None else str(policy.get("Format", "")),
        contexts=contexts,
        comparison=comparison,
    )


def _is_ncname(text: str) -> bool:
    start = text[:1]
    return (
        0 < len(text) <= _LONGEST_ID
        and (start.isalpha() or start == "_")
        and all(one.isalnum() or one in "_-." for one in text)
        and text.isascii()
    )


def _is_true(root: etree._Element, name: str) -> bool:
    return root.get(name) in {"true", "1"}


def _contexts(root: etree._Element) -> tuple[tuple[str, ...], str]:
    asked = next(iter(children(root, PROTOCOL, "RequestedAuthnContext")), None)
    if asked is None:
        return (), "exact"
    found = tuple(text_of(one) for one in children(asked, ASSERTION, "AuthnContextClassRef"))
    return found[:20], str(asked.get("Comparison", "exact"))


@dataclass(frozen=True, slots=True)
class ServiceMetadata:
    """What a service provider says of itself; the operator compares it with what was agreed."""

    entity_id: str
    acs_urls: tuple[str, ...]
    contacts: tuple[str, ...]


def read_service_metadata(document: bytes) -> ServiceMetadata:
    """Read the metadata of one service provider; its default address first. Raises SamlRefused."""
    root = parse(document, asides=True)
    found = [
        (entity, role)
        for entity in root.iter(f"{{{METADATA}}}EntityDescriptor")
        for role in children(entity, METADATA, "SPSSODescriptor")
    ]
    if len(found) != 1:
        raise SamlRefused("not_service_metadata", f"{len(found)} service providers")
    entity, role = found[0]
    name = str(entity.get("entityID", "")).strip()
    services = [
        one
        for one in children(role, METADATA, "AssertionConsumerService")
        if one.get("Binding") == POST_BINDING and is_address(str(one.get("Location", "")))
    ]
    if not name or len(name) > _LONGEST_NAME or not services:
        raise SamlRefused("not_service_metadata", "no entityID, or no address for HTTP POST")
    services.sort(key=lambda one: not _is_true(one, "isDefault"))
    mail = [
        text_of(one).removeprefix("mailto:") for one in entity.iter(f"{{{METADATA}}}EmailAddress")
    ]
    return ServiceMetadata(
        entity_id=name,
        acs_urls=tuple(dict.fromkeys(str(one.get("Location")) for one in services)),
        contacts=tuple(one[:200] for one in mail[:10]),
    )


def is_address(url: str) -> bool:
    """Whether an assertion could be posted there: http or https, a host, no account, no part."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    return (
        parts.scheme in {"https", "http"}
        and bool(parts.hostname)
        and parts.username is None
        and not parts.fragment
        and (port is None or port > 0)
        and len(url) <= _LONGEST_NAME
        and url.isascii()
        and not any(one.isspace() or one in "\\\"'<>;," for one in url)
    )


def context_for(request: ReceivedRequest, offered: Sequence[str]) -> str | None:
    """The context to answer with: the first asked for that is offered; None when none is.

    Args:
        offered: contexts that a log-in here satisfies, the usual one first.
    """
    if not request.contexts or request.comparison in {"minimum", "better"}:
        return offered[0]
    return next((one for one in request.contexts if one in offered), None)
