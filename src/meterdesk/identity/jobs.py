"""Nightly: sessions that ended, and counters whose window is over, are forgotten."""

from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from meterdesk.identity.actions import forget_old_sessions
from meterdesk.platform import counters, jobs


@jobs.periodic("identity.forget_ended_sessions", cron="10 3 * * *")
def forget_ended_sessions() -> None:
    """Delete what can no longer open anything; the register of log-ins is kept longer."""
    SessionStore.clear_expired()
    forget_old_sessions(at=timezone.now())
    counters.forget_ended(at=timezone.now())
