"""Many accounts from a CSV file: checked first, line by line, then opened; safe to do again.

A few lines are done within the request. More are done by a job in slices, each in a transaction of
its own with the outcomes of its lines, so that a job that is killed goes on where it stood.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

from django.db import transaction
from django.db.models import Count

from meterdesk.identity.access import administers
from meterdesk.identity.actions.account_details import checked
from meterdesk.identity.actions.accounts import not_too_curious, open_account
from meterdesk.identity.actions.import_file import NewAccount, lines_of, text_of
from meterdesk.identity.models import AccountImport, AccountImportRow, Organisation, Person
from meterdesk.identity.queries.administration import assignable_user_ids
from meterdesk.identity.queries.imports import visible_imports
from meterdesk.identity.queries.rights import actor_named
from meterdesk.identity.rules import Actor, Suspension
from meterdesk.identity.rules.accounts import (
    IMPORT_AT_ONCE,
    IMPORT_KEPT,
    AccountStatus,
    Credential,
    ImportState,
    RowOutcome,
    username_mistake,
)
from meterdesk.kernel.errors import Conflict, NotAllowed, NotVisible, Refused, TooMany
from meterdesk.platform import activity, jobs
from meterdesk.platform.intake import Refusal

_SLICE: Final = 50
_OPEN: Final = {ImportState.CHECKING: RowOutcome.WAITING, ImportState.OPENING: RowOutcome.NEW}
"""Which lines are still to be done in each state that a job works at."""
_BY_PROVIDER: Final = (
    "There is such an account. Your organisation's identity provider logs its person in, and looks "
    "after what has been lost."
)
_NO_RIGHT: Final = "Whoever handed the file in no longer administers accounts. Hand it in again."


def check_import(actor: Actor, filename: str, content: bytes, *, at: datetime) -> int:
    """Keep a file of new accounts, and find what would become of each line.

    Nothing is opened yet. Returns the import's number; a long one is checked by a job.

    Raises:
        NotAllowed: the actor administers no accounts.
        Refused: the file as a whole cannot be read, or is too large; field upload.
    """
    if not administers(actor):
        raise NotAllowed()
    text = text_of(content)
    lines = lines_of(text, _own_user_ids(actor.organisation_id, at))
    with transaction.atomic():
        kept = AccountImport.objects.create(
            organisation_id=actor.organisation_id,
            made_by_id=actor.person_id,
            assertion=actor.assertion,
            token_id=actor.token_id,
            filename=Path(filename).name[:200] or "accounts.csv",
            content=text,
            created_at=at,
        )
        AccountImportRow.objects.bulk_create(
            _first_entry(kept, line, item) for line, item in lines.items()
        )
        _go_on(kept, len(lines), actor, at)
    return kept.pk


@transaction.atomic
def apply_import(actor: Actor, import_id: int, *, at: datetime) -> None:
    """Open the accounts of a checked file; each gets a set-up link by email.

    Every line is judged anew and stands for itself: what is refused stops no other. What exists
    in the organisation already stays as it is, and a file that was applied is not applied again.

    Raises NotVisible, Conflict while it is still being checked.
    """
    visible = AccountImport.objects.filter(visible_imports(actor), pk=import_id)
    kept = visible.select_for_update(of=("self",)).first()
    if kept is None:
        raise NotVisible()
    if kept.state == ImportState.CHECKING:
        raise Conflict("The file is still being checked. Look at the report first.")
    if kept.state != ImportState.CHECKED:
        return
    kept.state, kept.applied_by_id = ImportState.OPENING, actor.person_id
    kept.assertion, kept.token_id = actor.assertion, actor.token_id
    kept.save(update_fields=["state", "applied_by", "assertion", "token_id"])
    _go_on(kept, kept.rows.filter(outcome=RowOutcome.NEW).count(), actor, at)


def go_on_with_import(import_id: int, *, at: datetime) -> None:
    """Do what is left of a file, slice by slice; the job's work, safe to run again.

    The rights of whoever handed it in, or had it opened, are read afresh for each slice.
    """
    kept = AccountImport.objects.filter(pk=import_id).first()
    if kept is None or kept.state not in _OPEN:
        return
    lines = lines_of(kept.content, _own_user_ids(kept.organisation_id, at))
    while _slice(import_id, lines, None, at):
        pass


def forget_old_imports(*, at: datetime) -> int:
    """Delete files and reports older than they are kept for; returns how many."""
    old = AccountImport.objects.filter(created_at__lt=at - IMPORT_KEPT)
    return old.delete()[1].get("identity.AccountImport", 0)


def _go_on(kept: AccountImport, left: int, actor: Actor, at: datetime) -> None:
    if left > IMPORT_AT_ONCE:
        jobs.defer("identity.go_on_with_import", import_id=kept.pk)
        return
    lines = lines_of(kept.content, _own_user_ids(kept.organisation_id, at))
    while _slice(kept.pk, lines, actor, at):
        pass


def _own_user_ids(organisation_id: int, at: datetime) -> list[str]:
    return [one.eui for one in assignable_user_ids(organisation_id, at) if one.is_own]


def _first_entry(kept: AccountImport, line: int, item: NewAccount | Refusal) -> AccountImportRow:
    row = AccountImportRow(account_import=kept, line=line)
    if isinstance(item, Refusal):
        row.username, row.outcome, row.reason = item.excerpt[:80], RowOutcome.REFUSED, item.reason
    else:
        row.username, row.outcome = item.username[:200], RowOutcome.WAITING
    return row


@transaction.atomic
def _slice(
    import_id: int,
    lines: Mapping[int, NewAccount | Refusal],
    actor: Actor | None,
    at: datetime,
) -> bool:
    """Do the next lines; whether there may be more."""
    imports = AccountImport.objects.select_for_update(of=("self",))
    kept = imports.select_related("organisation").get(pk=import_id)
    state = ImportState(kept.state)
    if state not in _OPEN:
        return False
    acting = actor or _acting(kept)
    rows = kept.rows.filter(outcome=_OPEN[state]).order_by("line")
    if acting is None:
        rows.update(outcome=RowOutcome.REFUSED, reason=_NO_RIGHT)
    slice_ = list(rows[:_SLICE])
    if not slice_:
        _finish(kept, state, acting, at)
        return False
    for row in slice_:
        item = lines.get(row.line)
        try:
            if acting is None or not isinstance(item, NewAccount):
                raise Refused("This line cannot be read any more. Hand the file in again.")
            _do(row, item, state, acting, kept.organisation, at)
        except TooMany as refused:
            rows.update(outcome=RowOutcome.REFUSED, reason=refused.message)
            return True
        except Refused as refused:
            row.outcome, row.reason = RowOutcome.REFUSED, _reason(refused)
        row.save(update_fields=["outcome", "reason"])
    return True


def _acting(kept: AccountImport) -> Actor | None:
    """Who is at work, with the rights of this moment; None when they have them no longer."""
    person = kept.made_by if kept.state == ImportState.CHECKING else kept.applied_by
    try:
        actor = actor_named(person.username if person else "", kept.assertion, kept.token_id)
    except NotVisible:
        return None
    return actor if administers(actor) and actor.suspension == Suspension.NONE else None


def _do(
    row: AccountImportRow,
    item: NewAccount,
    state: ImportState,
    actor: Actor,
    organisation: Organisation,
    at: datetime,
) -> None:
    """Judge a line, and open its account when it is time. Raises Refused, TooMany."""
    if state is ImportState.CHECKING:
        not_too_curious(actor, item.username, at)
    row.outcome, row.reason = _judge(item, organisation)
    if row.outcome != RowOutcome.NEW:
        return
    if state is ImportState.CHECKING:
        checked(item.details, organisation, at=at)
        return
    with transaction.atomic():
        open_account(actor, organisation, item.username, item.details, Credential.LINK, at=at)
    row.outcome = RowOutcome.CREATED


def _judge(item: NewAccount, organisation: Organisation) -> tuple[RowOutcome, str]:
    if mistake := username_mistake(item.username):
        raise Refused(mistake)
    known = Person.objects.filter(username__iexact=item.username).first()
    if known is None:
        return RowOutcome.NEW, ""
    if known.organisation_id != organisation.pk:
        raise Refused(f"The username {item.username} is taken. Choose another one.")
    if known.status == AccountStatus.DELETED:
        raise Refused("This account was deleted. Its username is not given again.")
    return RowOutcome.UNCHANGED, _BY_PROVIDER if known.by_provider else ""


def _finish(kept: AccountImport, state: ImportState, actor: Actor | None, at: datetime) -> None:
    if state is ImportState.CHECKING:
        kept.state = ImportState.CHECKED
        kept.save(update_fields=["state"])
        return
    kept.state, kept.applied_at, kept.content = ImportState.DONE, at, ""
    kept.save(update_fields=["state", "applied_at", "content"])
    counted = kept.rows.values_list("outcome").annotate(Count("pk"))
    activity.record(
        actor=actor,
        verb="identity.import_accounts",
        subject=kept.filename,
        at=at,
        organisation_id=kept.organisation_id,
        detail={
            "import": kept.pk,
            "before": ImportState.CHECKED,
            "after": ImportState.DONE,
            **{outcome.lower(): number for outcome, number in counted},
        },
    )


def _reason(refused: Refused) -> str:
    return " ".join(dict.fromkeys(refused.fields.values())) or refused.message
