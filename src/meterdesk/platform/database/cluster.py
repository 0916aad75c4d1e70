"""One embedded cluster: start it, find it, stop it."""

import contextlib
import fcntl
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psycopg

from meterdesk.platform.database import problems
from meterdesk.platform.database.binaries import MAJOR_VERSION, Binaries, binaries_for
from meterdesk.platform.database.places import Place, make_folder, make_socket_dir, place_for
from meterdesk.platform.database.postmaster import Postmaster, read_postmaster
from meterdesk.platform.database.problems import DatabaseUnavailable
from meterdesk.platform.database.provision import provision

PORT = 5432
OLD_SERVER_PATIENCE = 30.0
"""Seconds to wait for a server that is gone or going to let go of the data folder."""
_RECOVERY_PATIENCE = 600.0
_SPACE_FOR_A_NEW_CLUSTER = 200 * 1024 * 1024
_SMALL_SHARED_MEMORY = 256 * 1024 * 1024
_LARGEST_LOG = 10 * 1024 * 1024
_STILL_HELD = ("lock file", "pre-existing shared memory block")

SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_connections": "100",
    "shared_buffers": "512MB",
    "effective_cache_size": "4GB",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "1GB",
    # pglz, all these binaries have, takes 50 microseconds of a core for each page it spares.
    "wal_compression": "off",
    # Nobody reads its log from afar; what fills a fresh table need not be written twice.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "random_page_cost": "1.1",
    "jit": "off",
}
"""What the server is started with; each can be set otherwise by METERDESK_DATABASE_SETTINGS."""

# Kept so that a server that ends before its starter is reaped by it.
_started: "list[subprocess.Popen[bytes]]" = []


@dataclass(frozen=True)
class Cluster:
    """The embedded cluster of one home folder."""

    place: Place
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def socket_dir(self) -> Path:
        """The folder of the running server's socket; of the next one's, when none runs."""
        running = self._running()
        return (running and running.socket_dir) or self.place.socket_dir

    @property
    def port(self) -> int:
        """The number in the socket's name. No port is opened."""
        running = self._running()
        return running.port if running else PORT

    def url(self, role: str, dbname: str) -> str:
        """The connection URL for a role and a database of this cluster."""
        host = quote(str(self.socket_dir), safe="")
        return f"postgresql://{quote(role)}@/{quote(dbname)}?host={host}&port={self.port}"

    def is_running(self) -> bool:
        """True when the server accepts connections."""
        return self._running() is not None

    def ensure_running(self) -> None:
        """Find the running server or start one; on return roles and database are there.

        Processes that call this at once start one server between them.
        Raises DatabaseUnavailable with a sentence that says what to do.
        """
        try:
            if self._answers():
                return
            self._make_folder()
            with self._lock():
                if self._answers():
                    return
                self._make_data()
                running = self._start()
                provision(running.socket_dir or self.place.socket_dir, running.port)
        except OSError as error:
            raise problems.from_os_error(error, self.place.folder) from error
        except psycopg.Error as error:
            raise problems.from_output(str(error), self.place.folder, self.place.log) from error

    def stop(self) -> None:
        """Stop the server, letting go of every connection. Does nothing when none runs."""
        try:
            if not self.place.data.exists():
                return
            with self._lock():
                server = read_postmaster(self.place.data)
                if server is not None and not server.stop(patience=60):
                    raise DatabaseUnavailable(
                        f"The database (process {server.pid}) has not stopped within a minute. "
                        f"See its log, {self.place.log}."
                    )
                if server is not None and server.socket_dir is not None:
                    with contextlib.suppress(OSError):
                        server.socket_dir.rmdir()
        except OSError as error:
            raise problems.from_os_error(error, self.place.folder) from error

    def _running(self) -> Postmaster | None:
        for process in _started:
            process.poll()
        server = read_postmaster(self.place.data)
        return server if server is not None and server.is_ready else None

    def _answers(self) -> bool:
        server = self._running()
        if server is None or server.socket_dir is None:
            return False
        try:
            provision(server.socket_dir, server.port)
        except psycopg.OperationalError:
            return False
        return True

    def _make_folder(self) -> None:
        make_folder(self.place.folder.parent, 0o755)
        make_folder(self.place.folder, 0o755)

    @contextlib.contextmanager
    def _lock(self) -> Iterator[None]:
        descriptor = self._open("lock")
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _open(self, name: str) -> int:
        """Open a file of ours for appending; it belongs to whoever owns the folder."""
        path = self.place.folder / name
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(path, flags, 0o600)
        owner = self.place.folder.stat()
        if os.geteuid() == 0 and os.fstat(descriptor).st_uid != owner.st_uid:
            os.fchown(descriptor, owner.st_uid, owner.st_gid)
        return descriptor

    def _make_data(self) -> None:
        """Make the data folder, whole or not at all, or check that it is of our version."""
        data, account = self.place.data, self.place.account
        if data.exists():
            version = (data / "PG_VERSION").read_text().strip()
            if version != MAJOR_VERSION:
                raise problems.other_version(data, version, MAJOR_VERSION)
            return
        if shutil.disk_usage(self.place.folder).free < _SPACE_FOR_A_NEW_CLUSTER:
            raise problems.disk_full(self.place.folder)
        partial = self.place.folder / "data.new"
        if partial.exists():
            shutil.rmtree(partial)
        make_folder(partial, 0o700, account)
        command = [self._binaries().initdb, "-D", str(partial), "-U", "postgres"]
        command += ["--auth-local=trust", "--auth-host=reject", "--encoding=UTF8", "--locale=C"]
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"]
        made = account.run(command, _environment())
        if made.returncode != 0:
            shutil.rmtree(partial, ignore_errors=True)
            raise problems.from_output(made.stdout, self.place.folder, self.place.log)
        partial.rename(data)

    def _start(self) -> Postmaster:
        """Start the server, or join the one that is starting; return it once it is ready."""
        patience = time.monotonic() + OLD_SERVER_PATIENCE
        while True:
            server = read_postmaster(self.place.data)
            if server is not None and server.is_alive:
                ready = self._join(server)
            else:
                ready = self._launch(stale=server)
            if ready is not None:
                return ready
            if time.monotonic() > patience:
                raise DatabaseUnavailable(
                    f"An earlier database server still holds {self.place.data}. "
                    "Wait until its processes have ended, or end them, and start again."
                )
            time.sleep(0.2)

    def _join(self, server: Postmaster) -> Postmaster | None:
        """The living server once it is ready, or None while it is on its way out."""
        if server.is_ready:
            return server
        if server.status == "ready":
            # Its socket was swept away: nobody can reach it any more.
            server.stop(patience=OLD_SERVER_PATIENCE)
        return self._await(server.pid, None) if server.status == "starting" else None

    def _launch(self, stale: Postmaster | None) -> Postmaster | None:
        """Start the server; return it once ready, or None when the old one still holds on."""
        environment = _environment()
        if stale is not None:
            # PostgreSQL takes a pid file that names its grandparent for stale, and still checks
            # that no process of the old server uses the shared memory.
            environment["PG_GRANDPARENT_PID"] = str(stale.pid)
        command = [self._binaries().postgres, "-D", str(self.place.data), "-p", str(PORT)]
        for name, value in {**_settings(make_socket_dir(self.place)), **self.settings}.items():
            command += ["-c", f"{name}={value}"]
        account = self.place.account
        if self.place.log.exists() and self.place.log.stat().st_size > _LARGEST_LOG:
            self.place.log.rename(self.place.log.with_suffix(".log.1"))
        log = self._open(self.place.log.name)
        try:
            begin = os.fstat(log).st_size
            process = subprocess.Popen(
                command,
                env=environment,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                user=None if account.is_ours else account.uid,
                group=None if account.is_ours else account.gid,
                extra_groups=None if account.is_ours else [],
            )
            _started.append(process)
            try:
                return self._await(process.pid, process)
            except ChildProcessError:
                output = os.pread(log, _LARGEST_LOG, begin).decode(errors="replace")
            if any(words in output for words in _STILL_HELD):
                return None
            raise problems.from_output(output, self.place.folder, self.place.log)
        finally:
            os.close(log)

    def _await(self, pid: int, process: "subprocess.Popen[bytes] | None") -> Postmaster:
        """Wait until the server with this pid is ready. Raises ChildProcessError if it ends."""
        deadline = time.monotonic() + _RECOVERY_PATIENCE
        while time.monotonic() < deadline:
            server = read_postmaster(self.place.data)
            if server is not None and server.pid == pid and server.is_ready:
                return server
            if process is not None and process.poll() is not None:
                raise ChildProcessError
            if process is None and (server is None or not server.is_alive):
                break
            time.sleep(0.02)
        raise DatabaseUnavailable(
            f"The database has not become ready; it may still be recovering. Its log, "
            f"{self.place.log}, says how far it is. Start again when it is done."
        )

    def _binaries(self) -> Binaries:
        return binaries_for(self.place.account)


def locate(home: Path, settings: Mapping[str, str] | None = None) -> Cluster:
    """The cluster of this home folder, running or not. Makes home when it is absent.

    settings are PostgreSQL's own, by name, in place of ours. Raises DatabaseUnavailable when
    home cannot be made.
    """
    try:
        return Cluster(place_for(home.resolve()), dict(settings or {}))
    except OSError as error:
        raise problems.from_os_error(error, home) from error


def _settings(socket_dir: Path) -> dict[str, str]:
    settings = dict(SETTINGS, unix_socket_directories=str(socket_dir))
    shared_memory = Path("/dev/shm")  # noqa: S108  only measured
    if not shared_memory.is_dir() or (
        shutil.disk_usage(shared_memory).total < _SMALL_SHARED_MEMORY
    ):
        # Containers often have 64 MB there, too little for queries that run in parallel.
        settings["dynamic_shared_memory_type"] = "mmap"
    return settings


def _environment() -> dict[str, str]:
    """A small environment: nothing of the caller's, least of all PG* variables."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
