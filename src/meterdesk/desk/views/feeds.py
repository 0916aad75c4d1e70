"""How fresh each feed is."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from meterdesk.desk.queries.feeds import desk_feeds


@require_safe
def feeds(request: Any) -> HttpResponse:
    """Every kind of data: last message, last file, lag (SSI-NFR-35)."""
    every = desk_feeds(request.actor, timezone.now())
    context = {"feeds": every, "late": [one for one in every if one.is_late]}
    return render(request, "desk/feeds.html", context)
