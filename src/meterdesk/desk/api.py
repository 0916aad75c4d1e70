"""Feeds by API: batches of the network's data pushed by programs, and what became of each run."""

from datetime import datetime
from typing import Annotated, Any

from django.utils import timezone
from ninja import Path, Query, Router, Schema
from pydantic import Field

from meterdesk.desk.actions.feeds import push_batch
from meterdesk.desk.queries.feeds import desk_feeds
from meterdesk.desk.queries.intake import intake_run, intake_runs, refusals_of
from meterdesk.identity.queries import ActorRequest
from meterdesk.kernel.errors import Refused
from meterdesk.platform.api import Paged
from meterdesk.platform.intake.pushes import LARGEST_UNPACKED, Batch, Pushed

router = Router(tags=["Feeds"])

_SUFFIXES = {
    "application/x-ndjson": ".ndjson",
    "text/csv": ".csv",
    "text/plain": ".txt",
    "application/xml": ".xml",
    "application/zip": ".zip",
}


FileName = Annotated[str, Field(max_length=100)]


class RefusalOut(Schema):
    """A refused record: its line, why, and how it begins; in a ZIP, the entry it stands in."""

    file: str
    line: int
    code: str
    reason: str
    excerpt: str


class PushedOut(Schema):
    """What became of the batch. It is stored; of many refusals the first are here.

    `note` says what deserves a word: of a provider's registration file that it was applied or held.
    """

    run_id: int
    note: str
    accepted: int
    unchanged: int
    refused: int
    refusals: list[RefusalOut]


@router.post(
    "/feeds/{kind}",
    response=PushedOut,
    operation_id="push_feed",
    summary="Push a batch of the network's data",
    description=(
        "A file of this kind, as NDJSON, CSV, text (registration data files), XML or a ZIP of "
        "such files, with its `name` for reports, at most 1 MB as sent and "
        f"{LARGEST_UNPACKED // 1_000_000} MB once unpacked from gzip or ZIP. The answer comes when "
        "the batch is stored, whole. Sent again, its records count as unchanged; with an "
        "Idempotency-Key the first answer comes again. With `dry_run` the answer says what would "
        "happen, and nothing is stored but the report. 429: several batches of this kind are "
        "under way; wait as long as Retry-After says."
    ),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {kind: {"schema": {"type": "string"}} for kind in _SUFFIXES},
        }
    },
)
def push_feed(
    request: ActorRequest, kind: str, dry_run: bool = False, name: FileName = ""
) -> Pushed:
    """Take in a batch (SSI-NFR-35)."""
    suffix = _SUFFIXES.get(request.content_type or "")
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if suffix is None or encoding not in {"identity", "gzip"}:
        raise Refused(
            f"Send {', '.join(_SUFFIXES)}, plain or with Content-Encoding gzip.",
            code="unsupported_media_type",
            status=415,
        )
    actor = request.actor
    batch = Batch(kind, request.body, suffix, encoding == "gzip", name)
    return push_batch(actor, batch, dry_run=dry_run)


class FeedOut(Schema):
    """A kind of data; `late_after_hours` is null for one that is not watched.

    `held_up_by` is the file that holds its folder of the inbox up, null when none does.
    """

    kind: str
    title: str
    is_late: bool
    newest_at: datetime | None
    late_after_hours: float | None
    message_at: datetime | None
    last_at: datetime | None
    last_run: int | None
    last_file: str
    held_up_by: str | None


class FeedList(Schema):
    """Every kind."""

    items: list[FeedOut]


@router.get(
    "/feeds",
    response=FeedList,
    operation_id="list_feeds",
    summary="How fresh the network's data is",
    description="Every kind of data with the last run that brought some. For the operator's "
    "administrators.",
)
def list_feeds(request: ActorRequest) -> FeedList:
    """Freshness by kind (SSI-NFR-35)."""
    found = desk_feeds(request.actor, timezone.now())
    return FeedList(
        items=[
            FeedOut(
                kind=one.kind,
                title=one.title,
                is_late=one.is_late,
                newest_at=one.newest_at,
                late_after_hours=one.limit.total_seconds() / 3600 if one.limit else None,
                message_at=one.message_at,
                last_at=one.last_at,
                last_run=one.last_run,
                last_file=one.last_file,
                held_up_by=one.held_up.name if one.held_up else None,
            )
            for one in found
        ]
    )


RunNumber = Annotated[int, Field(ge=1, le=2**63 - 1)]


class RunOut(Schema):
    """A run of the intake; counts grow while it is under way."""

    id: int
    kind: str
    filename: str
    state: str
    is_dry: bool
    accepted: int
    unchanged: int
    refused: int
    percent: int
    note: str
    started_by: str
    created_at: datetime
    finished_at: datetime | None


class RunPage(Schema):
    """A page of runs; `next` is the cursor of what follows, null at the end."""

    items: list[RunOut]
    next: str | None


class RefusalPage(Schema):
    """A page of refused records in the order of their files."""

    items: list[RefusalOut]
    next: str | None


@router.get(
    "/intake-runs",
    response=RunPage,
    operation_id="list_intake_runs",
    summary="Runs of the intake",
    description="By screen, command, folder and API, newest first. For the operator's "
    "administrators.",
)
def list_intake_runs(request: ActorRequest, query: Query[Paged]) -> Any:
    """Runs (REG-1)."""
    return intake_runs(request.actor, query.page)


@router.get(
    "/intake-runs/{run_id}",
    response=RunOut,
    operation_id="get_intake_run",
    summary="One run of the intake",
    description="With its counts and what deserves a word. For the operator's administrators.",
)
def get_intake_run(request: ActorRequest, run_id: Path[RunNumber]) -> Any:
    """A run (REG-1)."""
    return intake_run(request.actor, run_id)


@router.get(
    "/intake-runs/{run_id}/refusals",
    response=RefusalPage,
    operation_id="list_intake_refusals",
    summary="What a run refused",
    description="Each record with its file, line and reason. For the operator's administrators.",
)
def list_intake_refusals(
    request: ActorRequest, run_id: Path[RunNumber], query: Query[Paged]
) -> Any:
    """Refusals of a run (REG-1)."""
    return refusals_of(request.actor, run_id, query.page)
