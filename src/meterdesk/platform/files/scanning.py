"""Files are shown to the installation's malware scanner, clamd, before they are kept."""

import logging
import socket
import struct
from collections.abc import Iterable
from contextlib import closing
from typing import Final

from django.conf import settings

from meterdesk.kernel.errors import Refused, Unavailable

Address = str | tuple[str, int]
"""The path of a socket, or a host and its port."""

TIMEOUT_SECONDS: Final = 30.0
"""For connecting, for each piece sent, and for the answer after the last one."""
_PIECE_BYTES: Final = 65_536
_LONGEST_ANSWER_BYTES: Final = 4_096
_log = logging.getLogger(__name__)


class Infected(Refused):
    """The scanner found malware in the file."""

    default_code = "infected_file"


def refuse_infected(name: str, pieces: Iterable[bytes]) -> None:
    """Show a file to the scanner; does nothing where METERDESK_CLAMD is not set (SEC-1).

    Args:
        name: for the refusal, without folders or control characters.
        pieces: the file's content, in order.

    Raises:
        Infected: malware was found (422).
        Unavailable: the scanner does not answer or could not scan the file (503).
    """
    address: Address | None = settings.METERDESK_CLAMD
    if address is None:
        return
    try:
        answer = _answer(address, pieces)
    except OSError as error:
        answer = f"{type(error).__name__}: {error}"
    if answer == "stream: OK":
        return
    if answer.endswith(" FOUND"):
        _log.warning("A file was refused as infected: %s", answer)
        message = f"The scanner found malware in {name}, so nothing was kept. Send a clean file."
        raise Infected(message, fields={"file": message})
    _log.error("A file could not be scanned: %s", answer or "clamd hung up without an answer")
    message = f"{name} could not be scanned for malware at present, so nothing was kept."
    raise Unavailable(f"{message} Try again later.", fields={"file": f"{message} Try again later."})


def can_scan() -> bool:
    """Whether the scanner calls a few harmless bytes clean: what it then fails on is the file."""
    try:
        refuse_infected("A trial", [b"trial"])
    except Refused:
        return False
    return True


def _answer(address: Address, pieces: Iterable[bytes]) -> str:
    """What clamd says of a stream: `stream: OK`, `stream: NAME FOUND` or `... ERROR`."""
    with closing(_connected(address)) as connection:
        connection.sendall(b"zINSTREAM\0")
        for piece in pieces:
            for start in range(0, len(piece), _PIECE_BYTES):
                part = piece[start : start + _PIECE_BYTES]
                connection.sendall(struct.pack(">I", len(part)) + part)
        connection.sendall(struct.pack(">I", 0))
        answer = b""
        while b"\0" not in answer and len(answer) < _LONGEST_ANSWER_BYTES:
            received = connection.recv(_LONGEST_ANSWER_BYTES)
            if not received:
                break
            answer += received
    return answer.partition(b"\0")[0].decode("utf-8", "replace").strip()


def _connected(address: Address) -> socket.socket:
    if isinstance(address, tuple):
        return socket.create_connection(address, TIMEOUT_SECONDS)
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(TIMEOUT_SECONDS)
    try:
        connection.connect(address)
    except OSError:
        connection.close()
        raise
    return connection
