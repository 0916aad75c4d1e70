"""The conventions of the API around every call: rate limit, Idempotency-Key, ETag.

Design section 8. They apply below `/api/` only, after the caller is known.
"""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse

from meterdesk.kernel.errors import Refused, TooMany
from meterdesk.platform.api.problems import problem_of
from meterdesk.platform.counters import Count, hit
from meterdesk.platform.models import IdempotencyKey

Handler = Callable[[HttpRequest], HttpResponse]
API_PREFIX = "/api/"
WINDOW = timedelta(minutes=1)
KEY_LENGTH = 200


class RateLimit:
    """Refuse a token, or an address without one, that asks too often, and say how much is left."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        """Django's middleware protocol."""
        if not request.path.startswith(API_PREFIX):
            return self.get_response(request)
        now, actor = datetime.now(UTC), request.actor
        who = f"token:{actor.token_id}" if actor else f"address:{request.META['REMOTE_ADDR']}"
        limit = (
            settings.METERDESK_API_RATE
            if actor is not None
            else settings.METERDESK_API_RATE_UNKNOWN
        )
        count = hit(f"api:{who}", WINDOW, at=now)
        if count.count > limit:
            refused = TooMany(
                count.seconds_left(now),
                f"More than {limit} calls in a minute. Wait until the time in Retry-After is over.",
            )
            response = problem_of(request, refused)
        else:
            response = self.get_response(request)
        return _with_limits(response, limit, count, now)


def _with_limits(response: HttpResponse, limit: int, count: Count, now: datetime) -> HttpResponse:
    response["X-RateLimit-Limit"] = str(limit)
    response["X-RateLimit-Remaining"] = str(max(0, limit - count.count))
    response["X-RateLimit-Reset"] = str(count.seconds_left(now))
    return response


class Idempotency:
    """Answer a repeated POST with the first answer instead of doing it twice.

    The key, the action and the kept answer are one transaction: a second call with the same key
    waits for the first; a call that was killed half way leaves nothing behind.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        """Django's middleware protocol."""
        key = request.headers.get("Idempotency-Key", "")
        applies = request.method == "POST" and request.path.startswith(API_PREFIX) and key
        if not applies or request.actor is None:
            return self.get_response(request)
        if len(key) > KEY_LENGTH:
            message = f"Idempotency-Key takes at most {KEY_LENGTH} characters."
            return problem_of(request, Refused(message, code="bad_idempotency_key", status=400))
        return self._once(request, key)

    def _once(self, request: Any, key: str) -> HttpResponse:
        print_of = hashlib.sha256(
            b"\n".join([request.method.encode(), request.get_full_path().encode(), request.body])
        ).hexdigest()
        person_id = request.actor.person_id
        with transaction.atomic():
            try:
                with transaction.atomic():
                    kept = IdempotencyKey.objects.create(
                        person_id=person_id, key=key, fingerprint=print_of, at=datetime.now(UTC)
                    )
            except IntegrityError:
                before = IdempotencyKey.objects.get(person_id=person_id, key=key)
                return self._again(request, before, print_of)
            response = self.get_response(request)
            if response.status_code >= 500:
                transaction.set_rollback(True)
                return response
            kept.status = response.status_code
            kept.content_type = response.get("Content-Type", "")
            kept.body = response.content
            kept.save()
        return response

    def _again(self, request: Any, before: IdempotencyKey, fingerprint: str) -> HttpResponse:
        if before.fingerprint != fingerprint:
            refused = Refused(
                "This Idempotency-Key was used with another request. Use a new key.",
                code="idempotency_key_reused",
            )
            return problem_of(request, refused)
        response = HttpResponse(
            bytes(before.body), status=before.status, content_type=before.content_type
        )
        response["Idempotency-Replayed"] = "true"
        return response


class EntityTags:
    """Give every answered GET an ETag and answer 304 to whoever has it already."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Django's middleware protocol."""
        response = self.get_response(request)
        if (
            request.method != "GET"
            or not request.path.startswith(API_PREFIX)
            or response.status_code != 200
            or response.streaming
        ):
            return response
        if not response.has_header("ETag"):
            digest = hashlib.blake2b(response.content, digest_size=16).hexdigest()
            response["ETag"] = f'"{digest}"'
        if response["ETag"] in _tags(request.headers.get("If-None-Match", "")):
            unchanged = HttpResponse(status=304)
            unchanged["ETag"] = response["ETag"]
            return unchanged
        response["Cache-Control"] = "private, no-cache"
        return response


def _tags(header: str) -> set[str]:
    return {tag.strip().removeprefix("W/") for tag in header.split(",") if tag.strip()}
