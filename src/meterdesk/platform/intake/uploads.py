"""Files uploaded for an intake: streamed to disk, run by a job, removed when the run is over."""

import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from uuid import uuid4

from django.core.exceptions import RequestDataTooBig
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.core.files.uploadhandler import FileUploadHandler
from django.db import transaction

from meterdesk.kernel.errors import Refused
from meterdesk.kernel.formats import short_name
from meterdesk.platform.files.scanning import refuse_infected
from meterdesk.platform.intake.engine import record_start, run_intake
from meterdesk.platform.intake.kinds import Unreadable, intake_of
from meterdesk.platform.intake.sources import LARGEST_TOTAL, is_archive, open_archive
from meterdesk.platform.models import IntakeRun

LARGEST_FILE_BYTES: Final = 200_000_000
LARGEST_REQUEST_BYTES: Final = 1_000_000_000
LARGEST_OTHER_REQUEST_BYTES: Final = 60_000_000
LARGEST_UNKNOWN_REQUEST_BYTES: Final = 1_000_000
"""Of somebody not logged in: the form's token is looked for before anybody is turned away."""
UPLOAD_PATH: Final = "/desk/intake/"
_SNIFFED_BYTES: Final = 4_096
_BINARY: Final = (b"%PDF-", b"\x1f\x8b", b"\xd0\xcf\x11\xe0", b"\x89PNG", b"BZh")


class TooLarge(Refused):
    """An uploaded file is larger than is taken (413)."""

    default_code = "too_large"
    default_status = 413
    default_message = (
        f"A file is larger than {LARGEST_FILE_BYTES // 1_000_000} MB. Split it, or take it in by "
        "the command meterdesk intake, which takes any size."
    )


class RequestLimit(FileUploadHandler):
    """Refuses a request with uploads by its length, before anything of it is kept."""

    def handle_raw_input(
        self,
        input_data: Any,  # noqa: ARG002
        META: Mapping[str, Any],
        content_length: int,
        boundary: Any,  # noqa: ARG002
        encoding: str | None = None,  # noqa: ARG002
    ) -> None:
        """Raise RequestDataTooBig, answered with 413."""
        is_intake = str(META.get("PATH_INFO", "")).startswith(UPLOAD_PATH)
        limit = LARGEST_REQUEST_BYTES if is_intake else LARGEST_OTHER_REQUEST_BYTES
        if getattr(self.request, "actor", None) is None:
            limit = LARGEST_UNKNOWN_REQUEST_BYTES
        if content_length > limit:
            raise RequestDataTooBig("upload")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:  # noqa: ARG002
        """Hand the chunk on."""
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """The next handler keeps it."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was sent: its name, size in bytes, and content to be read once."""

    name: str
    size: int
    content: "File[bytes]"


def queue_uploads(
    actor: Any, kind: str, uploads: Sequence[Upload], options: Mapping[str, str], *, at: datetime
) -> int:
    """Keep uploads and make the waiting run of them; returns its number.

    Args:
        actor: who uploads.
        kind: a registered kind.
        uploads: at least one.
        options: text options for the kind.
        at: aware instant.

    Raises:
        Unreadable: there is no such kind.
        TooLarge: a file is larger than LARGEST_FILE_BYTES.
        Refused: a file is empty, neither text nor a sound ZIP, or infected.
        Unavailable: METERDESK_CLAMD is set and the scanner does not answer.
    """
    intake_of(kind)
    for upload in uploads:
        _check(upload)
    for upload in uploads:
        refuse_infected(_plain(upload.name), upload.content.chunks())
    files = [{"name": _plain(one.name), "stored_as": _keep(one)} for one in uploads]
    try:
        with transaction.atomic():
            run = IntakeRun.objects.create(
                kind=kind,
                filename=files[0]["name"] if len(files) == 1 else f"{len(files)} files",
                files=files,
                options=dict(options),
                started_by=actor.username,
                created_at=at,
            )
            record_start(actor, run, at=at)
    except BaseException:
        _remove(files)
        raise
    return run.pk


def run_uploads(run_id: int, may_still: Callable[[str], bool], *, at: datetime) -> None:
    """Take in the uploads of a waiting run, or of one whose process went away, from the start.

    Args:
        run_id: its number.
        may_still: whether the person of that username still may; otherwise the run fails.
        at: aware instant.
    """
    run = IntakeRun.objects.filter(pk=run_id).first()
    if run is None or run.state in (IntakeRun.State.DONE, IntakeRun.State.FAILED):
        return
    if not may_still(run.started_by):
        run.state, run.finished_at = IntakeRun.State.FAILED, at
        run.note = "Whoever uploaded it may not take files in any more."
        run.save()
        _remove(run.files)
        return
    with TemporaryDirectory(prefix="meterdesk-intake-") as folder:
        paths = [_linked(Path(folder), index, file) for index, file in enumerate(run.files)]
        # The run says why a file cannot be read; trying again would not help.
        with contextlib.suppress(Unreadable):
            run_intake(run.kind, paths, options=run.options, run=run)
    _remove(run.files)


def _check(upload: Upload) -> None:
    if upload.size > LARGEST_FILE_BYTES:
        raise TooLarge()
    start = upload.content.read(_SNIFFED_BYTES)
    upload.content.seek(0)
    if not start.strip():
        raise Refused(f"{upload.name} is empty.", code="empty_file")
    if is_archive(start):
        open_archive(upload.content, _plain(upload.name), LARGEST_TOTAL)
        upload.content.seek(0)
    elif start.startswith(_BINARY) or b"\x00" in start:
        raise Refused(
            f"{upload.name} is neither a text file nor a ZIP. Save a workbook as CSV UTF-8.",
            code="not_text",
        )


def _keep(upload: Upload) -> str:
    return default_storage.save(f"intake/{uuid4().hex}", upload.content)


def _plain(name: str) -> str:
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    printable = "".join(c for c in last if c.isprintable()).strip(". ")
    return short_name(printable[-120:]) or "file"


def _linked(folder: Path, index: int, file: Mapping[str, str]) -> Path:
    """The kept file under the name it was sent with, which reports and readers go by."""
    place = folder / str(index)
    place.mkdir()
    path = place / file["name"]
    path.symlink_to(default_storage.path(file["stored_as"]))
    return path


def _remove(files: Iterable[Mapping[str, str]]) -> None:
    for file in files:
        default_storage.delete(file["stored_as"])
