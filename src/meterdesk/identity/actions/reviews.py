"""The periodic review: administrators confirm or remove each account of their organisation."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Min, Q

from meterdesk.identity.access import administers
from meterdesk.identity.actions.review_decisions import note_decisions
from meterdesk.identity.actions.telling import by_whom, tell_administrators
from meterdesk.identity.models import AccountReview, Organisation, Person, ReviewDecision
from meterdesk.identity.queries.administration import (
    account_rules,
    administrators_of,
    other_administrators,
)
from meterdesk.identity.queries.reviews import visible_reviews
from meterdesk.identity.rules import Actor, OrganisationKind
from meterdesk.identity.rules.accounts import (
    OVERDUE_NOTICE_EVERY,
    REVIEW_LENGTH,
    AccountStatus,
    Decision,
    review_is_due,
)
from meterdesk.kernel.errors import Conflict, NotAllowed, NotVisible, Refused
from meterdesk.platform import activity


@transaction.atomic
def start_review(actor: Actor, *, at: datetime) -> int:
    """Begin a review of every account that the actor's organisation looks after.

    Returns its number. Raises NotAllowed, Conflict while another one is open.
    """
    if not administers(actor):
        raise NotAllowed()
    organisations = Organisation.objects.select_for_update(no_key=True)
    return _start(actor, organisations.get(pk=actor.organisation_id), at)


@transaction.atomic
def confirm_accounts(
    actor: Actor, review_id: int, person_ids: Iterable[int], *, at: datetime
) -> int:
    """Confirm that these people still need their accounts; returns how many were open till now.

    One's own account is confirmed by another administrator, where there is one who can. Raises
    NotVisible, Refused when nobody was chosen, NotAllowed for one's own.
    """
    found = AccountReview.objects.filter(visible_reviews(actor), pk=review_id)
    review = found.select_related("organisation").first()
    if review is None:
        raise NotVisible()
    organisations = Organisation.objects.select_for_update(no_key=True)
    organisation = organisations.get(pk=review.organisation_id)
    chosen = set(person_ids)
    if not chosen:
        raise Refused("Choose the accounts to confirm.", fields={"person": "Choose an account."})
    if actor.person_id in chosen and other_administrators(organisation, actor.person_id).exists():
        raise NotAllowed("Ask another administrator to confirm your own account.")
    rows = ReviewDecision.objects.filter(review=review, person_id__in=chosen)
    names = list(rows.filter(decision=Decision.OPEN).values_list("person__username", flat=True))
    confirmed = note_decisions(rows, Decision.CONFIRMED, actor.person_id, at=at)
    if confirmed:
        activity.record(
            actor=actor,
            verb="identity.confirm_accounts",
            subject=f"review {review.pk}",
            at=at,
            detail={
                "before": Decision.OPEN,
                "after": Decision.CONFIRMED,
                "accounts": sorted(names),
            },
        )
    return confirmed


def start_due_reviews(*, at: datetime) -> int:
    """Begin the reviews that are due by the organisations' rules; returns how many."""
    due = [one.pk for one in Organisation.objects.filter(_reviewed()) if _is_due(one, at)]
    for organisation_id in due:
        with transaction.atomic():
            organisations = Organisation.objects.select_for_update(no_key=True)
            organisation = organisations.get(pk=organisation_id)
            if _is_due(organisation, at):
                _start(None, organisation, at)
    return len(due)


def remind_of_overdue_reviews(*, at: datetime) -> int:
    """Write to administrators whose review is overdue, at most once a week; returns how many."""
    late = AccountReview.objects.filter(
        Q(reminded_at=None) | Q(reminded_at__lte=at - OVERDUE_NOTICE_EVERY),
        finished_at=None,
        due_at__lt=at,
    )
    numbers = list(late.values_list("pk", flat=True))
    for number in numbers:
        with transaction.atomic():
            held = late.select_for_update(of=("self",)).select_related("organisation")
            review = held.filter(pk=number).first()
            if review is not None:
                review.reminded_at = at
                review.save(update_fields=["reminded_at"])
                _tell_overdue(review, at)
    return len(numbers)


def _start(actor: Actor | None, organisation: Organisation, at: datetime) -> int:
    """The organisation's row is held."""
    if AccountReview.objects.filter(organisation=organisation, finished_at=None).exists():
        raise Conflict("A review is under way. Finish it before you begin another.")
    review = AccountReview.objects.create(
        organisation=organisation,
        started_at=at,
        started_by_id=actor.person_id if actor else None,
        due_at=at + REVIEW_LENGTH,
    )
    people = Person.objects.filter(_looked_after_by(organisation), kind=Person.Kind.PERSON)
    reviewed = ReviewDecision.objects.bulk_create(
        ReviewDecision(review=review, person=person)
        for person in people.exclude(status=AccountStatus.DELETED)
    )
    activity.record(
        actor=actor,
        verb="identity.start_review",
        subject=f"review {review.pk}",
        at=at,
        organisation_id=organisation.pk,
        detail={
            "before": None,
            "after": {"accounts": len(reviewed), "due_at": review.due_at.isoformat()},
        },
    )
    began = f"{by_whom(actor)} began a review" if actor else "A review is due"
    lines = [
        f"{began} of the accounts of {organisation.name}. Confirm or remove each of them by "
        f"{review.due_at:%-d %B %Y}: {_address(review)}"
    ]
    but = [actor.person_id] if actor else []
    tell_administrators(organisation, "Review the accounts", lines, at=at, but=but)
    return review.pk


def _tell_overdue(review: AccountReview, at: datetime) -> None:
    left = review.decisions.filter(decision=Decision.OPEN).count()
    lines = [
        f"The review of the accounts of {review.organisation.name} was due on "
        f"{review.due_at:%-d %B %Y}. {left} {'account waits' if left == 1 else 'accounts wait'} "
        f"to be confirmed or removed: {_address(review)}"
    ]
    tell_administrators(review.organisation, "The review of accounts is overdue", lines, at=at)


def _address(review: AccountReview) -> str:
    return f"{settings.PUBLIC_URL}/people/reviews/{review.pk}/"


def _reviewed() -> Q:
    """Organisations that review accounts: service providers' are the operator's to review."""
    return Q(closed_at=None) & ~Q(kind=OrganisationKind.SERVICE_PROVIDER)


def _looked_after_by(organisation: Organisation) -> Q:
    own = Q(organisation=organisation)
    if organisation.kind == OrganisationKind.OPERATOR:
        return own | Q(organisation__kind=OrganisationKind.SERVICE_PROVIDER)
    return own


def _is_due(organisation: Organisation, at: datetime) -> bool:
    """Counted from the last review, or from the organisation's first account."""
    reviews = AccountReview.objects.filter(organisation=organisation)
    if reviews.filter(finished_at=None).exists() or not administrators_of(organisation).exists():
        return False
    last = reviews.order_by("-started_at").values_list("started_at", flat=True).first()
    since = last or organisation.people.aggregate(first=Min("created_at"))["first"]
    every = account_rules(organisation.pk).review_every_months
    return since is not None and review_is_due(since, every, at)
