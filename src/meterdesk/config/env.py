"""The environment, read here and nowhere else: typed, documented, refused when unsafe.

variables.VARIABLES is the one list; docs/reference/settings.md is generated from it.
"""

import contextlib
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cryptography.fernet import Fernet

from meterdesk.config import parsing
from meterdesk.config.parsing import ConfigurationError, EmailSettings, Network
from meterdesk.config.saml_key import make_pair, pair_file, signing_key, split_pair
from meterdesk.config.variables import VARIABLES, Variable
from meterdesk.kernel.saml import Certificate
from meterdesk.kernel.saml.issuing import SigningKey

CHECKOUT = Path(__file__).resolve().parents[3]
ENVIRONMENTS = ("development", "demo", "production")
PROCESSES = ("web", "worker", "command", "owner")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
_SHORTEST_KEY = 50


@dataclass(frozen=True)
class Keys:
    """What signs and encrypts."""

    secret_key: str
    encryption_keys: tuple[str, ...]
    saml_signing: SigningKey | None
    """None: Meterdesk is nobody's Identity Provider."""
    saml_certificates: tuple[Certificate, ...]


@dataclass(frozen=True)
class Environment:
    """Everything that the environment decides, checked."""

    name: str
    process: str
    home: Path
    database_url: str | None
    """As given; None means the embedded PostgreSQL."""
    database_owner_url: str | None
    database_settings: Mapping[str, str]
    port: int
    workers: int
    keys: Keys
    allowed_hosts: tuple[str, ...]
    trusted_proxies: tuple[Network, ...]
    first_password_hours: int
    refused_email_domains: tuple[str, ...]
    api_rate: int
    """Calls a minute of one token."""
    api_rate_unknown: int
    """Calls a minute of one address without a valid token."""
    enforce_networks: bool
    """Whether people and programs get in from approved networks alone."""
    duis_schemas: Path | None
    outbox: Path
    """Where responses to registration data files are written."""
    inbox: Path
    """Where files to be taken in are written."""
    feed_hours: Mapping[str, int]
    """By kind; a kind without is not watched."""
    operator_email: str | None
    trail_online_days: int | None
    """None keeps everything."""
    trail_archive: str | None
    """A folder or the URI of S3-compatible storage; None archives nothing."""
    trail_archive_years: int
    clamd: str | tuple[str, int] | None
    """The path of a socket, or a host and its port; None scans nothing."""
    officer_issuers: tuple[bytes, ...]
    """Certificates, in PEM, of those who vouch for officers' certificates."""
    csp_urls: Mapping[str, str]
    """By CSP Region, where its provider is asked; a Region without one cannot be."""
    csp_tokens: Mapping[str, str]
    email: EmailSettings
    log_level: str
    metrics_token: str | None

    @property
    def is_production(self) -> bool:
        """True when nothing may be assumed or generated."""
        return self.name == "production"

    @property
    def is_demo(self) -> bool:
        """True in the demonstration, the only place where codes and passwords are shown."""
        return self.name == "demo"

    @property
    def is_development(self) -> bool:
        """True on a developer's machine and in tests."""
        return self.name == "development"


@cache
def environment() -> Environment:
    """The environment of this process, read once. Raises ConfigurationError."""
    return read(os.environ)


def read(environ: Mapping[str, str]) -> Environment:
    """Read and check an environment.

    Raises ConfigurationError, whose message names the variable and says how to mend it.
    """
    given = {variable.name: _value(environ, variable) for variable in VARIABLES}
    name = parsing.choice("METERDESK_ENV", given["METERDESK_ENV"] or "development", ENVIRONMENTS)
    if name == "production":
        _refuse_unsafe(given)
    home = Path(given["METERDESK_HOME"] or CHECKOUT / "var").absolute()
    log_level = (given["METERDESK_LOG_LEVEL"] or "INFO").upper()
    return Environment(
        name=name,
        process=parsing.choice(
            "METERDESK_PROCESS", given["METERDESK_PROCESS"] or "command", PROCESSES
        ),
        home=home,
        database_url=parsing.database_url("DATABASE_URL", given["DATABASE_URL"]),
        database_owner_url=parsing.database_url(
            "DATABASE_OWNER_URL", given["DATABASE_OWNER_URL"] or given["DATABASE_URL"]
        ),
        database_settings=parsing.pairs(
            "METERDESK_DATABASE_SETTINGS", given["METERDESK_DATABASE_SETTINGS"]
        ),
        port=_number(given, "PORT", 8000, 1, 65535),
        workers=_number(given, "METERDESK_WORKERS", 1, 1, 256),
        keys=_keys(name, home, given),
        allowed_hosts=parsing.words(
            given["METERDESK_ALLOWED_HOSTS"] or "localhost,127.0.0.1,[::1]"
        ),
        trusted_proxies=parsing.networks(
            "METERDESK_TRUSTED_PROXIES", given["METERDESK_TRUSTED_PROXIES"]
        ),
        first_password_hours=_number(given, "METERDESK_FIRST_PASSWORD_HOURS", 72, 1, 720),
        refused_email_domains=parsing.domains(
            "METERDESK_REFUSED_EMAIL_DOMAINS", given["METERDESK_REFUSED_EMAIL_DOMAINS"]
        ),
        api_rate=_number(given, "METERDESK_API_RATE", 6000, 1, 10_000_000),
        api_rate_unknown=_number(given, "METERDESK_API_RATE_UNKNOWN", 60, 1, 10_000_000),
        enforce_networks=_enforces(name, given["METERDESK_ENFORCE_NETWORKS"]),
        duis_schemas=parsing.folder("METERDESK_DUIS_SCHEMAS", given["METERDESK_DUIS_SCHEMAS"]),
        outbox=Path(given["METERDESK_OUTBOX"] or home / "outbox").absolute(),
        inbox=Path(given["METERDESK_INBOX"] or home / "inbox").absolute(),
        feed_hours=parsing.hours("METERDESK_FEED_HOURS", given["METERDESK_FEED_HOURS"]),
        operator_email=given["METERDESK_OPERATOR_EMAIL"],
        trail_online_days=_number(given, "METERDESK_TRAIL_ONLINE_DAYS", 0, 92, 7400) or None,
        trail_archive=_archive(name, home, given["METERDESK_TRAIL_ARCHIVE"]),
        trail_archive_years=_number(given, "METERDESK_TRAIL_ARCHIVE_YEARS", 7, 1, 50),
        clamd=parsing.socket_address("METERDESK_CLAMD", given["METERDESK_CLAMD"]),
        officer_issuers=parsing.certificates(
            "METERDESK_OFFICER_ISSUERS", given["METERDESK_OFFICER_ISSUERS"]
        ),
        csp_urls=parsing.http_urls("METERDESK_CSP_URLS", given["METERDESK_CSP_URLS"]),
        csp_tokens=parsing.pairs("METERDESK_CSP_TOKENS", given["METERDESK_CSP_TOKENS"]),
        email=parsing.email(
            "METERDESK_EMAIL_URL", given["METERDESK_EMAIL_URL"] or f"file://{home / 'mail'}"
        ),
        log_level=parsing.choice("METERDESK_LOG_LEVEL", log_level, LOG_LEVELS),
        metrics_token=given["METERDESK_METRICS_TOKEN"],
    )


def _number(given: Mapping[str, str | None], name: str, default: int, least: int, most: int) -> int:
    return parsing.number(name, given[name], default, least, most)


def _archive(name: str, home: Path, value: str | None) -> str | None:
    in_home = f"{home}/archive" if name == "demo" else None
    return parsing.storage("METERDESK_TRAIL_ARCHIVE", value or in_home)


def _enforces(name: str, given: str | None) -> bool:
    in_production = name == "production"
    return parsing.yes_or_no("METERDESK_ENFORCE_NETWORKS", given, default=in_production)


def _keys(name: str, home: Path, given: Mapping[str, str | None]) -> Keys:
    key, certificate = given["METERDESK_SAML_KEY"], given["METERDESK_SAML_CERTIFICATE"]
    if name != "production" and key is None and certificate is None:
        key, certificate = split_pair(_kept(pair_file(home), make_pair))
    signing, shown = signing_key(key, certificate, given["METERDESK_SAML_NEXT_CERTIFICATE"])
    return Keys(
        secret_key=given["METERDESK_SECRET_KEY"]
        or _kept(home / "secret-key", lambda: secrets.token_urlsafe(64)),
        encryption_keys=parsing.fernet_keys(
            "METERDESK_ENCRYPTION_KEY",
            given["METERDESK_ENCRYPTION_KEY"]
            or _kept(home / "encryption-key", lambda: Fernet.generate_key().decode()),
        ),
        saml_signing=signing,
        saml_certificates=shown,
    )


def _value(environ: Mapping[str, str], variable: Variable) -> str | None:
    """The variable's text, from itself or from the file its _FILE twin names; None when empty."""
    value = environ.get(variable.name, "").strip() or None
    file = environ.get(f"{variable.name}_FILE", "").strip() if variable.secret else ""
    if not file:
        return value
    if value:
        raise ConfigurationError(
            f"{variable.name} and {variable.name}_FILE are both set. Keep one of them."
        )
    try:
        return Path(file).read_text(encoding="utf-8").strip() or None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"{variable.name}_FILE names {file}, which cannot be read. "
            "Correct the path or the file's rights."
        ) from error


def _kept(path: Path, generate: Callable[[], str]) -> str:
    """A key of the home folder, generated on first use and readable by its owner alone."""
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            fresh = path.with_name(f".{path.name}.{os.getpid()}")
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(generate())
            # A link appears whole or not at all, and never replaces another process's key.
            with contextlib.suppress(FileExistsError):
                path.hardlink_to(fresh)
            fresh.unlink()
        return path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise ConfigurationError(
            f"Meterdesk keeps a generated key in {path}, and this account may not. "
            "Give the account that folder, or set METERDESK_HOME to a folder of its own."
        ) from error


def _refuse_unsafe(given: Mapping[str, str | None]) -> None:
    """Raise ConfigurationError for the first thing that production must not start with."""
    for name in (
        "DATABASE_URL",
        "METERDESK_SECRET_KEY",
        "METERDESK_ENCRYPTION_KEY",
        "METERDESK_ALLOWED_HOSTS",
        "METERDESK_TRUSTED_PROXIES",
        "METERDESK_EMAIL_URL",
    ):
        if not given[name]:
            raise ConfigurationError(f"In production {name} must be set.")
    key = given["METERDESK_SECRET_KEY"] or ""
    owner = given["DATABASE_OWNER_URL"]
    same_role = owner and parsing.role(owner) == parsing.role(given["DATABASE_URL"] or "")
    proxies = parsing.networks("METERDESK_TRUSTED_PROXIES", given["METERDESK_TRUSTED_PROXIES"])
    refusals = {
        "METERDESK_SECRET_KEY is too weak: give it at least 50 random characters.": (
            len(key) < _SHORTEST_KEY or len(set(key)) < 10
        ),
        "DATABASE_URL and DATABASE_OWNER_URL name the same role. Serve with a role that does not "
        "own the schema, so that the activity log cannot be altered.": same_role,
        "DATABASE_OWNER_URL must be set for this: the serving role must not come to own the "
        "schema, for then it could alter the activity log.": (
            given["METERDESK_PROCESS"] == "owner" and not owner
        ),
        "METERDESK_ALLOWED_HOSTS must list host names, without *.": (
            "*" in (given["METERDESK_ALLOWED_HOSTS"] or "")
        ),
        "METERDESK_TRUSTED_PROXIES takes in every address: name the proxies' own networks.": any(
            network.prefixlen == 0 for network in proxies
        ),
        "In production METERDESK_EMAIL_URL must name a mail server.": (
            (given["METERDESK_EMAIL_URL"] or "").startswith("file:")
        ),
        "In production METERDESK_CSP_URLS must be HTTPS addresses.": (
            "=http:" in (given["METERDESK_CSP_URLS"] or "").lower()
        ),
        "METERDESK_METRICS_TOKEN needs at least 20 characters.": (
            len(given["METERDESK_METRICS_TOKEN"] or "x" * 20) < 20
        ),
    }
    for sentence, unsafe in refusals.items():
        if unsafe:
            raise ConfigurationError(sentence)
