"""Accounts: names, first passwords, links, the review of who still needs one. Plain Python.

Sources: SSI-FR-58 to 61, FSM-9, 13; lengths of time that no source fixes are settings.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

LONDON: Final = ZoneInfo("Europe/London")
LINK_LIFE: Final = timedelta(hours=24)
REVIEW_LENGTH: Final = timedelta(days=30)
OVERDUE_NOTICE_EVERY: Final = timedelta(days=7)
IMPORT_ROWS_MOST: Final = 5_000
IMPORT_BYTES_MOST: Final = 1_000_000
IMPORT_AT_ONCE: Final = 50
"""Accounts of a file that are checked or opened within the request; more of them by a job."""
IMPORT_KEPT: Final = timedelta(days=30)
IMPORT_COLUMNS: Final = (
    "username",
    "first_name",
    "last_name",
    "email",
    "department",
    "line_manager",
    "roles",
    "desk_roles",
)
TAKEN_NAMES_A_DAY: Final = 100
NAME_LONGEST: Final = 100
DEPARTMENT_LONGEST: Final = 100
LINE_MANAGER_LONGEST: Final = 200
DOMAINS_MOST: Final = 50
_USERNAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{2,149}")


class AccountStatus(StrEnum):
    """Account status as SSI-FR-59 names it."""

    ACTIVE = "ACTIVE"
    LOCKED = "LOCKED"
    DELETED = "DELETED"


ACCOUNT_TRANSITIONS: Final[Mapping[AccountStatus, frozenset[AccountStatus]]] = {
    AccountStatus.ACTIVE: frozenset({AccountStatus.LOCKED, AccountStatus.DELETED}),
    AccountStatus.LOCKED: frozenset({AccountStatus.ACTIVE, AccountStatus.DELETED}),
    AccountStatus.DELETED: frozenset(),
}
"""What an account may become. A deleted one stays as the record of who it was."""


class Credential(StrEnum):
    """How a person comes by the first or next password."""

    LINK = "link"
    PASSWORD = "password"  # noqa: S105  a kind, not a password


class LinkPurpose(StrEnum):
    """What a link sent by email is for."""

    SET_UP = "SET_UP"
    EMAIL = "EMAIL"


class Decision(StrEnum):
    """What an administrator decided of an account in a review."""

    OPEN = "OPEN"
    CONFIRMED = "CONFIRMED"
    REMOVED = "REMOVED"

    @property
    def word(self) -> str:
        """The decision for people."""
        return self.value.capitalize()


class ImportState(StrEnum):
    """How far a file of new accounts is."""

    CHECKING = "CHECKING"
    CHECKED = "CHECKED"
    OPENING = "OPENING"
    DONE = "DONE"

    @property
    def word(self) -> str:
        """The state for people."""
        return IMPORT_STATE_WORDS[self]

    @property
    def is_busy(self) -> bool:
        """Whether a job works at it."""
        return self in (ImportState.CHECKING, ImportState.OPENING)


IMPORT_STATE_WORDS: Final = {
    ImportState.CHECKING: "Being checked",
    ImportState.CHECKED: "Checked",
    ImportState.OPENING: "Being opened",
    ImportState.DONE: "Created",
}


class RowOutcome(StrEnum):
    """What becomes of a row of a file of new accounts."""

    WAITING = "WAITING"
    NEW = "NEW"
    CREATED = "CREATED"
    UNCHANGED = "UNCHANGED"
    REFUSED = "REFUSED"

    @property
    def word(self) -> str:
        """The outcome for people."""
        return ROW_OUTCOME_WORDS[self]


ROW_OUTCOME_WORDS: Final = {
    RowOutcome.WAITING: "Not checked yet",
    RowOutcome.NEW: "Will be created",
    RowOutcome.CREATED: "Created",
    RowOutcome.UNCHANGED: "Exists, unchanged",
    RowOutcome.REFUSED: "Refused",
}


def username_mistake(username: str) -> str:
    """What is wrong with a new username, or nothing."""
    if not username:
        return "Enter a username."
    if not _USERNAME.fullmatch(username):
        return (
            "Enter 3 to 150 letters without accents, digits, or any of . _ @ + - ; "
            "begin with a letter or a digit."
        )
    return ""


def first_password_is_over(
    *, must_set_password: bool, expires_at: datetime | None, at: datetime
) -> bool:
    """Whether a password that was given has run out or been used; one's own never does."""
    return must_set_password and expires_at is not None and at >= expires_at


def log_in_day(at: datetime) -> date:
    """The day in London that a log-in counts on."""
    return at.astimezone(LONDON).date()


def review_is_due(last_at: datetime, every_months: int, at: datetime) -> bool:
    """Whether that many months have passed since the last review began, by London's calendar."""
    last, today = log_in_day(last_at), log_in_day(at)
    months = (today.year - last.year) * 12 + today.month - last.month
    return months > every_months or (months == every_months and today.day >= min(last.day, 28))
