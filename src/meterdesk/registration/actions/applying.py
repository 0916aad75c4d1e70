"""A provider's file applied: whole, in its turn, in the caller's transaction (REG-1, REG-3)."""

from datetime import datetime, time
from typing import Any

from django.db import connection
from django.db.models import F

from meterdesk.kernel.worktime import LONDON
from meterdesk.platform import activity, jobs
from meterdesk.platform.intake import copy_into
from meterdesk.registration.actions.merging import (
    Merged,
    RefusedRow,
    merge_incoming,
    open_incoming,
)
from meterdesk.registration.actions.troubles import mend, note_step, notice
from meterdesk.registration.models import (
    Provider,
    ProviderFile,
    Refresh,
    RefusedRecord,
    StagedRow,
    Trouble,
)
from meterdesk.registration.rules.files import FileKind, FileState, needs_confirming
from meterdesk.registration.rules.troubles import Cause, RefreshState, Report

_NAMES = (
    "line, is_withdrawal, mpxn, active_from, ends, supplier, network_party, agent, "
    "kind, property, street, town, postcode, uprn, premises_key"
)
_FILL = f"""
with numbered as (
    select {_NAMES}, first_value(line) over same as first
    from registration_stagedrow where file_id = %s
    window same as (partition by mpxn, active_from order by line)
), filled as (
    insert into registration_incoming ({_NAMES})
    select {_NAMES} from numbered where line = first
)
select line, mpxn, first from numbered where line <> first
"""  # noqa: S608  the names are this module's own
_SILENT = """
select count(*), count(*) filter (where not exists (
        select from registration_incoming i where i.mpxn = p.mpxn))
from registration_meterpoint p
where p.provider_id = %(provider)s and exists (
    select from registration_registration r
    where r.meter_point_id = p.id and (r.active_to is null or r.active_to > %(full_from)s))
"""


def apply_in_turn(
    provider: Provider, file: ProviderFile, *, at: datetime, is_confirmed: bool = False
) -> Merged:
    """Apply a file whose turn it is, then those that were held for it; returns its own outcome.

    A full file that is silent about many meter points waits for a person instead (AWAITING).
    The caller holds the provider's row and the turn to merge.
    """
    merged = _apply(provider, file, at, is_confirmed=is_confirmed)
    while file.state == FileState.APPLIED:
        held = ProviderFile.objects.filter(
            provider=provider, state=FileState.HELD, sequence=provider.next_sequence
        ).first()
        if held is None:
            break
        _apply(provider, held, at, is_confirmed=False)
        if held.state != FileState.APPLIED:
            break
    return merged


def _apply(provider: Provider, file: ProviderFile, at: datetime, *, is_confirmed: bool) -> Merged:
    full_from = _start_of_day(file.made_at) if file.kind == FileKind.FULL else None
    before = file.state
    with connection.cursor() as cursor:
        open_incoming(cursor)
        cursor.execute(_FILL, [file.pk])
        twice = [_twice(*row) for row in cursor.fetchall()]
        if full_from and not is_confirmed:
            cursor.execute(_SILENT, {"provider": provider.pk, "full_from": full_from})
            held, silent = cursor.fetchone()
            if needs_confirming(held, silent):
                return _await(provider, file, held, silent, at)
        merged = merge_incoming(
            cursor, run_id=file.run, provider_id=provider.pk, full_from=full_from
        )
        merged.refused += twice
        copy_into(
            cursor,
            RefusedRecord._meta.db_table,
            ("file_id", "line", "mpxn", "code", "reason"),
            ((file.pk, one.line, one.mpxn, one.code, one.reason) for one in merged.refused),
        )
    file.state, file.code, file.reason, file.decided_at = FileState.APPLIED, "", "", at
    file.accepted, file.unchanged, file.ended = merged.accepted, merged.unchanged, merged.ended
    file.refused += len(merged.refused)
    file.version += 1
    file.save()
    StagedRow.objects.filter(file=file).delete()
    _move_on(provider, file, before, at)
    return merged


def _move_on(provider: Provider, file: ProviderFile, before: str, at: datetime) -> None:
    """What follows from a file applied: the sequence, troubles mended, refreshes answered."""
    sequence = file.sequence or 0
    provider.next_sequence = sequence + 1
    Provider.objects.filter(pk=provider.pk).update(next_sequence=provider.next_sequence)
    note_step(provider, f"file {file.pk}", file.state, from_state=before, at=at)
    activity.record(
        actor=None,
        verb="registration.apply_file",
        subject=f"registration file {file.pk}",
        at=at,
        organisation_id=provider.organisation_id,
        detail={
            "provider": provider.code,
            "sequence": sequence,
            "accepted": file.accepted,
            "unchanged": file.unchanged,
            "refused": file.refused,
        },
    )
    _pass_over(provider, file, at)
    mend(provider, [Cause.LATE], at=at)
    framed = (Cause.MALFORMED, Cause.COUNT_MISMATCH, Cause.STOPPED)
    mend(provider, framed, at=at, key=str(sequence))
    for trouble in Trouble.objects.filter(provider=provider, cause=Cause.MISSING, mended_at=None):
        if int(trouble.key) < provider.next_sequence:
            mend(provider, [Cause.MISSING], at=at, key=trouble.key)
    if file.refused:
        notice(provider, _rejects(provider, file), at=at, file=file)
    _answer_refreshes(provider, file, at)
    jobs.defer("registration.answer", file_id=file.pk)


def _pass_over(provider: Provider, file: ProviderFile, at: datetime) -> None:
    """Refuse what was held from before a full file: that says everything already."""
    for held in ProviderFile.objects.filter(
        provider=provider, state=FileState.HELD, sequence__lt=provider.next_sequence
    ):
        held.state, held.code, held.decided_at = FileState.REFUSED, "superseded", at
        held.reason = f"The full file {file.sequence} came before it could be applied."
        held.save()
        StagedRow.objects.filter(file=held).delete()
        note_step(
            provider, f"file {held.pk}", held.state, from_state=FileState.HELD, why=held.reason,
            at=at,
        )  # fmt: skip
        jobs.defer("registration.answer", file_id=held.pk)


def _answer_refreshes(provider: Provider, file: ProviderFile, at: datetime) -> None:
    """A full file answers every refresh asked for before it was made; another the one it names."""
    asked = Refresh.objects.filter(provider=provider, state=RefreshState.REQUESTED)
    if file.kind == FileKind.FULL:
        asked = asked.filter(requested_at__lte=file.made_at)
    else:
        asked = asked.filter(pk=file.refresh_id or 0)
    for refresh in asked:
        Refresh.objects.filter(pk=refresh.pk, state=RefreshState.REQUESTED).update(
            state=RefreshState.ANSWERED, ended_at=at, file=file, version=F("version") + 1
        )
        note_step(
            provider, f"refresh {refresh.pk}", RefreshState.ANSWERED,
            from_state=RefreshState.REQUESTED, why=f"By file {file.sequence}", at=at,
        )  # fmt: skip
        mend(provider, [Cause.REFRESH_OVERDUE], at=at, key=str(refresh.pk))


def _await(provider: Provider, file: ProviderFile, held: int, silent: int, at: datetime) -> Merged:
    before, file.state, file.code = file.state, FileState.AWAITING, "would_end_many"
    file.reason = (
        f"It is silent about {silent:,} of {held:,} meter points, whose registrations would end."
    )
    file.version += 1
    file.save()
    note_step(provider, f"file {file.pk}", file.state, from_state=before, why=file.reason, at=at)
    return Merged()


def _rejects(provider: Provider, file: ProviderFile) -> Report:
    return Report(
        Cause.REJECTS,
        str(file.sequence),
        f"{provider.name} ({provider.code}): registration data file {file.sequence} has "
        f"{file.refused:,} record{'' if file.refused == 1 else 's'} in error",
        f"Of {file.records:,} records of the file {file.name} {file.refused:,} were refused; the "
        "rest has been applied. The response names each with its reason. Correct them and send "
        "them in a later file.",
    )


def _start_of_day(made_at: Any) -> datetime:
    return datetime.combine(made_at.astimezone(LONDON).date(), time(), LONDON)


def _twice(line: int, mpxn: str, first: int) -> RefusedRow:
    reason = f"Line {first} speaks of the same meter point and date; that one counts."
    return RefusedRow(line, mpxn, "duplicate_key", reason)
