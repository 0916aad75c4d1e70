"""DUIS Service Request XML: read safely, checked, and reduced to a message of the trail."""

import re
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from lxml import etree

from meterdesk.kernel.errors import Refused
from meterdesk.kernel.identifiers import eui_to_int, parse_request_id
from meterdesk.platform.intake import Unreadable
from meterdesk.trail.actions import DuisDocument
from meterdesk.trail.rules import (
    EARLIEST,
    Answer,
    Message,
    MessageKind,
    MessageRegion,
    Mode,
    Status,
    request_fingerprint,
)
from meterdesk.trail.rules.variants import VARIANTS

MAX_BYTES: Final = 20_000_000
"""A firmware image of 10,240,000 bytes in base64, with room to spare."""

LARGEST_TEXT: Final = 10_000_000
"""Bytes of a document from which on the parser must be told that it may be long."""

MAX_DEPTH: Final = 64
MAX_TAGS: Final = 400_000
_MESSAGE: Final = 300

SCHEMA_FILES: Final = ("DUIS_Schema_V5.4.xsd", "MMC_Schema_V5.4.xsd", "xmldsig-core-schema.xsd")
SR: Final = "{http://www.dccinterface.co.uk/ServiceUserGateway}"
SIGNATURE: Final = "{http://www.w3.org/2000/09/xmldsig#}Signature"
_DOCTYPE: Final = re.compile(rb"<!DOCTYPE.*?(?:\[.*?\]\s*)?>", re.DOTALL)
_PARSER: Final[Mapping[str, Any]] = {
    "no_network": True,
    "resolve_entities": False,
    "load_dtd": False,
    "dtd_validation": False,
    "encoding": "utf-8",
}
_USUAL: Final = etree.XMLParser(**_PARSER)
_LARGE: Final = etree.XMLParser(huge_tree=True, **_PARSER)
_IS_DEEP: Final = etree.XPath(f"boolean({'/*' * (MAX_DEPTH + 1)})")
_ENCODING: Final = re.compile(rb"""<\?xml\s[^>]*?\bencoding\s*=\s*["']([^"'>]*)""")
_NAMESPACE: Final = re.compile(r"\{http[^}]*\}")
_REQUEST_ID: Final = re.compile(rb"RequestID\s*>\s*([^<]{1,70}?)\s*<")

Schema = etree.XMLSchema


class _SchemaFiles(etree.Resolver):
    """Finds what a schema imports in the operator's folder and nowhere else."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def resolve(self, url: str, _public_id: str, context: Any) -> Any:  # type: ignore[override]
        """Blanks in the name stand for underscores: the files come under both."""
        name = url.rsplit("/", 1)[-1].replace("%20", "_").replace(" ", "_")
        return self.resolve_string(_schema_text(self.folder, name), context, base_url=url)


def _schema_text(folder: Path, name: str) -> bytes:
    if name not in SCHEMA_FILES:
        raise Unreadable(f"The DUIS schema asks for {name}, which is not one of its files.")
    try:
        return _DOCTYPE.sub(b"", (folder / name).read_bytes(), count=1)
    except OSError as error:
        raise Unreadable(
            f"METERDESK_DUIS_SCHEMAS must name a folder with {', '.join(SCHEMA_FILES)}; "
            f"{name} cannot be read there."
        ) from error


@cache
def load_schema(folder: Path) -> Schema:
    """The DUIS 5.4 schema from the operator's folder.

    Raises Unreadable when a file is missing or is not a schema.
    """
    for name in SCHEMA_FILES:
        _schema_text(folder, name)
    parser = etree.XMLParser(**_PARSER)
    parser.resolvers.add(_SchemaFiles(folder))
    try:
        return etree.XMLSchema(etree.fromstring(_schema_text(folder, SCHEMA_FILES[0]), parser))
    except etree.LxmlError as error:
        raise Unreadable(f"The DUIS schema files do not make a schema: {error}.") from error


def _root(content: bytes) -> Any:
    """The root of a document in which nothing is declared, expanded or fetched."""
    _check_text(content)
    try:
        root = etree.fromstring(content, _LARGE if len(content) > LARGEST_TEXT else _USUAL)
    except etree.XMLSyntaxError as error:
        if error.code == etree.ErrorTypes.ERR_RESOURCE_LIMIT:  # type: ignore[attr-defined]  # stubs
            raise _too_deep() from error
        what, _comma, _where = " ".join((error.msg or "").split()).partition(", line ")
        message = f"The document is not well-formed XML, line {error.lineno} of it: {what}."
        raise Refused(message[:_MESSAGE], code="not_xml") from error
    if _IS_DEEP(root):
        raise _too_deep()
    return root


def _too_deep() -> Refused:
    return Refused(f"The document is nested deeper than {MAX_DEPTH}.", code="too_complex")


def _check_text(content: bytes) -> None:
    """Refuse what no Service Request is, before a parser sees it.

    The text is UTF-8 whatever it says of itself, so that what is looked for here is what the
    parser reads. Entities and references to other files need a DOCTYPE.
    """
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("The document is not UTF-8 text.", code="not_utf8") from None
    said = _ENCODING.match(content)
    if said and said[1].lower() not in {b"utf-8", b"us-ascii"}:
        name = said[1][:40].decode("utf-8", "replace")
        raise Refused(f"The document says that it is {name}, not UTF-8.", code="not_utf8")
    if b"\x00" in content:
        raise Refused("The document contains a NUL character.", code="not_text")
    if b"<!DOCTYPE" in content:
        raise Refused(
            "The document has a DOCTYPE. Service Requests have none; it was not read further.",
            code="doctype",
        )
    if content.count(b"<") > MAX_TAGS:
        raise Refused(f"The document has more than {MAX_TAGS:,} tags.", code="too_complex")


def request_id_in(content: bytes) -> bytes:
    """The first request id in a document, however broken, or else the document: for reports."""
    found = _REQUEST_ID.search(content)
    return found[1] if found else content


def read_document(content: bytes, *, schema: Schema | None, filename: str) -> DuisDocument:
    """The Service Request in a DUIS document, its time of receipt still to be set.

    Args:
        content: the file.
        schema: None when the operator has not provided it: then the envelope alone is checked.
        filename: kept with the record.

    Raises:
        Refused: not XML, hostile, no Service Request, not signed, or not valid; with the reason.
    """
    root = _root(content)
    if root.tag != f"{SR}Request":
        raise Refused(_what_else(root.tag), code="not_a_request")
    if sum(child.tag == SIGNATURE for child in root) != 1:
        raise Refused("The Service Request does not carry one Signature.", code="not_signed")
    if schema is not None and not schema.validate(root):
        log: Any = schema.error_log
        first = log[0]
        raise Refused(
            f"The document is not valid by the DUIS schema, line {first.line} of it: "
            f"{_NAMESPACE.sub('', first.message)[:_MESSAGE]}",
            code="schema",
        )
    message, request_id = _message(root)
    canonical = etree.tostring(root, method="c14n", with_comments=False)
    digest = sha256(canonical).digest()
    return DuisDocument(message, request_id, digest, schema is not None, filename)


def _what_else(tag: str) -> str:
    """What a document is that is no Service Request, and what to do with it."""
    if tag == f"{SR}Response":
        return (
            "The document is a DUIS Response. Only Service Requests are taken in as documents; "
            "give responses as lines of NDJSON."
        )
    return f"The document is not a DUIS Service Request: it begins with {tag[:_MESSAGE]}."


def _message(root: Any) -> tuple[Message, str]:
    header, body = _envelope(root)
    request_id = parse_request_id(_text(header, "RequestID"))
    variant = VARIANTS.get(_text(header, "ServiceReferenceVariant"))
    reference, command = _text(header, "ServiceReference"), _text(header, "CommandVariant")
    if variant is None or variant.reference != reference:
        raise Refused(
            "The Service Reference and its variant are not a pair that DUIS 5.4 knows.",
            code="unknown_variant",
        )
    if not re.fullmatch("[1-9]", command):
        raise Refused("The Command Variant is not a number from 1 to 9.", code="bad_value")
    preceding = _text(header, "PrecedingServiceRequestID", required=False)
    party, device_id = eui_to_int(request_id.originator), eui_to_int(request_id.target)
    message = Message(
        kind=MessageKind.REQUEST,
        device_id=device_id,
        received_at=EARLIEST,
        fingerprint=request_fingerprint(party, device_id, request_id.counter),
        party=party,
        mode=_mode(int(command), body),
        region=MessageRegion.UNKNOWN,
        answer=Answer(Status.IN_PROGRESS),
        counter=request_id.counter,
        srv=variant.srv,
        command_variant=int(command),
        preceding=str(parse_request_id(preceding)) if preceding else "",
    )
    return message, str(request_id)


def _mode(command_variant: int, body: Any) -> Mode:
    """Mode of Operation as far as the request tells: a Device, a date, or the network alone."""
    if command_variant == 8:
        return Mode.DCC_ONLY
    if next(body.iter(f"{SR}ExecutionDateTime"), None) is not None:
        return Mode.FUTURE_DATE
    return Mode.ON_DEMAND


def _envelope(root: Any) -> tuple[Any, Any]:
    """Header and Body, each there once, the Body with one service inside."""
    headers, bodies = root.findall(f"{SR}Header"), root.findall(f"{SR}Body")
    if len(headers) != 1 or len(bodies) != 1:
        raise Refused("The Service Request lacks its Header or Body.", code="bad_envelope")
    services = list(bodies[0].iterchildren(tag=etree.Element))
    if len(services) != 1 or not root.get("schemaVersion"):
        raise Refused(
            "The Service Request must have a schemaVersion and one service in its Body.",
            code="bad_envelope",
        )
    return headers[0], bodies[0]


def _text(header: Any, name: str, *, required: bool = True) -> str:
    found = header.findall(f"{SR}{name}")
    text = (found[0].text or "").strip() if len(found) == 1 else ""
    if len(found) > 1 or (required and not text):
        raise Refused(f"The Header must have one {name}.", code="bad_envelope")
    return text
