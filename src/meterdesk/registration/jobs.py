"""Background work of registration: responses into the outbox, and what the clock brings."""

from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from meterdesk.platform import jobs
from meterdesk.registration.actions.watching import note_answered, watch
from meterdesk.registration.queries.answers import answer_to


@jobs.job("registration.answer")
def answer(*, file_id: int) -> None:
    """Write the response to a file into the outbox; whole or not at all, and again the same."""
    found = answer_to(file_id)
    if found is None:
        return
    folder = Path(settings.OUTBOX) / found.folder
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = folder / f".{found.name}"
    with unfinished.open("w", encoding="utf-8", newline="") as stream:
        stream.writelines(found.lines)
    unfinished.replace(folder / found.name)
    note_answered(file_id, datetime.now(UTC))


@jobs.periodic("registration.watch", cron="*/5 * * * *")
def watch_providers() -> None:
    """Look for late files, stopped ones and refreshes that are due."""
    watch(datetime.now(UTC))
