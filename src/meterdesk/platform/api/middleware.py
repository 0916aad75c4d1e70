"""What surrounds every API call: methods, sizes, rate limits, entity tags (design section 8).

Each class here leaves paths outside /api/ alone.
"""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from meterdesk.kernel.errors import NotVisible, Refused, TooMany
from meterdesk.platform.api.problems import problem, problem_of
from meterdesk.platform.counters import hit, unknown_callers

Handler = Callable[[HttpRequest], HttpResponseBase]

API_PREFIX: Final = "/api/"
WINDOW: Final = timedelta(minutes=1)


class Methods:
    """Answer HEAD as GET without a body, OPTIONS with Allow, and other methods with 405.

    What no endpoint could take is refused here: a body over the limit (413), and NUL characters
    in path (404) or query (400), which no text of Meterdesk holds.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Django's middleware protocol."""
        if not request.path.startswith(API_PREFIX):
            return self.get_response(request)
        refused = _unacceptable(request)
        if refused is not None:
            return problem_of(request, refused)
        if request.method == "HEAD":
            return self._head(request)
        response = self.get_response(request)
        return _not_allowed(request, response) if response.status_code == 405 else response

    def _head(self, request: HttpRequest) -> HttpResponseBase:
        request.method = "GET"
        response = self.get_response(request)
        request.method = "HEAD"
        if response.status_code == 405:
            response = _not_allowed(request, response)
        if isinstance(response, HttpResponse):
            response["Content-Length"] = str(len(response.content))
            response.content = b""
        return response


def _unacceptable(request: HttpRequest) -> Refused | None:
    if "\0" in request.path:
        return NotVisible()
    if "%00" in request.META.get("QUERY_STRING", ""):
        message = "The query holds a NUL character. Leave it out."
        return Refused(message, code="bad_request", status=400)
    length = request.META.get("CONTENT_LENGTH") or "0"
    multipart = request.content_type == "multipart/form-data"
    limit = settings.METERDESK_UPLOAD_MAX if multipart else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if length.isdecimal() and int(length) > limit:
        message = f"What you sent is larger than the {limit:,} bytes that are taken here."
        return Refused(message, code="too_large", status=413)
    return None


def _not_allowed(request: HttpRequest, response: HttpResponseBase) -> HttpResponse:
    allowed = {word for word in response.get("Allow", "").replace(" ", "").split(",") if word}
    allowed |= {"OPTIONS"} | ({"HEAD"} if "GET" in allowed else set())
    headers = {"Allow": ", ".join(sorted(allowed))}
    if request.method == "OPTIONS":
        return HttpResponse(status=204, headers=headers)
    return problem(
        405,
        "method_not_allowed",
        f"This address takes {headers['Allow']}, not {request.method}.",
        headers=headers,
        request_id=getattr(request, "request_id", ""),
    )


class RateLimit:
    """Refuse a token, or an address without one, that calls too often; say how much is left."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponseBase:
        """Django's middleware protocol."""
        if not request.path.startswith(API_PREFIX):
            return self.get_response(request)
        now, actor = timezone.now(), request.actor
        if actor is not None and actor.token_id is not None:
            limit, who = settings.METERDESK_API_RATE, f"api:token:{actor.token_id}"
        else:
            limit = settings.METERDESK_API_RATE_UNKNOWN
            who = unknown_callers(request.META.get("REMOTE_ADDR", ""))
        count = hit(who, WINDOW, at=now)
        wait = count.seconds_left(now)
        response: HttpResponseBase
        if count.count > limit:
            unit = "second" if wait == 1 else "seconds"
            message = f"More than {limit:,} calls within a minute. Call again in {wait} {unit}."
            response = problem_of(request, TooMany(wait, message))
        else:
            response = self.get_response(request)
        response["X-RateLimit-Limit"] = str(limit)
        response["X-RateLimit-Remaining"] = str(max(0, limit - count.count))
        response["X-RateLimit-Reset"] = str(wait)
        return response


class EntityTags:
    """Give every answer to a GET an ETag, and answer 304 to whoever has it already.

    An endpoint that names its record's version (platform.api.versions) has set the tag itself.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Django's middleware protocol."""
        response = self.get_response(request)
        if (
            request.method != "GET"
            or response.status_code != 200
            or not request.path.startswith(API_PREFIX)
            or not isinstance(response, HttpResponse)
            or response["Content-Type"].startswith("text/html")
        ):
            return response
        if not response.has_header("ETag"):
            digest = hashlib.blake2b(response.content, digest_size=16).hexdigest()
            response["ETag"] = f'"{digest}"'
        response.headers.setdefault("Cache-Control", "private, no-cache")
        if _has_already(request, response["ETag"]):
            kept = {name: response[name] for name in ("ETag", "Cache-Control")}
            return HttpResponse(status=304, headers=kept)
        return response


def _has_already(request: HttpRequest, etag: str) -> bool:
    header = request.headers.get("If-None-Match", "")
    tags = {tag.strip().removeprefix("W/") for tag in header.split(",")}
    return "*" in tags or etag in tags
