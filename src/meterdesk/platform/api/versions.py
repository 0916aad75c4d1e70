"""Optimistic versions over HTTP: ETag on what is read, If-Match on what is changed."""

import re
from typing import Final

from django.http import HttpRequest, HttpResponse

from meterdesk.kernel.errors import Refused, Stale

_TAG: Final = re.compile(r'"v([0-9]{1,18})"')


def etag_of(version: int) -> str:
    """The ETag of a record in this version."""
    return f'"v{version}"'


def name_version(response: HttpResponse, version: int) -> None:
    """Put the record's version into the answer's ETag."""
    response["ETag"] = etag_of(version)


def required_version(request: HttpRequest, otherwise: int | None = None) -> int | None:
    """The version that the caller insists on by If-Match, for the action to compare and set.

    `otherwise` when the caller sent no If-Match, or `*`; None means that any version will do.

    Raises:
        Refused: 400, when the header is not one entity tag as Meterdesk hands them out.
    """
    given = request.headers.get("If-Match", "*").strip()
    if given == "*":
        return otherwise
    found = _TAG.fullmatch(given)
    if found is None:
        message = 'If-Match must be the ETag of the record as you read it, for example "v3".'
        raise Refused(message, code="bad_if_match", status=400)
    return int(found[1])


def require_version(request: HttpRequest, version: int) -> None:
    """Go on only if the record still stands at the version that the caller read.

    Raises:
        Stale: 412, when the caller sent If-Match with another version than `version`.
        Refused: 400, when If-Match cannot be read.
    """
    wanted = required_version(request)
    if wanted is not None and wanted != version:
        raise Stale(status=412)
