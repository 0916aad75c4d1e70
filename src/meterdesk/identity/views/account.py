"""One's own account: confirmation of the log-in, profile, bookmarks, API tokens."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from meterdesk.identity import actions, queries
from meterdesk.identity.forms import BookmarkForm
from meterdesk.identity.views.log_in import safe_target
from meterdesk.kernel.errors import Refused


@require_safe
def welcome(request: Any) -> HttpResponse:
    """Confirm the log-in: who, for which organisation, last log-in (SSI-FR-1a)."""
    actor = request.actor
    context = {
        "account": queries.account(actor),
        "roles": queries.own_roles(actor),
        "bookmarks": queries.bookmarks(actor),
    }
    return render(request, "identity/welcome.html", context)


@require_safe
def profile(request: Any) -> HttpResponse:
    """Who one is and what one may use (SSI-FR-62, 63)."""
    actor = request.actor
    context = {
        "account": queries.account(actor),
        "provider": request.open_session.provider or "Meterdesk",
        "roles": queries.own_roles(actor),
        "components": queries.component_access(actor),
        "bookmarks": queries.bookmarks(actor),
        "tokens": queries.tokens(actor, timezone.now()),
    }
    return render(request, "identity/profile.html", context)


@require_http_methods(["GET", "POST"])
def keep_bookmark(request: Any) -> HttpResponse:
    """Add a bookmark; `path` in the address proposes the page one comes from."""
    given = {"path": safe_target(request.GET.get("path", ""))}
    form = BookmarkForm(request.POST or None, initial=given)
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_bookmark(request.actor, **form.cleaned_data, at=timezone.now())
            messages.success(request, f"“{form.cleaned_data['title']}” is in your bookmarks.")
            return HttpResponseRedirect(reverse("identity:profile") + "#bookmarks")
        except Refused as refused:
            form.refuse(refused)
    status = 422 if form.errors else 200
    return render(request, "identity/bookmark.html", {"form": form}, status=status)


@require_POST
def drop_bookmark(request: Any, bookmark_id: int) -> HttpResponse:
    """Remove a bookmark."""
    actions.remove_bookmark(request.actor, bookmark_id, at=timezone.now())
    messages.success(request, "The bookmark is removed.")
    return HttpResponseRedirect(reverse("identity:profile") + "#bookmarks")
