"""Every environment variable of Meterdesk, as the documentation shows it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Variable:
    """One environment variable as the documentation shows it."""

    name: str
    default: str
    meaning: str
    secret: bool = False
    production: str = ""
    """What production refuses, in words."""


VARIABLES = (
    Variable(
        "METERDESK_ENV",
        "development",
        "What this installation is: `development`, `demo` or `production`. Only `demo` shows "
        "the current authenticator code; only `production` insists on everything below.",
    ),
    Variable(
        "METERDESK_HOME",
        "`var` in the checkout",
        "The folder that holds all state: embedded database, files, generated keys, mail.",
    ),
    Variable(
        "DATABASE_URL",
        "the embedded PostgreSQL",
        "PostgreSQL 15 or newer, as the role that serves requests: "
        "`postgresql://role:password@host:5432/database`. Set, the embedded one never starts.",
        secret=True,
        production="Refused when missing.",
    ),
    Variable(
        "DATABASE_OWNER_URL",
        "the value of DATABASE_URL",
        "The same database as the role that owns the schema; used by `meterdesk migrate` alone.",
        secret=True,
        production="Refused when it is the same role as DATABASE_URL, and when missing where it "
        "is used: the serving role must not be able to alter the activity log.",
    ),
    Variable(
        "METERDESK_DATABASE_SETTINGS",
        "none",
        "Settings of the embedded PostgreSQL in place of ours, as `name=value` separated by "
        "spaces: `shared_buffers=2GB work_mem=64MB`.",
    ),
    Variable("PORT", "8000", "The port that `meterdesk serve` listens on."),
    Variable(
        "METERDESK_WORKERS", "1", "Web worker processes of `meterdesk serve`: one a core is good."
    ),
    Variable(
        "METERDESK_SECRET_KEY",
        "generated once and kept in the home folder",
        "Signs sessions and forms. At least 50 characters.",
        secret=True,
        production="Refused when missing or short.",
    ),
    Variable(
        "METERDESK_ENCRYPTION_KEY",
        "generated once and kept in the home folder",
        "Encrypts secrets at rest: 32 bytes as URL-safe base64 (a Fernet key). Several, "
        "separated by commas, are tried in turn; the first one encrypts.",
        secret=True,
        production="Refused when missing.",
    ),
    Variable(
        "METERDESK_SAML_KEY",
        "generated once and kept in the home folder; in production none",
        "The RSA key, in PEM form, that signs what Meterdesk says of people to other services as "
        "their Identity Provider. Without one no service can be logged in to.",
        secret=True,
    ),
    Variable(
        "METERDESK_SAML_CERTIFICATE",
        "made with the key",
        "The certificate of that key, in PEM form, which service providers pin.",
        secret=True,
    ),
    Variable(
        "METERDESK_SAML_NEXT_CERTIFICATE",
        "none",
        "The certificate of the key that comes next: shown in the metadata beside the present one, "
        "so that service providers know it before it is used.",
        secret=True,
    ),
    Variable(
        "METERDESK_ALLOWED_HOSTS",
        "localhost,127.0.0.1,[::1]",
        "Host names that Meterdesk answers to, separated by commas. The first one stands in "
        "links that are sent by email.",
        production="Refused when missing or containing `*`.",
    ),
    Variable(
        "METERDESK_TRUSTED_PROXIES",
        "none",
        "Networks, separated by commas, whose X-Forwarded-For and X-Forwarded-Proto are believed.",
        production="Refused when missing or when a network takes in every address: Meterdesk "
        "speaks HTTP, and HTTPS is its proxy's part.",
    ),
    Variable(
        "METERDESK_FIRST_PASSWORD_HOURS",
        "72",
        "Hours, 1 to 720, for which a first or reset password that an administrator hands over "
        "can be used. It works once in any case.",
    ),
    Variable(
        "METERDESK_REFUSED_EMAIL_DOMAINS",
        "none",
        "Domains, separated by commas, at which accounts may have no address, besides the "
        "free-mail and disposable ones that Meterdesk knows. What lies under them is refused too.",
    ),
    Variable(
        "METERDESK_API_RATE",
        "6000",
        "Calls of the API a minute that one token may make; more are answered 429.",
    ),
    Variable(
        "METERDESK_API_RATE_UNKNOWN",
        "60",
        "Calls of the API a minute from one address without a valid token.",
    ),
    Variable(
        "METERDESK_ENFORCE_NETWORKS",
        "`yes` in production, `no` elsewhere",
        "Whether people and programs of an organisation get in only from the networks that it is "
        "approved for (FSM-12), the operator's own included. Record the first ones with "
        "`meterdesk network` before the first log-in.",
    ),
    Variable(
        "METERDESK_DUIS_SCHEMAS",
        "none",
        "The folder with the DUIS schema files. Without it the trail's intake checks the "
        "envelope and says that the schema was not checked.",
    ),
    Variable(
        "METERDESK_INBOX",
        "`inbox` in the home folder",
        "The folder from which files are taken in, one folder a kind below it: `trail`, "
        "`inventory` and so on.",
    ),
    Variable(
        "METERDESK_FEED_HOURS",
        "`trail=24 inventory=24 hubs=24`",
        "Hours after which the data of a kind is late, 1 to 24, as `kind=hours` separated by "
        "spaces: `trail=1 inventory=24`. Kinds that are not named are not watched; registration "
        "data is, by the days on which each provider's files are due. The page Feeds marks it, and "
        "METERDESK_OPERATOR_EMAIL is told once.",
    ),
    Variable(
        "METERDESK_OPERATOR_EMAIL",
        "nobody is told",
        "The address that is told of feeds that are late.",
    ),
    Variable(
        "METERDESK_TRAIL_ONLINE_DAYS",
        "everything is kept",
        "Days that the service audit trail stays online, 92 to 7400. Older days are archived each "
        "night, or, without METERDESK_TRAIL_ARCHIVE, dropped.",
    ),
    Variable(
        "METERDESK_TRAIL_ARCHIVE",
        "none; in the demonstration `archive` in the home folder",
        "Where days of the trail go that are no longer online, one Parquet file a day: a folder, "
        "or S3-compatible storage as `s3://key:secret@bucket/prefix?endpoint_override=host`. "
        "Without key and secret the machine's own credentials are used.",
        secret=True,
    ),
    Variable(
        "METERDESK_TRAIL_ARCHIVE_YEARS",
        "7",
        "Years that days of the trail are kept in the archive, 1 to 50. Older files are removed.",
    ),
    Variable(
        "METERDESK_OUTBOX",
        "`outbox` in the home folder",
        "The folder for responses to registration data files, one folder a provider below it.",
    ),
    Variable(
        "METERDESK_OFFICER_ISSUERS",
        "none",
        "A file of PEM certificates: issuers who vouch for certificates of officers that sign "
        "for organisations. Without it an officer needs a recorded certificate or an own log-in.",
    ),
    Variable(
        "METERDESK_CLAMD",
        "none: files are not scanned",
        "Where ClamAV's clamd listens: `unix:///path/to/socket` or `tcp://host:port`. Set, every "
        "uploaded file is scanned before it is kept, and refused while clamd does not answer. "
        "clamd's StreamMaxLength bounds what it scans: intake files may have 200 MB.",
    ),
    Variable(
        "METERDESK_CSP_URLS",
        "none: hubs cannot be asked",
        "Where the communications service provider of each CSP Region is asked to communicate "
        "with a hub, as `Region=address` separated by spaces: "
        "`North=https://csp.example/api South=https://other.example`. The contract is in "
        "docs/reference/csp-interface.md.",
        production="Refused unless HTTPS.",
    ),
    Variable(
        "METERDESK_CSP_TOKENS",
        "none",
        "The bearer token for each of them, as `Region=token` separated by spaces.",
        secret=True,
    ),
    Variable(
        "METERDESK_EMAIL_URL",
        "files in `mail` in the home folder",
        "Where email goes: `smtp://name:password@host:587` (STARTTLS), "
        "`smtps://name:password@host:465` or `file:///folder`. Add `?from=address` to set "
        "the sender.",
        secret=True,
        production="Refused when missing or a folder.",
    ),
    Variable(
        "METERDESK_PROCESS",
        "command",
        "What this process is, which decides its database role, pool and time-outs: `web`, "
        "`worker`, `command`, or `owner`, the role that migrates. The `meterdesk` command sets "
        "it by itself.",
    ),
    Variable("METERDESK_LOG_LEVEL", "INFO", "`DEBUG`, `INFO`, `WARNING` or `ERROR`."),
    Variable(
        "METERDESK_METRICS_TOKEN",
        "none: /metrics is closed",
        "The bearer token that opens /metrics.",
        secret=True,
        production="Refused when shorter than 20 characters.",
    ),
)
