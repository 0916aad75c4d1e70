"""Refusals: everything the platform says no with (SSI-NFR-22).

Each carries a stable code for programs, a message for people that says what to do, messages for
single fields, and the HTTP status that screens and API answer with.
"""

from collections.abc import Mapping
from typing import ClassVar


class Refused(Exception):
    """What was asked for cannot be done; the asker can read why and mend it."""

    default_code: ClassVar[str] = "refused"
    default_status: ClassVar[int] = 422
    default_message: ClassVar[str] = "This could not be done. Check what you entered and try again."

    def __init__(
        self,
        message: str = "",
        *,
        code: str = "",
        fields: Mapping[str, str] | None = None,
        status: int | None = None,
    ) -> None:
        self.message = message or self.default_message
        self.code = code or self.default_code
        self.fields: dict[str, str] = dict(fields or {})
        self.status = status or self.default_status
        super().__init__(self.message)


class NotVisible(Refused):
    """There is no such thing, or the asker may not know that there is: the answer is the same."""

    default_code = "not_found"
    default_status = 404
    default_message = "There is nothing here that you can see. Check the reference or the address."


class NotAllowed(Refused):
    """The asker may know of it but may not do this."""

    default_code = "not_allowed"
    default_status = 403
    default_message = "You do not have the right to do this. Your administrator can give it."


class Conflict(Refused):
    """It does not fit the present state of the record."""

    default_code = "conflict"
    default_status = 409
    default_message = "This does not fit the present state of the record. Reload it and look again."


class Stale(Conflict):
    """Somebody else changed the record since the asker read it.

    Answered with 409; the API answers 412 when the asker sent If-Match.
    """

    default_code = "stale"
    default_message = (
        "Somebody else changed this while you were working on it. "
        "Reload to see their change, then make yours again."
    )


class TooMany(Refused):
    """Asked for too often; `retry_after` is the number of whole seconds to wait."""

    default_code = "too_many"
    default_status = 429

    def __init__(
        self,
        retry_after: int,
        message: str = "",
        *,
        code: str = "",
        fields: Mapping[str, str] | None = None,
    ) -> None:
        self.retry_after = max(1, retry_after)
        unit = "second" if self.retry_after == 1 else "seconds"
        super().__init__(
            message or f"Too many requests. Try again in {self.retry_after} {unit}.",
            code=code,
            fields=fields,
        )


class Unavailable(Refused):
    """A part of the platform that this needs does not answer at present."""

    default_code = "unavailable"
    default_status = 503
    default_message = "This is not available at present. Nothing was lost; try again shortly."
