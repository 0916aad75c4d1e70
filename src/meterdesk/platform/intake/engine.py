"""Runs an intake: batches, transactions, counts, refusals, heartbeat."""

import contextlib
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import chain, islice
from pathlib import Path
from typing import Any

from django.db import DatabaseError, connection, transaction

from meterdesk.platform.activity import record
from meterdesk.platform.intake.kinds import (
    Batch,
    Intake,
    Load,
    Outcome,
    Record,
    Refusal,
    Unreadable,
    intake_of,
)
from meterdesk.platform.intake.sources import Entry, Sources, opened, place_of
from meterdesk.platform.intake.staging import copy_into
from meterdesk.platform.models import IntakeRefusal, IntakeRun

HEARTBEAT_SILENCE = timedelta(minutes=5)
DRY_RUN = "dry_run"
"""The option under which a run reports what it would do, and does nothing."""
INITIAL = "initial"
"""The option under which a run fills a place that holds nothing yet, at once or not at all."""
LONGEST_SILENCE = timedelta(hours=2)
MOST_DRY_REFUSALS = 100_000


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
        run: a run made by the screen, waiting or begun by a process that went away; a new one
            when left out.
        on_progress: called after each batch.

    Raises:
        Unreadable: a file could not be read; what was applied before stays and is counted.
    """
    intake, files, options = intake_of(kind), list(paths), dict(options or {})
    is_new = run is None
    run = run or IntakeRun(kind=kind, created_at=_now(), started_by=started_by)
    run.filename = run.filename or (files[0].name if len(files) == 1 else f"{len(files)} files")
    if not is_new:
        _begin_again(run)
    run.options, run.note = options, " ".join(_beforehand(intake, options))
    run.state, run.heartbeat_at = IntakeRun.State.RUNNING, _now()
    with transaction.atomic():
        run.save()
        if is_new:
            record_start(None, run, at=run.created_at)
    work = _Work(intake, files, options, run)
    try:
        work.take_in(on_progress)
    except Unreadable as error:
        _finish(run, IntakeRun.State.FAILED, f"{run.note} {error.message}")
        raise
    except BaseException:
        # When the database itself has gone, the sweep will mark the run.
        with contextlib.suppress(DatabaseError):
            _finish(run, IntakeRun.State.STOPPED, f"{run.note} Stopped; run it again.")
        raise
    _finish(run, IntakeRun.State.DONE, run.note)
    return run


def _begin_again(run: IntakeRun) -> None:
    """Forget the counts of a process that went away halfway through this run."""
    run.refusals.all().delete()
    run.accepted = run.unchanged = run.refused = run.lines_read = 0
    run.finished_at = None


def record_start(actor: Any, run: IntakeRun, *, at: datetime) -> None:
    """Write the start of a run to the activity log."""
    record(
        actor=actor,
        verb="intake.start",
        subject=f"intake run {run.pk}",
        at=at,
        detail={"kind": run.kind, "files": run.filename, "started_by": run.started_by},
    )


def _beforehand(intake: Intake, options: Mapping[str, str]) -> Iterator[str]:
    if options.get(DRY_RUN):
        yield "Dry run: nothing was changed."
    if said := intake.note(options):
        yield said
    live = IntakeRun.objects.filter(
        kind=intake.kind,
        state=IntakeRun.State.RUNNING,
        heartbeat_at__gt=_now() - HEARTBEAT_SILENCE,
    )
    if other := live.order_by("pk").first():
        yield f"Run {other.pk} of the same kind was under way when this one began."


def _finish(run: IntakeRun, state: IntakeRun.State, note: str) -> None:
    run.state, run.note, run.finished_at = state, note.strip(), _now()
    run.save()


class _Work:
    """One run under way."""

    def __init__(
        self, intake: Intake, files: list[Path], options: Mapping[str, str], run: IntakeRun
    ) -> None:
        self.intake, self.files, self.options, self.run = intake, files, options, run
        self.said, self.noted = run.note, Counter[str]()
        self.sources = Sources((), ())

    def take_in(self, on_progress: Callable[[IntakeRun], None]) -> None:
        """Read every file and apply its records, one transaction a batch."""
        with opened(self.files) as self.sources:
            self.run.lines_total = max(self.sources.ends, default=0)
            if self.options.get(DRY_RUN):
                self._rehearse(on_progress)
            elif self.options.get(INITIAL):
                self._load(on_progress)
            else:
                self._take(self._items(), on_progress)
        self.run.lines_read = self.run.lines_total

    def _take(
        self, items: Iterator[Record | Refusal], on_progress: Callable[[IntakeRun], None]
    ) -> None:
        for records, refused in self._chunks(items):
            with transaction.atomic():
                self._keep(self._apply(records), refused)
            on_progress(self.run)

    def _load(self, on_progress: Callable[[IntakeRun], None]) -> None:
        """Take everything in at once, the kind's own way; what that leaves, as always."""
        run = self.run
        if self.intake.load is None:
            raise Unreadable(f"{self.intake.title}: there is no initial load of this kind.")

        def taken(lines: int, accepted: int) -> None:
            run.lines_read += lines
            run.accepted += accepted
            on_progress(run)

        files, faults = [], []
        for source, before in zip(self.sources.each, [0, *self.sources.ends], strict=False):
            if isinstance(source, Entry) and source.fault:
                faults.append(replace(source.fault, line=before + source.fault.line))
            else:
                files.append((source, before))
        try:
            with transaction.atomic():
                self._take_turns()
                left = self.intake.load(Load(files, run.pk, taken))
                self._take(chain(faults, left), on_progress)
        except BaseException:
            run.accepted = run.unchanged = run.refused = 0
            raise

    def _rehearse(self, on_progress: Callable[[IntakeRun], None]) -> None:
        """Apply everything in one transaction, undo it, and keep the report of it.

        Others of the kind wait meanwhile. Every refusal counts; the first of them are kept.
        """
        held: list[Refusal] = []
        with transaction.atomic():
            for records, refused in self._chunks(self._items()):
                with transaction.atomic():
                    outcome = self._apply(records)
                every = self._count(outcome, refused)
                held += every[: MOST_DRY_REFUSALS - len(held)]
                on_progress(self.run)
            transaction.set_rollback(True)
        with transaction.atomic():
            self._write(held)

    def _chunks(
        self, stream: Iterator[Record | Refusal]
    ) -> Iterator[tuple[list[Record], list[Refusal]]]:
        while chunk := list(islice(stream, self.intake.batch_size)):
            refused = [item for item in chunk if isinstance(item, Refusal)]
            yield [item for item in chunk if not isinstance(item, Refusal)], refused

    def _items(self) -> Iterator[Record | Refusal]:
        before = 0
        for source, end in zip(self.sources.each, self.sources.ends, strict=True):
            fault = source.fault if isinstance(source, Entry) else None
            for item in [fault] if fault else self.intake.read(source, self.options):
                line = before + (item.line if isinstance(item, Refusal) else item[0])
                self.run.lines_read = line
                if not before:
                    yield item
                elif isinstance(item, Refusal):
                    yield replace(item, line=line)
                else:
                    yield line, item[1]
            before = end

    def _apply(self, records: list[Record]) -> Outcome:
        if not records:
            return Outcome()
        self._take_turns()
        return self.intake.apply(Batch(records, self.options, self.run.filename, self.run.pk))

    def _take_turns(self) -> None:
        """Two runs of one kind would otherwise lock the same rows in different orders."""
        with connection.cursor() as cursor:
            cursor.execute(
                "select pg_advisory_xact_lock(hashtext(%s))", [f"intake:{self.intake.kind}"]
            )

    def _keep(self, outcome: Outcome, refused: list[Refusal]) -> None:
        self._write(self._count(outcome, refused))

    def _count(self, outcome: Outcome, refused: list[Refusal]) -> list[Refusal]:
        """Add up what a batch did; returns its refusals in order."""
        run = self.run
        every = sorted(refused + outcome.refused, key=lambda refusal: refusal.line)
        self.noted.update(outcome.noted)
        counted = [f"{words}: {count:,}." for words, count in sorted(self.noted.items())]
        run.note = " ".join([self.said, *counted]).strip()
        run.accepted += outcome.accepted
        run.unchanged += outcome.unchanged
        run.refused += len(every)
        return every

    def _write(self, every: list[Refusal]) -> None:
        run = self.run
        if every:
            with connection.cursor() as cursor:
                copy_into(
                    cursor,
                    IntakeRefusal._meta.db_table,
                    ("run_id", "file", "line", "code", "reason", "excerpt"),
                    (
                        (run.pk, *self._place(one.line), one.code, one.reason, one.excerpt)
                        for one in every
                    ),
                )
        run.heartbeat_at = _now()
        run.save()

    def _place(self, line: int) -> tuple[str, int]:
        """File and line of a line counted through the run."""
        ends = self.sources.ends
        index = min(bisect_left(ends, line), len(ends) - 1)
        before = ends[index - 1] if index else 0
        return place_of(self.sources.each[index]), line - before


def sweep_stopped(now: datetime) -> int:
    """Mark runs whose process went away as stopped; return how many."""
    silent = IntakeRun.objects.filter(
        state=IntakeRun.State.RUNNING, heartbeat_at__lt=now - HEARTBEAT_SILENCE
    ).exclude(
        # What a run in one transaction does cannot be seen from outside before its end.
        options__has_any_keys=[DRY_RUN, INITIAL],
        heartbeat_at__gte=now - LONGEST_SILENCE,
    )
    return silent.update(
        state=IntakeRun.State.STOPPED, finished_at=now, note="Its process went away; run it again."
    )
