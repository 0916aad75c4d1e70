"""Noticing that something is wrong with a provider's data, once a cause (IM-17, REG-4)."""

from collections.abc import Iterable
from datetime import datetime

from meterdesk.platform import activity
from meterdesk.platform.events import emit
from meterdesk.registration.events import RegistrationDataTrouble
from meterdesk.registration.models import Provider, ProviderFile, ProviderStep, Trouble
from meterdesk.registration.rules.troubles import Cause, Report


def notice(
    provider: Provider | None,
    report: Report,
    *,
    at: datetime,
    file: ProviderFile | None = None,
    mpxn: str | None = None,
) -> bool:
    """Record a trouble and tell the apps above; False when it is known already.

    Call in the transaction of what it was noticed in.
    """
    trouble, is_new = Trouble.objects.get_or_create(
        provider=provider,
        cause=report.cause,
        key=report.key,
        defaults={
            "side": report.side,
            "summary": report.summary,
            "detail": report.detail,
            "file": file,
            "noticed_at": at,
        },
    )
    if not is_new:
        return False
    activity.record(
        actor=None,
        verb="registration.trouble",
        subject=f"registration trouble {trouble.pk}",
        at=at,
        organisation_id=provider.organisation_id if provider else None,
        detail={"cause": report.cause.value, "key": report.key, "side": report.side.value},
    )
    emit(
        RegistrationDataTrouble(
            number=trouble.pk,
            cause=report.cause,
            side=report.side,
            provider=f"{provider.code}, {provider.name}" if provider else "",
            organisation_id=provider.organisation_id if provider else None,
            user_id=provider.user_id if provider else None,
            summary=report.summary,
            detail=report.detail,
            at=at,
            mpxn=mpxn,
        )
    )
    return True


def mend(provider: Provider, causes: Iterable[Cause], *, at: datetime, key: str = "") -> None:
    """Note that troubles of these causes, of one key or of every, are over."""
    troubles = Trouble.objects.filter(provider=provider, cause__in=list(causes), mended_at=None)
    if key:
        troubles = troubles.filter(key=key)
    troubles.update(mended_at=at)


def note_step(
    provider: Provider,
    about: str,
    to_state: str,
    *,
    at: datetime,
    from_state: str = "",
    why: str = "",
    by: str = "Meterdesk",
) -> None:
    """Write a line of the provider's history."""
    ProviderStep.objects.create(
        provider=provider,
        about=about,
        from_state=from_state,
        to_state=to_state,
        why=why,
        by=by,
        at=at,
    )
