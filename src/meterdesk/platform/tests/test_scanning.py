"""Files are kept when the scanner calls them clean, and in no other case."""

import os
from io import BytesIO
from pathlib import Path

import pytest
from django.utils import timezone

from meterdesk.kernel.errors import Refused, Unavailable
from meterdesk.platform import files
from meterdesk.platform.files import scanning
from meterdesk.platform.models import StoredFile
from meterdesk.platform.tests.archives import crowded, misnamed
from meterdesk.platform.tests.clamd import CLEAN, FOUND, listening, nobody_listens_at

pytestmark = [pytest.mark.django_db, pytest.mark.req("SEC-1", "IM-3")]


@pytest.fixture(autouse=True)
def folder(settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.MEDIA_ROOT.mkdir()
    return settings.MEDIA_ROOT


def keep(content: bytes = b"Read on site.") -> StoredFile:
    return files.keep("../notes.txt", BytesIO(content), at=timezone.now())


def nothing_is_kept(folder: Path) -> bool:
    return list(folder.iterdir()) == [] and not StoredFile.objects.exists()


def test_a_clean_file_is_kept_after_the_scanner_saw_all_of_it(settings, open_folder: Path) -> None:
    content = os.urandom(150_000).hex().encode()
    with listening(CLEAN, str(open_folder / "clamd")) as scanner:
        settings.METERDESK_CLAMD = scanner.address
        kept = keep(content)
        assert scanner.scanned == [content]
    assert files.read(kept) == content


def test_an_infected_file_is_refused_by_its_name(settings, folder: Path) -> None:
    with listening(FOUND) as scanner:
        settings.METERDESK_CLAMD = scanner.address
        with pytest.raises(Refused) as refused:
            keep()
    assert (refused.value.status, refused.value.code) == (422, "infected_file")
    assert refused.value.message.startswith("The scanner found malware in notes.txt")
    assert nothing_is_kept(folder)


@pytest.mark.parametrize(
    "answer", ["INSTREAM size limit exceeded. ERROR", "", "stream: OK ERROR", "UNKNOWN COMMAND"]
)
def test_a_file_that_could_not_be_scanned_is_refused(settings, folder: Path, answer: str) -> None:
    with listening(answer) as scanner:
        settings.METERDESK_CLAMD = scanner.address
        with pytest.raises(Unavailable, match=r"notes\.txt could not be scanned.*Try again later"):
            keep()
    assert nothing_is_kept(folder)


@pytest.mark.parametrize("kind", ["port", "socket"])
def test_without_a_scanner_that_answers_nothing_is_kept(
    settings, folder: Path, open_folder: Path, kind: str
) -> None:
    absent = nobody_listens_at() if kind == "port" else str(open_folder / "clamd")
    settings.METERDESK_CLAMD = absent
    with pytest.raises(Unavailable) as refused:
        keep()
    assert refused.value.status == 503
    assert nothing_is_kept(folder)


def test_a_scanner_that_never_answers_is_not_waited_for_without_end(
    settings, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanning, "TIMEOUT_SECONDS", 0.2)
    with listening(None) as scanner:
        settings.METERDESK_CLAMD = scanner.address
        with pytest.raises(Unavailable):
            keep()
        assert scanner.scanned == [b"Read on site."]
    assert nothing_is_kept(folder)


@pytest.mark.parametrize(
    "content", [misnamed(within=False), misnamed(within=True), crowded(200_000), crowded(3)[:-4]]
)
def test_an_archive_that_is_no_office_document_is_refused(folder: Path, content: bytes) -> None:
    with pytest.raises(Refused) as refused:
        keep(content)
    assert refused.value.code == "file_type"
    assert nothing_is_kept(folder)
