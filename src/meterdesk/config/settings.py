"""Django settings, all derived from `env` (the only reader of the environment)."""

from pathlib import Path

from meterdesk.config.database import databases
from meterdesk.config.env import environment
from meterdesk.identity.rules import SESSION_LENGTH
from meterdesk.platform.web.logs import logging_config

PACKAGE_ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = environment()

SECRET_KEY = ENVIRONMENT.keys.secret_key
DEBUG = False
METERDESK_ENV = ENVIRONMENT.name
METERDESK_METRICS_TOKEN = ENVIRONMENT.metrics_token
ALLOWED_HOSTS = list(ENVIRONMENT.allowed_hosts)

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
    "meterdesk.platform.web",
    "meterdesk.notifications",
    "meterdesk.identity",
    "meterdesk.organisations",
    "meterdesk.federation",
    "meterdesk.identity_provider",
    "meterdesk.registration",
    "meterdesk.inventory",
    "meterdesk.trail",
    "meterdesk.hubs",
    "meterdesk.coverage",
    "meterdesk.diagnosis",
    "meterdesk.incidents",
    "meterdesk.catalogue",
    "meterdesk.search",
    "meterdesk.premises",
    "meterdesk.desk",
    "meterdesk.config",
]

MIDDLEWARE = [
    "meterdesk.config.proxies.TrustedProxies",
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "meterdesk.platform.web.middleware.RequestContext",
    "meterdesk.platform.web.middleware.SecurityHeaders",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "meterdesk.platform.api.middleware.Methods",
    "meterdesk.config.middleware.Identify",
    "meterdesk.platform.api.middleware.RateLimit",
    "meterdesk.platform.api.middleware.EntityTags",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "meterdesk.platform.web.middleware.Refusals",
    "meterdesk.config.middleware.RouteAccess",
    "meterdesk.platform.idempotency.Idempotency",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
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
                "meterdesk.platform.web.context.frame",
            ],
        },
    }
]


DATABASES = databases(ENVIRONMENT)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "identity.Person"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
LOGIN_URL = "/login/"
# Session and sequence of log-in are ours; of allauth only the store of authenticators is used.
SESSION_COOKIE_AGE = int(SESSION_LENGTH.total_seconds())
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
METERDESK_ENCRYPTION_KEYS = ENVIRONMENT.keys.encryption_keys
METERDESK_FIRST_PASSWORD_HOURS = ENVIRONMENT.first_password_hours
METERDESK_REFUSED_EMAIL_DOMAINS = ENVIRONMENT.refused_email_domains
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
MFA_ADAPTER = "meterdesk.identity.actions.authenticator.EncryptedSecrets"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = ENVIRONMENT.home / "static"
# `meterdesk serve` collects the files under hashed names, which may be cached for ever.
STATIC_STORAGE = (
    "whitenoise.storage.CompressedManifestStaticFilesStorage"
    if ENVIRONMENT.process == "web"
    else "django.contrib.staticfiles.storage.StaticFilesStorage"
)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": STATIC_STORAGE},
}

# Files that people hand in lie outside the web root; apps serve them as downloads (platform.files).
MEDIA_ROOT = ENVIRONMENT.home / "files"
METERDESK_CLAMD = ENVIRONMENT.clamd
OFFICER_ISSUERS = ENVIRONMENT.officer_issuers
FILE_UPLOAD_HANDLERS = [
    "meterdesk.platform.intake.uploads.RequestLimit",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

_MAIL = ENVIRONMENT.email
DEFAULT_FROM_EMAIL = SERVER_EMAIL = _MAIL.sender
EMAIL_BACKEND = "django.core.mail.backends." + (
    "smtp.EmailBackend" if _MAIL.host else "filebased.EmailBackend"
)
EMAIL_FILE_PATH = _MAIL.folder
EMAIL_HOST, EMAIL_PORT = _MAIL.host, _MAIL.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _MAIL.username, _MAIL.password
EMAIL_USE_SSL = bool(_MAIL.host) and _MAIL.tls_from_start
EMAIL_USE_TLS = bool(_MAIL.host) and not _MAIL.tls_from_start
EMAIL_TIMEOUT = 20
PUBLIC_URL = (
    f"https://{ALLOWED_HOSTS[0]}"
    if ENVIRONMENT.name == "production"
    else f"http://{ALLOWED_HOSTS[0]}:{ENVIRONMENT.port}"
)

# Each app's jobs.py registers its jobs (platform.jobs).
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"

CSRF_FAILURE_VIEW = "meterdesk.platform.web.errors.csrf_failure"
LOGGING = logging_config(
    ENVIRONMENT.log_level, stream="stdout" if ENVIRONMENT.process in {"web", "worker"} else "stderr"
)
# The operator's copy of the DUIS schema files; None: documents are checked without them.
DUIS_SCHEMAS = ENVIRONMENT.duis_schemas
INBOX = ENVIRONMENT.inbox
FEED_HOURS, OPERATOR_EMAIL = ENVIRONMENT.feed_hours, ENVIRONMENT.operator_email
TRAIL_ONLINE_DAYS = ENVIRONMENT.trail_online_days
TRAIL_ARCHIVE = ENVIRONMENT.trail_archive
TRAIL_ARCHIVE_YEARS = ENVIRONMENT.trail_archive_years

OUTBOX = ENVIRONMENT.outbox
# As Identity Provider: the key that signs, None for none, and the certificates that are shown.
_KEYS = ENVIRONMENT.keys
SAML_SIGNING, SAML_CERTIFICATES = _KEYS.saml_signing, _KEYS.saml_certificates

# Where hubs are asked, and with which tokens, by CSP Region.
CSP_URLS, CSP_TOKENS = ENVIRONMENT.csp_urls, ENVIRONMENT.csp_tokens

TRUSTED_PROXIES = ENVIRONMENT.trusted_proxies

# Production is HTTPS by its proxy; the demonstration and development are HTTP on this machine.
# A __Host- cookie is one that no other host and no plain connection can have set.
HTTPS = ENVIRONMENT.is_production
_COOKIE_PREFIX = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME = f"{_COOKIE_PREFIX}meterdesk_session"
CSRF_COOKIE_NAME = f"{_COOKIE_PREFIX}meterdesk_csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_SSL_REDIRECT = HTTPS
# Whoever looks after the processes asks them directly.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]

# Bytes. Above the first a body is refused before it is read, unless it is a form with files,
# which is kept on disk as it arrives.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
DATA_UPLOAD_MAX_NUMBER_FILES = 20
METERDESK_UPLOAD_MAX = 32 * 1_048_576

# Calls a minute: of a token, and of an address without one.
METERDESK_API_RATE = ENVIRONMENT.api_rate
METERDESK_API_RATE_UNKNOWN = ENVIRONMENT.api_rate_unknown

METERDESK_ENFORCE_NETWORKS = ENVIRONMENT.enforce_networks
