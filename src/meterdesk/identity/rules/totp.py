"""The codes of authenticator apps, of whatever make (FSM-6). Plain Python."""

import base64
import hmac
import struct
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Totp:
    """An authenticator app's codes: six digits, new every 30 seconds (RFC 6238, SHA-1)."""

    secret: str

    def code(self, counter: int) -> str:
        """The code of a time step."""
        key = base64.b32decode(self.secret, casefold=True)
        digest = hmac.digest(key, struct.pack(">Q", counter), "sha1")
        start = digest[-1] & 0x0F
        number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
        return f"{number % 1_000_000:06d}"

    def counter_of(self, code: str, at: datetime, *, after: int = 0) -> int | None:
        """The time step the code belongs to, or None when it is wrong or used up.

        The step before and the one after are taken too, for clocks that differ a little; steps
        up to `after` are used up.
        """
        given = "".join(code.split())
        found = None
        for counter in _steps(at):
            matches = hmac.compare_digest(self.code(counter).encode(), given.encode())
            if matches and counter > after:
                found = counter
        return found

    def next_code(self, at: datetime, *, after: int = 0) -> str:
        """The code to type now: the current one, or the one after when that is used up."""
        now = _steps(at)[1]
        return self.code(max(now, after + 1))


def _steps(at: datetime) -> tuple[int, int, int]:
    now = int(at.timestamp()) // 30
    return now - 1, now, now + 1
