"""The response to a provider's file: what became of it, and each record that was refused."""

from collections.abc import Iterator
from dataclasses import dataclass

from meterdesk.registration.models import ProviderFile, RefusedRecord
from meterdesk.registration.rules.files import LAYOUT, FileState


@dataclass(frozen=True, slots=True)
class Answer:
    """A response: its folder and name in the outbox, and its lines."""

    folder: str
    name: str
    lines: Iterator[str]


def answer_to(file_id: int) -> Answer | None:
    """The response to a decided file, for the system's own use; None before it is decided."""
    file = ProviderFile.objects.select_related("provider").filter(pk=file_id).first()
    if file is None or file.decided_at is None:
        return None
    code = file.provider.code if file.provider else "UNKNOWN"
    name = f"{code}-{file.sequence or 0:09}-{file.pk}.response"
    return Answer(code, name, _lines(file, code))


def _lines(file: ProviderFile, code: str) -> Iterator[str]:
    sequence = str(file.sequence or 0)
    made = file.decided_at.strftime("%Y-%m-%dT%H:%M:%SZ") if file.decided_at else ""
    yield _line("A", file.fuel, code, sequence, _plain(file.name), made, LAYOUT)
    yield _line(
        "S",
        "ACCEPTED" if file.state in (FileState.APPLIED, FileState.REPEATED) else "REJECTED",
        file.code,
        _plain(file.reason),
        str(file.records),
        str(file.accepted),
        str(file.unchanged),
        str(file.refused),
        str(file.ended),
    )
    count = 0
    refused = RefusedRecord.objects.filter(file=file).order_by("line")
    for one in refused.iterator(chunk_size=2_000):
        count += 1
        yield _line("R", str(one.line), _plain(one.mpxn), one.code, _plain(one.reason))
    yield _line("T", code, sequence, str(count))


def _line(*parts: str) -> str:
    return "|".join(parts) + "\n"


def _plain(text: str) -> str:
    return "".join(c if c.isprintable() and c != "|" else " " for c in text)
