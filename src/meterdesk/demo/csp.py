"""A communications service provider's interface, simulated: docs/reference/csp-interface.md.

What a hub answers is drawn from its Device ID, so that the same hub always answers alike.
"""

import hmac
import json
import random
import re
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

KINDS: Final = ("communicate", "full-diagnostics")
_PATH: Final = re.compile(r"/v1/hubs/((?:[0-9A-F]{2}-){7}[0-9A-F]{2})/requests(?:/([0-9a-z-]+))?")
_MOST_BYTES: Final = 4_096
NOT_REACHED_SHARE, FAILED_SHARE = 0.12, 0.03


@dataclass
class Simulator:
    """What the provider knows of the requests it was sent.

    Attributes:
        token: what callers must bear.
        delay_seconds: how long a hub takes to answer.
        is_down: every call is answered 503.
    """

    token: str
    delay_seconds: float = 6.0
    is_down: bool = False
    requests: dict[str, tuple[str, str, float]] = field(default_factory=dict)
    references: dict[str, str] = field(default_factory=dict)

    def ask(self, device_id: str, said: Any) -> tuple[int, dict[str, Any]]:
        """Take a request; the same reference is the same request."""
        kind = said.get("kind") if isinstance(said, dict) else None
        reference = said.get("reference") if isinstance(said, dict) else None
        if kind not in KINDS or not isinstance(reference, str):
            return 422, {"detail": "kind and reference are needed."}
        if reference not in self.references:
            self.references[reference] = f"r-{len(self.references) + 1}"
            ready = time.monotonic() + self.delay_seconds
            self.requests[self.references[reference]] = (device_id, kind, ready)
        return 202, {"id": self.references[reference]}

    def look(self, device_id: str, request_id: str) -> tuple[int, dict[str, Any]]:
        """How far a request is."""
        asked_of, kind, ready = self.requests.get(request_id, ("", "", 0.0))
        if asked_of != device_id:
            return 404, {"detail": "There is no such request."}
        if time.monotonic() < ready:
            return 200, {"state": "pending"}
        result = said_by(device_id, kind, datetime.now(UTC))
        return 200, {"state": "done", "result": result} if result else {"state": "failed"}


def said_by(device_id: str, kind: str, at: datetime) -> dict[str, Any] | None:
    """What a hub says when asked at `at`; None when the provider could not ask it."""
    rng = random.Random(f"{device_id} {kind}")
    draw = rng.random()
    if draw < FAILED_SHARE:
        return None
    result: dict[str, Any] = {"measured_at": at.isoformat(), "is_reached": True}
    if draw < FAILED_SHARE + NOT_REACHED_SHARE:
        return result | {"is_reached": False}
    devices = rng.choice((2, 3, 3, 4))
    result["han_status"] = f"Forming: no, joined: {devices} Devices, channel {rng.randint(11, 24)}"
    if kind == "full-diagnostics":
        restored = at - timedelta(days=rng.randint(4, 200), minutes=rng.randint(0, 1_400))
        result |= {
            "wan_connectivity": "Connected",
            "last_connection_at": (at - timedelta(seconds=2)).isoformat(),
            "last_outage_at": (restored - timedelta(minutes=rng.randint(2, 90))).isoformat(),
            "last_restore_at": restored.isoformat(),
        }
    return result


class _Handler(BaseHTTPRequestHandler):
    simulator: Simulator
    timeout = 10

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length <= _MOST_BYTES else b""
        found = self._found()
        if found is not None and found[1] is None:
            try:
                said = json.loads(body)
            except ValueError:
                said = None
            self._answer(*self.simulator.ask(found[0], said))
        elif found is not None:
            self._answer(405, {})

    def do_GET(self) -> None:
        found = self._found()
        if found is not None and found[1] is not None:
            self._answer(*self.simulator.look(found[0], found[1]))
        elif found is not None:
            self._answer(405, {})

    def _found(self) -> tuple[str, str | None] | None:
        """The hub and the request the path names; None when the call was answered already."""
        given = self.headers.get("Authorization", "")
        match = _PATH.fullmatch(self.path)
        if self.simulator.is_down:
            self._answer(503, {"detail": "Down for maintenance."})
        elif not hmac.compare_digest(given.encode(), f"Bearer {self.simulator.token}".encode()):
            self._answer(401, {"detail": "The token is wrong."})
        elif match is None:
            self._answer(404, {"detail": "There is no such path."})
        else:
            return match[1], match[2]
        return None

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_args: object) -> None:
        """Nothing: whoever started it hears from the caller."""


def serve(simulator: Simulator, port: int) -> ThreadingHTTPServer:
    """A server of the interface on this machine alone; port 0 takes a free one."""
    handler = type("Handler", (_Handler,), {"simulator": simulator})
    return ThreadingHTTPServer(("127.0.0.1", port), handler)
