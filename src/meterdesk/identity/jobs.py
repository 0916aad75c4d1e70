"""By the clock: what ended is forgotten; who must act before a date is told."""

from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from meterdesk.identity.actions import (
    forget_old_imports,
    forget_old_links,
    forget_old_sessions,
    go_on_with_import,
    remind_of_expiring_tokens,
    remind_of_overdue_reviews,
    remind_of_reviews,
    start_due_reviews,
    verify_activity_log,
)
from meterdesk.platform import counters, jobs


@jobs.periodic("identity.forget_ended_sessions", cron="10 3 * * *")
def forget_ended_sessions() -> None:
    """Delete what can no longer open anything; the register of log-ins is kept longer."""
    SessionStore.clear_expired()
    forget_old_sessions(at=timezone.now())
    forget_old_imports(at=timezone.now())
    forget_old_links(at=timezone.now())
    counters.forget_ended(at=timezone.now())


@jobs.job("identity.go_on_with_import")
def check_or_open_accounts(*, import_id: int) -> None:
    """Check a long file of new accounts, or open what it asks for."""
    go_on_with_import(import_id, at=timezone.now())


@jobs.periodic("identity.remind", cron="5 7 * * *")
def remind() -> None:
    """Tell of tokens that end soon, and of network approvals that are to be reviewed."""
    remind_of_expiring_tokens(at=timezone.now())
    remind_of_reviews(at=timezone.now())


@jobs.periodic("identity.review_accounts", cron="20 6 * * *")
def review_accounts() -> None:
    """Begin the reviews of accounts that are due, and tell of those that are overdue."""
    start_due_reviews(at=timezone.now())
    remind_of_overdue_reviews(at=timezone.now())


@jobs.periodic("identity.verify_activity", cron="40 2 * * *")
def verify_the_log() -> None:
    """Verify the activity log every night; tell the operator's security officers if it broke."""
    verify_activity_log(at=timezone.now())
