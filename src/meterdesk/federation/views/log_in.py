"""To the identity provider and back: choosing it, leaving for it, its answer, the finish."""

import re
import secrets
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from meterdesk.federation import actions, queries
from meterdesk.federation.actions import Finished
from meterdesk.federation.forms import ChooseForm
from meterdesk.federation.rules import (
    LOG_IN_REASONS,
    REQUEST_LIFETIME,
    LogInRefused,
    shown_reference,
)
from meterdesk.identity.views.log_in import safe_target
from meterdesk.platform.web.middleware import policy_for_form_to
from meterdesk.platform.web.moments import moment_words

_SECRET = re.compile(r"[0-9a-f]{64}\Z", re.ASCII)


@require_http_methods(["GET", "POST"])
def choose(request: Any) -> HttpResponse:
    """Ask for the organisation's log-in name, and go to its address."""
    target = safe_target(request.POST.get("next") or request.GET.get("next", ""))
    form = ChooseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        address = reverse("federation:leave", args=[form.cleaned_data["address"]])
        return HttpResponseRedirect(
            f"{address}?{urlencode({'next': target})}" if target else address
        )
    status = 422 if form.errors else 200
    return render(request, "federation/choose.html", {"form": form, "next": target}, status=status)


@require_GET
def leave(request: Any, slug: str) -> HttpResponse:
    """Send the browser to the organisation's identity provider with a request (SSI-NFR-10, 16)."""
    return departure(request, slug, safe_target(request.GET.get("next", "")))


def departure(request: Any, slug: str, target: str, *, is_test: bool = False) -> HttpResponse:
    """The page that posts the AuthnRequest; it works with its button where scripts do not."""
    browser = request.COOKIES.get(_cookie(), "")
    if not _SECRET.match(browser):
        browser = secrets.token_hex(32)
    leaving = actions.start_log_in(
        slug,
        browser,
        target=target,
        address=request.META.get("REMOTE_ADDR", ""),
        is_test=is_test,
        at=timezone.now(),
    )
    response = render(request, "federation/leave.html", {"leaving": leaving})
    scheme = urlsplit(leaving.request.destination).scheme
    response["Content-Security-Policy"] = policy_for_form_to(scheme)
    response.set_cookie(
        _cookie(),
        browser,
        max_age=int(REQUEST_LIFETIME.total_seconds()) * 2,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


@csrf_exempt
@require_POST
def acs(request: HttpRequest) -> HttpResponse:
    """Take an answer (assertion consumer service).

    It comes from another site and is proved by its signature, so it carries no token of a form of
    ours and no cookie; it begins nothing, and sends the browser on to where its cookie counts.
    """
    try:
        answered = actions.receive_answer(
            request.POST.get("SAMLResponse", ""),
            address=request.META.get("REMOTE_ADDR", ""),
            at=timezone.now(),
        )
    except LogInRefused as refused:
        return _refusal(request, refused)
    finish_url = reverse("federation:finish", args=[answered.request_id])
    return HttpResponse(status=303, headers={"Location": finish_url})


@require_GET
def finish(request: Any, sent_id: str) -> HttpResponse:
    """Begin the session, in the browser that asked for it (SSI-FR-1a)."""
    browser = request.COOKIES.get(_cookie(), "")
    try:
        finished = actions.finish_log_in(request, sent_id, browser, at=timezone.now())
    except LogInRefused as refused:
        return _refusal(request, refused)
    if finished.begun is None:
        return render(request, "federation/tested.html", {"tested": finished.tested})
    return _welcome(request, finished)


def _welcome(request: Any, finished: Finished) -> HttpResponse:
    begun, target = finished.begun, safe_target(finished.target)
    if begun is None or not target:
        return HttpResponseRedirect(reverse("identity:welcome"))
    before = begun.previous_login_at
    last = f" Your last log-in was on {moment_words(before)}." if before else ""
    who = f"You are logged in as {begun.display_name}, {begun.organisation_name}."
    messages.success(request, f"{who}{last}")
    return HttpResponseRedirect(target)


@require_GET
def metadata(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  the same for everybody
    """Our metadata, for those who set an identity provider up (SSI-NFR-17)."""
    return HttpResponse(
        queries.service_provider().metadata,
        content_type="application/samlmetadata+xml",
        headers={"Content-Disposition": 'attachment; filename="meterdesk-metadata.xml"'},
    )


def _refusal(request: Any, refused: LogInRefused) -> HttpResponse:
    words = LOG_IN_REASONS[refused.reason]
    context = {
        "happened": words.happened,
        "remedy": words.remedy,
        "reference": shown_reference(refused.reference),
        "again": reverse("federation:leave", args=[refused.slug])
        if refused.slug
        else reverse("identity:log_in"),
    }
    return render(request, "federation/refused.html", context, status=refused.status)


def _cookie() -> str:
    return f"{'__Host-' if settings.SESSION_COOKIE_SECURE else ''}meterdesk_saml"
