"""Files that people hand in: kept outside the web root under random names, served as downloads.

What a file is, is told by its content, never by its name. Who may have it is asked of the row that
points at it, by its app.
"""

import hashlib
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import BinaryIO, Final
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from meterdesk.kernel.errors import Refused
from meterdesk.platform.files.scanning import refuse_infected
from meterdesk.platform.models import StoredFile

__all__ = ["LARGEST_BYTES", "Download", "TooLarge", "Upload", "keep", "read"]

LARGEST_BYTES: Final = 10 * 1024 * 1024
_LONGEST_NAME: Final = 120


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that somebody handed in: its name as the sender called it, and its bytes to read."""

    name: str
    content: BinaryIO


@dataclass(frozen=True, slots=True)
class Download:
    """A file to be sent: its name, type and bytes."""

    name: str
    content_type: str
    content: bytes


class TooLarge(Refused):
    """The file is larger than is accepted (413)."""

    default_code = "too_large"
    default_status = 413
    default_message = "The file is larger than 10 MB. Send a smaller one."


def keep(name: str, content: BinaryIO, *, at: datetime) -> StoredFile:
    """Keep a file of at most 10 MB and of an accepted type; call in the owner's transaction.

    It is scanned for malware first where METERDESK_CLAMD is set.

    Args:
        name: as the sender called it; kept for the download, without folders or control characters.
        content: read once, from where it stands.
        at: aware instant.

    Raises:
        TooLarge: more than 10 MB.
        Refused: empty, of a type that is not accepted, or infected.
        Unavailable: the scanner does not answer.
    """
    data = content.read(LARGEST_BYTES + 1)
    if len(data) > LARGEST_BYTES:
        raise TooLarge(fields={"file": TooLarge.default_message})
    if not data:
        raise Refused("The file is empty.", code="empty_file", fields={"file": "It is empty."})
    content_type = _type_of(data)
    if content_type is None:
        message = "Send a PDF, a PNG or JPEG picture, plain text, CSV, XML, JSON, XLSX or DOCX."
        raise Refused(message, code="file_type", fields={"file": message})
    safe_name = _safe_name(name)
    refuse_infected(safe_name, [data])
    stored_as = default_storage.save(uuid4().hex, ContentFile(data))
    return StoredFile.objects.create(
        name=safe_name,
        stored_as=stored_as,
        content_type=content_type,
        size_bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        stored_at=at,
    )


def read(file: StoredFile) -> bytes:
    """The bytes of a kept file."""
    with default_storage.open(file.stored_as, "rb") as opened:
        return bytes(opened.read())


def _safe_name(name: str) -> str:
    last = re.split(r"[/\\]", name)[-1]
    printable = "".join(character for character in last if character.isprintable()).strip(". ")
    return printable[-_LONGEST_NAME:] or "file"


_SIGNATURES: Final = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
)
_ENTRY: Final = b"PK\x01\x02"
_MOST_ENTRIES: Final = 10_000
_OFFICE: Final = {
    "xl/workbook.xml": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "word/document.xml": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


def _type_of(data: bytes) -> str | None:
    for signature, content_type in _SIGNATURES:
        if data.startswith(signature):
            return content_type
    readers: tuple[Callable[[bytes], str | None], ...] = (_office_type, _text_type)
    return next((found for reader in readers if (found := reader(data))), None)


def _office_type(data: bytes) -> str | None:
    # A directory of very many entries would take the memory of many.
    if not data.startswith(b"PK\x03\x04") or data.count(_ENTRY) > _MOST_ENTRIES:
        return None
    try:
        names = set(zipfile.ZipFile(BytesIO(data)).namelist())
    except (zipfile.BadZipFile, OSError, ValueError):
        return None
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        return None
    return next((kind for part, kind in _OFFICE.items() if part in names), None)


def _text_type(data: bytes) -> str | None:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    printable = not any(ord(c) < 32 and c not in "\t\r\n\f" for c in text)
    return "text/plain" if printable else None
