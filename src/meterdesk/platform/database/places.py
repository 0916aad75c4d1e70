"""Where the embedded database lives and as whom it runs.

PostgreSQL refuses to run as root. Started by root, the server becomes `nobody` (or the account
that owns an existing data folder); where that account cannot reach Meterdesk's home, data and
programs go below /var/lib/meterdesk. Rights are set on folders made here, and on no other.
"""

import hashlib
import os
import pwd
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from meterdesk.platform.database import problems

SYSTEM_STATE = Path("/var/lib/meterdesk")
SYSTEM_RUN = Path("/run/meterdesk")
# A Unix socket's path holds 107 bytes; "/.s.PGSQL.5432" and the digest need 31 of them.
_LONGEST_RUNTIME_FOLDER = 70


@dataclass(frozen=True)
class Account:
    """The operating system account the server runs as."""

    uid: int
    gid: int

    @property
    def is_ours(self) -> bool:
        """True when no change of account is needed."""
        return self.uid == os.geteuid()

    def run(self, command: list[str], env: dict[str, str]) -> "subprocess.CompletedProcess[str]":
        """Run command as this account, from the root folder, and return its joined output."""
        return subprocess.run(
            command,
            env=env,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            user=None if self.is_ours else self.uid,
            group=None if self.is_ours else self.gid,
            extra_groups=None if self.is_ours else [],
        )

    def can_reach(self, path: Path) -> bool:
        """True when this account may enter the folder, or run the file, at path."""
        return self.run(["/bin/sh", "-c", 'test -x "$1"', "sh", str(path)], {}).returncode == 0


@dataclass(frozen=True)
class Place:
    """The folder that holds one cluster, and the account its server runs as."""

    folder: Path
    account: Account

    @property
    def data(self) -> Path:
        """PostgreSQL's data folder."""
        return self.folder / "data"

    @property
    def log(self) -> Path:
        """The server's own log."""
        return self.folder / "server.log"

    @property
    def socket_dir(self) -> Path:
        """The folder a new server puts its socket in: private, and short however deep home is."""
        name = _digest(self.data)
        if os.geteuid() == 0:
            return SYSTEM_RUN / name
        return _runtime_folder() / name


def place_for(home: Path) -> Place:
    """The place of the cluster that belongs to home. Makes home when it is absent."""
    home.mkdir(parents=True, exist_ok=True)
    inside = home / "postgres"
    if os.geteuid() != 0:
        return Place(inside, Account(os.geteuid(), os.getegid()))
    nobody = pwd.getpwnam("nobody")
    account = Account(nobody.pw_uid, nobody.pw_gid)
    if (inside / "data").exists():
        return Place(inside, _owner(inside / "data") or account)
    outside = SYSTEM_STATE / _digest(home)
    if outside.exists() or not account.can_reach(home):
        return Place(outside, account)
    return Place(inside, account)


def make_folder(path: Path, mode: int, account: Account | None = None) -> None:
    """Make the folder with these rights and this owner. One that stands already is left alone."""
    try:
        path.mkdir()
    except FileExistsError:
        return
    if account is not None and not account.is_ours:
        os.chown(path, account.uid, account.gid)
    path.chmod(mode)


def make_socket_dir(place: Place) -> Path:
    """Make the private folder of the socket and return it.

    Raises DatabaseUnavailable when one stands there that others own or can enter.
    """
    folder = place.socket_dir
    if os.geteuid() == 0:
        make_folder(folder.parent, 0o755)
    else:
        make_folder(folder.parent, 0o700)
        _require_private(folder.parent, os.geteuid())
    make_folder(folder, 0o700, place.account)
    _require_private(folder, place.account.uid)
    return folder


def _runtime_folder() -> Path:
    given = os.environ.get("XDG_RUNTIME_DIR", "")
    if given.startswith("/") and len(os.fsencode(given)) <= _LONGEST_RUNTIME_FOLDER:
        folder = Path(given)
        if folder.is_dir() and os.access(folder, os.W_OK | os.X_OK):
            return folder / "meterdesk"
    return Path(f"/tmp/meterdesk-{os.geteuid()}")  # noqa: S108  checked by _require_private


def _require_private(folder: Path, uid: int) -> None:
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != uid or found.st_mode & 0o077:
        raise problems.not_private(folder)


def _owner(path: Path) -> Account | None:
    found = path.stat()
    return None if found.st_uid == 0 else Account(found.st_uid, found.st_gid)


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
