"""From the texts of the environment to typed values; each error names its variable."""

import contextlib
import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from cryptography import x509
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import serialization

from meterdesk.kernel.errors import Refused
from meterdesk.kernel.mailboxes import parse_domain

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

DEFAULT_SENDER = "Meterdesk <meterdesk@localhost>"


class ConfigurationError(Exception):
    """The environment is wrong or unsafe; the message names the variable and what to do."""


@dataclass(frozen=True)
class EmailSettings:
    """Where email goes: a mail server, or a folder of files when host is empty."""

    sender: str
    folder: Path | None = None
    host: str = ""
    port: int = 0
    username: str = ""
    password: str = ""
    tls_from_start: bool = False


def choice(name: str, value: str, allowed: Sequence[str]) -> str:
    """One of the allowed words."""
    if value not in allowed:
        raise ConfigurationError(f"{name} is {value!r}: it must be one of {', '.join(allowed)}.")
    return value


def number(name: str, value: str | None, default: int, least: int, most: int) -> int:
    """A whole number within bounds."""
    if value is None:
        return default
    if not value.isdecimal() or not least <= int(value) <= most:
        raise ConfigurationError(
            f"{name} is {value!r}: it must be a whole number from {least} to {most}."
        )
    return int(value)


def yes_or_no(name: str, value: str | None, *, default: bool) -> bool:
    """A yes or a no."""
    known = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
    if value is None:
        return default
    if value.lower() not in known:
        raise ConfigurationError(f"{name} is {value!r}: it must be `yes` or `no`.")
    return known[value.lower()]


def words(value: str) -> tuple[str, ...]:
    """Texts separated by commas, without empty ones."""
    return tuple(word.strip() for word in value.split(",") if word.strip())


def pairs(name: str, value: str | None) -> dict[str, str]:
    """name=value pairs separated by spaces."""
    found: dict[str, str] = {}
    for word in (value or "").split():
        key, equals, text = word.partition("=")
        if not equals or not key:
            raise ConfigurationError(f"{name} holds {word!r}: write name=value.")
        found[key] = text
    return found


def hours(name: str, value: str | None) -> dict[str, int]:
    """name=hours pairs separated by spaces, each from 1 to 24; by default the feeds that flow."""
    given = pairs(name, value or "trail=24 inventory=24 hubs=24")
    return {key: number(name, text, 0, 1, 24) for key, text in given.items()}


def http_urls(name: str, value: str | None) -> dict[str, str]:
    """name=URL pairs whose addresses are http or https, without a slash at the end."""
    found = pairs(name, value)
    for key, url in found.items():
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query:
            raise ConfigurationError(f"{name}: {key} needs an http or https address.")
    return {key: url.rstrip("/") for key, url in found.items()}


def database_url(name: str, value: str | None) -> str | None:
    """A PostgreSQL connection URL."""
    if value is None:
        return None
    if urlsplit(value).scheme not in {"postgresql", "postgres"}:
        raise ConfigurationError(
            f"{name} must be a PostgreSQL URL: postgresql://role:password@host:5432/database."
        )
    return value


def role(url: str) -> str | None:
    """The role that a connection URL logs in as."""
    return urlsplit(url).username


def networks(name: str, value: str | None) -> tuple[Network, ...]:
    """IP networks or single addresses separated by commas."""
    try:
        return tuple(ipaddress.ip_network(word) for word in words(value or ""))
    except ValueError as error:
        raise ConfigurationError(f"{name}: {error}.") from error


def domains(name: str, value: str | None) -> tuple[str, ...]:
    """Domain names separated by commas, in lower case and ASCII."""
    try:
        return tuple(parse_domain(word) for word in words(value or ""))
    except Refused as refused:
        raise ConfigurationError(f"{name}: {refused.message}") from refused


def folder(name: str, value: str | None) -> Path | None:
    """A folder that exists."""
    if value is None:
        return None
    if not Path(value).is_dir():
        raise ConfigurationError(f"{name} names {value}, which is not a folder.")
    return Path(value).absolute()


def certificates(name: str, value: str | None) -> tuple[bytes, ...]:
    """The X.509 certificates of a PEM file, each as PEM; none when no file is named."""
    if value is None:
        return ()
    try:
        found = x509.load_pem_x509_certificates(Path(value).read_bytes())
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            f"{name} names {value}, which is not a readable file of PEM certificates."
        ) from error
    return tuple(one.public_bytes(serialization.Encoding.PEM) for one in found)


def storage(name: str, value: str | None) -> str | None:
    """The absolute path of a folder, or the URI of S3-compatible storage with its bucket.

    Without a key and a secret in the URI, the machine's own credentials are used.
    """
    if value is None or value.startswith("/"):
        return value
    bucket = value.removeprefix("s3://").rpartition("@")[2].split("/")[0].split("?")[0]
    if not value.startswith("s3://") or not bucket:
        raise ConfigurationError(
            f"{name} must be the absolute path of a folder, s3://bucket/prefix or "
            "s3://key:secret@bucket/prefix."
        )
    return value


def socket_address(name: str, value: str | None) -> str | tuple[str, int] | None:
    """The path of a socket, or a host and its port."""
    if value is None:
        return None
    parts = urlsplit(value)
    if parts.scheme == "unix" and not parts.netloc and parts.path.startswith("/"):
        return unquote(parts.path)
    with contextlib.suppress(ValueError):
        if parts.scheme == "tcp" and parts.hostname and parts.port and not parts.path:
            return parts.hostname, parts.port
    raise ConfigurationError(f"{name} must be unix:///path/to/socket or tcp://host:port.")


def fernet_keys(name: str, value: str) -> tuple[str, ...]:
    """One or more Fernet keys separated by commas."""
    keys = words(value)
    try:
        for key in keys:
            Fernet(key)
    except ValueError as error:
        raise ConfigurationError(
            f"{name} is not a Fernet key: it must be 32 random bytes as URL-safe base64."
        ) from error
    return keys


def email(name: str, value: str) -> EmailSettings:
    """A mail server or a folder of files."""
    parts = urlsplit(value)
    query: Mapping[str, list[str]] = parse_qs(parts.query)
    sender = query.get("from", [DEFAULT_SENDER])[0]
    if parts.scheme == "file" and parts.path.startswith("/"):
        return EmailSettings(sender=sender, folder=Path(unquote(parts.path)))
    if parts.scheme in {"smtp", "smtps"} and parts.hostname:
        tls_from_start = parts.scheme == "smtps"
        return EmailSettings(
            sender=sender,
            host=parts.hostname,
            port=parts.port or (465 if tls_from_start else 587),
            username=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            tls_from_start=tls_from_start,
        )
    raise ConfigurationError(f"{name} must begin with smtp://, smtps:// or file:///.")
