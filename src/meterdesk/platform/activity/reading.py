"""Searching the activity log, newest first, at any size; whether its seals hold (FSM-10, SEC-1).

Who may read what is for the caller to say: the organisation's log, or all of it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import F, Func, Q, QuerySet, TextField, Value

from meterdesk.kernel.paging import Order, Page, PageRequest
from meterdesk.platform.activity import By, record
from meterdesk.platform.activity.sealing import Verdict, verify_activity
from meterdesk.platform.activity.wording import FAILED
from meterdesk.platform.models import ActivityEntry, ActivitySeal
from meterdesk.platform.pages import COUNT_CAP, page_of_rows

LOG: Final = "activity log"
_ORDER: Final = (Order("at", datetime, descending=True), Order("id", int, descending=True))
_KEEPER: Final = By(None, "system", None)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log. `detail` holds facts as JSON, never secrets."""

    id: int
    at: datetime
    person_id: int | None
    username: str
    organisation_id: int | None
    verb: str
    subject: str
    request_id: str
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class EntrySearch:
    """Which entries to read; empty fields ask for all.

    Attributes:
        username: of who did it, whatever the letter case; `subject`: to what, as recorded.
        area: what stands before the dot of the verb; `verb`: the whole of it.
        failed: what did not succeed, or only what did; None for both.
        begins, ends: aware instants; from the first, before the second.
        organisation_id: whose log it is.
    """

    username: str = ""
    person_id: int | None = None
    subject: str = ""
    area: str = ""
    verb: str = ""
    failed: bool | None = None
    begins: datetime | None = None
    ends: datetime | None = None
    organisation_id: int | None = None

    @property
    def scope(self) -> str:
        """Names the list for its cursors."""
        return f"activity:{self!r}"


def read_entries(search: EntrySearch, page: PageRequest, *, count: bool = False) -> Page[Entry]:
    """A page of entries, newest first."""
    rows = _matching(search)
    cap = COUNT_CAP if count else 0
    return page_of_rows(rows, search.scope, _ORDER, page, cap=cap).as_entries(_entry)


def _matching(search: EntrySearch) -> QuerySet[ActivityEntry]:
    rows = ActivityEntry.objects.all()
    exact = {
        "organisation_id": search.organisation_id,
        "person_id": search.person_id,
        "subject": search.subject or None,
        "verb": search.verb or None,
        "at__gte": search.begins,
        "at__lt": search.ends,
    }
    rows = rows.filter(**{name: value for name, value in exact.items() if value is not None})
    if search.username:
        rows = rows.filter(username=search.username)
    if search.area:
        area = Func(
            F("verb"), Value("."), Value(1), function="split_part", output_field=TextField()
        )
        rows = rows.alias(area=area).filter(area=search.area)
    if search.failed is not None:
        failed = Q(verb__regex=FAILED)
        rows = rows.filter(failed if search.failed else ~failed)
    return rows


def _entry(one: ActivityEntry) -> Entry:
    return Entry(
        id=one.pk,
        at=one.at,
        person_id=one.person_id,
        username=one.username,
        organisation_id=one.organisation_id,
        verb=one.verb,
        subject=one.subject,
        request_id=one.request_id,
        detail=one.detail,
    )


@dataclass(frozen=True, slots=True)
class Trust:
    """When the log was last sealed and last verified, and whether it held then."""

    sealed_at: datetime | None
    verified_at: datetime | None
    held: bool | None


def trust() -> Trust:
    """How far the log can be trusted: what `meterdesk verify` and the nightly job found last."""
    sealed = ActivitySeal.objects.order_by("-id").values_list("at", flat=True).first()
    verified = (
        ActivityEntry.objects.filter(
            subject=LOG, verb__in=["activity.verify", "activity.verify_failed"]
        )
        .order_by("-at")
        .first()
    )
    if verified is None:
        return Trust(sealed, None, None)
    return Trust(sealed, verified.at, verified.verb == "activity.verify")


@transaction.atomic
def verify_and_record(at: datetime) -> Verdict:
    """Verify every seal, and write what was found into the log itself."""
    found = verify_activity()
    broken = found.broken
    record(
        actor=_KEEPER,
        verb="activity.verify_failed" if broken else "activity.verify",
        subject=LOG,
        at=at,
        detail={
            "entries": found.entries,
            "seals": found.seals,
            "unsealed": found.unsealed,
            "broken_seal": broken[0] if broken else None,
        },
    )
    return found
