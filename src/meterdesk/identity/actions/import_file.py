"""A CSV file of new accounts, read whole: what each line asks for, or why it cannot be taken."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from meterdesk.identity.actions.account_details import AccountDetails
from meterdesk.identity.rules import DeskRole, JobTypeRole
from meterdesk.identity.rules.accounts import (
    IMPORT_BYTES_MOST,
    IMPORT_COLUMNS,
    IMPORT_ROWS_MOST,
)
from meterdesk.kernel.errors import Refused
from meterdesk.kernel.identifiers import parse_eui
from meterdesk.platform.intake import Refusal, read_csv

_REQUIRED: Final = IMPORT_COLUMNS[:4]
_ALL: Final = "all"
_EXAMPLE: Final = "90-B3-D5-1F-30-11-00-01"


@dataclass(frozen=True, slots=True)
class NewAccount:
    """A line that could be read."""

    username: str
    details: AccountDetails


def text_of(content: bytes) -> str:
    """The file's text. Raises Refused, field upload."""
    if len(content) > IMPORT_BYTES_MOST:
        raise _unreadable("The file is larger than 1 MB. Split it.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _unreadable("The file is not UTF-8 text. Save it as CSV UTF-8.") from None
    return text.replace("\x00", "\ufffd")


def lines_of(text: str, own: Iterable[str]) -> dict[int, NewAccount | Refusal]:
    """What stands in each line, by its number; a username that stands there twice is refused.

    Args:
        own: UserIds that "all" stands for.

    Raises Refused, field upload, for a file that cannot be read as a whole or is too long.
    """
    found: dict[int, NewAccount | Refusal] = {}
    first: dict[str, int] = {}
    for line, item in _read(text, list(own)):
        found[line] = item
        if isinstance(item, NewAccount):
            before = first.setdefault(item.username.lower(), line)
            if before != line:
                reason = f"The username {item.username} stands in line {before} already."
                found[line] = Refusal(line, "twice", reason, item.username)
        if len(found) > IMPORT_ROWS_MOST:
            raise _unreadable(
                f"Give at most {IMPORT_ROWS_MOST:,} accounts in a file; this has more."
            )
    return found


def _read(text: str, own: list[str]) -> Iterator[tuple[int, NewAccount | Refusal]]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "accounts.csv"
        path.write_text(text, encoding="utf-8", newline="")
        try:
            for item in read_csv(path, _REQUIRED, lambda values: _parse(values, own)):
                if isinstance(item, Refusal):
                    yield item.line, item
                else:
                    yield item
        except Refused as refused:
            raise _unreadable(refused.message) from None


def _parse(values: dict[str, str], own: list[str]) -> NewAccount:
    details = AccountDetails(
        first_name=values["first_name"],
        last_name=values["last_name"],
        email=values["email"],
        department=values.get("department", ""),
        line_manager=values.get("line_manager", ""),
        roles=frozenset(_roles(values.get("roles", ""), own)),
        desk=frozenset(_desk_roles(values.get("desk_roles", ""))),
    )
    return NewAccount(values["username"], details)


def _roles(text: str, own: list[str]) -> Iterator[tuple[str, JobTypeRole]]:
    by_name = {role.value.lower(): role for role in JobTypeRole}
    for item in filter(None, map(str.strip, text.split(";"))):
        name, on, where = item.rpartition(" on ")
        role = by_name.get(name.strip().lower())
        if not on or role is None:
            raise Refused(f"“{item}” is not a role on a UserId, as in: MI User on {_EXAMPLE}.")
        if where.strip().lower() == _ALL:
            yield from ((eui, role) for eui in own)
        else:
            yield parse_eui(where), role


def _desk_roles(text: str) -> Iterator[DeskRole]:
    for item in filter(None, map(str.strip, text.split(";"))):
        name = item.upper().replace(" ", "_")
        if name not in list(DeskRole):
            raise Refused(f"“{item}” is not a desk role.")
        yield DeskRole(name)


def _unreadable(message: str) -> Refused:
    return Refused(message, code="unreadable_file", fields={"upload": message})
