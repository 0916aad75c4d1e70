"""Endpoints: the activity log (FSM-10, SEC-1)."""

from datetime import datetime
from typing import Any

from ninja import Field, Query, Router, Schema

from meterdesk.identity import queries
from meterdesk.platform.activity.reading import EntrySearch
from meterdesk.platform.api import Paged

router = Router(tags=["Activity"])
_TEXT = r"^[^\x00]*$"


class FactOut(Schema):
    """Something that an entry says besides."""

    name: str
    value: str


class ActivityOut(Schema):
    """One line of the activity log."""

    id: int
    at: datetime
    who: str
    organisation_name: str
    area: str
    what: str = Field(description="In plain words; `verb` is the stable name.")
    verb: str
    subject: str
    failed: bool
    request_id: str
    facts: list[FactOut]


class ActivityPage(Schema):
    """A page of the log, newest first."""

    items: list[ActivityOut]
    next: str | None


class ActivityQuery(Paged):
    """Which entries to read."""

    who: str = Field(default="", max_length=150, pattern=_TEXT, description="A username.")
    subject: str = Field(default="", max_length=200, pattern=_TEXT)
    area: str = Field(
        default="", max_length=40, pattern=_TEXT, description="What stands before the verb's dot."
    )
    verb: str = Field(default="", max_length=80, pattern=_TEXT)
    failed: bool | None = None
    begins: datetime | None = Field(default=None, description="From this instant on.")
    ends: datetime | None = Field(default=None, description="Before this instant.")
    organisation_id: int | None = Field(
        default=None, ge=1, le=2**63 - 1, description="For the operator's security officer."
    )


@router.get(
    "/activity",
    response=ActivityPage,
    operation_id="list_activity",
    summary="The activity log",
    description="Of one's own organisation, for its administrators and Security Users; all of it "
    "for the operator's security officer. Newest first.",
)
def list_activity(request: Any, query: Query[ActivityQuery]) -> dict[str, Any]:
    """A page of the log."""
    search = EntrySearch(
        username=query.who,
        subject=query.subject,
        area=query.area,
        verb=query.verb,
        failed=query.failed,
        begins=query.begins,
        ends=query.ends,
        organisation_id=query.organisation_id,
    )
    page = queries.activity(request.actor, search, query.page)
    items = [
        {
            **{name: getattr(line, name) for name in ActivityOut.model_fields if name != "facts"},
            "facts": [{"name": name, "value": value} for name, value in line.facts],
        }
        for line in page.items
    ]
    return {"items": items, "next": page.next}
