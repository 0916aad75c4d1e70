"""Providers taken up and changed, and what a person decides about their files (REG-1)."""

from dataclasses import dataclass
from datetime import date, datetime, time

from django.db import IntegrityError, connection, transaction
from django.db.models import F

from meterdesk.identity.queries import organisations_of_kind, user_id_entries
from meterdesk.identity.rules import Actor, OrganisationKind
from meterdesk.kernel.errors import Conflict, NotVisible, Refused, Stale
from meterdesk.kernel.identifiers import parse_eui
from meterdesk.platform import activity, jobs
from meterdesk.registration.access import require_manager
from meterdesk.registration.actions.applying import apply_in_turn
from meterdesk.registration.actions.merging import wait_for_turn
from meterdesk.registration.actions.troubles import note_step
from meterdesk.registration.models import Provider, ProviderFile, StagedRow
from meterdesk.registration.rules.files import CODE, DueDays, FileState, Fuel

_CHANGEABLE = (
    "name", "organisation_id", "user_id", "due_days", "due_time", "due_since", "next_sequence",
    "is_active",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ProviderDetails:
    """A provider as it is taken up or changed.

    Attributes:
        code: 2 to 12 letters and digits, as in the header of its files; never changes.
        user_id: the UserId of its organisation that is told of incidents; needed of a SEC Party.
        due_time: by when a file is due, London.
        due_since: the first day on which one is due.
        next_sequence: the sequence expected next.
    """

    code: str
    name: str
    fuel: Fuel
    organisation_id: int
    due_time: time
    due_since: date
    user_id: str | None = None
    due_days: DueDays = DueDays.WORKING_DAYS
    next_sequence: int = 1
    is_active: bool = True


@transaction.atomic
def add_provider(actor: Actor | None, new: ProviderDetails, *, at: datetime) -> str:
    """Take a provider up; returns its code. `actor` is None for the system's own set-up.

    Raises:
        NotAllowed: without the right to take files in.
        Refused: fields that do not fit, or the code is in use.
    """
    if actor is not None:
        require_manager(actor)
    code = new.code.strip().upper()
    values = _checked(new, code)
    try:
        with transaction.atomic():
            provider = Provider.objects.create(code=code, fuel=new.fuel, **values)
    except IntegrityError:
        message = f"There is a provider {code} already."
        raise Refused(message, code="in_use", fields={"code": message}) from None
    _note(actor, provider, "registration.add_provider", "Taken up", at)
    return code


@transaction.atomic
def change_provider(
    actor: Actor, code: str, new: ProviderDetails, *, at: datetime, version: int | None = None
) -> None:
    """Change what may change of a provider: all but its code and fuel.

    Raises NotAllowed, NotVisible, Refused; Stale when it changed since `version`.
    """
    require_manager(actor)
    provider = Provider.objects.select_for_update().filter(code=code).first()
    if provider is None:
        raise NotVisible()
    if version is not None and version != provider.version:
        raise Stale()
    values = _checked(new, code)
    changed = [name for name in _CHANGEABLE if getattr(provider, name) != values[name]]
    if not changed:
        return
    Provider.objects.filter(pk=provider.pk).update(**values, version=F("version") + 1)
    words = ", ".join(name.removesuffix("_id").replace("_", " ") for name in changed)
    _note(actor, provider, "registration.change_provider", f"Changed: {words}", at)


def _checked(new: ProviderDetails, code: str) -> dict[str, object]:
    wrong: dict[str, str] = {}
    if not CODE.fullmatch(code):
        wrong["code"] = "Enter 2 to 12 letters and digits."
    if not new.name.strip() or len(new.name) > 120:
        wrong["name"] = "Enter a name of up to 120 characters."
    if not 1 <= new.next_sequence <= 999_999_999:
        wrong["next_sequence"] = "Enter a number from 1 to 999999999."
    user_id = None
    try:
        user_id = _user_id(new)
    except Refused as refused:
        wrong["user_id"] = refused.message
    if wrong:
        raise Refused("Some details are missing or wrong.", code="invalid", fields=wrong)
    return {
        "name": new.name.strip(),
        "organisation_id": new.organisation_id,
        "user_id": user_id,
        "due_days": new.due_days,
        "due_time": new.due_time,
        "due_since": new.due_since,
        "next_sequence": new.next_sequence,
        "is_active": new.is_active,
    }


def _user_id(new: ProviderDetails) -> str | None:
    """The UserId, which must be the organisation's; a SEC Party needs one. Raises Refused."""
    if not new.user_id:
        parties = organisations_of_kind(OrganisationKind.PARTY)
        if new.organisation_id in {one.id for one in parties}:
            raise Refused("Enter the UserId through which this SEC Party is told of incidents.")
        return None
    user_id = parse_eui(new.user_id)
    entry = user_id_entries([user_id]).get(user_id)
    if entry is None or entry.organisation_id != new.organisation_id:
        raise Refused("This is not a UserId of the organisation.")
    return user_id


def _note(actor: Actor | None, provider: Provider, verb: str, why: str, at: datetime) -> None:
    by = actor.display_name if actor else "Meterdesk"
    note_step(provider, "provider", "", why=why, by=by, at=at)
    activity.record(
        actor=actor, verb=verb, subject=f"registration provider {provider.code}", at=at,
        detail={"change": why},
    )  # fmt: skip


@transaction.atomic
def confirm_file(actor: Actor, file_id: int, *, at: datetime, version: int | None = None) -> None:
    """Apply a full file that waited because it would end many registrations.

    Raises NotAllowed, NotVisible, Stale, Conflict when it does not wait (any more).
    """
    provider, file = _awaiting(actor, file_id, version)
    apply_in_turn(provider, file, at=at, is_confirmed=True)
    _note_decision(actor, file, "registration.confirm_file", at)


@transaction.atomic
def refuse_file(
    actor: Actor, file_id: int, *, why: str, at: datetime, version: int | None = None
) -> None:
    """Refuse a full file that waits; its sequence is free again. Raises as `confirm_file`."""
    provider, file = _awaiting(actor, file_id, version)
    if not why.strip():
        raise Refused("Say why.", fields={"why": "Enter a reason; the provider reads it."})
    file.state, file.code, file.reason = FileState.REFUSED, "refused_by_operator", why.strip()
    file.decided_at, file.version = at, file.version + 1
    file.save()
    StagedRow.objects.filter(file=file).delete()
    note_step(
        provider, f"file {file.pk}", file.state, from_state=FileState.AWAITING,
        why=file.reason, by=actor.display_name, at=at,
    )  # fmt: skip
    jobs.defer("registration.answer", file_id=file.pk)
    _note_decision(actor, file, "registration.refuse_file", at)


def _awaiting(actor: Actor, file_id: int, version: int | None) -> tuple[Provider, ProviderFile]:
    require_manager(actor)
    with connection.cursor() as cursor:
        wait_for_turn(cursor)
    file = ProviderFile.objects.select_for_update().filter(pk=file_id).first()
    if file is None or file.provider_id is None:
        raise NotVisible()
    if version is not None and version != file.version:
        raise Stale()
    if file.state != FileState.AWAITING:
        raise Conflict("This file does not wait for confirmation.")
    return Provider.objects.select_for_update().get(pk=file.provider_id), file


def _note_decision(actor: Actor, file: ProviderFile, verb: str, at: datetime) -> None:
    activity.record(
        actor=actor, verb=verb, subject=f"registration file {file.pk}", at=at,
        detail={"state": file.state, "why": file.reason},
    )  # fmt: skip
