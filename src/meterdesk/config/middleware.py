"""Who is asking, is the session still good, may they use this route: in this order."""

import contextlib
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    UnreadablePostError,
)
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from meterdesk.config.routes import rule_of
from meterdesk.identity.actions import (
    forget_session,
    note_activity,
    note_token_use,
    refuse_network,
    refuse_token,
)
from meterdesk.identity.queries import actor_of, live_token, open_session
from meterdesk.identity.rules import SET_UP, Actor, RouteRule, Suspension, suspension_message
from meterdesk.kernel.errors import NotAllowed, Refused
from meterdesk.platform.web.errors import refused_page

Handler = Callable[[HttpRequest], HttpResponseBase]
API_PREFIX = "/api/"
API_BROWSER = "/api/v1/docs"
"""The one page below /api/: for people, who come with a session."""
ACTIVITY_RESOLUTION_SECONDS = 10
LOG_OUT = "logout/"
_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
_WITHOUT_SESSION = ("/static/", "/healthz", "/readyz", "/metrics")
SLOW_BODY_SECONDS: Final = 1.0
"""A request that takes longer to arrive is asked anew who sends it."""


class NotLoggedIn(Refused):
    """No valid session or token (401)."""

    default_code = "not_logged_in"
    default_status = 401
    default_message = "Log in, or send a valid token in the Authorization header."


class Identify:
    """Set `request.actor`: from the bearer token on API paths, from the session elsewhere.

    A session ends 8.5 hours after log-in or 15 minutes after the last activity (SSI-NFR-6, 20);
    polls (header X-Poll) are not activity. Rights are read afresh, so that a change takes effect
    at once (SSI-NFR-7). Who comes from a network that the organisation is not approved for is
    nobody, and `request.refused` says why (FSM-12). With the session's own, a request costs three
    queries at most.

    A sender may let a body trickle in for as long as the proxy lets it; rights are those of the
    moment at which it has arrived, so that none can be kept beyond their end in this way.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponseBase:
        """Django's middleware protocol."""
        self._identify(request)
        return self.get_response(request)

    def process_view(self, request: Any, _view: object, _args: object, _kwargs: object) -> None:
        """Wait for the whole body, which the view would read anyway."""
        if request.method in _SAFE_METHODS or request.actor is None:
            return
        with contextlib.suppress(UnreadablePostError):
            if request.content_type == "multipart/form-data":
                request.POST  # noqa: B018  read here, kept for the view
            else:
                request.body  # noqa: B018
        if time.monotonic() - request.identified_at > SLOW_BODY_SECONDS:
            self._identify(request)

    def _identify(self, request: Any) -> None:
        request.identified_at = time.monotonic()
        request.actor = None
        request.refused = None
        request.open_session = None
        request.session_limit = None
        request.set_up_step = None
        if request.path.startswith(API_PREFIX) and request.path != API_BROWSER:
            request.actor = self._actor_of_token(request)
        elif not request.path.startswith(_WITHOUT_SESSION):
            request.actor = self._actor_of_session(request)

    def _actor_of_token(self, request: Any) -> Actor | None:
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not secret:
            return None
        address, now = _address(request), timezone.now()
        found = live_token(secret.strip(), address)
        if found is None:
            return None
        token = found.token
        if found.refused is not None:
            request.refused = refuse_token(token, address, found.refused, at=now)
            return None
        note_token_use(token, address, at=now)
        actor = actor_of(token.person, request_id=_request_id(request), token=token)
        return replace(actor, token_is_replaced=found.is_replaced)

    def _actor_of_session(self, request: Any) -> Actor | None:
        session = request.session
        if SESSION_KEY not in session:
            return None
        now = timezone.now()
        address = _address(request)
        found = open_session(session, at=now, address=address)
        if found is None:
            forget_session(request)
            return None
        if not found.is_admitted:
            request.refused = refuse_network(found.person, address, at=now)
            return None
        limit, quiet = found.limit, "X-Poll" in request.headers
        if not quiet and (now - limit.active_at).total_seconds() >= ACTIVITY_RESOLUTION_SECONDS:
            note_activity(found.id, at=now)
            limit = replace(limit, active_at=now)
        request.open_session = found
        request.session_limit = limit
        request.person = found.person
        request.set_up_step = found.set_up_step
        return actor_of(found.person, request_id=_request_id(request), assertion=found.assertion)


def _address(request: Any) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))


def _request_id(request: Any) -> str:
    return str(getattr(request, "request_id", ""))


class RouteAccess:
    """Refuse a route that the actor's rights do not open, before its view runs (SSI-NFR-2)."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Django's middleware protocol."""
        return self.get_response(request)

    def process_view(
        self, request: Any, _view: object, _args: object, _kwargs: object
    ) -> HttpResponse | None:
        """Consult the route table, answering a refusal itself: Django hears of none from here."""
        try:
            return self._admit(request)
        except Refused as refused:
            return refused_page(request, refused)

    def _admit(self, request: Any) -> HttpResponse | None:
        """No rule means the route is closed to everybody."""
        match = request.resolver_match
        rule = rule_of(request.method, match.route)
        actor: Actor | None = request.actor
        if rule is None:
            raise NotAllowed("This page is not open to anybody.")
        if rule.kind == "public":
            return None
        if request.refused is not None:
            raise request.refused
        if actor is None:
            return self._ask_to_log_in(request)
        _refuse_suspended(actor, rule, match.route, request.method)
        if request.set_up_step is not None and rule is not SET_UP:
            return _go_to(request, reverse("identity:set_up"))
        if not rule.admits(actor):
            raise NotAllowed(
                "Your roles do not include this function. Your administrator can give it."
            )
        return None

    def _ask_to_log_in(self, request: Any) -> HttpResponse:
        if request.path.startswith(API_PREFIX):
            raise NotLoggedIn()
        login = settings.LOGIN_URL
        target = _where_one_was(request)
        return _go_to(request, f"{login}?next={quote(target)}" if target else login)


def _refuse_suspended(actor: Actor, rule: RouteRule, route: str, method: str) -> None:
    """Refuse what the organisation's or a UserId's suspension takes away, in open sessions too.

    Raises NotAllowed. Whoever has no access may still log out.
    """
    if actor.suspension is Suspension.NOTHING and route != LOG_OUT:
        message = suspension_message(actor.suspension, actor.suspension_reason)
        raise NotAllowed(message, code="suspended")
    changes = method not in _SAFE_METHODS or rule.gives_only_change()
    admitted = rule.admits(actor)
    if not changes or (admitted and rule.admits_change(actor)):
        return
    if actor.suspension is Suspension.READ_ONLY:
        message = suspension_message(actor.suspension, actor.suspension_reason)
        raise NotAllowed(message, code="suspended")
    if actor.read_only and (admitted or rule.gives_only_change()):
        raise NotAllowed(
            "Reading goes on, changing does not: the network's operator has suspended the "
            f"UserId {', '.join(sorted(actor.read_only))}. Ask the operator's service desk.",
            code="suspended",
        )


def _go_to(request: HttpRequest, url: str) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)


def _where_one_was(request: HttpRequest) -> str:
    """The page to come back to after logging in: of a form or a part, the page it stood on."""
    if request.method in {"GET", "HEAD"} and not request.headers.get("HX-Request"):
        return request.get_full_path()
    page = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(page, {request.get_host()}):
        return ""
    parts = urlsplit(page)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
