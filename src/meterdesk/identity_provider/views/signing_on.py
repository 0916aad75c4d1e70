"""Signing on to another service: its request, the person's log-in, the answer."""

from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from meterdesk.identity.actions import end_session
from meterdesk.identity.queries import log_in_of
from meterdesk.identity_provider.actions import (
    LogInAnew,
    Posting,
    answer_sign_on,
    refuse_passive,
    take_request,
)
from meterdesk.identity_provider.queries import own_metadata
from meterdesk.kernel.errors import NotAllowed, Refused
from meterdesk.kernel.saml import decode_message
from meterdesk.kernel.saml.services import inflate_message
from meterdesk.platform.web.handover import hand_over


@require_safe
def metadata(_request: Any) -> HttpResponse:
    """Our metadata as an Identity Provider, to be saved."""
    return HttpResponse(
        own_metadata(),
        content_type="application/samlmetadata+xml",
        headers={"Content-Disposition": 'attachment; filename="meterdesk-identity-provider.xml"'},
    )


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def log_in(request: Any) -> HttpResponse:
    """Take a service's request, by either binding (SSI-NFR-16).

    It comes from another site, so no token of ours can be asked for, and none is needed: nothing
    of the person is read or changed here.
    """
    given = request.POST if request.method == "POST" else request.GET
    field = given.get("SAMLRequest", "")
    if not field:
        raise Refused("Begin at the service that you want to log in to.", status=400)
    document = decode_message(field) if request.method == "POST" else inflate_message(field)
    token = take_request(
        document,
        given.get("RelayState", ""),
        request.META.get("REMOTE_ADDR", ""),
        at=timezone.now(),
    )
    # A second request, which the browser sends with the person's cookies.
    response = HttpResponseRedirect(reverse("identity_provider:passing", args=[token]))
    response.status_code = 303
    return response


@require_safe
def passing(request: Any, token: str) -> HttpResponse:
    """With or without a session: a service may forbid that anything is asked of the person."""
    if request.actor is None and (posting := refuse_passive(token, at=timezone.now())):
        return _hand_over(request, posting)
    return HttpResponseRedirect(reverse("identity_provider:answer", args=[token]))


@require_safe
def answer(request: Any, token: str) -> HttpResponse:
    """Vouch for whoever is logged in, and lead the browser back to the service."""
    now, log_in_now = timezone.now(), log_in_of(request.session)
    if log_in_now is None:
        raise NotAllowed("Log in again, then begin at the service again.")
    try:
        posting = answer_sign_on(request.actor, log_in_now, token, at=now)
    except LogInAnew:
        end_session(request, request.actor, at=now)
        back = reverse("identity_provider:answer", args=[token])
        return HttpResponseRedirect(f"{settings.LOGIN_URL}?next={quote(back)}")
    return _hand_over(request, posting)


def _hand_over(request: Any, posting: Posting) -> HttpResponse:
    return hand_over(request, posting.url, posting.fields, posting.service)
