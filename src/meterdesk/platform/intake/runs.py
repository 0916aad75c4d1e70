"""Reads about runs, for reports."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from meterdesk.kernel.paging import Order, Page, PageRequest, after_cursor, order_by, page_of
from meterdesk.platform.intake.engine import DRY_RUN
from meterdesk.platform.intake.kinds import Refusal, kinds
from meterdesk.platform.models import IntakeRefusal, IntakeRun


@dataclass(frozen=True, slots=True)
class RunView:
    """A run as reported; instants are aware UTC."""

    id: int
    kind: str
    title: str
    filename: str
    state: str
    state_words: str
    accepted: int
    unchanged: int
    refused: int
    lines_read: int
    lines_total: int
    note: str
    options: Mapping[str, str]
    started_by: str
    created_at: datetime
    finished_at: datetime | None

    @property
    def is_dry(self) -> bool:
        """Whether it reports what would happen and changes nothing."""
        return DRY_RUN in self.options

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen."""
        return self.state not in (IntakeRun.State.WAITING, IntakeRun.State.RUNNING)

    @property
    def percent(self) -> int:
        """How much of the files has been read."""
        return 100 * self.lines_read // self.lines_total if self.lines_total else 0

    @property
    def closing_line(self) -> str:
        """The counts as the command prints them."""
        return closing_line(self.accepted, self.unchanged, self.refused)


@dataclass(frozen=True, slots=True)
class RunSource:
    """Where a datum comes from: a run and a line of it, counted through the run.

    `file`, its name, is for the operator alone.
    """

    title: str
    run_id: int
    line: int | None
    taken_in_at: datetime
    file: str | None


@dataclass(frozen=True, slots=True)
class PlacedRefusal(Refusal):
    """A refusal with the file it stands in."""

    id: int = 0
    file: str = ""


def closing_line(accepted: int, unchanged: int, refused: int) -> str:
    """The counts in the words that every intake ends with."""
    return f"accepted {accepted} unchanged {unchanged} refused {refused}"


REPORT_HEADER = ("file", "line", "code", "reason", "begins")


def report_row(refusal: PlacedRefusal) -> tuple[str | int, ...]:
    """A refusal as a row of the downloadable report."""
    return refusal.file, refusal.line, refusal.code, refusal.reason, refusal.excerpt


def run_view(run_id: int) -> RunView | None:
    """One run, or None."""
    run = IntakeRun.objects.filter(pk=run_id).first()
    return _view(run, _titles()) if run else None


def run_views(ids: Iterable[int]) -> dict[int, RunView]:
    """Runs by number, in one query; for those who say where a row comes from."""
    wanted = list(ids)
    if not wanted:
        return {}
    titles = _titles()
    return {run.pk: _view(run, titles) for run in IntakeRun.objects.filter(pk__in=wanted)}


def source_in(
    runs: Mapping[int, RunView], run_id: int | None, line: int | None, *, with_file: bool
) -> RunSource | None:
    """The source that a row names, among runs read before; None when it names none of them."""
    run = runs.get(run_id) if run_id else None
    if run is None:
        return None
    return RunSource(run.title, run.id, line, run.created_at, run.filename if with_file else None)


_NEWEST = (Order("pk", int, descending=True),)
_BY_PLACE = (Order("pk", int),)


def list_runs(request: PageRequest) -> Page[RunView]:
    """Runs, newest first."""
    titles = _titles()
    rows = _page(IntakeRun.objects.all(), "intake.runs", _NEWEST, request)
    return page_of("intake.runs", [_view(run, titles) for run in rows], request, lambda r: [r.id])


def list_refusals(run_id: int, request: PageRequest) -> Page[PlacedRefusal]:
    """Refusals of a run, in the order of its files."""
    scope = f"intake.refusals.{run_id}"
    rows = _page(IntakeRefusal.objects.filter(run_id=run_id), scope, _BY_PLACE, request)
    return page_of(scope, [_placed(row) for row in rows], request, lambda r: [r.id])


def every_refusal(run_id: int) -> Iterator[PlacedRefusal]:
    """All refusals of a run, streamed, in the order of its files."""
    rows = IntakeRefusal.objects.filter(run_id=run_id).order_by("pk")
    return (_placed(row) for row in rows.iterator(chunk_size=2_000))


def _page(rows: Any, scope: str, order: tuple[Order, ...], request: PageRequest) -> Any:
    keyset = after_cursor(scope, order, request)
    if keyset:
        rows = rows.filter(Q(**keyset.guard), Q(**keyset.alternatives[0]))
    return rows.order_by(*order_by(order))[: request.limit + 1]


def _titles() -> dict[str, str]:
    return {intake.kind: intake.title for intake in kinds()}


def _placed(row: IntakeRefusal) -> PlacedRefusal:
    return PlacedRefusal(row.line, row.code, row.reason, row.excerpt, row.pk, row.file)


def _view(run: IntakeRun, titles: Mapping[str, str]) -> RunView:
    return RunView(
        id=run.pk,
        kind=run.kind,
        title=titles.get(run.kind, run.kind),
        filename=run.filename,
        state=run.state,
        state_words=IntakeRun.State(run.state).label,
        accepted=run.accepted,
        unchanged=run.unchanged,
        refused=run.refused,
        lines_read=run.lines_read,
        lines_total=run.lines_total,
        note=run.note,
        options=run.options,
        started_by=run.started_by,
        created_at=run.created_at,
        finished_at=run.finished_at,
    )
