"""Endpoints: reviews of accounts, files of new accounts, and the rules for both."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpResponse
from django.utils import timezone
from ninja import Field, Path, Query, Router, Schema, Status

from meterdesk.identity import actions, queries
from meterdesk.identity.api.proof import require_proof
from meterdesk.identity.rules.accounts import (
    DOMAINS_MOST,
    IMPORT_BYTES_MOST,
    Decision,
    ImportState,
    RowOutcome,
)
from meterdesk.kernel.paging import MAX_LIMIT, PageRequest
from meterdesk.platform.api import IF_MATCH, Paged, name_version, required_version

router = Router(tags=["People"])
Number = Annotated[int, Path(ge=1, le=2**63 - 1)]
PersonNumber = Annotated[int, Field(ge=1, le=2**63 - 1)]


class ReviewOut(Schema):
    """A review of an organisation's accounts."""

    id: int
    started_at: datetime
    started_by: str = Field(description="Empty when the calendar began it.")
    due_at: datetime
    finished_at: datetime | None
    is_overdue: bool
    total: int
    confirmed: int
    removed: int


class ReviewList(Schema):
    """Reviews, newest first."""

    items: list[ReviewOut]
    next: str | None = None


class DecisionOut(Schema):
    """An account in a review."""

    person_id: int
    username: str
    display_name: str
    department: str
    roles: list[str]
    last_login_at: datetime | None
    is_dormant: bool
    decision: Decision
    decided_at: datetime | None
    decided_by: str


class DecisionPage(Schema):
    """A page of the accounts of a review."""

    items: list[DecisionOut]
    next: str | None


class DecisionQuery(Paged):
    """Which accounts of a review to list."""

    decision: Literal[""] | Decision = ""


class ConfirmIn(Schema):
    """People who still need their accounts."""

    person_ids: list[PersonNumber] = Field(min_length=1, max_length=MAX_LIMIT)


class ImportIn(Schema):
    """A file of new accounts."""

    filename: str = Field(default="accounts.csv", max_length=200, pattern=r"^[^\x00/\\]*$")
    csv: str = Field(max_length=IMPORT_BYTES_MOST, description="The file's text.")


class ImportRowOut(Schema):
    """A row of the file and what becomes of it."""

    line: int
    username: str
    outcome: RowOutcome
    reason: str


class ImportSummary(Schema):
    """A file of new accounts and how far it is."""

    id: int
    filename: str
    made_by: str
    created_at: datetime
    state: ImportState = Field(
        description="A long file is CHECKING and OPENING for some minutes: ask again."
    )
    applied_at: datetime | None = Field(description="null: not everything has been opened yet.")
    total: int = Field(description="Lines in all.")
    done: int = Field(description="Lines that are done in the present state.")
    new: int = Field(description="Lines that would open an account.")
    created: int
    unchanged: int
    refused: int


class ImportOut(ImportSummary):
    """A file of new accounts with its report."""

    rows: list[ImportRowOut] = Field(description="The first 500 lines; all of them under /rows.")


class ImportList(Schema):
    """The newest files, at most 20."""

    items: list[ImportSummary]


class ImportRowPage(Schema):
    """A page of the report."""

    items: list[ImportRowOut]
    next: str | None


class ImportRowQuery(Paged):
    """Which lines of the report to read."""

    outcome: Literal[""] | RowOutcome = ""


class RulesIn(Schema):
    """How an organisation keeps its accounts."""

    email_domains: list[Annotated[str, Field(max_length=253, pattern=r"^[^\x00]*$")]] = Field(
        default=[], max_length=DOMAINS_MOST, description="New addresses must lie within these."
    )
    dormant_after_days: int = Field(ge=7, le=730)
    review_every_months: int = Field(ge=1, le=24)


class RulesOut(RulesIn):
    """The rules with their version."""

    version: int


@router.get(
    "/account-reviews",
    response=ReviewList,
    operation_id="list_account_reviews",
    summary="Reviews of accounts",
    description="Of one's own organisation, newest first.",
)
def list_reviews(request: Any) -> dict[str, Any]:
    """The reviews there were."""
    return {"items": queries.reviews(request.actor, at=timezone.now()), "next": None}


@router.post(
    "/account-reviews",
    response={201: ReviewOut},
    operation_id="start_account_review",
    summary="Begin a review",
    description="Of every account there is; refused while another one is under way.",
)
def start_review(request: Any) -> Status[Any]:
    """Begin a review."""
    at = timezone.now()
    number = actions.start_review(request.actor, at=at)
    return Status(201, queries.review(request.actor, number, at=at))


@router.get(
    "/account-reviews/{review_id}",
    response=ReviewOut,
    operation_id="get_account_review",
    summary="A review",
    description="How far it is.",
)
def get_review(request: Any, review_id: Number) -> Any:
    """One review."""
    return queries.review(request.actor, review_id, at=timezone.now())


@router.get(
    "/account-reviews/{review_id}/accounts",
    response=DecisionPage,
    operation_id="list_reviewed_accounts",
    summary="The accounts of a review",
    description="By username, with what was decided, by whom and when.",
)
def list_accounts(request: Any, review_id: Number, query: Query[DecisionQuery]) -> Any:
    """The report of a review."""
    return queries.review_rows(
        request.actor, review_id, str(query.decision), query.page, at=timezone.now()
    )


@router.post(
    "/account-reviews/{review_id}/confirmations",
    response=ReviewOut,
    operation_id="confirm_accounts",
    summary="Confirm accounts",
    description="Those decided before stay as they are. To remove an account, delete the person.",
)
def confirm(request: Any, review_id: Number, given: ConfirmIn) -> Any:
    """Confirm accounts."""
    at = timezone.now()
    actions.confirm_accounts(request.actor, review_id, given.person_ids, at=at)
    return queries.review(request.actor, review_id, at=at)


@router.get(
    "/account-imports",
    response=ImportList,
    operation_id="list_account_imports",
    summary="Files of new accounts",
    description="Of one's own organisation, newest first; kept for 30 days.",
)
def list_imports(request: Any) -> dict[str, Any]:
    """The files handed in."""
    return {"items": queries.account_imports(request.actor)}


@router.post(
    "/account-imports",
    response={201: ImportOut},
    operation_id="check_accounts",
    summary="Check a file of new accounts",
    description="CSV whose first line names the columns, at most 5,000 accounts; the report says "
    "what would become of each line. Nothing is opened yet.",
)
def check(request: Any, given: ImportIn) -> Status[Any]:
    """Check a file."""
    number = actions.check_import(
        request.actor, given.filename, given.csv.encode("utf-8"), at=timezone.now()
    )
    return Status(201, _with_rows(request, number))


@router.get(
    "/account-imports/{import_id}",
    response=ImportOut,
    operation_id="get_account_import",
    summary="A file of new accounts",
    description="How far it is, with its report line by line.",
)
def get_import(request: Any, import_id: Number) -> dict[str, Any]:
    """One file with its report."""
    return _with_rows(request, import_id)


@router.get(
    "/account-imports/{import_id}/rows",
    response=ImportRowPage,
    operation_id="list_account_import_rows",
    summary="Lines of a file of new accounts",
    description="In their order, with what became of each and why.",
)
def list_rows(request: Any, import_id: Number, query: Query[ImportRowQuery]) -> Any:
    """A page of the report."""
    return queries.import_rows(request.actor, import_id, str(query.outcome), query.page)


@router.post(
    "/account-imports/{import_id}/apply",
    response=ImportOut,
    operation_id="open_accounts",
    summary="Open the accounts of a file",
    description="Asks for fresh proof. Each gets a set-up link by email. Sent again, it changes "
    "nothing.",
)
def apply(request: Any, import_id: Number) -> dict[str, Any]:
    """Open the accounts of a checked file."""
    require_proof(request)
    actions.apply_import(request.actor, import_id, at=timezone.now())
    return _with_rows(request, import_id)


def _with_rows(request: Any, import_id: int) -> dict[str, Any]:
    report = queries.account_import(request.actor, import_id)
    rows = queries.import_rows(request.actor, import_id, "", PageRequest(MAX_LIMIT)).items
    summary = {name: getattr(report, name) for name in ImportSummary.model_fields}
    return {**summary, "rows": rows}


@router.get(
    "/account-rules",
    response=RulesOut,
    operation_id="get_account_rules",
    summary="Rules for accounts",
    description="Of one's own organisation.",
)
def get_rules(request: Any, response: HttpResponse) -> Any:
    """The rules."""
    rules = queries.own_account_rules(request.actor)
    name_version(response, rules.version)
    return rules


@router.put(
    "/account-rules",
    response=RulesOut,
    operation_id="set_account_rules",
    summary="Change the rules for accounts",
    description="They hold for what is entered from now on.",
    openapi_extra={"parameters": [IF_MATCH]},
)
def set_rules(request: Any, response: HttpResponse, given: RulesIn) -> Any:
    """Change the rules."""
    actions.set_account_rules(
        request.actor,
        given.email_domains,
        given.dormant_after_days,
        given.review_every_months,
        required_version(request),
        at=timezone.now(),
    )
    return get_rules(request, response)
