"""Calling other systems over HTTP: bounded in time and size, never led elsewhere.

Only addresses of the operator's own configuration are called. Redirects are not followed, proxies
of the environment are not used.
"""

import time
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

import orjson

_SILENCE_SECONDS = 5.0
_PIECE = 8_192


class Unreachable(Exception):
    """The other system gave no answer that can be read; the message says what happened."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer; `body` is its JSON, None when it had none."""

    status: int
    body: Any


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(self, *_args: Any) -> None:
        return None


_opener = build_opener(ProxyHandler({}), _NoRedirects)


def call(
    method: str,
    url: str,
    *,
    token: str = "",
    body: object = None,
    seconds: float = 10.0,
    most_bytes: int = 65_536,
) -> Answer:
    """Call a system that speaks JSON and return its answer, whatever its status.

    Args:
        token: bearer token; none when empty.
        seconds: the longest the whole call may take, once connected.

    Raises Unreachable: no connection, too slow, too large, or not JSON.
    """
    headers = {"Accept": "application/json", "User-Agent": "Meterdesk"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    data = None if body is None else orjson.dumps(body)
    if data is not None:
        headers["Content-Type"] = "application/json"
    request = Request(url, data=data, headers=headers, method=method)  # noqa: S310  configured
    ends = time.monotonic() + seconds
    try:
        with _opener.open(request, timeout=min(seconds, _SILENCE_SECONDS)) as response:
            return Answer(response.status, _json(_read(response, ends, most_bytes)))
    except HTTPError as error:
        with error:
            return Answer(error.code, None)
    except (OSError, HTTPException) as error:
        raise Unreachable(f"It does not answer ({_words(error)}).") from error


def _read(response: Any, ends: float, most_bytes: int) -> bytes:
    text = bytearray()
    while piece := response.read1(_PIECE):
        text += piece
        if len(text) > most_bytes:
            raise Unreachable("Its answer is too large.")
        if time.monotonic() > ends:
            raise Unreachable("Its answer takes too long.")
    return bytes(text)


def _json(text: bytes) -> Any:
    if not text:
        return None
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        raise Unreachable("Its answer is not JSON.") from None


def _words(error: Exception) -> str:
    reason = getattr(error, "reason", error)
    if isinstance(reason, TimeoutError):
        return "it took too long"
    return str(getattr(reason, "strerror", "") or reason or type(error).__name__).lower()
