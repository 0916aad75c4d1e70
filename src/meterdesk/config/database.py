"""Which database this process talks to, as which role, and with what limits."""

from typing import Any

from psycopg.conninfo import conninfo_to_dict

from meterdesk.config.env import Environment
from meterdesk.platform.database import APP_ROLE, DATABASE, OWNER_ROLE, Cluster, locate
from meterdesk.platform.warming import WarmConnection

WEB_THREADS = 4
"""Requests a web worker answers at a time, and so the connections it needs at most."""

# Milliseconds. A request that waits longer is better told so; a migration must not queue up
# behind a long transaction and hold everybody else behind it; jobs and intakes may take long.
_LIMITS = {
    "web": {"statement_timeout": 15_000, "lock_timeout": 5_000},
    "worker": {"lock_timeout": 30_000},
    "command": {},
    "owner": {"lock_timeout": 10_000},
}


def cluster(environment: Environment) -> Cluster | None:
    """The embedded cluster, or None when DATABASE_URL names another server."""
    if environment.database_url:
        return None
    return locate(environment.home, environment.database_settings)


def ensure_database(environment: Environment) -> None:
    """Start the embedded database unless it runs already or DATABASE_URL is set.

    Raises DatabaseUnavailable.
    """
    embedded = cluster(environment)
    if embedded is not None:
        embedded.ensure_running()


def url(environment: Environment, *, owner: bool) -> str:
    """The connection URL of the serving role, or of the owner of the schema."""
    embedded = cluster(environment)
    if embedded is not None:
        return embedded.url(OWNER_ROLE if owner else APP_ROLE, DATABASE)
    given = environment.database_owner_url if owner else environment.database_url
    return given or ""


def serving_role(environment: Environment) -> str:
    """The name of the role that serves, to which the owner grants."""
    return str(conninfo_to_dict(url(environment, owner=False)).get("user", ""))


def databases(environment: Environment) -> dict[str, dict[str, Any]]:
    """Django's DATABASES. Nothing is contacted."""
    process = environment.process
    given = conninfo_to_dict(url(environment, owner=process == "owner"))
    options: dict[str, Any] = {
        key: value
        for key, value in given.items()
        if key not in {"dbname", "user", "password", "host", "port"}
    }
    limits = "".join(f" -c {name}={value}" for name, value in _LIMITS[process].items())
    options["options"] = f"{options.get('options') or ''}{limits}".strip()
    options["application_name"] = f"meterdesk {process}"
    if process == "web":
        # All are there from the beginning and replaced in the background: no request waits for one.
        options["pool"] = {
            "min_size": WEB_THREADS,
            "max_size": WEB_THREADS,
            "timeout": 10,
            "connection_class": WarmConnection,
        }
    default = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": given.get("dbname") or DATABASE,
        "USER": given.get("user") or "",
        "PASSWORD": given.get("password") or "",
        "HOST": given.get("host") or "",
        "PORT": str(given.get("port") or ""),
        "OPTIONS": options,
    }
    return {"default": default}
