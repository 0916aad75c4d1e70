"""Refreshes asked for, and misaligned data reported and settled (REG-3)."""

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F

from meterdesk.identity.rules import Actor
from meterdesk.kernel.errors import Conflict, NotVisible, Refused, Stale
from meterdesk.kernel.identifiers import InvalidIdentifier, parse_mpxn
from meterdesk.kernel.worktime import LONDON
from meterdesk.platform import activity
from meterdesk.registration.access import require_manager
from meterdesk.registration.actions.troubles import mend, note_step, notice
from meterdesk.registration.actions.watching import write_to
from meterdesk.registration.models import Misalignment, Provider, Refresh
from meterdesk.registration.rules.files import Fuel
from meterdesk.registration.rules.troubles import (
    Cause,
    Master,
    MisalignmentState,
    RefreshState,
    Report,
    refresh_due,
)

MOST_POINTS = 1_000
LONGEST = 2_000


@transaction.atomic
def request_refresh(actor: Actor, code: str, *, why: str, mpxns: str = "", at: datetime) -> int:
    """Ask a provider for its data afresh, of these meter points or of all; returns its number.

    It is due at the end of the second calendar day; the provider is written to.

    Raises NotAllowed, NotVisible, Refused.
    """
    require_manager(actor)
    provider = _provider(code)
    wrong = {}
    points: list[str] = []
    try:
        points = _points(mpxns)
    except InvalidIdentifier as error:
        wrong["mpxns"] = error.message
    if not why.strip() or len(why) > LONGEST:
        wrong["why"] = f"Say why, in up to {LONGEST:,} characters; the provider reads it."
    if len(points) > MOST_POINTS:
        wrong["mpxns"] = f"Name at most {MOST_POINTS:,}, or none for everything."
    if wrong:
        raise Refused("Some details are missing or wrong.", code="invalid", fields=wrong)
    refresh = Refresh.objects.create(
        provider=provider,
        mpxns=points,
        why=why.strip(),
        requested_at=at,
        requested_by=actor.display_name,
        due_at=refresh_due(at),
    )
    _note(actor, provider, f"refresh {refresh.pk}", RefreshState.REQUESTED, "", why.strip(), at)
    due = refresh.due_at.astimezone(LONDON)
    about = f"{len(points)} meter points" if points else "everything you hold"
    write_to(
        provider,
        f"Data refresh {refresh.pk} is asked for",
        f"Please send registration data of {about} afresh by {due:%-d %B %Y %H:%M} UK time. "
        f"Name refresh {refresh.pk} in the header of the file.\n\n{refresh.why}\n\n"
        + "\n".join(points),
        at,
    )
    return refresh.pk


def _points(text: str) -> list[str]:
    words = text.replace(",", " ").split()
    return list(dict.fromkeys(parse_mpxn(word).value for word in words))


def _provider(code: str) -> Provider:
    provider = Provider.objects.filter(code=code).first()
    if provider is None:
        raise NotVisible()
    return provider


@transaction.atomic
def cancel_refresh(
    actor: Actor, refresh_id: int, *, why: str, at: datetime, version: int | None = None
) -> None:
    """Take a request back. Raises NotAllowed, NotVisible, Stale, Conflict, Refused."""
    require_manager(actor)
    refresh = Refresh.objects.select_for_update().filter(pk=refresh_id).first()
    if refresh is None:
        raise NotVisible()
    if version is not None and version != refresh.version:
        raise Stale()
    if refresh.state != RefreshState.REQUESTED:
        raise Conflict(f"This refresh is {refresh.state.lower()} already.")
    if not why.strip():
        raise Refused("Say why.", fields={"why": "Enter a reason; the provider reads it."})
    Refresh.objects.filter(pk=refresh.pk, state=RefreshState.REQUESTED).update(
        state=RefreshState.CANCELLED, ended_at=at, version=F("version") + 1
    )
    provider = refresh.provider
    about = f"refresh {refresh.pk}"
    _note(actor, provider, about, RefreshState.CANCELLED, refresh.state, why.strip(), at)
    mend(provider, [Cause.REFRESH_OVERDUE], at=at, key=str(refresh.pk))
    write_to(
        provider, f"Data refresh {refresh.pk} is no longer needed", f"Cancelled: {why.strip()}", at
    )


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs: the datum, what Meterdesk holds, what the provider says, whose counts."""

    mpxn: str
    what: str
    held: str
    reported: str
    master: Master


@transaction.atomic
def report_misalignment(actor: Actor, code: str, new: Difference, *, at: datetime) -> int:
    """Report that Meterdesk and a provider say different things of a meter point.

    An incident follows; until it is settled `new.master` says whose version counts.

    Raises NotAllowed, NotVisible; Refused for fields, and when the same is open already.
    """
    require_manager(actor)
    provider = _provider(code)
    given = {name: getattr(new, name).strip() for name in ("what", "held", "reported")}
    wrong = {name: "Enter this." for name in ("what", "reported") if not given[name]}
    wrong |= {name: "Use 200 characters or fewer." for name in given if len(given[name]) > 200}
    try:
        point = parse_mpxn(new.mpxn)
        if (point.kind == "mprn") is not (provider.fuel == Fuel.GAS):
            wrong["mpxn"] = f"{provider.code} is a provider of {provider.fuel.lower()}."
    except InvalidIdentifier as error:
        wrong["mpxn"] = error.message
    if wrong:
        raise Refused("Some details are missing or wrong.", code="invalid", fields=wrong)
    try:
        with transaction.atomic():
            found = Misalignment.objects.create(
                provider=provider, mpxn=point.value, **given, master=new.master,
                reported_at=at, reported_by=actor.display_name,
            )  # fmt: skip
    except IntegrityError:
        message = "This is reported and open already."
        raise Refused(message, code="open_already", fields={"mpxn": message}) from None
    about = f"misalignment {found.pk}"
    _note(actor, provider, about, MisalignmentState.OPEN, "", f"{point.value}: {new.what}", at)
    detail = (
        f"{given['what']} of {point.value}: Meterdesk holds {given['held'] or 'nothing'}, the "
        f"provider says {given['reported']}. Until this is settled, {new.master.word} version "
        "counts."
    )
    summary = f"{provider.name} ({provider.code}): registration data of a meter point differs"
    report = Report(Cause.MISALIGNED, str(found.pk), summary, detail)
    notice(provider, report, at=at, mpxn=point.value)
    return found.pk


@transaction.atomic
def settle_misalignment(
    actor: Actor, misalignment_id: int, *, outcome: str, at: datetime, version: int | None = None
) -> None:
    """Say how it was settled. Raises NotAllowed, NotVisible, Stale, Conflict, Refused."""
    require_manager(actor)
    found = Misalignment.objects.select_for_update().filter(pk=misalignment_id).first()
    if found is None:
        raise NotVisible()
    if version is not None and version != found.version:
        raise Stale()
    if found.state != MisalignmentState.OPEN:
        raise Conflict("This has been settled already.")
    if not outcome.strip() or len(outcome) > LONGEST:
        message = "Say how it was settled."
        raise Refused(message, fields={"outcome": message})
    Misalignment.objects.filter(pk=found.pk, state=MisalignmentState.OPEN).update(
        state=MisalignmentState.SETTLED,
        outcome=outcome.strip(),
        ended_at=at,
        version=F("version") + 1,
    )
    about = f"misalignment {found.pk}"
    _note(actor, found.provider, about, MisalignmentState.SETTLED, found.state, outcome, at)
    mend(found.provider, [Cause.MISALIGNED], at=at, key=str(found.pk))


def _note(
    actor: Actor, provider: Provider, about: str, to: str, from_: str, why: str, at: datetime
) -> None:
    note_step(provider, about, to, from_state=from_, why=why, by=actor.display_name, at=at)
    activity.record(
        actor=actor,
        verb=f"registration.{about.split(maxsplit=1)[0]}",
        subject=f"registration {about}",
        at=at,
        detail={"provider": provider.code, "to": to, "why": why},
    )
