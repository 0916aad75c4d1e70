"""Runs an intake: batches, transactions, counts, refusals, heartbeat."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from django.db import transaction

from meterdesk.platform.intake.kinds import (
    Batch,
    Intake,
    Outcome,
    Record,
    Refusal,
    Unreadable,
    intake_of,
)
from meterdesk.platform.models import IntakeRefusal, IntakeRun

HEARTBEAT_SILENCE = timedelta(minutes=5)


def _now() -> datetime:
    return datetime.now(UTC)


def run_intake(
    kind: str,
    paths: Iterable[Path],
    *,
    options: Mapping[str, str] | None = None,
    started_by: str = "system",
    run: IntakeRun | None = None,
    on_progress: Callable[[IntakeRun], None] = lambda _run: None,
) -> IntakeRun:
    """Take in files of one kind as one run and return it, finished.

    Args:
        kind: a registered kind.
        paths: files, read one after the other; a file that cannot be read fails the run.
        options: text options handed to the kind.
        started_by: username for the report.
        run: a waiting run made by the screen; a new one when left out.
        on_progress: called after each batch.

    Raises:
        Unreadable: a file could not be read; what was applied before stays and is counted.
    """
    intake, files, options = intake_of(kind), list(paths), dict(options or {})
    run = run or IntakeRun(kind=kind, created_at=_now(), started_by=started_by)
    run.filename = run.filename or (files[0].name if len(files) == 1 else f"{len(files)} files")
    run.options, run.note = options, intake.note(options)
    run.state, run.heartbeat_at = IntakeRun.State.RUNNING, _now()
    run.lines_total = sum(_count_lines(path) for path in files if path.is_file())
    run.save()
    try:
        for path in files:
            if not path.is_file():
                raise Unreadable(f"There is no file {path}.")
        _take_in(intake, files, options, run, on_progress)
    except Unreadable as error:
        _finish(run, IntakeRun.State.FAILED, f"{run.note} {error.message}".strip())
        raise
    except BaseException:
        _finish(run, IntakeRun.State.STOPPED, f"{run.note} Stopped; run it again.".strip())
        raise
    _finish(run, IntakeRun.State.DONE, run.note)
    return run


def _finish(run: IntakeRun, state: IntakeRun.State, note: str) -> None:
    run.state, run.note, run.finished_at = state, note, _now()
    run.save()


def _count_lines(path: Path) -> int:
    with path.open("rb") as stream:
        return sum(block.count(b"\n") for block in iter(lambda: stream.read(1 << 20), b"")) + 1


def _take_in(
    intake: Intake,
    files: list[Path],
    options: Mapping[str, str],
    run: IntakeRun,
    on_progress: Callable[[IntakeRun], None],
) -> None:
    def items() -> Iterator[Record | Refusal]:
        before = 0
        for path in files:
            for item in intake.read(path, options):
                run.lines_read = before + (item.line if isinstance(item, Refusal) else item[0])
                yield item
            before += _count_lines(path) if len(files) > 1 else run.lines_total

    stream = items()
    while chunk := list(islice(stream, intake.batch_size)):
        refused = [item for item in chunk if isinstance(item, Refusal)]
        records = [item for item in chunk if not isinstance(item, Refusal)]
        with transaction.atomic():
            outcome = intake.apply(Batch(records, options, run.filename)) if records else Outcome()
            _keep(run, outcome, refused)
        on_progress(run)
    run.lines_read = run.lines_total


def _keep(run: IntakeRun, outcome: Outcome, refused: list[Refusal]) -> None:
    every = sorted(refused + outcome.refused, key=lambda refusal: refusal.line)
    IntakeRefusal.objects.bulk_create(
        [
            IntakeRefusal(run=run, line=r.line, code=r.code, reason=r.reason, excerpt=r.excerpt)
            for r in every
        ],
        batch_size=2_000,
    )
    run.accepted += outcome.accepted
    run.unchanged += outcome.unchanged
    run.refused += len(every)
    run.heartbeat_at = _now()
    run.save(update_fields=["accepted", "unchanged", "refused", "heartbeat_at", "lines_read"])


def sweep_stopped(now: datetime) -> int:
    """Mark runs whose process went away as stopped; return how many."""
    silent = IntakeRun.objects.filter(
        state=IntakeRun.State.RUNNING, heartbeat_at__lt=now - HEARTBEAT_SILENCE
    )
    return silent.update(
        state=IntakeRun.State.STOPPED, finished_at=now, note="Its process went away; run it again."
    )


def last_taken_in(kind: str) -> datetime | None:
    """When files of this kind last came in whole: how fresh the data is (SSI-NFR-35)."""
    runs = IntakeRun.objects.filter(kind=kind, state=IntakeRun.State.DONE)
    return runs.order_by("-finished_at").values_list("finished_at", flat=True).first()
