"""The one box by API (SSI-FR-2)."""

from typing import Annotated, Any

from ninja import Query, Router, Schema
from pydantic import Field

from meterdesk.identity.queries import ActorRequest
from meterdesk.kernel.recognise import MAX_TEXT, IdKind
from meterdesk.search.queries import find
from meterdesk.search.rules import HitKind

router = Router(tags=["Search"])


class FindQuery(Schema):
    """What to look up."""

    q: Annotated[str, Field(min_length=1, max_length=MAX_TEXT)]


class Reading(Schema):
    """Something the text can be; `note` says what is in doubt or wrong."""

    kind: IdKind
    value: str
    property: str | None
    can_be_looked_up: bool
    note: str | None


class HitOut(Schema):
    """A record: `key` is a Device ID, an MPxN, an incident reference or an outcode."""

    kind: HitKind
    key: str
    title: str
    detail: str
    because: IdKind


class FindAnswer(Schema):
    """Readings of the text, most likely first, and the records that fit and that you may see."""

    readings: list[Reading]
    items: list[HitOut]
    more: bool
    next: str | None


@router.get(
    "/find",
    response=FindAnswer,
    operation_id="find",
    summary="Find by any identifier",
    description=(
        "Looks `q` up as every kind of identifier it can be: Device ID, MPAN, MPRN, UPRN, "
        "postcode with or without a property, outcode, incident reference, request id. At most "
        "50 records are given; `more` tells that there are more, and `next` is always null."
    ),
)
def find_by_identifier(request: ActorRequest, query: Query[FindQuery]) -> dict[str, Any]:
    """Everything the actor may see that fits a text."""
    found = find(request.actor, query.q)
    readings = [
        Reading(
            kind=one.kind,
            value=one.value,
            property=one.property_name,
            can_be_looked_up=one.can_be_looked_up,
            note=one.note,
        )
        for one in found.readings
    ]
    items = [
        HitOut(kind=one.kind, key=one.key, title=one.title, detail=one.detail, because=one.because)
        for one in found.hits
    ]
    return {"readings": readings, "items": items, "more": found.more, "next": None}
