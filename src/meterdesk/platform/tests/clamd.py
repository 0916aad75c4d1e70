"""A small server that speaks as clamd does."""

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

CLEAN = "stream: OK"
FOUND = "stream: Eicar-Test-Signature FOUND"


class Scanner:
    """Takes streams and answers each with the same sentence; None never answers.

    A stream of more than `most` bytes is not scanned: it hangs up, as clamd does.
    """

    def __init__(self, listener: socket.socket, answer: str | None, most: int) -> None:
        self.listener, self.answer, self.most = listener, answer, most
        self.address: str | tuple[str, int] = listener.getsockname()
        self.scanned: list[bytes] = []
        self.stopped = threading.Event()

    def serve(self) -> None:
        """Answer one connection after the other until the listener is shut down."""
        with contextlib.suppress(OSError):
            while True:
                connection = self.listener.accept()[0]
                with closing(connection), connection.makefile("rb") as stream:
                    assert stream.read(10) == b"zINSTREAM\0"
                    pieces = []
                    while length := struct.unpack(">I", stream.read(4))[0]:
                        pieces.append(stream.read(length))
                    self.scanned.append(b"".join(pieces))
                    if len(self.scanned[-1]) > self.most:
                        continue
                    if self.answer is None:
                        self.stopped.wait()
                    else:
                        # Half by half, as a network may deliver it.
                        half = len(self.answer) // 2
                        connection.sendall(self.answer[:half].encode())
                        connection.sendall(self.answer[half:].encode() + b"\0")


@contextmanager
def listening(answer: str | None, path: str = "", most: int = 1_000_000) -> Iterator[Scanner]:
    """A scanner on a socket of that path, or on a free port of this machine."""
    listener = socket.socket(socket.AF_UNIX if path else socket.AF_INET)
    with closing(listener):
        listener.bind(path or ("127.0.0.1", 0))
        listener.listen()
        scanner = Scanner(listener, answer, most)
        thread = threading.Thread(target=scanner.serve)
        thread.start()
        try:
            yield scanner
        finally:
            scanner.stopped.set()
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def nobody_listens_at() -> tuple[str, int]:
    """An address of this machine where nothing answers."""
    with closing(socket.socket()) as unused:
        unused.bind(("127.0.0.1", 0))
        host, port = unused.getsockname()
        return str(host), int(port)
