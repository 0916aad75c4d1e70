"""Pages a person keeps at hand (SSI-FR-63)."""

from datetime import datetime

from django.db import transaction

from meterdesk.identity.models import Bookmark
from meterdesk.identity.rules import BOOKMARKS_MOST, Actor
from meterdesk.kernel.errors import NotVisible, Refused
from meterdesk.platform import activity


@transaction.atomic
def add_bookmark(actor: Actor, title: str, path: str, *, at: datetime) -> None:
    """Keep a page of this site; a page kept already gets the new title.

    Raises Refused when the address is not one of this site, or there are too many.
    """
    name = title.strip()[:120]
    if not name:
        raise Refused("Enter a name for the page.", fields={"title": "Enter a name for the page."})
    if not path.startswith("/") or path.startswith("//") or "\\" in path or len(path) > 500:
        message = "Enter an address of Meterdesk, beginning with a single /."
        raise Refused(message, fields={"path": message})
    mine = Bookmark.objects.filter(person_id=actor.person_id)
    if mine.exclude(path=path).count() >= BOOKMARKS_MOST:
        raise Refused(f"You have {BOOKMARKS_MOST} bookmarks. Remove one first.")
    before = mine.filter(path=path).values_list("title", flat=True).first()
    Bookmark.objects.update_or_create(
        person_id=actor.person_id, path=path, defaults={"title": name, "created_at": at}
    )
    detail = {"before": before, "after": name}
    activity.record(actor=actor, verb="identity.add_bookmark", subject=path, at=at, detail=detail)


@transaction.atomic
def remove_bookmark(actor: Actor, bookmark_id: int, *, at: datetime) -> None:
    """Remove one of the actor's own bookmarks. Raises NotVisible for any other."""
    bookmark = Bookmark.objects.filter(pk=bookmark_id, person_id=actor.person_id).first()
    if bookmark is None:
        raise NotVisible("You have no such bookmark.")
    bookmark.delete()
    activity.record(
        actor=actor,
        verb="identity.remove_bookmark",
        subject=bookmark.path,
        at=at,
        detail={"before": bookmark.title, "after": None},
    )
