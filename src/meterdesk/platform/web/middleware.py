"""What happens around every request: id and log line, security headers, refusals as pages."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable
from typing import Any, Final

import structlog
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from meterdesk.kernel.errors import Refused
from meterdesk.platform.web.errors import error_page, refused_page

Handler = Callable[[HttpRequest], HttpResponseBase]

_SANE_ID: Final = re.compile(r"[A-Za-z0-9._-]{8,64}\Z")
_QUIET_PATHS: Final = ("/healthz", "/readyz", "/metrics")

CONTENT_SECURITY_POLICY: Final = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "frame-src 'none'",
        "worker-src 'none'",
        "manifest-src 'self'",
    )
)


def policy_for_form_to(scheme: str) -> str:
    """The policy of a page whose one form goes to another site, and from there on (SAML).

    Browsers hold redirects of the form's answer against it too, so any host of the scheme is let.
    """
    if scheme not in {"https", "http"}:
        raise ValueError(scheme)
    return CONTENT_SECURITY_POLICY.replace("form-action 'self'", f"form-action 'self' {scheme}:")


SECURITY_HEADERS: Final = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "accelerometer=(), camera=(), display-capture=(), geolocation=(), "
    "gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=()",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class RequestContext:
    """Give the request an id, echo it, and write one log line when it is answered.

    A caller's X-Request-ID is kept when it is 8 to 64 letters, digits, dots, dashes or
    underscores. Query strings are not logged: they hold what people looked for. Nor are addresses
    with a route, which says the same without the meter point or Device of somebody's home.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        self.log: Any = structlog.get_logger("meterdesk.request")

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Django's middleware protocol."""
        offered = request.headers.get("X-Request-ID", "")
        request_id = offered if _SANE_ID.match(offered) else uuid.uuid4().hex
        request.request_id = request_id  # type: ignore[attr-defined]
        started = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
            response["X-Request-ID"] = request_id
            if not request.path.startswith(_QUIET_PATHS):
                self._write(request, response, time.perf_counter() - started)
        return response

    def _write(self, request: HttpRequest, response: HttpResponseBase, seconds: float) -> None:
        match = request.resolver_match
        actor = getattr(request, "actor", None)
        self.log.info(
            "request",
            method=request.method,
            path=None if match else request.path,
            route=match.route if match else None,
            status=response.status_code,
            milliseconds=round(seconds * 1000, 1),
            person_id=actor.person_id if actor else None,
        )


class SecurityHeaders:
    """Set the strict headers; answers of the application are never kept by a cache."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Django's middleware protocol."""
        response = self.get_response(request)
        for name, value in SECURITY_HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", "no-store")
        return response


class Refusals:
    """Answer a refusal raised by a view or by middleware below with its page (SSI-NFR-22)."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Django's middleware protocol."""
        response = self.get_response(request)
        if response.status_code == 405 and not getattr(response, "content", b""):
            allowed = {"Allow": response["Allow"]} if response.has_header("Allow") else {}
            return error_page(request, 405, headers=allowed)
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Turn an expected refusal into its answer; anything else stays an error."""
        return refused_page(request, error) if isinstance(error, Refused) else None
