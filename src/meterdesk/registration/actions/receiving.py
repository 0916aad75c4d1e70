"""A provider's file received: its records staged, then the whole of it decided (REG-1, REG-4)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection, transaction

from meterdesk.platform import jobs
from meterdesk.platform.intake import copy_into
from meterdesk.registration.actions.applying import apply_in_turn
from meterdesk.registration.actions.merging import RefusedRow, wait_for_turn
from meterdesk.registration.actions.troubles import note_step, notice
from meterdesk.registration.models import Provider, ProviderFile, RefusedRecord, StagedRow
from meterdesk.registration.rules.files import (
    FileState,
    Fuel,
    Header,
    Trailer,
    Verdict,
    judge,
)
from meterdesk.registration.rules.rows import Staged, Wrong
from meterdesk.registration.rules.troubles import Cause, Report

_TAKEN = (FileState.HELD, FileState.AWAITING, FileState.APPLIED)
_STAGED = (
    "file_id", "line", "is_withdrawal", "mpxn", "active_from", "ends", "supplier",
    "network_party", "agent", "kind", "property", "street", "town", "postcode", "uprn",
    "premises_key",
)  # fmt: skip
_NOTHING = (None, None, None, None, "", "", "", "", "", "", "")


@dataclass(slots=True)
class InHand:
    """A file while it is read: its frame, what is wrong with it, how far it is."""

    name: str
    fuel: Fuel
    header: Header | None = None
    trailer: Trailer | None = None
    fault: str = ""
    records: int = 0
    sha256: str = ""
    file_id: int = 0
    run_id: int | None = None


@dataclass(slots=True)
class Decided:
    """What became of a file, for the report of the run."""

    words: str
    accepted: int = 0
    unchanged: int = 0
    refused: list[RefusedRow] = field(default_factory=list)


@transaction.atomic
def receive_file(file: InHand, *, at: datetime) -> None:
    """Make the record of a file that begins to come in."""
    header, provider = file.header, _provider_of(file)
    kept = ProviderFile.objects.create(
        provider=provider,
        name=file.name[-120:],
        fuel=file.fuel,
        kind=header.kind if header else "",
        sequence=header.sequence if header else None,
        made_at=header.made_at if header else None,
        refresh_id=header.refresh if header else None,
        run=file.run_id,
        received_at=at,
        heard_at=at,
    )
    file.file_id = kept.pk


def _provider_of(file: InHand) -> Provider | None:
    """Whose file it is, by its header; where that cannot be read, by the start of its name."""
    code = (
        file.header.provider if file.header else file.name.upper().replace("-", "_").split("_")[0]
    )
    return Provider.objects.filter(code=code, fuel=file.fuel, is_active=True).first()


@transaction.atomic
def stage_records(
    file: InHand,
    rows: Sequence[tuple[int, Staged]],
    wrong: Iterable[tuple[int, Wrong]],
    *,
    at: datetime,
) -> None:
    """Keep records, by line, until the file is decided, and those that were refused."""
    ProviderFile.objects.filter(pk=file.file_id).update(heard_at=at)
    with connection.cursor() as cursor:
        copy_into(
            cursor,
            RefusedRecord._meta.db_table,
            ("file_id", "line", "mpxn", "code", "reason"),
            ((file.file_id, line, *one) for line, one in wrong),
        )
        copy_into(
            cursor,
            StagedRow._meta.db_table,
            _STAGED,
            (
                (file.file_id, line, withdraws, mpxn, begins, *(row[2:] if row else _NOTHING))
                for line, (withdraws, mpxn, begins, row) in rows
            ),
        )


@transaction.atomic
def decide_file(file: InHand, *, at: datetime) -> Decided:
    """Decide what becomes of a file that has been read to its end, and do it.

    A file in its turn is applied whole, and then those that were held for it; one that is too
    early is held; one that is wrong is refused, and nothing of it stays but why.
    """
    with connection.cursor() as cursor:
        wait_for_turn(cursor)
    kept = ProviderFile.objects.select_related("provider").get(pk=file.file_id)
    provider = kept.provider
    if provider is not None:
        provider = Provider.objects.select_for_update().get(pk=provider.pk)
        kept.provider = provider
    verdict = judge(
        file.header,
        file.trailer,
        file.fault,
        file.records,
        next_sequence=provider.next_sequence if provider else None,
        taken_as=_taken_as(provider, file.header),
        sha256=file.sha256,
    )
    kept.sha256, kept.records = file.sha256, file.records
    kept.declared = file.trailer.records if file.trailer else None
    kept.refused = RefusedRecord.objects.filter(file=kept).count()
    kept.save()
    if verdict.state is FileState.APPLIED and provider is not None:
        merged = apply_in_turn(provider, kept, at=at)
        words = f"{kept.name}: {FileState(kept.state).word.lower()}"
        return Decided(words, merged.accepted, merged.unchanged, merged.refused)
    return _set_aside(kept, provider, verdict, at)


def _taken_as(provider: Provider | None, header: Header | None) -> str | None:
    if provider is None or header is None:
        return None
    taken = ProviderFile.objects.filter(
        provider=provider, sequence=header.sequence, state__in=_TAKEN
    )
    return taken.values_list("sha256", flat=True).first()


def _set_aside(
    kept: ProviderFile, provider: Provider | None, verdict: Verdict, at: datetime
) -> Decided:
    """Hold, refuse or put away a file that is not applied."""
    kept.state, kept.code, kept.reason = verdict.state, verdict.code, verdict.reason
    words = f"{kept.name}: {verdict.state.word.lower()}"
    if verdict.state is FileState.HELD:
        kept.save()
    else:
        kept.decided_at = at
        kept.save()
        StagedRow.objects.filter(file=kept).delete()
        jobs.defer("registration.answer", file_id=kept.pk)
    if provider is not None:
        note_step(provider, f"file {kept.pk}", kept.state, why=verdict.reason, at=at)
    if report := _report(kept, provider, verdict):
        notice(provider, report, at=at, file=kept)
    if verdict.state is FileState.REFUSED:
        return Decided(words, refused=[RefusedRow(1, "", verdict.code, verdict.reason)])
    return Decided(words)


def _report(kept: ProviderFile, provider: Provider | None, verdict: Verdict) -> Report | None:
    """The trouble that a file's fate is, if it is one."""
    who = f"{provider.name} ({provider.code})" if provider else "An unknown sender"
    key = str(kept.sequence) if provider and kept.sequence else kept.sha256[:16]
    sent = f"The file {kept.name}"
    match verdict.code:
        case "held" if provider and not _awaits(provider):
            missing = provider.next_sequence
            return Report(
                Cause.MISSING,
                str(missing),
                f"{who}: registration data file {missing} is missing",
                f"{sent} has sequence {kept.sequence} and is held; {missing} has not been "
                "received. Send the files that are missing, or a full file.",
            )
        case "malformed" | "unknown_provider":
            return Report(
                Cause.MALFORMED,
                key,
                f"{who}: a registration data file does not conform",
                f"{sent} was refused whole: {verdict.reason} Correct it and send it again.",
            )
        case "count_mismatch":
            return Report(
                Cause.COUNT_MISMATCH,
                key,
                f"{who}: registration data file {kept.sequence} is not complete",
                f"{sent} was refused whole: {verdict.reason} Send it again.",
            )
        case "sequence_used":
            return Report(
                Cause.OUT_OF_SEQUENCE,
                f"{key} {kept.sha256[:8]}",
                f"{who}: registration data file {kept.sequence} came out of sequence",
                f"{sent} was refused whole: {verdict.reason} Send it under the next sequence.",
            )
    return None


def _awaits(provider: Provider) -> bool:
    """Whether the file whose turn it is waits for the operator, so that nothing is missing."""
    return ProviderFile.objects.filter(provider=provider, state=FileState.AWAITING).exists()
