"""How long a session lasts, what proves a log-in, and how a device is named. Plain Python."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

SESSION_LENGTH = timedelta(hours=8, minutes=30)
IDLE_LENGTH = timedelta(minutes=15)
FAILURES_BEFORE_LOCK = 5
FAILURE_WINDOW = timedelta(days=1)
SESSION_HISTORY = timedelta(days=400)
"""How long the register of log-ins is kept."""


class SetUpStep(StrEnum):
    """What the first log-in asks for, in this order (SSI-FR-1, SSI-NFR-11)."""

    PASSWORD = "password"  # noqa: S105  a step's name
    DETAILS = "details"
    AUTHENTICATOR = "authenticator"


class Proof(StrEnum):
    """What a person gave at log-in."""

    PASSWORD = "password"  # noqa: S105  a kind, not a secret
    APP = "app"
    KEY = "key"
    PASSKEY = "passkey"
    RECOVERY_CODE = "recovery_code"
    RESET_CODE = "reset_code"
    PROVIDER = "provider"

    @property
    def title(self) -> str:  # type: ignore[override]  # a StrEnum has no other use for it
        """The proof in words."""
        return PROOF_TITLES[self]


PROOF_TITLES = {
    Proof.PASSWORD: "Password",
    Proof.APP: "Authenticator app",
    Proof.KEY: "Security key",
    Proof.PASSKEY: "Passkey",
    Proof.RECOVERY_CODE: "Recovery code",
    Proof.RESET_CODE: "Reset code",
    Proof.PROVIDER: "Identity provider",
}


class SessionEnd(StrEnum):
    """Why a session ended before its time."""

    LOGGED_OUT = "LOGGED_OUT"
    ENDED = "ENDED"
    TOO_MANY = "TOO_MANY"
    CREDENTIALS = "CREDENTIALS"

    @property
    def title(self) -> str:  # type: ignore[override]  # a StrEnum has no other use for it
        """The reason in words."""
        return SESSION_END_TITLES[self]


SESSION_END_TITLES = {
    SessionEnd.LOGGED_OUT: "Logged out",
    SessionEnd.ENDED: "Ended from elsewhere",
    SessionEnd.TOO_MANY: "Made room for a later one",
    SessionEnd.CREDENTIALS: "Password, second factor or account changed",
}


@dataclass(frozen=True, slots=True)
class SessionLimit:
    """When a session ends at the latest, and when for want of activity (SSI-NFR-6, 20)."""

    ends_at: datetime
    active_at: datetime

    @property
    def idle_ends_at(self) -> datetime:
        """15 minutes after the last activity."""
        return self.active_at + IDLE_LENGTH


_BROWSERS = (
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Windows", "Windows"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
)


def device_words(user_agent: str) -> str:
    """A browser and its system in words, from the User-Agent header: "Firefox on Windows".

    Nobody is trusted by it: it is for people to know their own devices by.
    """
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "Another browser")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "another system")
    return f"{browser} on {system}"
