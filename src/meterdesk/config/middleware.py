"""Who is asking, is the session still good, may they use this route: in this order."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.http import urlencode

from meterdesk.config.routes import rule_of
from meterdesk.identity.actions import note_token_use
from meterdesk.identity.queries import actor_of, live_token, person_of_session
from meterdesk.identity.rules import Actor, SessionLimit
from meterdesk.kernel.errors import NotAllowed, Refused
from meterdesk.platform.web.errors import refused_page

Handler = Callable[[HttpRequest], HttpResponse]
API_PREFIX = "/api/"
ACTIVITY_RESOLUTION_SECONDS = 30


class NotLoggedIn(Refused):
    """No valid session or token (401)."""

    default_code = "not_logged_in"
    default_status = 401
    default_message = "Log in, or send a valid token in the Authorization header."


class Identify:
    """Set `request.actor`: from the bearer token on API paths, from the session elsewhere.

    A session ends 8.5 hours after log-in or 15 minutes after the last activity (SSI-NFR-6, 20);
    polls (header X-Poll) are not activity. Rights are read afresh, so that a change takes effect
    at once (SSI-NFR-7).
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        """Django's middleware protocol."""
        request.actor = None
        request.session_limit = None
        if request.path.startswith(API_PREFIX):
            request.actor = self._actor_of_token(request)
        elif not request.path.startswith((settings.STATIC_URL, "/healthz", "/readyz", "/metrics")):
            request.actor = self._actor_of_session(request)
        return self.get_response(request)

    def _actor_of_token(self, request: Any) -> Actor | None:
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not secret:
            return None
        token = live_token(secret.strip())
        if token is None:
            return None
        note_token_use(token, at=timezone.now())
        return actor_of(token.person, request_id=_request_id(request), token=token)

    def _actor_of_session(self, request: Any) -> Actor | None:
        person_id = request.session.get("_auth_user_id")
        if person_id is None or not request.user.is_authenticated:
            return None
        now = datetime.now(UTC)
        limit = _limit_of(request, now)
        person = person_of_session(person_id)
        if person is None or limit is None or limit.is_over(now):
            logout(request)
            return None
        quiet = "X-Poll" in request.headers
        if not quiet and (now - limit.active_at).total_seconds() >= ACTIVITY_RESOLUTION_SECONDS:
            request.session["active_at"] = now.timestamp()
            limit = SessionLimit(limit.started_at, now)
        request.session_limit = limit
        request.person = person
        return actor_of(person, request_id=_request_id(request))


def _request_id(request: Any) -> str:
    return str(getattr(request, "request_id", ""))


def _limit_of(request: Any, now: datetime) -> SessionLimit | None:
    started, active = request.session.get("started_at"), request.session.get("active_at")
    if started is None:
        request.session["started_at"] = request.session["active_at"] = now.timestamp()
        return SessionLimit(now, now)
    return SessionLimit(
        datetime.fromtimestamp(started, UTC), datetime.fromtimestamp(active or started, UTC)
    )


class RouteAccess:
    """Refuse a route that the actor's rights do not open, before its view runs (SSI-NFR-2)."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
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
        if actor is None:
            return self._ask_to_log_in(request)
        setup_url = getattr(request, "session", None) and request.session.get("setup_url")
        if setup_url and rule.kind != "own":
            return HttpResponseRedirect(setup_url)
        if not rule.admits(actor):
            raise NotAllowed(
                "Your roles do not include this function. Your administrator can give it."
            )
        return None

    def _ask_to_log_in(self, request: Any) -> HttpResponse:
        if request.path.startswith(API_PREFIX):
            raise NotLoggedIn()
        target = request.get_full_path() if request.method == "GET" else "/"
        login = f"{settings.LOGIN_URL}?{urlencode({'next': target})}"
        if request.headers.get("HX-Request"):
            return HttpResponse(status=204, headers={"HX-Redirect": login})
        return HttpResponseRedirect(login)
