"""A production behind its proxy: HTTPS, cookies, hosts. Run in a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from meterdesk.config.tests.test_env import PRODUCTION

# Asks the application as a proxy, and as somebody who pretends to be one; prints what came back.
ASK = """
import json, django
django.setup()
from django.conf import settings
from django.test import Client

def ask(path, **how):
    answer = Client(raise_request_exception=False).get(path, **how)
    cookies = {name: dict(cookie.items()) for name, cookie in answer.cookies.items()}
    return {"status": answer.status_code, "headers": dict(answer.headers), "cookies": cookies}

proxy = {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "203.0.113.9",
         "HTTP_X_FORWARDED_PROTO": "https"}
host = {"HTTP_HOST": "meterdesk.example"}
print(json.dumps({
    "by proxy": ask("/login/", **host, **proxy),
    "pretender": ask("/login/", **host, **(proxy | {"REMOTE_ADDR": "203.0.113.8"})),
    "plain health": ask("/healthz", **host),
    "other host": ask("/login/", HTTP_HOST="evil.example", **proxy),
    "settings": {name: getattr(settings, name) for name in (
        "SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE",
        "SESSION_COOKIE_HTTPONLY", "SESSION_COOKIE_SAMESITE", "SESSION_COOKIE_DOMAIN",
        "SESSION_COOKIE_PATH", "DEBUG")},
}))
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a production answers."""
    home: Path = tmp_path_factory.mktemp("home")
    keep = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        env=keep
        | PRODUCTION
        | {
            "METERDESK_HOME": str(home),
            "DJANGO_SETTINGS_MODULE": "meterdesk.config.settings",
            "PYTHONPATH": os.pathsep.join(sys.path),
        },
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.req("SEC-1")
def test_by_the_proxy_it_is_https(told: dict[str, Any]) -> None:
    answer = told["by proxy"]
    assert answer["status"] == 200
    hsts = answer["headers"]["Strict-Transport-Security"]
    assert hsts == "max-age=31536000; includeSubDomains"
    cookie = answer["cookies"]["__Host-meterdesk_csrf"]
    assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "Lax")
    assert (cookie["path"], cookie["domain"]) == ("/", "")


@pytest.mark.req("SEC-1")
def test_who_only_says_to_be_the_proxy_is_sent_to_https(told: dict[str, Any]) -> None:
    answer = told["pretender"]
    assert answer["status"] == 301
    assert answer["headers"]["Location"] == "https://meterdesk.example/login/"
    assert "Strict-Transport-Security" not in answer["headers"]
    assert answer["cookies"] == {}


@pytest.mark.req("SEC-1")
def test_unknown_hosts_are_refused_and_health_is_asked_plainly(told: dict[str, Any]) -> None:
    assert told["other host"]["status"] == 400
    assert told["plain health"]["status"] == 200


@pytest.mark.req("SEC-1")
def test_sessions_are_for_this_host_over_https_alone(told: dict[str, Any]) -> None:
    assert told["settings"] == {
        "SESSION_COOKIE_NAME": "__Host-meterdesk_session",
        "CSRF_COOKIE_NAME": "__Host-meterdesk_csrf",
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_DOMAIN": None,
        "SESSION_COOKIE_PATH": "/",
        "DEBUG": False,
    }


def test_on_this_machine_cookies_work_without_https(settings: Any) -> None:
    assert settings.SESSION_COOKIE_NAME == "meterdesk_session"
    assert not settings.SESSION_COOKIE_SECURE
    assert not settings.SECURE_SSL_REDIRECT
