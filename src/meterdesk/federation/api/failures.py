"""Endpoints: failed log-ins through identity providers."""

from datetime import datetime
from typing import Annotated, Any

from ninja import Path, Query, Router, Schema
from pydantic import Field

from meterdesk.federation import queries
from meterdesk.identity.queries import ActorRequest
from meterdesk.platform.api import Paged

router = Router(tags=["Account"])
Reference = Annotated[
    str,
    Path(max_length=20, pattern=r"^[0-9A-Za-z -]+$", description="As the person was given it."),
]


class FailureOut(Schema):
    """A failed log-in as a line."""

    reference: str
    at: datetime
    provider_name: str = Field(description="Empty when the answer belonged to none.")
    organisation_name: str
    happened: str = Field(description="What happened, as the person was told.")


class FailureDetailOut(FailureOut):
    """A failed log-in with its facts."""

    reason: str = Field(description="Stable code of the reason.")
    remedy: str = Field(description="What the person was told to do.")
    facts: str = Field(description="What was found and what was expected.")
    request_id: str
    address: str


class FailurePage(Schema):
    """Failed log-ins, newest first; `next` is the cursor of what follows, null at the end."""

    items: list[FailureOut]
    next: str | None


class FailureQuery(Paged):
    """Which ones."""

    text: Annotated[
        str, Field(max_length=100, description="A reference, or part of a provider's name.")
    ] = ""


@router.get(
    "/failed-log-ins",
    response=FailurePage,
    operation_id="list_failed_log_ins",
    summary="Failed log-ins through identity providers",
    description="Of your own organisation, for its administrators; of all, for the operator.",
)
def list_failed_log_ins(request: ActorRequest, query: Query[FailureQuery]) -> Any:
    """A page of failed log-ins."""
    actor = request.actor
    return queries.failed_log_ins(actor, query.page, query.text.replace("\x00", ""))


@router.get(
    "/failed-log-ins/{failure_reference}",
    response=FailureDetailOut,
    operation_id="get_failed_log_in",
    summary="A failed log-in by its reference",
    description="With what was found and what was expected.",
)
def get_failed_log_in(request: ActorRequest, failure_reference: Reference) -> Any:
    """One failed log-in."""
    return queries.failed_log_in(request.actor, failure_reference)
