"""XML of strangers: read without entities, document types, comments, or more than one meaning."""

import base64
import binascii
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from lxml import etree

from meterdesk.kernel.saml.refusals import SamlRefused

ASSERTION: Final = "urn:oasis:names:tc:SAML:2.0:assertion"
PROTOCOL: Final = "urn:oasis:names:tc:SAML:2.0:protocol"
METADATA: Final = "urn:oasis:names:tc:SAML:2.0:metadata"
SIGNATURE: Final = "http://www.w3.org/2000/09/xmldsig#"
ENCRYPTION: Final = "http://www.w3.org/2001/04/xmlenc#"
POST_BINDING: Final = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
PERSISTENT: Final = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"

LARGEST: Final = 256 * 1024
"""Bytes of XML; a log-in takes about eight thousand."""

_ID_NAMES = frozenset({"ID", "Id", "id", "{http://www.w3.org/XML/1998/namespace}id"})
_ENCODING = re.compile(rb"""\A<\?xml[^>]*?encoding\s*=\s*["']([^"']+)["']""")
_INSTANT = re.compile(
    r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(?:(Z)|([+-])(\d\d):(\d\d))\Z", re.ASCII
)


def decode_message(field: str) -> bytes:
    """The XML of a form field of the HTTP POST binding. Raises SamlRefused."""
    compact = "".join(field.split())
    if len(compact) > LARGEST * 4 // 3 + 4:
        raise SamlRefused("too_large", f"{len(compact)} characters of base64")
    try:
        return base64.b64decode(compact, validate=True)
    except (binascii.Error, ValueError) as error:
        raise SamlRefused("not_base64", str(error)) from None


def parse(document: bytes, *, asides: bool = False) -> etree._Element:
    """The root of a document that means one thing to every reader.

    UTF-8 alone, no document type, no entities but XML's five, nothing fetched; no comments and no
    processing instructions, or with `asides` as if they were not there. Raises SamlRefused.
    """
    if len(document) > LARGEST:
        raise SamlRefused("too_large", f"{len(document)} bytes")
    text = document.strip()
    encoding = _ENCODING.match(text)
    if encoding and encoding[1].lower() not in {b"utf-8", b"utf8", b"us-ascii", b"ascii"}:
        raise SamlRefused("not_xml", f"encoding {encoding[1][:40]!r}")
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        raise SamlRefused("not_xml", "not UTF-8") from None
    if b"<!DOCTYPE" in text.upper() or b"<!ENTITY" in text.upper():
        raise SamlRefused("document_type")
    try:
        root = etree.fromstring(text, _parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        raise SamlRefused("not_xml", str(error)) from None
    if asides:
        etree.strip_tags(root, etree.Comment, etree.ProcessingInstruction)
    else:
        _refuse_asides(root)
    return root


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, encoding="utf-8"
    )


def _refuse_asides(root: etree._Element) -> None:
    for node in (*root.itersiblings(preceding=True), *root.iter(), *root.itersiblings()):
        if not isinstance(node.tag, str):
            raise SamlRefused("comment")


def identifiers(root: etree._Element) -> Iterator[str]:
    """Every ID in the document, by whatever of the four spellings."""
    for element in root.iter():
        for name, value in element.attrib.items():
            if name in _ID_NAMES:
                yield str(value)


def refuse_repeated_identifiers(root: etree._Element) -> None:
    """Raise SamlRefused when two parts have the same ID: a reference must have one meaning."""
    seen: set[str] = set()
    for identifier in identifiers(root):
        if identifier in seen:
            raise SamlRefused("id_twice", identifier)
        seen.add(identifier)


def children(element: etree._Element, namespace: str, name: str) -> list[etree._Element]:
    """The children of that qualified name."""
    return [child for child in element if child.tag == f"{{{namespace}}}{name}"]


def text_of(element: etree._Element | None) -> str:
    """The whole text of an element without the blanks around it; nothing for none."""
    return "" if element is None else "".join(map(str, element.itertext())).strip()


def instant(element: etree._Element, name: str) -> datetime | None:
    """The UTC instant in an attribute, or None when it is absent. Raises SamlRefused."""
    given = element.get(name)
    return None if given is None else read_instant(str(given))


def read_instant(given: str) -> datetime:
    """An xs:dateTime with its zone, as UTC. Raises SamlRefused."""
    found = _INSTANT.match(given.strip())
    if found is None:
        raise SamlRefused("time", given[:60])
    seconds, fraction, zulu, sign, hours, minutes = found.groups()
    try:
        moment = datetime.fromisoformat(f"{seconds}.{(fraction or '0')[:6]:0<6}")
        if zulu:
            return moment.replace(tzinfo=UTC)
        offset = timedelta(hours=int(hours), minutes=int(minutes))
        zone = timezone(offset if sign == "+" else -offset)
        return moment.replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise SamlRefused("time", given[:60]) from None


def write_instant(moment: datetime) -> str:
    """A UTC instant as SAML writes it, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
