"""Archives are read within bounds, entry by entry, and files of documents piece by piece."""

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meterdesk.kernel.errors import Refused
from meterdesk.platform.intake import Refusal, Unreadable, documents, read_documents, sources
from meterdesk.platform.intake.sources import Entry, opened, place_of
from meterdesk.platform.tests.archives import misnamed, zipped

DOCUMENT = b'<?xml version="1.0"?>\n<a/>\n'


def write(folder: Path, content: bytes, name: str = "batch.zip") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def seen(*paths: Path) -> list[tuple[str, int, str]]:
    """Place, lines so far, and content or the code of the fault."""
    with opened(paths) as found:
        return [
            (
                place_of(one),
                end,
                one.fault.code
                if isinstance(one, Entry) and one.fault
                else one.open("rb").read().decode(),
            )
            for one, end in zip(found.each, found.ends, strict=True)
        ]


@pytest.mark.req("REG-1")
def test_entries_stand_in_the_place_of_their_archive(tmp_path: Path) -> None:
    plain = write(tmp_path, b"\n\n\n", "plain.csv")
    archive = write(
        tmp_path,
        zipped(
            ("june/", b""),
            ("june/a.csv", b"1\n2"),
            ("__MACOSX/june/._a.csv", b"x"),
            ("june/.DS_Store", b"x"),
            ("b.csv", b"3"),
        ),
    )
    assert seen(plain, archive, plain) == [
        ("plain.csv", 4, "\n\n\n"),
        ("batch.zip/june/a.csv", 6, "1\n2"),
        ("batch.zip/b.csv", 7, "3"),
        ("plain.csv", 11, "\n\n\n"),
    ]
    with opened([archive]) as found:
        assert [(one.name, one.suffix) for one in found.each] == [
            ("a.csv", ".csv"),
            ("b.csv", ".csv"),
        ]


def with_flag(content: bytes) -> bytes:
    """The archive with its first entry marked as encrypted, in both places that say so."""
    changed = bytearray(content)
    changed[6] |= 1
    changed[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(changed)


def with_link(_content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        info = zipfile.ZipInfo("a.csv")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
        archive.writestr("b.csv", "good")
    return out.getvalue()


def with_changed_byte(content: bytes) -> bytes:
    place = content.index(b"a.csv") + len("a.csv") + 2
    return content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :]


def saying_less(content: bytes) -> bytes:
    """The directory says that the first entry unpacks to 3 bytes."""
    place = content.index(b"PK\x01\x02") + 24
    return content[:place] + struct.pack("<L", 3) + content[place + 4 :]


FIRST, SECOND = ("a.csv", b"first entry, " * 20), ("b.csv", b"good")


def named(value: object) -> str:
    """The name of a case: archives hold the time they were made at, which names no test."""
    return value if isinstance(value, str) else "content"


@pytest.mark.req("SSI-NFR-22")
@pytest.mark.parametrize(
    ("content", "code"),
    [
        (with_flag(zipped(FIRST, SECOND)), "encrypted_entry"),
        (with_changed_byte(zipped(FIRST, SECOND)), "damaged_entry"),
        (saying_less(zipped(FIRST, SECOND)), "damaged_entry"),
        (zipped(FIRST, SECOND, method=zipfile.ZIP_LZMA), "damaged_entry"),
        (zipped(("a.csv", zipped(FIRST)), SECOND), "nested_archive"),
        (zipped(("a.csv", zlib.compress(b"x", wbits=31)), SECOND), "nested_archive"),
        (zipped(("../a.csv", b"x"), SECOND), "unsafe_name"),
        (zipped(("june/../../a.csv", b"x"), SECOND), "unsafe_name"),
        (zipped(("..\\a.csv", b"x"), SECOND), "unsafe_name"),
        (zipped(("/a.csv", b"x"), SECOND), "unsafe_name"),
        (zipped(("C:\\a.csv", b"x"), SECOND), "unsafe_name"),
        (zipped(("n.csv", b"x"), SECOND).replace(b"n.csv", b"\x00.csv"), "unsafe_name"),
        (with_link(b""), "unsafe_name"),
    ],
    ids=named,
)
def test_a_hostile_entry_is_refused_by_itself(tmp_path: Path, content: bytes, code: str) -> None:
    first, second = seen(write(tmp_path, content))
    assert first[1:] == (1, code)
    if code != "damaged_entry" or second[2] == "good":
        assert second == ("batch.zip/b.csv", 2, "good")


@pytest.mark.req("SSI-NFR-22")
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_of_two_entries_with_one_name_the_first_is_read(tmp_path: Path) -> None:
    path = write(tmp_path, zipped(("a.csv", b"1"), ("a.csv", b"2")))
    assert [what for *_place, what in seen(path)] == ["1", "entry_twice"]


@pytest.mark.req("SSI-NFR-22")
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (zipped(FIRST, SECOND)[:-30], "not a whole ZIP"),
        (zipped(FIRST, SECOND)[:60], "not a whole ZIP"),
        (zipped(), "holds no file"),
        (zipped(("folder/", b"")), "holds no file"),
        (zipped(("[Content_Types].xml", b"<a/>"), ("xl/workbook.xml", b"<a/>")), "CSV UTF-8"),
        (zipped(("a", b" " * 40_000_000)), "more than 250 times its size"),
        (zipped(FIRST)[:-22] + b"PK\x06\x07" + b"\0" * 16 + zipped(FIRST)[-22:], "65,535"),
    ],
    ids=named,
)
def test_an_archive_beyond_its_bounds_is_not_read(
    tmp_path: Path, content: bytes, message: str
) -> None:
    with pytest.raises(Unreadable, match=message):
        seen(write(tmp_path, content))


@pytest.mark.req("SSI-NFR-22")
def test_the_bounds_are_those_of_the_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, zipped(("a", b"x" * 600), ("b", b"y" * 600)))
    for name, limit, message in (
        ("MOST_ENTRIES", 1, "more than 1 entries"),
        ("LARGEST_TOTAL", 1_000, "once unpacked"),
        ("_LARGEST_DIRECTORY", 50, "more than 65,535 entries or 4 GB"),
    ):
        with monkeypatch.context() as changed, pytest.raises(Unreadable, match=message):
            changed.setattr(sources, name, limit)
            seen(path)
    assert len(seen(path)) == 2


def pieces(path: Path, most: int = 1_000) -> list[tuple[int, str]]:
    """Line, and the content of a document or the code of its refusal."""

    def parse(text: bytes) -> str:
        if b"bad" in text:
            raise Refused("It is bad.", code="bad")
        return text.decode()

    return [
        (one.line, one.code) if isinstance(one, Refusal) else (one[0], one[1])
        for one in read_documents(path, parse, most)
    ]


@pytest.mark.req("SSI-NFR-22", "SEC-1")
def test_a_name_that_is_not_the_text_it_is_said_to_be_is_damage(tmp_path: Path) -> None:
    with pytest.raises(Unreadable):
        seen(write(tmp_path, misnamed(within=False)))
    assert [code for *_, code in seen(write(tmp_path, misnamed(within=True)))] == ["damaged_entry"]


@pytest.mark.req("GW-1")
@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (DOCUMENT * 2, [(1, DOCUMENT.decode()), (3, DOCUMENT.decode())]),
        (b"\xef\xbb\xbf" + DOCUMENT, [(1, DOCUMENT.decode())]),
        (b"\n\n<a/>\n", [(3, "<a/>\n")]),
        (DOCUMENT + b"<bad" + DOCUMENT, [(1, "bad"), (3, DOCUMENT.decode())]),
        (DOCUMENT + b"\n" * 2_000, [(1, "too_large")]),
        (
            DOCUMENT + b'<?xml version="1.0"?><b>' + b"\n" * 2_000 + DOCUMENT,
            [(1, DOCUMENT.decode()), (3, "too_large"), (2003, DOCUMENT.decode())],
        ),
        (b'<a/><?xml-stylesheet href="x"?>', [(1, '<a/><?xml-stylesheet href="x"?>')]),
        (b"", [(1, "empty_file")]),
        (b" \n ", [(1, "empty_file")]),
    ],
    ids=named,
)
def test_documents_stand_one_after_the_other(
    tmp_path: Path, content: bytes, expected: Sequence[tuple[int, str]]
) -> None:
    assert pieces(write(tmp_path, content, "a.xml")) == expected


@pytest.mark.req("GW-1", "SSI-NFR-22")
@given(
    lengths=st.lists(st.integers(min_value=0, max_value=60), min_size=1, max_size=8),
    block=st.integers(min_value=1, max_value=50),
)
def test_wherever_the_blocks_end_each_document_is_found_at_its_line(
    tmp_path_factory: pytest.TempPathFactory, lengths: list[int], block: int
) -> None:
    texts = [b"<?xml ?>" + b"\n" * length + b"<a/>" for length in lengths]
    path = write(tmp_path_factory.mktemp("blocks"), b"".join(texts), "a.xml")
    expected, line = [], 1
    for text in texts:
        expected.append((line, "too_large" if len(text) > 40 else text.decode()))
        line += text.count(b"\n")
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(documents, "_BLOCK", block)
        assert pieces(path, 40) == expected
