"""Keeping the activity log honest (FSM-10, SEC-1)."""

from datetime import datetime

from meterdesk.identity.actions.telling import tell_operator
from meterdesk.identity.rules import DeskRole
from meterdesk.platform.activity.reading import verify_and_record


def verify_activity_log(*, at: datetime) -> bool:
    """Verify the log and record what was found; tell the security officers if it does not hold."""
    broken = verify_and_record(at).broken
    if broken is not None:
        number, sealed_at = broken
        lines = [
            f"Seal {number} of {sealed_at:%d %B %Y %H:%M} UTC does not hold: an entry of the "
            "activity log before it was altered, removed or added afterwards.",
            "Keep the database as it is. Who can write to it past Meterdesk did this.",
        ]
        subject = "The activity log was altered"
        tell_operator(subject, lines, at=at, desk_role=DeskRole.SECURITY_OFFICER)
    return broken is None
