"""Invitations to the other side of a sharing, and the end of what has an end."""

from uuid import UUID

from django.utils import timezone

from meterdesk.organisations.actions.sharing import expire, invite
from meterdesk.organisations.queries.sharing import sharings_past_their_end
from meterdesk.platform import jobs


@jobs.job("organisations.invite")
def invite_other_side(*, sharing_id: str) -> None:
    """Ask the other side for its notification."""
    invite(UUID(sharing_id), at=timezone.now())


@jobs.periodic("organisations.expire_sharings", cron="5 * * * *")
def expire_sharings() -> None:
    """Note which sharings are past their last day; their grants have ended by themselves."""
    at = timezone.now()
    for sharing_id in sharings_past_their_end(at=at):
        expire(sharing_id, at=at)
