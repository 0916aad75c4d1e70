"""What a run reads: files, and the entries of ZIP archives, which no reader tells apart.

An archive is never unpacked onto the disk: its entries are read where they are, so that their
names lead nowhere. Its bounds are checked by its directory before anything is unpacked, and an
entry gives no more bytes than the directory says. What is wrong with one entry refuses that entry;
what is wrong with the archive refuses the archive.
"""

import os
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path, PurePosixPath
from typing import IO, Final, Literal

from meterdesk.platform.intake.kinds import Refusal, Unreadable

MOST_ENTRIES: Final = 50_000
LARGEST_TOTAL: Final = 2_000_000_000
"""Bytes of all entries of an archive, unpacked."""
LARGEST_RATIO: Final = 250
"""Bytes unpacked for each byte of an archive, where it unpacks to more than SMALL_TOTAL."""
SMALL_TOTAL: Final = 32_000_000
_LARGEST_DIRECTORY: Final = 16_000_000
_BLOCK: Final = 1 << 20
_SHOWN_NAME: Final = 200

_STARTS: Final = (b"PK\x03\x04", b"PK\x05\x06")
_PACKED: Final = (*_STARTS, b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf")
_STARTS_BYTES: Final = 8
_END: Final = b"PK\x05\x06"
_END_BYTES: Final = 22
_LOCATOR_64: Final = b"PK\x06\x07"
_LOCATOR_BYTES: Final = 20
_TAIL_BYTES: Final = _LOCATOR_BYTES + _END_BYTES + 65_535
"""As much as the end of an archive can take, its comment included."""
_OFFICE: Final = "[Content_Types].xml"
_ENCRYPTED: Final = 0x1
_UNSAFE: Final = re.compile(r"^$|^[/\\]|^[A-Za-z]:|(^|[/\\])\.\.([/\\]|$)|\x00")
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# A name that is not the UTF-8 it is said to be is a ValueError.
_DAMAGED: Final = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    OSError,
    ValueError,
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A file in an archive.

    Attributes:
        place: name of the archive and, after a slash, of the entry, for reports.
        fault: why it cannot be read, or None.
    """

    archive: zipfile.ZipFile
    info: zipfile.ZipInfo
    place: str
    fault: Refusal | None = None

    @property
    def name(self) -> str:
        """Its name without folders."""
        return self.place.rsplit("/", 1)[-1]

    @property
    def suffix(self) -> str:
        """The end of its name from the last full stop on."""
        return PurePosixPath(self.name).suffix

    def open(self, _mode: Literal["rb"] = "rb") -> IO[bytes]:
        """Its bytes, at most as many as the directory says."""
        return self.archive.open(self.info)


@dataclass(frozen=True, slots=True)
class Sources:
    """What a run reads, in order, with the line at which each ends, counted through the run."""

    each: Sequence[Path | Entry]
    ends: Sequence[int]


def place_of(source: Path | Entry) -> str:
    """The name by which reports call it."""
    return source.place if isinstance(source, Entry) else source.name


def is_archive(start: bytes) -> bool:
    """Whether a file that begins so is a ZIP."""
    return start.startswith(_STARTS)


@contextmanager
def opened(paths: Sequence[Path]) -> Iterator[Sources]:
    """Files as they are, and in the place of each ZIP its entries; all read once to count lines.

    Raises Unreadable: a file is not there, or an archive is damaged or beyond its bounds.
    """
    with ExitStack() as kept:
        each: list[tuple[Path | Entry, int]] = []
        for path in paths:
            try:
                stream = kept.enter_context(path.open("rb"))
            except OSError as error:
                raise Unreadable(f"{path} cannot be read: {error.strerror}.") from error
            start = stream.read(_STARTS_BYTES)
            if is_archive(start):
                archive = kept.enter_context(open_archive(stream, path.name, LARGEST_TOTAL))
                each += map(_surveyed, _entries(archive, path.name))
            elif start.startswith(_PACKED):
                raise Unreadable(f"{path.name} is packed otherwise than as ZIP. Unpack it first.")
            else:
                stream.seek(0)
                each.append((path, _count_lines(stream)))
                stream.close()
        ends = accumulate(lines for _source, lines in each)
        yield Sources([source for source, _lines in each], list(ends))


def open_archive(stream: IO[bytes], name: str, largest: int) -> zipfile.ZipFile:
    """An archive that is whole and within its bounds, by its directory.

    Args:
        stream: can be sought in; it is left open.
        name: for the refusal.
        largest: bytes that its entries may unpack to.

    Raises Unreadable: it is damaged, holds no file, or is beyond its bounds (413).
    """
    size = _check_directory(stream, name)
    try:
        archive = zipfile.ZipFile(stream)
    except _DAMAGED as error:
        raise _damaged(name) from error
    _check_bounds(archive.infolist(), name, size, largest)
    return archive


def _check_directory(stream: IO[bytes], name: str) -> int:
    """The archive's size; raises Unreadable without a directory, or with one too long to hold."""
    size = stream.seek(0, os.SEEK_END)
    stream.seek(max(size - _TAIL_BYTES, 0))
    tail = stream.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_BYTES:
        raise _damaged(name)
    length = int.from_bytes(tail[at + 12 : at + 16], "little")
    if length > _LARGEST_DIRECTORY or tail[:at][-_LOCATOR_BYTES:].startswith(_LOCATOR_64):
        raise _too_large(name, "has the form of archives with more than 65,535 entries or 4 GB")
    return size


def _check_bounds(infos: Sequence[zipfile.ZipInfo], name: str, size: int, largest: int) -> None:
    total = sum(info.file_size for info in infos)
    if any(info.filename == _OFFICE for info in infos):
        raise Unreadable(f"{name} is an office document. Save a workbook as CSV UTF-8.")
    if len(infos) > MOST_ENTRIES:
        raise _too_large(name, f"has more than {MOST_ENTRIES:,} entries")
    if total > largest:
        raise _too_large(name, f"is larger than {largest // 1_000_000:,} MB once unpacked")
    if total > SMALL_TOTAL and total > LARGEST_RATIO * size:
        raise _too_large(name, f"unpacks to more than {LARGEST_RATIO} times its size")
    if all(_is_passed_over(info.filename) for info in infos):
        raise Unreadable(f"{name} holds no file.")


def _too_large(name: str, why: str) -> Unreadable:
    return Unreadable(f"{name} {why}. Split it.", code="too_large", status=413)


def _damaged(name: str) -> Unreadable:
    return Unreadable(f"{name} is not a whole ZIP archive. Make it again and send it again.")


def _is_passed_over(name: str) -> bool:
    """Whether it is a folder, or what an operating system hides in archives."""
    parts = name.replace("\\", "/").split("/")
    hidden = any(part[:1] == "." and part not in {".", ".."} for part in parts)
    return name.endswith("/") or hidden or parts[0] == "__MACOSX"


def _entries(archive: zipfile.ZipFile, name: str) -> Iterator[Entry]:
    seen: set[str] = set()
    for info in archive.infolist():
        if _is_passed_over(info.filename):
            continue
        shown = "".join(c if c.isprintable() else "\ufffd" for c in info.filename)
        place = f"{name}/{shown.strip('/')[-_SHOWN_NAME:]}"
        fault = _fault(info, seen)
        seen.add(info.filename)
        yield Entry(archive, info, place, fault)


def _fault(info: zipfile.ZipInfo, seen: set[str]) -> Refusal | None:
    """Why an entry is not read, by what the directory says of it."""
    if _UNSAFE.search(info.orig_filename):
        return Refusal(1, "unsafe_name", "The name of this entry leads out of the archive.")
    if stat.S_ISLNK(info.external_attr >> 16):
        return Refusal(1, "unsafe_name", "This entry is a link, not a file.")
    if info.filename in seen:
        return Refusal(1, "entry_twice", "An earlier entry has this name; that one was read.")
    if info.flag_bits & _ENCRYPTED:
        return Refusal(1, "encrypted_entry", "This entry is encrypted. Send it without a password.")
    if info.compress_type not in _METHODS:
        return Refusal(1, "damaged_entry", "This entry is packed by another method than deflate.")
    return None


def _surveyed(entry: Entry) -> tuple[Entry, int]:
    """The entry and its lines; once read whole, its checksum has been found right."""
    if entry.fault:
        return entry, 1
    try:
        with entry.open() as stream:
            start = stream.read(_STARTS_BYTES)
            if start.startswith(_PACKED):
                reason = "This entry is an archive itself. Send what is in it."
                return _faulty(entry, "nested_archive", reason), 1
            return entry, start.count(b"\n") + _count_lines(stream)
    except _DAMAGED:
        reason = "This entry is damaged. Make the archive again."
        return _faulty(entry, "damaged_entry", reason), 1


def _faulty(entry: Entry, code: str, reason: str) -> Entry:
    return replace(entry, fault=Refusal(1, code, reason))


def _count_lines(stream: IO[bytes]) -> int:
    return sum(block.count(b"\n") for block in iter(lambda: stream.read(_BLOCK), b"")) + 1
