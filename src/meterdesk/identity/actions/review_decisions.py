"""Decisions on accounts under review, and the end of a review that has them all."""

from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from meterdesk.identity.models import AccountReview, ReviewDecision
from meterdesk.identity.rules.accounts import Decision


def note_decisions(
    rows: QuerySet[ReviewDecision], decision: Decision, decided_by: int, *, at: datetime
) -> int:
    """Decide the open ones of these; a review without open ones is finished. Returns how many.

    Call in the transaction that holds the organisation's row.
    """
    still_open = rows.filter(decision=Decision.OPEN)
    reviews = set(still_open.values_list("review_id", flat=True))
    decided = still_open.update(decision=decision, decided_at=at, decided_by_id=decided_by)
    left = ReviewDecision.objects.filter(review=OuterRef("pk"), decision=Decision.OPEN)
    AccountReview.objects.filter(~Exists(left), pk__in=reviews, finished_at=None).update(
        finished_at=at
    )
    return decided
