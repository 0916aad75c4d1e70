"""The environment: typed, with files for secrets, and refused when it is unsafe."""

from pathlib import Path

import pytest

from meterdesk.cli.docs import settings_page
from meterdesk.config.env import CHECKOUT, read
from meterdesk.config.parsing import ConfigurationError
from meterdesk.config.variables import VARIABLES

PRODUCTION = {
    "METERDESK_ENV": "production",
    "DATABASE_URL": "postgresql://serving:secret@db/meterdesk",
    "DATABASE_OWNER_URL": "postgresql://owning:secret@db/meterdesk",
    "METERDESK_SECRET_KEY": "k3yOfManyDifferentLettersAndDigits0123456789-abcdefghij",
    "METERDESK_ENCRYPTION_KEY": "bWV0ZXJkZXNrLWtleS1vZi10aGlydHktdHdvLWJ5dGU=",
    "METERDESK_ALLOWED_HOSTS": "meterdesk.example",
    "METERDESK_TRUSTED_PROXIES": "10.0.0.0/8",
    "METERDESK_EMAIL_URL": "smtp://mail.example",
}


def test_nothing_need_be_set_outside_production(tmp_path: Path) -> None:
    first = read({"METERDESK_HOME": str(tmp_path)})
    again = read({"METERDESK_HOME": str(tmp_path)})
    assert first == again
    assert len(first.keys.secret_key) >= 50
    assert (tmp_path / "secret-key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "encryption-key").stat().st_mode & 0o777 == 0o600
    assert (first.name, first.port, first.database_url) == ("development", 8000, None)
    assert first.email.folder == tmp_path / "mail"


@pytest.mark.req("SEC-1")
def test_a_sound_production_is_accepted(tmp_path: Path) -> None:
    found = read({**PRODUCTION, "METERDESK_HOME": str(tmp_path)})
    assert found.is_production
    assert found.email.port == 587
    assert list(tmp_path.iterdir()) == [], "nothing is generated in production"


@pytest.mark.req("SEC-1")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, "") for name in PRODUCTION if name not in {"METERDESK_ENV", "DATABASE_OWNER_URL"}),
        ("METERDESK_SECRET_KEY", "short"),
        ("METERDESK_SECRET_KEY", "a" * 60),
        ("METERDESK_ENCRYPTION_KEY", "not-a-key"),
        ("METERDESK_ALLOWED_HOSTS", "meterdesk.example,*"),
        ("METERDESK_EMAIL_URL", "file:///mail"),
        ("METERDESK_METRICS_TOKEN", "short"),
        ("METERDESK_TRUSTED_PROXIES", "0.0.0.0/0"),
        ("DATABASE_OWNER_URL", PRODUCTION["DATABASE_URL"]),
    ],
)
def test_an_unsafe_production_is_refused_and_named(tmp_path: Path, name: str, value: str) -> None:
    given = {**PRODUCTION, "METERDESK_HOME": str(tmp_path), name: value}
    with pytest.raises(ConfigurationError, match=name):
        read(given)


@pytest.mark.req("SEC-1", "FSM-10")
def test_the_serving_role_of_a_production_never_comes_to_own_the_schema(tmp_path: Path) -> None:
    given = {**PRODUCTION, "METERDESK_HOME": str(tmp_path), "DATABASE_OWNER_URL": ""}
    assert read({**given, "METERDESK_PROCESS": "web"}).is_production
    with pytest.raises(ConfigurationError, match="DATABASE_OWNER_URL must be set"):
        read({**given, "METERDESK_PROCESS": "owner"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("METERDESK_ENV", "staging"),
        ("PORT", "0"),
        ("PORT", "eight"),
        ("METERDESK_WORKERS", "0"),
        ("METERDESK_API_RATE", "0"),
        ("METERDESK_API_RATE_UNKNOWN", "many"),
        ("DATABASE_URL", "sqlite:///x"),
        ("METERDESK_DUIS_SCHEMAS", "/no/such/folder"),
        ("METERDESK_FEED_HOURS", "trail=25"),
        ("METERDESK_FEED_HOURS", "trail"),
        ("METERDESK_TRAIL_ONLINE_DAYS", "91"),
        ("METERDESK_TRAIL_ARCHIVE", "somewhere"),
        ("METERDESK_TRAIL_ARCHIVE", "s3://key:secret@/prefix"),
        ("METERDESK_CLAMD", "127.0.0.1:3310"),
        ("METERDESK_CLAMD", "tcp://scanner"),
        ("METERDESK_CLAMD", "tcp://scanner:99999"),
        ("METERDESK_CLAMD", "unix://clamd.sock"),
        ("METERDESK_EMAIL_URL", "carrier-pigeon://loft"),
        ("METERDESK_DATABASE_SETTINGS", "shared_buffers"),
        ("METERDESK_TRUSTED_PROXIES", "10.0.0.0/99"),
        ("METERDESK_LOG_LEVEL", "loud"),
    ],
)
def test_a_wrong_value_is_named(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=name):
        read({"METERDESK_HOME": str(tmp_path), name: value})


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(PRODUCTION["METERDESK_SECRET_KEY"] + "\n")
    given = {"METERDESK_HOME": str(tmp_path), "METERDESK_SECRET_KEY_FILE": str(file)}
    assert read(given).keys.secret_key == PRODUCTION["METERDESK_SECRET_KEY"]
    with pytest.raises(ConfigurationError, match="both set"):
        read({**given, "METERDESK_SECRET_KEY": "x"})
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read({**given, "METERDESK_SECRET_KEY_FILE": str(tmp_path / "absent")})


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("unix:///run/clamav/clamd.ctl", "/run/clamav/clamd.ctl"),
        ("tcp://scanner:3310", ("scanner", 3310)),
        ("tcp://[::1]:3310", ("::1", 3310)),
        ("", None),
    ],
)
def test_the_scanner_is_a_socket_or_a_port(tmp_path: Path, value: str, address: object) -> None:
    found = read({"METERDESK_HOME": str(tmp_path), "METERDESK_CLAMD": value})
    assert found.clamd == address


def test_mail_server_with_name_and_password(tmp_path: Path) -> None:
    url = "smtps://desk%40a.example:p%3Ass@mail.example?from=desk%40a.example"
    email = read({"METERDESK_HOME": str(tmp_path), "METERDESK_EMAIL_URL": url}).email
    assert (email.username, email.password) == ("desk@a.example", "p:ss")
    assert (email.host, email.port, email.tls_from_start) == ("mail.example", 465, True)
    assert email.sender == "desk@a.example"


def test_the_reference_of_settings_is_current() -> None:
    page = (CHECKOUT / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")
    assert page == settings_page(), "Run: meterdesk settings-doc > docs/reference/settings.md"
    assert all(f"## {variable.name}" in page for variable in VARIABLES)
