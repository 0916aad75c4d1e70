"""Routes of the frame itself."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from meterdesk.platform import tables
from meterdesk.platform.web.context import THEMES

YEAR_SECONDS = 365 * 24 * 3600


@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    """Keep light, dark or auto in a cookie of this browser and go back."""
    response = _back(request)
    theme = request.POST.get("theme", "")
    response.set_cookie(
        "theme",
        theme if theme in THEMES else "auto",
        max_age=YEAR_SECONDS,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return response


def _back(request: HttpRequest) -> HttpResponse:
    """To the address that the form names as `next`, when it is one of this site."""
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        target = "/"
    return HttpResponseRedirect(target)


@require_POST
def choose_columns(request: HttpRequest, table: str) -> HttpResponse:
    """Keep the columns and the page size a person wants of a table, and go back to it."""
    actor = request.actor  # type: ignore[attr-defined]  # set by the middleware
    known, given, at = tables.find(table), request.POST, timezone.now()
    if "reset" in given:
        tables.forget(actor, known, at=at)
    else:
        tables.remember(actor, known, given.getlist("column"), given.get("page_size", ""), at=at)
    return _back(request)


@require_POST
def keep_alive(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Count as activity: the middleware has renewed the session by the time this runs."""
    return HttpResponse(status=204)
