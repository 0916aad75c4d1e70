"""Error pages and problem documents: what happened, what to do, the request id (SSI-NFR-22)."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from meterdesk.kernel.errors import Refused, TooMany
from meterdesk.platform.api.problems import problem, problem_of
from meterdesk.platform.web.context import theme_of

API_PREFIX: Final = "/api/"

_TITLES: Final = {
    400: "This request could not be understood",
    401: "Log in to go on",
    403: "You may not open this",
    404: "Page not found",
    405: "This address does not take that kind of request",
    409: "This no longer fits",
    410: "This has gone",
    412: "This was changed in the meantime",
    413: "This is too large",
    422: "There is a problem with what was sent",
    429: "Too many requests",
    500: "Something went wrong here",
    503: "Meterdesk is not available at present",
}

_WHAT_TO_DO: Final = {
    400: "Go back, load the page again and repeat what you did.",
    401: "Log in, then open the page again.",
    403: "If you need it for your work, ask your organisation's administrator for the right.",
    404: "Check the address, or look the record up in the search box.",
    405: "Open the page from the menu instead.",
    409: "Go back, load the page again to see the present state, then repeat your change.",
    410: "Look the record up in the search box.",
    412: "Load the page again to see the other change, then repeat yours.",
    413: "Send a smaller file, or several.",
    422: "Go back, mend what is named above and send it again.",
    429: "Wait a little, then try again.",
    500: "Try again in a few minutes. If it happens again, give the service desk the request id "
    "below.",
    503: "Try again in a few minutes. What you had saved is safe; what you had typed in a form is "
    "kept in this browser.",
}


def error_page(  # noqa: PLR0913
    request: HttpRequest,
    status: int,
    title: str = "",
    message: str = "",
    what_to_do: str = "",
    *,
    fields: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    code: str = "",
) -> HttpResponse:
    """Return the error as a page, as a problem document on API paths, as nothing for a poll.

    Titles and advice default by status. From 500 on the page is drawn without the database.
    """
    request_id = getattr(request, "request_id", "")
    if request.path.startswith(API_PREFIX):
        return problem(
            status,
            code or HTTPStatus(status).phrase.lower().replace(" ", "_"),
            message or _TITLES.get(status, HTTPStatus(status).phrase),
            fields=fields,
            headers=headers,
            request_id=request_id,
        )
    if "X-Poll" in request.headers:
        return HttpResponse(status=status, headers={"HX-Reswap": "none", **(headers or {})})
    framed = status < 500 and getattr(request, "actor", None) is not None
    context: dict[str, Any] = {
        "layout": "base.html" if framed else "bare.html",
        "status": status,
        "title": title or _TITLES.get(status, HTTPStatus(status).phrase),
        "message": message or _MESSAGES.get(status, ""),
        "what_to_do": what_to_do or _WHAT_TO_DO.get(status, ""),
        "fields": dict(fields or {}),
        "request_id": request_id,
        "theme": theme_of(request),
        "here": "/",
    }
    page = render_to_string("errors/page.html", context, request if status < 500 else None)
    return HttpResponse(page, status=status, headers=dict(headers or {}))


_MESSAGES: Final = {
    400: "The request was cut short or changed on its way, so nothing was done.",
    403: "Your roles do not include this.",
    404: "There is nothing at this address that you can see.",
    409: "The record has changed since you opened it, so nothing was saved.",
    413: "What you sent is larger than Meterdesk takes, so nothing was saved.",
    429: "You sent more requests than are allowed in this time.",
    500: "An unexpected error stopped this request. It was recorded.",
    503: "A part of Meterdesk does not answer.",
}


def refused_page(request: HttpRequest, refused: Refused) -> HttpResponse:
    """Return the page or problem document of a refusal."""
    if request.path.startswith(API_PREFIX):
        return problem_of(request, refused)
    headers = {"Retry-After": str(refused.retry_after)} if isinstance(refused, TooMany) else {}
    return error_page(
        request,
        refused.status,
        message=refused.message,
        fields=refused.fields,
        headers=headers,
        code=refused.code,
    )


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler400, which also hears of bodies that are too large."""
    return error_page(request, 413 if isinstance(exception, RequestDataTooBig) else 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Django's handler403."""
    return error_page(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Django's handler404; never says which part of the address was wrong."""
    return error_page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500."""
    return error_page(request, 500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """Django's CSRF_FAILURE_VIEW: usually a form that was open while the session ended."""
    return error_page(
        request,
        403,
        title="This form is out of date",
        message="The form was opened in an earlier session, so nothing was saved.",
        what_to_do="Go back and load the page again; what you typed is kept in this browser. "
        "If this happens on every page, allow cookies for this site.",
    )
