"""How fresh the network's data is, for the operator's staff who take it in."""

from datetime import datetime

from django.conf import settings

from meterdesk.desk.access import require
from meterdesk.identity.rules import Actor, DeskPermission
from meterdesk.platform.intake.feeds import Feed, feeds
from meterdesk.trail.queries import freshness


def every_feed(now: datetime) -> list[Feed]:
    """Every kind with its lag; unfiltered, for the watch."""
    return feeds(settings.FEED_HOURS, {"trail": freshness()}, now)


def desk_feeds(actor: Actor, now: datetime) -> list[Feed]:
    """Every kind with its lag (SSI-NFR-35)."""
    require(actor, DeskPermission.INTAKE)
    return every_feed(now)
