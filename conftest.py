"""The tests' database, markers, real input and Hypothesis profile.

The suite runs on an embedded PostgreSQL of its own (var/test), unless DATABASE_URL names a server
whose role may create databases.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connection
from hypothesis import settings as hypothesis_settings
from pytest_django.plugin import DjangoDbBlocker

ROOT = Path(__file__).resolve().parent
HOME = ROOT / "var" / "test"

os.environ["METERDESK_HOME"] = str(HOME)
(HOME / "static").mkdir(parents=True, exist_ok=True)
os.environ["METERDESK_ENV"] = "development"
os.environ["METERDESK_PROCESS"] = "owner"
# Named here, not in pyproject.toml: pytest-django would read it before the lines above.
os.environ["DJANGO_SETTINGS_MODULE"] = "meterdesk.config.settings"
os.environ.setdefault("METERDESK_ALLOWED_HOSTS", "testserver,localhost,127.0.0.1")
# Playwright runs an event loop in the thread of the tests; Django would refuse to be called there.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

hypothesis_settings.register_profile("meterdesk", deadline=None, max_examples=60, print_blob=True)
hypothesis_settings.load_profile("meterdesk")

from meterdesk.platform.database import Cluster, locate  # noqa: E402

# Durability is not what most tests are about, and the tests of it start clusters of their own.
_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class _TestDatabase:
    """Starts the tests' cluster in the first process and stops it there at the end."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.was_running = cluster.is_running()

    def pytest_unconfigure(self) -> None:
        """Leave the machine as it was found."""
        if not self.was_running:
            self.cluster.stop()


def pytest_configure(config: pytest.Config) -> None:
    """Read the settings, and start the database once, before Django looks at it."""
    django_settings.is_overridden("DATABASES")
    if os.environ.get("DATABASE_URL") or hasattr(config, "workerinput"):
        return
    cluster = locate(HOME, _FAST)
    config.pluginmanager.register(_TestDatabase(cluster), "meterdesk-database")
    cluster.ensure_running()


@pytest.fixture(scope="session")
def realdata() -> Path:
    """The folder of real input that nobody here wrote; the test is skipped where it is absent."""
    given = os.environ.get("METERDESK_REALDATA")
    folder = Path(given) if given else ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"There is no real data in {folder}; set METERDESK_REALDATA to its folder.")
    return folder


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every account can enter, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="meterdesk-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(autouse=True)
def _forget_messages(
    request: pytest.FixtureRequest, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """Empty the trail after a test with real transactions: Django's own emptying knows no
    partitioned table, and later tests would find its messages.
    """
    yield
    marker = request.node.get_closest_marker("django_db")
    commits = marker is not None and marker.kwargs.get("transaction", False)
    if commits or {"live_server", "transactional_db"} & set(request.fixturenames):
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "truncate trail_message, trail_volume_hour, trail_volume_day, trail_recalled"
            )
