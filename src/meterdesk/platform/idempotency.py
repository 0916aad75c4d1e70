"""Idempotency-Key: a POST that is sent again is answered again and not done again."""

import hashlib
import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from psycopg.errors import LockNotAvailable

from meterdesk.kernel.errors import Conflict, Refused
from meterdesk.platform.api.problems import problem_of
from meterdesk.platform.models import IdempotencyKey
from meterdesk.platform.secrets import decrypt_bytes, encrypt_bytes

View = Callable[..., HttpResponse]

KEEP: Final = timedelta(hours=24)
_API_PREFIX: Final = "/api/"
_KEY: Final = re.compile(r"[!-~]{1,200}")
_KEPT_HEADERS: Final = ("Content-Type", "Location", "ETag")
_NOT_KEPT: Final = frozenset({401, 403, 412, 429})
"""Refusals that say nothing of the request itself: the same call may succeed later."""

_RESERVE: Final = """
insert into platform_idempotencykey (person_id, key, fingerprint, status, headers, body, at)
values (%s, %s, %s, 0, '{}', '', %s)
on conflict (person_id, key) do nothing
"""


class Idempotency:
    """Run a POST with an Idempotency-Key once per person and key, and answer repeats from store.

    The key, what the endpoint does and the kept answer are one transaction. So a repeat that
    comes while the first call still runs waits for it, and a first call that was killed half way
    leaves neither a key nor anything else behind. It stands below the check of rights: a repeat
    by somebody who lost them is refused like a first call.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Django's middleware protocol."""
        return self.get_response(request)

    def process_view(
        self, request: Any, view: View, args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        """Take the call over when it carries a key."""
        key = request.headers.get("Idempotency-Key")
        if key is None or request.method != "POST" or not request.path.startswith(_API_PREFIX):
            return None
        if request.actor is None:
            return None
        try:
            if not _KEY.fullmatch(key):
                message = (
                    "Idempotency-Key must be 1 to 200 printable ASCII characters without spaces."
                )
                raise Refused(message, code="bad_idempotency_key", status=400)
            return _once(request, key, lambda: view(request, *args, **kwargs))
        except Refused as refused:
            return problem_of(request, refused)


def _once(request: Any, key: str, act: Callable[[], HttpResponse]) -> HttpResponse:
    print_of_request = _fingerprint(request)
    person_id, now = request.actor.person_id, timezone.now()
    with transaction.atomic():
        if not _reserve(person_id, key, print_of_request, now):
            return _again(person_id, key, print_of_request)
        response = act()
        if response.status_code >= 500:
            transaction.set_rollback(True)
            return response
        kept = IdempotencyKey.objects.filter(person_id=person_id, key=key)
        if response.status_code in _NOT_KEPT:
            # Not rolled back: a failure that was counted, or that locked an account, stays.
            kept.delete()
            return response
        kept.update(
            status=response.status_code,
            headers={name: response[name] for name in _KEPT_HEADERS if name in response},
            body=encrypt_bytes(response.content),  # it may hold the secret of a new token
        )
    return response


def _reserve(person_id: int, key: str, fingerprint: str, now: datetime) -> bool:
    """Whether the key is new. Waits while another transaction holds the same one."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(_RESERVE, [person_id, key, fingerprint, now])
            return bool(cursor.rowcount)
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            raise _in_use() from error
        raise


def _again(person_id: int, key: str, fingerprint: str) -> HttpResponse:
    before = IdempotencyKey.objects.filter(person_id=person_id, key=key).first()
    if before is None:
        raise _in_use()
    if before.fingerprint != fingerprint:
        raise Refused(
            "This Idempotency-Key was used before with another request, or with other rights. "
            "Send a new key.",
            code="idempotency_key_reused",
        )
    body = decrypt_bytes(bytes(before.body))
    response = HttpResponse(body, status=before.status, headers=before.headers)
    response["Idempotency-Replayed"] = "true"
    return response


def _in_use() -> Conflict:
    return Conflict(
        "The first request with this Idempotency-Key is still being worked on. "
        "Send it again in a few seconds.",
        code="idempotency_key_in_use",
    )


def _fingerprint(request: Any) -> str:
    """The request and the rights it was sent with, in 64 hexadecimal digits."""
    actor = request.actor
    rights = [
        sorted(map(str, actor.desk)),
        sorted((c, sorted(e)) for c, e in actor.entitlements.items()),
    ]
    digest = hashlib.sha256(json.dumps([request.get_full_path(), rights]).encode())
    if request.content_type == "multipart/form-data":
        # Not the bytes: whoever sends a form again draws another boundary.
        fields = sorted((name, request.POST.getlist(name)) for name in request.POST)
        digest.update(json.dumps(fields).encode())
        for name in sorted(request.FILES):
            for file in request.FILES.getlist(name):
                digest.update(json.dumps([name, file.name, file.content_type, file.size]).encode())
                for chunk in file.chunks():
                    digest.update(chunk)
                file.seek(0)
    else:
        digest.update(request.body)
    return digest.hexdigest()


def forget_old_keys(now: datetime) -> int:
    """Delete the keys that are older than a day; returns how many."""
    return IdempotencyKey.objects.filter(at__lt=now - KEEP).delete()[0]
