"""Providers and what they sent, for the operator's staff (REG-1, REG-3, REG-4)."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date, datetime, time
from typing import Any, Final

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from meterdesk.identity.rules import Actor
from meterdesk.kernel.errors import NotVisible
from meterdesk.kernel.paging import Order, Page, PageRequest, after_cursor, order_by, page_of
from meterdesk.registration.access import require_reader
from meterdesk.registration.models import (
    Misalignment,
    Provider,
    ProviderFile,
    ProviderStep,
    Refresh,
    RefusedRecord,
    Trouble,
)
from meterdesk.registration.queries.answers import answer_to
from meterdesk.registration.rules.files import DueDays, FileState, Fuel, next_due
from meterdesk.registration.rules.troubles import (
    Cause,
    Master,
    MisalignmentState,
    RefreshState,
    Side,
)

MOST: Final = 200
SORTS: Final = {
    "-received_at": (
        Order("received_at", datetime, descending=True),
        Order("id", int, descending=True),
    ),
    "received_at": (Order("received_at", datetime), Order("id", int)),
}


@dataclass(frozen=True, slots=True)
class ProviderView:
    """A provider with how it stands: last file, next due, open troubles."""

    code: str
    name: str
    fuel: Fuel
    organisation_id: int
    organisation: str
    user_id: str | None
    due_days: DueDays
    due_time: time
    due_since: date
    next_sequence: int
    is_active: bool
    version: int
    next_due_at: datetime
    last_received_at: datetime | None
    held: int
    troubles: int


@dataclass(frozen=True, slots=True)
class FileView:
    """A file and what became of it."""

    id: int
    provider: str
    name: str
    fuel: Fuel
    kind: str
    sequence: int | None
    made_at: datetime | None
    state: FileState
    code: str
    reason: str
    declared: int | None
    records: int
    accepted: int
    unchanged: int
    refused: int
    ended: int
    received_at: datetime
    decided_at: datetime | None
    answered_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class FileSearch:
    """Which files: of a provider, in a state; empty for all."""

    provider: str = ""
    state: str = ""
    sort: str = "-received_at"

    @property
    def scope(self) -> str:
        """The list's name for its cursors."""
        return f"registration files {self.provider} {self.state} {self.sort}"


@dataclass(frozen=True, slots=True)
class RefusedView:
    """A record that was refused."""

    line: int
    mpxn: str
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class TroubleView:
    """Something that is or was wrong; `number` leads to its incident."""

    number: int
    provider: str
    cause: Cause
    side: Side
    summary: str
    detail: str
    file_id: int | None
    noticed_at: datetime
    mended_at: datetime | None


@dataclass(frozen=True, slots=True)
class RefreshView:
    """A request for data afresh."""

    id: int
    provider: str
    mpxns: tuple[str, ...]
    why: str
    state: RefreshState
    requested_at: datetime
    requested_by: str
    due_at: datetime
    reminded_at: datetime | None
    ended_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class MisalignmentView:
    """Data that differs, and whose version counts meanwhile."""

    id: int
    provider: str
    mpxn: str
    what: str
    held: str
    reported: str
    master: Master
    state: MisalignmentState
    reported_at: datetime
    reported_by: str
    outcome: str
    version: int


@dataclass(frozen=True, slots=True)
class StepView:
    """A line of a provider's history; `file_id` and `file` of one about a file, else None."""

    about: str
    file_id: int | None
    file: str | None
    from_state: str
    to_state: str
    why: str
    by: str
    at: datetime


def providers(actor: Actor, *, at: datetime) -> list[ProviderView]:
    """Every provider by code. Raises NotAllowed."""
    require_reader(actor)
    return [_provider(one, at) for one in _providers().order_by("code")]


def provider(actor: Actor, code: str, *, at: datetime) -> ProviderView:
    """One provider. Raises NotAllowed, NotVisible."""
    require_reader(actor)
    found = _providers().filter(code=code).first()
    if found is None:
        raise NotVisible()
    return _provider(found, at)


def _providers() -> QuerySet[Provider]:
    files = ProviderFile.objects.filter(provider=OuterRef("pk"))
    came = files.exclude(state=FileState.REFUSED).order_by("-received_at").values("received_at")
    held = files.filter(state=FileState.HELD).values("provider").annotate(n=Count("pk"))
    wrong = Trouble.objects.filter(provider=OuterRef("pk"), mended_at=None)
    return Provider.objects.select_related("organisation").annotate(
        last_received_at=Subquery(came[:1]),
        held=Coalesce(Subquery(held.values("n")), 0),
        open_troubles=Coalesce(
            Subquery(wrong.values("provider").annotate(n=Count("pk")).values("n")), 0
        ),
    )


def _provider(one: Any, at: datetime) -> ProviderView:
    days = DueDays(one.due_days)
    return ProviderView(
        one.code, one.name, Fuel(one.fuel), one.organisation_id, one.organisation.name,
        one.user_id, days, one.due_time, one.due_since, one.next_sequence, one.is_active,
        one.version, next_due(days, one.due_time, at), one.last_received_at, one.held,
        one.open_troubles,
    )  # fmt: skip


def provider_files(actor: Actor, search: FileSearch, page: PageRequest) -> Page[FileView]:
    """Files that came, newest first unless asked otherwise. Raises NotAllowed."""
    require_reader(actor)
    order = SORTS.get(search.sort, SORTS["-received_at"])
    found = ProviderFile.objects.select_related("provider")
    if search.provider:
        found = found.filter(provider__code=search.provider)
    if search.state:
        found = found.filter(state=search.state)
    if keyset := after_cursor(search.scope, order, page):
        beyond = Q()
        for alternative in keyset.alternatives:
            beyond |= Q(**alternative)
        found = found.filter(Q(**keyset.guard), beyond)
    rows = [_file(one) for one in found.order_by(*order_by(order))[: page.limit + 1]]
    return page_of(search.scope, rows, page, lambda row: (row.received_at, row.id))


def provider_file(actor: Actor, file_id: int) -> FileView:
    """One file. Raises NotAllowed, NotVisible."""
    require_reader(actor)
    found = ProviderFile.objects.select_related("provider").filter(pk=file_id).first()
    if found is None:
        raise NotVisible()
    return _file(found)


def _file(one: ProviderFile) -> FileView:
    values = {field.name: getattr(one, field.name) for field in fields(FileView)}
    values |= {
        "provider": one.provider.code if one.provider else "",
        "fuel": Fuel(one.fuel),
        "state": FileState(one.state),
    }
    return FileView(**values)


_BY_LINE: Final = (Order("line", int),)


def refused_records(actor: Actor, file_id: int, page: PageRequest) -> Page[RefusedView]:
    """Records of a file that were refused, by line. Raises NotAllowed, NotVisible."""
    provider_file(actor, file_id)
    scope = f"registration refused {file_id}"
    found = RefusedRecord.objects.filter(file_id=file_id)
    if keyset := after_cursor(scope, _BY_LINE, page):
        found = found.filter(**keyset.guard, **keyset.alternatives[0])
    rows = found.order_by("line")[: page.limit + 1]
    views = [RefusedView(one.line, one.mpxn, one.code, one.reason) for one in rows]
    return page_of(scope, views, page, lambda row: (row.line,))


def response_of(actor: Actor, file_id: int) -> tuple[str, Iterator[str]]:
    """Name and lines of the response to a file. Raises NotAllowed, NotVisible."""
    require_reader(actor)
    found = answer_to(file_id)
    if found is None:
        raise NotVisible("There is no response to this file yet.")
    return found.name, found.lines


def troubles(actor: Actor, code: str = "", *, still_open: bool = True) -> list[TroubleView]:
    """Troubles, newest first, at most 200. Raises NotAllowed."""
    require_reader(actor)
    found = Trouble.objects.select_related("provider").order_by("-noticed_at", "-pk")
    if still_open:
        found = found.filter(mended_at=None)
    if code:
        found = found.filter(provider__code=code)
    return [
        TroubleView(
            one.pk, one.provider.code if one.provider else "", Cause(one.cause), Side(one.side),
            one.summary, one.detail, one.file_id, one.noticed_at, one.mended_at,
        )
        for one in found[:MOST]
    ]  # fmt: skip


def refreshes(actor: Actor, code: str = "", *, still_open: bool = True) -> list[RefreshView]:
    """Requests for data afresh, the next due first, at most 200. Raises NotAllowed."""
    require_reader(actor)
    found = Refresh.objects.select_related("provider").order_by("due_at", "pk")
    if still_open:
        found = found.filter(state=RefreshState.REQUESTED)
    if code:
        found = found.filter(provider__code=code)
    return [_refresh(one) for one in found[:MOST]]


def refresh(actor: Actor, refresh_id: int) -> RefreshView:
    """One request. Raises NotAllowed, NotVisible."""
    require_reader(actor)
    found = Refresh.objects.select_related("provider").filter(pk=refresh_id).first()
    if found is None:
        raise NotVisible()
    return _refresh(found)


def _refresh(one: Refresh) -> RefreshView:
    return RefreshView(
        one.pk, one.provider.code, tuple(one.mpxns), one.why, RefreshState(one.state),
        one.requested_at, one.requested_by, one.due_at, one.reminded_at, one.ended_at, one.version,
    )  # fmt: skip


def misalignments(
    actor: Actor, code: str = "", *, still_open: bool = True
) -> list[MisalignmentView]:
    """Misaligned data, newest first, at most 200. Raises NotAllowed."""
    require_reader(actor)
    found = Misalignment.objects.select_related("provider").order_by("-reported_at", "-pk")
    if still_open:
        found = found.filter(state=MisalignmentState.OPEN)
    if code:
        found = found.filter(provider__code=code)
    return [_misalignment(one) for one in found[:MOST]]


def misalignment(actor: Actor, misalignment_id: int) -> MisalignmentView:
    """One report of misaligned data. Raises NotAllowed, NotVisible."""
    require_reader(actor)
    found = Misalignment.objects.select_related("provider").filter(pk=misalignment_id).first()
    if found is None:
        raise NotVisible()
    return _misalignment(found)


def _misalignment(one: Misalignment) -> MisalignmentView:
    return MisalignmentView(
        one.pk, one.provider.code, one.mpxn, one.what, one.held, one.reported,
        Master(one.master), MisalignmentState(one.state), one.reported_at, one.reported_by,
        one.outcome, one.version,
    )  # fmt: skip


def provider_steps(actor: Actor, code: str, limit: int = 50) -> list[StepView]:
    """A provider's history, newest first. Raises NotAllowed."""
    require_reader(actor)
    found = ProviderStep.objects.filter(provider__code=code).order_by("-at", "-pk")[:limit]
    files = {one.about: _file_of(one.about) for one in found}
    names = dict(
        ProviderFile.objects.filter(pk__in=[one for one in files.values() if one]).values_list(
            "pk", "name"
        )
    )
    return [
        StepView(
            one.about,
            files[one.about],
            names.get(files[one.about] or 0),
            one.from_state,
            one.to_state,
            one.why,
            one.by,
            one.at,
        )
        for one in found
    ]


def _file_of(about: str) -> int | None:
    kind, _space, number = about.partition(" ")
    return int(number) if kind == "file" else None
