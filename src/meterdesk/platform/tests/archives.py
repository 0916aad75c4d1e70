"""ZIP archives for tests."""

import io
import struct
import zipfile


def zipped(*entries: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An archive of entries by name and content."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return out.getvalue()


def misnamed(*, within: bool) -> bytes:
    """An archive whose entry has a name that is not the UTF-8 that it is said to be.

    `within`: at the entry alone; otherwise in the directory too.
    """
    letter = "\u00e9".encode()
    whole = zipped(("\u00e9.csv", b"device_id\n"))
    return whole.replace(letter, b"\xff\xfe", 1 if within else -1)


def crowded(entries: int) -> bytes:
    """An archive that is next to nothing but a directory of so many entries."""
    one = struct.pack("<4s4B4HL2L5H2L", b"PK\x01\x02", 20, 3, 20, *[0] * 8, 1, *[0] * 6) + b"a"
    directory = one * entries
    told = (0, 0, entries & 0xFFFF, entries & 0xFFFF, len(directory), 4, 0)
    return b"PK\x03\x04" + directory + struct.pack("<4s4H2LH", b"PK\x05\x06", *told)
