"""Old requests are forgotten."""

from django.utils import timezone

from meterdesk.identity_provider.actions import forget_old_sign_ons
from meterdesk.platform import jobs


@jobs.periodic("identity_provider.forget_sign_ons", cron="41 3 * * *")
def forget_sign_ons() -> int:
    """Drop what nobody can answer any more. Returns how many."""
    return forget_old_sign_ons(at=timezone.now())
