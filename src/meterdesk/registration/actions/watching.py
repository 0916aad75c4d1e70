"""What the clock brings to light: late files, stopped ones, refreshes due (REG-3, REG-4)."""

from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from meterdesk.identity.queries import service_management_addresses
from meterdesk.kernel.worktime import LONDON
from meterdesk.notifications.actions import send_email
from meterdesk.registration.actions.troubles import note_step, notice
from meterdesk.registration.models import Provider, ProviderFile, Refresh, StagedRow, Trouble
from meterdesk.registration.rules.files import DueDays, FileState, due_instants
from meterdesk.registration.rules.troubles import (
    REMIND_BEFORE,
    Cause,
    RefreshState,
    Report,
    side_of,
)

SILENCE = timedelta(minutes=15)
LOOK_BACK = timedelta(days=14)
"""So far back a file that was due is looked for; the worker may have stood still over a holiday."""


def watch(at: datetime) -> None:
    """Look at every provider once; each finding is a transaction of its own."""
    stop_silent_files(at)
    _notice_late(at)
    for refresh in Refresh.objects.filter(
        state=RefreshState.REQUESTED, due_at__lte=at + REMIND_BEFORE
    ).select_related("provider"):
        with transaction.atomic():
            _look_at_refresh(refresh, at)


def _notice_late(at: datetime) -> None:
    providers = list(Provider.objects.filter(is_active=True))
    late = {one.pk: day for one in providers if (day := _late_since(one, at)) is not None}
    for provider in providers:
        if provider.pk not in late:
            continue
        side = side_of(Cause.LATE, providers_late=len(late), providers=len(providers))
        day = late[provider.pk]
        report = Report(
            Cause.LATE,
            day.isoformat(),
            f"{provider.name} ({provider.code}): registration data file not received",
            f"A file was due by {provider.due_time:%H:%M} UK time on {day:%-d %B %Y}; the next "
            f"sequence is {provider.next_sequence}. "
            + (
                "No provider's files are arriving: look at the feed first."
                if side.value == "OPERATOR"
                else "Send it, or say when it will come."
            ),
            side,
        )
        with transaction.atomic():
            notice(provider, report, at=at)


def _late_since(provider: Provider, at: datetime) -> date | None:
    """The first day for which nothing has come, unless that is known or nothing is due."""
    if Trouble.objects.filter(provider=provider, cause=Cause.LATE, mended_at=None).exists():
        return None
    begins = datetime.combine(provider.due_since, time(), LONDON)
    came = (
        ProviderFile.objects.filter(
            provider=provider,
            state__in=[FileState.APPLIED, FileState.HELD, FileState.AWAITING],
        )
        .order_by("-received_at")
        .values_list("received_at", flat=True)
        .first()
    )
    since = max(begins, at - LOOK_BACK)
    days = due_instants(DueDays(provider.due_days), provider.due_time, since, at)
    for day, _due in days:
        # What came at any time of the day before it was due, or since, was this day's.
        if came is None or came < datetime.combine(day, time(), LONDON):
            return day
    return None


@transaction.atomic
def stop_silent_files(at: datetime) -> int:
    """Refuse files whose taking in went quiet (its process died); returns how many.

    Nothing of such a file was applied. It may be taken in again under the same sequence.
    """
    again = ProviderFile.objects.filter(
        provider=OuterRef("provider"), sequence=OuterRef("sequence"), pk__gt=OuterRef("pk")
    )
    silent = (
        ProviderFile.objects.select_for_update(of=("self",))
        .filter(Q(state=FileState.RECEIVING), heard_at__lt=at - SILENCE)
        .annotate(came_again=Exists(again))
    )
    count = 0
    for file in silent:
        file.state, file.code, file.decided_at = FileState.REFUSED, "stopped", at
        file.reason = "Taking it in was stopped before its end; nothing of it was applied."
        file.save()
        StagedRow.objects.filter(file=file).delete()
        provider, count = file.provider, count + 1
        if provider is not None:
            note_step(provider, f"file {file.pk}", file.state, why=file.reason, at=at)
        if not file.came_again:
            notice(provider, _stopped(file), at=at, file=file)
    return count


def _stopped(file: ProviderFile) -> Report:
    return Report(
        Cause.STOPPED,
        str(file.sequence or file.pk),
        f"Taking in the registration data file {file.name} was stopped",
        "Nothing of it was applied. Take the same file in again.",
        side_of(Cause.STOPPED),
    )


def _look_at_refresh(refresh: Refresh, at: datetime) -> None:
    """Remind the provider a day before; once it is due it is a trouble."""
    provider = refresh.provider
    if refresh.due_at <= at:
        report = Report(
            Cause.REFRESH_OVERDUE,
            str(refresh.pk),
            f"{provider.name} ({provider.code}): data refresh {refresh.pk} is overdue",
            f"It was asked for because: {refresh.why} It is due within two calendar days.",
        )
        notice(provider, report, at=at)
    elif refresh.reminded_at is None:
        Refresh.objects.filter(pk=refresh.pk, reminded_at=None).update(reminded_at=at)
        write_to(
            provider,
            f"Data refresh {refresh.pk} is due soon",
            f"Data refresh {refresh.pk} is due by "
            f"{refresh.due_at.astimezone(LONDON):%-d %B %Y %H:%M} UK time.\n\n{refresh.why}",
            at,
        )
        note_step(provider, f"refresh {refresh.pk}", refresh.state, why="Reminded", at=at)


def write_to(provider: Provider, subject: str, text: str, at: datetime) -> None:
    """Write to the provider's service management people, where it has a UserId."""
    if provider.user_id is None:
        return
    for address in service_management_addresses([provider.user_id]).get(provider.user_id, []):
        send_email(to=address, subject=subject, body=text, about=provider.code, at=at)


def note_answered(file_id: int, at: datetime) -> None:
    """Note that the response to a file stands in the outbox."""
    ProviderFile.objects.filter(pk=file_id).update(answered_at=at)
