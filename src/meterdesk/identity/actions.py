"""Changes to people, rights, sessions and tokens."""

from datetime import datetime, timedelta

from meterdesk.identity.models import ApiToken

TOKEN_USE_RESOLUTION = timedelta(minutes=1)


def note_token_use(token: ApiToken, *, at: datetime) -> None:
    """Keep when a token was last used, to the minute, so that calls do not queue on its row."""
    if token.last_used_at is None or at - token.last_used_at >= TOKEN_USE_RESOLUTION:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=at)
