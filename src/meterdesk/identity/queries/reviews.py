"""Reviews of accounts: how far they are, and what was decided by whom."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Lower

from meterdesk.identity.access import administers
from meterdesk.identity.models import AccountReview, Organisation, Person, ReviewDecision
from meterdesk.identity.queries.administration import other_administrators
from meterdesk.identity.queries.people import is_dormant, with_last_seen
from meterdesk.identity.rules import Actor
from meterdesk.identity.rules.accounts import Decision
from meterdesk.kernel.errors import NotVisible
from meterdesk.kernel.paging import Order, Page, PageRequest
from meterdesk.platform.pages import page_of_rows

_ORDER: Final = (Order("username_lower", str), Order("id", int))


@dataclass(frozen=True, slots=True)
class ReviewView:
    """A review; `started_by` is empty when the clock began it, `is_overdue` is as of the asking."""

    id: int
    started_at: datetime
    started_by: str
    due_at: datetime
    finished_at: datetime | None
    is_overdue: bool
    total: int
    confirmed: int
    removed: int

    @property
    def decided(self) -> int:
        """Accounts that were confirmed or removed."""
        return self.confirmed + self.removed


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """An account in a review; another administrator confirms one's own, where there is one."""

    person_id: int
    username: str
    display_name: str
    department: str
    roles: tuple[str, ...]
    last_login_at: datetime | None
    is_dormant: bool
    decision: Decision
    decision_word: str
    decided_at: datetime | None
    decided_by: str
    may_confirm: bool
    may_remove: bool


def visible_reviews(actor: Actor) -> Q:
    """Reviews of the organisation whose accounts the actor administers."""
    return Q(organisation_id=actor.organisation_id) if administers(actor) else Q(pk__in=[])


def reviews(actor: Actor, *, at: datetime) -> list[ReviewView]:
    """The newest reviews, at most 50."""
    return [_view(one, at) for one in _counted(actor).order_by("-started_at", "-pk")[:50]]


def review(actor: Actor, review_id: int, *, at: datetime) -> ReviewView:
    """One review. Raises NotVisible."""
    found = _counted(actor).filter(pk=review_id).first()
    if found is None:
        raise NotVisible()
    return _view(found, at)


def review_rows(
    actor: Actor, review_id: int, decision: str, page: PageRequest, *, at: datetime
) -> Page[DecisionRow]:
    """Accounts of a review by username; `decision`: one of Decision, or empty for all.

    Raises NotVisible.
    """
    if not AccountReview.objects.filter(visible_reviews(actor), pk=review_id).exists():
        raise NotVisible()
    rows: Any = (
        ReviewDecision.objects.filter(review_id=review_id)
        .select_related("decided_by")
        .annotate(username_lower=Lower("person__username"))
    )
    if decision in list(Decision):
        rows = rows.filter(decision=decision)
    scope = f"review:{review_id}:{decision}"
    found = page_of_rows(rows, scope, _ORDER, page)
    people = _people([row.person_id for row in found.items])
    own = Organisation.objects.get(pk=actor.organisation_id)
    is_alone = not other_administrators(own, actor.person_id).exists()
    items = tuple(
        _row(one, people[one.person_id], at, one.person_id == actor.person_id, is_alone)
        for one in found.items
    )
    return Page(items, found.next)


def _people(numbers: list[int]) -> dict[int, Person]:
    found = with_last_seen(Person.objects.filter(pk__in=numbers)).prefetch_related(
        "role_assignments", "desk_assignments"
    )
    return {one.pk: one for one in found}


def _counted(actor: Actor) -> QuerySet[Any]:
    return (
        AccountReview.objects.filter(visible_reviews(actor))
        .select_related("started_by")
        .annotate(
            total=Count("decisions"),
            confirmed=Count("decisions", filter=Q(decisions__decision=Decision.CONFIRMED)),
            removed=Count("decisions", filter=Q(decisions__decision=Decision.REMOVED)),
        )
    )


def _view(one: Any, at: datetime) -> ReviewView:
    return ReviewView(
        id=one.pk,
        started_at=one.started_at,
        started_by=one.started_by.display_name if one.started_by else "",
        due_at=one.due_at,
        finished_at=one.finished_at,
        is_overdue=one.finished_at is None and one.due_at < at,
        total=one.total,
        confirmed=one.confirmed,
        removed=one.removed,
    )


def _row(
    one: ReviewDecision, person: Person, at: datetime, is_self: bool, is_alone: bool
) -> DecisionRow:
    held = {role.job_type_role for role in person.role_assignments.all()}
    held |= {
        role.desk_role.replace("_", " ").capitalize() for role in person.desk_assignments.all()
    }
    decision = Decision(one.decision)
    return DecisionRow(
        person_id=person.pk,
        username=person.username,
        display_name=person.display_name,
        department=person.department,
        roles=tuple(sorted(held)),
        last_login_at=person.last_login,
        is_dormant=is_dormant(person, at),
        decision=decision,
        decision_word=decision.word,
        decided_at=one.decided_at,
        decided_by=one.decided_by.display_name if one.decided_by else "",
        may_confirm=decision is Decision.OPEN and (not is_self or is_alone),
        may_remove=decision is Decision.OPEN and not is_self,
    )
