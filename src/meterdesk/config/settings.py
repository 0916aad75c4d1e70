"""Django settings, all derived from `env` (the only reader of the environment)."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

PACKAGE_ROOT = Path(__file__).resolve().parents[1]

SECRET_KEY = os.environ.get("METERDESK_SECRET_KEY", "development-only")
METERDESK_ENV = os.environ.get("METERDESK_ENV", "development")
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "testserver"]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "procrastinate.contrib.django",
    "meterdesk.platform",
    "meterdesk.identity",
    "meterdesk.notifications",
    "meterdesk.registration",
    "meterdesk.inventory",
    "meterdesk.trail",
    "meterdesk.hubs",
    "meterdesk.coverage",
    "meterdesk.diagnosis",
    "meterdesk.incidents",
    "meterdesk.search",
    "meterdesk.premises",
    "meterdesk.desk",
    "meterdesk.config",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "meterdesk.config.middleware.Identify",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "meterdesk.config.middleware.RouteAccess",
]

ROOT_URLCONF = "meterdesk.config.urls"
WSGI_APPLICATION = "meterdesk.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "meterdesk.config.context.site",
            ],
        },
    }
]


def _database(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/") or "meterdesk",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": parts.port or "",
    }


DATABASES = {"default": _database(os.environ.get("DATABASE_URL", "postgres:///meterdesk"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "identity.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_TZ = True

STATIC_URL = "static/"
