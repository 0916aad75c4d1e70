"""Many accounts from a CSV file: checked first, row by row, then opened; safe to do again."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from django.db import transaction

from meterdesk.identity.access import administers
from meterdesk.identity.actions.account_details import AccountDetails, checked
from meterdesk.identity.actions.accounts import not_too_curious, open_account
from meterdesk.identity.models import AccountImport, Organisation, Person
from meterdesk.identity.queries.administration import assignable_user_ids
from meterdesk.identity.queries.imports import visible_imports
from meterdesk.identity.rules import Actor, DeskRole, JobTypeRole
from meterdesk.identity.rules.accounts import (
    IMPORT_BYTES_MOST,
    IMPORT_COLUMNS,
    IMPORT_KEPT,
    IMPORT_ROWS_MOST,
    AccountStatus,
    Credential,
    RowOutcome,
    username_mistake,
)
from meterdesk.kernel.errors import NotAllowed, NotVisible, Refused
from meterdesk.kernel.identifiers import parse_eui
from meterdesk.platform import activity
from meterdesk.platform.intake import Refusal, read_csv

_REQUIRED: Final = IMPORT_COLUMNS[:4]
_ALL: Final = "all"


@dataclass(frozen=True, slots=True)
class _Row:
    """A row that could be read."""

    username: str
    details: AccountDetails


def check_import(actor: Actor, filename: str, content: bytes, *, at: datetime) -> int:
    """Keep a file of new accounts with a report of what would become of each row.

    Nothing is opened yet. Returns the import's number.

    Raises:
        NotAllowed: the actor administers no accounts.
        Refused: the file as a whole cannot be read, or is too large; field upload.
        TooMany: too many usernames were asked for that others have.
    """
    organisation = _organisation(actor)
    text = _text(content)
    rows = list(_rows(text, organisation, at))
    if len(rows) > IMPORT_ROWS_MOST:
        raise _unreadable(f"Give at most {IMPORT_ROWS_MOST} accounts in a file; this has more.")
    for _, row in rows:
        if isinstance(row, _Row):
            not_too_curious(actor, row.username, at)
    with transaction.atomic():
        report = [_checked_row(line, row, organisation, at) for line, row in _once_each(rows)]
        kept = AccountImport.objects.create(
            organisation=organisation,
            made_by_id=actor.person_id,
            filename=Path(filename).name[:200] or "accounts.csv",
            content=text,
            report=report,
            created_at=at,
        )
    return kept.pk


@transaction.atomic
def apply_import(actor: Actor, import_id: int, *, at: datetime) -> None:
    """Open the accounts of a checked file; each gets a set-up link by email.

    Every row is checked anew and stands for itself: what is refused stops no other. What exists
    in the organisation already stays as it is, and a file that was applied is not applied again.
    Raises NotVisible.
    """
    visible = AccountImport.objects.filter(visible_imports(actor), pk=import_id)
    kept = visible.select_for_update(of=("self",)).select_related("organisation").first()
    if kept is None:
        raise NotVisible()
    if kept.applied_at is not None:
        return
    organisation = kept.organisation
    rows = _once_each(list(_rows(kept.content, organisation, at)))
    kept.report = [_opened_row(actor, line, row, organisation, at) for line, row in rows]
    kept.applied_at = at
    kept.content = ""
    kept.save(update_fields=["report", "applied_at", "content"])
    counts = Counter(str(row["outcome"]).lower() for row in kept.report)
    activity.record(
        actor=actor,
        verb="identity.import_accounts",
        subject=kept.filename,
        at=at,
        detail={"import": kept.pk, **counts},
    )


def forget_old_imports(*, at: datetime) -> int:
    """Delete files and reports older than they are kept for; returns how many."""
    return AccountImport.objects.filter(created_at__lt=at - IMPORT_KEPT).delete()[0]


def _organisation(actor: Actor) -> Organisation:
    if not administers(actor):
        raise NotAllowed()
    return Organisation.objects.get(pk=actor.organisation_id)


def _text(content: bytes) -> str:
    if len(content) > IMPORT_BYTES_MOST:
        raise _unreadable("The file is larger than 500 kB. Split it.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _unreadable("The file is not UTF-8 text. Save it as CSV UTF-8.") from None
    return text.replace("\x00", "\ufffd")


def _rows(text: str, organisation: Organisation, at: datetime) -> Iterator[tuple[int, Any]]:
    """(line, _Row or Refusal) of each row. Raises Refused for the file as a whole."""
    own = [one.eui for one in assignable_user_ids(organisation.pk, at) if one.is_own]
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


def _parse(values: dict[str, str], own: list[str]) -> _Row:
    details = AccountDetails(
        first_name=values["first_name"],
        last_name=values["last_name"],
        email=values["email"],
        department=values.get("department", ""),
        line_manager=values.get("line_manager", ""),
        roles=frozenset(_roles(values.get("roles", ""), own)),
        desk=frozenset(_desk_roles(values.get("desk_roles", ""))),
    )
    return _Row(values["username"], details)


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


def _once_each(rows: list[tuple[int, Any]]) -> Iterator[tuple[int, Any]]:
    """The rows, with a refusal for a username that stands in the file before."""
    lines: dict[str, int] = {}
    for line, row in rows:
        first = lines.setdefault(row.username.lower(), line) if isinstance(row, _Row) else line
        if first == line:
            yield line, row
        else:
            reason = f"The username {row.username} stands in line {first} already."
            yield line, Refusal(line, "twice", reason, row.username)


def _checked_row(line: int, row: Any, organisation: Organisation, at: datetime) -> dict[str, Any]:
    """What would become of a row."""
    if isinstance(row, Refusal):
        return _entry(line, row.excerpt[:80], RowOutcome.REFUSED, row.reason)
    try:
        outcome = _judge(row, organisation)
        if outcome is RowOutcome.NEW:
            checked(row.details, organisation, at=at)
    except Refused as refused:
        return _entry(line, row.username, RowOutcome.REFUSED, _reason(refused))
    return _entry(line, row.username, outcome)


def _opened_row(
    actor: Actor, line: int, row: Any, organisation: Organisation, at: datetime
) -> dict[str, Any]:
    """What became of a row."""
    if isinstance(row, Refusal):
        return _checked_row(line, row, organisation, at)
    try:
        outcome = _judge(row, organisation)
        if outcome is not RowOutcome.NEW:
            return _entry(line, row.username, outcome)
        with transaction.atomic():
            open_account(actor, organisation, row.username, row.details, Credential.LINK, at=at)
    except Refused as refused:
        return _entry(line, row.username, RowOutcome.REFUSED, _reason(refused))
    return _entry(line, row.username, RowOutcome.CREATED)


def _judge(row: _Row, organisation: Organisation) -> RowOutcome:
    if mistake := username_mistake(row.username):
        raise Refused(mistake)
    known = Person.objects.filter(username__iexact=row.username).first()
    if known is None:
        return RowOutcome.NEW
    if known.organisation_id != organisation.pk:
        raise Refused(f"The username {row.username} is taken. Choose another one.")
    if known.status == AccountStatus.DELETED:
        raise Refused("This account was deleted. Its username is not given again.")
    return RowOutcome.UNCHANGED


def _reason(refused: Refused) -> str:
    return " ".join(dict.fromkeys(refused.fields.values())) or refused.message


def _entry(line: int, username: str, outcome: RowOutcome, reason: str = "") -> dict[str, Any]:
    return {"line": line, "username": username, "outcome": outcome, "reason": reason}


def _unreadable(message: str) -> Refused:
    return Refused(message, code="unreadable_file", fields={"upload": message})


_EXAMPLE: Final = "90-B3-D5-1F-30-11-00-01"
