"""The running server, as its pid file and the process table describe it."""

import contextlib
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

_DEAD = {"Z", "X", "x"}


@dataclass(frozen=True)
class Postmaster:
    """What data/postmaster.pid says. Fields the server had not yet written are empty."""

    data: Path
    pid: int
    port: int
    socket_dir: Path | None
    status: str

    @property
    def is_alive(self) -> bool:
        """True when the process lives and serves this data folder.

        A pid that another program has been given since, or that only waits to be reaped,
        is not alive, though a signal to it would arrive.
        """
        try:
            os.kill(self.pid, 0)
        except (ProcessLookupError, PermissionError):
            # The data folder is its owner's alone: a process we may not signal is not its server.
            return False
        process = Path("/proc") / str(self.pid)
        try:
            state = (process / "stat").read_text().rpartition(")")[2].split()[0]
            return state not in _DEAD and (process / "cwd").readlink() == self.data
        except FileNotFoundError:
            return not Path("/proc/self").exists()
        except PermissionError:
            return True

    @property
    def is_ready(self) -> bool:
        """True when it lives, accepts connections, and its socket can be found."""
        return (
            self.status == "ready"
            and self.socket_dir is not None
            and (self.socket_dir / f".s.PGSQL.{self.port}").exists()
            and self.is_alive
        )

    def stop(self, patience: float) -> bool:
        """Ask for a fast shutdown and wait up to patience seconds; True when it is gone."""
        if self.is_alive:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGINT)
        deadline = time.monotonic() + patience
        while self.is_alive:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True


def read_postmaster(data: Path) -> Postmaster | None:
    """The server's pid file, or None when there is none that names a process."""
    try:
        lines = [line.strip() for line in (data / "postmaster.pid").read_text().splitlines()]
    except (FileNotFoundError, NotADirectoryError):
        return None
    lines += [""] * (8 - len(lines))
    if not lines[0].lstrip("-").isdigit():
        return None
    return Postmaster(
        data=data,
        pid=abs(int(lines[0])),
        port=int(lines[3] or 5432),
        socket_dir=Path(lines[4]) if lines[4] else None,
        status=lines[7],
    )
