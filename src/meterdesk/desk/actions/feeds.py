"""Batches that programs push, and feeds that fell silent."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from meterdesk.desk.queries.feeds import every_feed
from meterdesk.identity.rules import Actor
from meterdesk.kernel.errors import NotAllowed
from meterdesk.notifications.actions import send_email
from meterdesk.platform import activity
from meterdesk.platform.intake.feeds import newly_late
from meterdesk.platform.intake.pushes import Batch, Pushed, take_in_push


def push_batch(actor: Actor, batch: Batch, *, dry_run: bool = False) -> Pushed:
    """Take in a batch, whole or not at all; when this returns it is stored.

    A dry run answers what would happen and changes nothing.

    Raises:
        NotAllowed: without the right to push this kind, or the desk permission INTAKE.
        Unreadable, Refused, TooMany: see platform.intake.pushes.
    """
    if not actor.may_feed(batch.kind):
        raise NotAllowed("You may not push data of this kind. Ask the operator for the right to.")
    return take_in_push(actor, batch, dry_run=dry_run)


@transaction.atomic
def watch_feeds(*, at: datetime) -> int:
    """Tell the operator of each feed that has become late, once; returns how many (SSI-NFR-35)."""
    late = newly_late(every_feed(at), at)
    for one in late:
        activity.record(actor=None, verb="feeds.late", subject=one.kind, at=at)
        if settings.OPERATOR_EMAIL:
            send_email(
                to=settings.OPERATOR_EMAIL,
                subject=f"{one.title}: no fresh data",
                body=(
                    f"The newest data of {one.title} is from "
                    f"{f'{one.newest_at:%d %b %Y %H:%M} UTC' if one.newest_at else 'never'}.\n"
                    "Look at the page Feeds, and at whoever sends it. "
                    "Every screen that shows this data says how old it is."
                ),
                about=f"feed {one.kind}",
                at=at,
            )
    return len(late)
