"""People as their administrators list them (SSI-FR-59, FSM-11)."""

from collections.abc import Mapping
from dataclasses import astuple, dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import (
    Count,
    DateTimeField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce, Lower

from meterdesk.identity.access import people_visible_to
from meterdesk.identity.models import AccountRules, LogInDay, Person, RoleAssignment
from meterdesk.identity.models.people import LAST_SEEN, NAME_LOWER
from meterdesk.identity.rules import Actor, DeskRole, JobTypeRole
from meterdesk.identity.rules.accounts import AccountStatus, log_in_day
from meterdesk.kernel.errors import Refused
from meterdesk.kernel.identifiers import parse_eui
from meterdesk.kernel.paging import Order, Page, PageRequest
from meterdesk.platform.pages import COUNT_CAP, page_of_rows

DORMANT_DEFAULT: Final = 90
SORTS: Final[Mapping[str, Order]] = {
    "username": Order("username_lower", str),
    "name": Order("name_lower", str),
    "department": Order("department_lower", str),
    "status": Order("status", str),
    "last_login": Order("last_seen_at", datetime),
}
LAST_LOG_IN: Final = ("7", "30", "none60", "none90", "dormant", "never")
STATUSES: Final = ("", "ACTIVE", "LOCKED", "DELETED", "ALL")


@dataclass(frozen=True, slots=True)
class PeopleSearch:
    """Which people to list. Empty filters leave everybody in.

    Attributes:
        text: part of a username, a name, an email address or a department.
        status: ACTIVE, LOCKED, DELETED, ALL; empty: all but deleted.
        role: a Job Type Role, or a desk role of the operator's staff.
        user_id: an EUI-64 on which they have a role.
        department: the whole of it, in whatever letter case.
        last_login: one of LAST_LOG_IN: within 7 or 30 days; none for 60 or 90; none for as long
            as the organisation calls dormant; never.
        sort: a key of SORTS, with - before it to descend.
    """

    text: str = ""
    status: str = ""
    role: str = ""
    user_id: str = ""
    department: str = ""
    last_login: str = ""
    sort: str = "username"


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A line of the people page, with the figures of the log-in report when they were asked for.

    `log_ins_90` counts log-ins of the last 90 days, `days_90` the days with one.
    """

    id: int
    username: str
    display_name: str
    organisation_name: str
    department: str
    line_manager: str
    status: str
    status_word: str
    created_at: datetime
    last_login_at: datetime | None
    is_dormant: bool
    version: int
    log_ins_30: int = 0
    log_ins_90: int = 0
    days_90: int = 0


def people(
    actor: Actor, search: PeopleSearch, page: PageRequest, *, at: datetime, figures: bool = False
) -> Page[PersonRow]:
    """People whom the actor administers, that fit a search.

    Raises Refused, field user_id, for a UserId that cannot be read.
    """
    order = _order(search.sort)
    scope = f"people:{actor.person_id}:{astuple(search)!r}"
    rows = _matching(actor, search, at)
    found = page_of_rows(rows, scope, order, page, cap=COUNT_CAP).as_entries(
        lambda person: row_of(person, at)
    )
    return replace(found, items=tuple(with_figures(list(found.items), at))) if figures else found


def departments(actor: Actor) -> list[str]:
    """Departments of the people whom the actor administers, by name, at most 200."""
    found = Person.objects.filter(people_visible_to(actor)).exclude(department="")
    return list(found.order_by("department").values_list("department", flat=True).distinct()[:200])


def with_last_seen(rows: QuerySet[Person]) -> QuerySet[Person]:
    """The rows with what tells who is dormant: last log-in, and the organisation's measure."""
    measure = AccountRules.objects.filter(organisation=OuterRef("organisation")).values(
        "dormant_after_days"
    )
    return rows.annotate(
        last_seen_at=LAST_SEEN,
        dormant_after_days=Coalesce(measure, Value(DORMANT_DEFAULT)),
    )


def is_dormant(person: Any, at: datetime) -> bool:
    """Whether an account of `with_last_seen` has been left unused, from its opening on."""
    since = at - timedelta(days=person.dormant_after_days)
    seen_at: datetime = person.last_login or person.created_at
    return person.status != AccountStatus.DELETED and seen_at < since


def _order(sort: str) -> list[Order]:
    descending = sort.startswith("-")
    first = SORTS.get(sort.removeprefix("-"), SORTS["username"])
    return [replace(first, descending=descending), Order("id", int, descending)]


def _matching(actor: Actor, search: PeopleSearch, at: datetime) -> QuerySet[Person]:
    rows = with_last_seen(
        Person.objects.select_related("organisation").filter(people_visible_to(actor))
    ).annotate(
        username_lower=Lower("username"),
        name_lower=NAME_LOWER,
        department_lower=Lower("department"),
    )
    if text := search.text.strip().lower():
        rows = rows.filter(
            Q(username_lower__contains=text)
            | Q(name_lower__contains=text)
            | Q(department_lower__contains=text)
            | Q(email__icontains=text)
        )
    if not search.status:
        rows = rows.exclude(status=Person.Status.DELETED)
    elif search.status in Person.Status.values:
        rows = rows.filter(status=search.status)
    if department := search.department.strip().lower():
        rows = rows.filter(department_lower=department)
    return _seen(_with_role(rows, search), search.last_login, at)


def _with_role(rows: QuerySet[Person], search: PeopleSearch) -> QuerySet[Person]:
    if search.role in list(DeskRole):
        return rows.filter(desk_assignments__desk_role=search.role)
    if not search.role and not search.user_id:
        return rows
    held = RoleAssignment.objects.filter(person=OuterRef("pk"))
    if search.role in list(JobTypeRole):
        held = held.filter(job_type_role=search.role)
    if search.user_id:
        try:
            held = held.filter(user_id=parse_eui(search.user_id))
        except Refused as refused:
            raise Refused(refused.message, fields={"user_id": refused.message}) from None
    return rows.filter(Exists(held))


def _seen(rows: QuerySet[Person], last_login: str, at: datetime) -> QuerySet[Person]:
    if last_login.isdecimal():
        return rows.filter(last_login__gte=at - timedelta(days=int(last_login)))
    if last_login == "never":
        return rows.filter(last_login=None)
    if last_login.startswith("none"):
        since = at - timedelta(days=int(last_login.removeprefix("none")))
        return rows.filter(_unused_since(since))
    if last_login == "dormant":
        day = Value(timedelta(days=1), DurationField())
        length = ExpressionWrapper(F("dormant_after_days") * day, DurationField())
        limit = ExpressionWrapper(Value(at) - length, DateTimeField())
        return rows.filter(_unused_since(limit), ~Q(status=Person.Status.DELETED))
    return rows


def _unused_since(since: Any) -> Q:
    return Q(last_login__lt=since) | Q(last_login=None, created_at__lt=since)


def with_figures(rows: list[PersonRow], at: datetime) -> list[PersonRow]:
    """With the log-ins of each, counted in one query."""
    today = log_in_day(at)
    recent = Q(day__gt=today - timedelta(days=30))
    counted = (
        LogInDay.objects.filter(
            person_id__in=[row.id for row in rows], day__gt=today - timedelta(days=90)
        )
        .values("person_id")
        .annotate(in_30=Sum("count", filter=recent), in_90=Sum("count"), days=Count("day"))
    )
    found = {one["person_id"]: one for one in counted}
    return [
        replace(
            row,
            log_ins_30=found[row.id]["in_30"] or 0,
            log_ins_90=found[row.id]["in_90"],
            days_90=found[row.id]["days"],
        )
        if row.id in found
        else row
        for row in rows
    ]


def row_of(person: Any, at: datetime) -> PersonRow:
    """A person of `with_last_seen` as a line of the list."""
    return PersonRow(
        id=person.pk,
        username=person.username,
        display_name=person.display_name,
        organisation_name=person.organisation.name,
        department=person.department,
        line_manager=person.line_manager,
        status=person.status,
        status_word=Person.Status(person.status).label,
        created_at=person.created_at,
        last_login_at=person.last_login,
        is_dormant=is_dormant(person, at),
        version=person.version,
    )
