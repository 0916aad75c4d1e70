"""An enrolment under way: changed, given its next certificate, warned of a certificate's end."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from meterdesk.federation.access import side_of
from meterdesk.federation.actions.providers import (
    NewProvider,
    facts_of,
    held_provider,
    pin_certificates,
    refuse_mistakes,
)
from meterdesk.federation.models import (
    FederatedAccount,
    IdentityProvider,
    ProviderCertificate,
)
from meterdesk.federation.rules import (
    CHANGEABLE,
    DEFAULT_ATTRIBUTES,
    EXPIRY_WARNINGS,
    MOST_CERTIFICATES,
    ProviderState,
    Side,
    warning_due,
)
from meterdesk.identity.queries import administrator_addresses
from meterdesk.identity.rules import Actor
from meterdesk.kernel.errors import Conflict, NotAllowed, NotVisible, Refused
from meterdesk.kernel.saml import read_certificate
from meterdesk.notifications.actions import send_email
from meterdesk.platform import activity


@transaction.atomic
def change_provider(
    actor: Actor, provider_id: int, new: NewProvider, *, version: int | None, at: datetime
) -> None:
    """Change what is enrolled, while it is a draft or being tested (SSI-NFR-15).

    Raises NotVisible, Stale, NotAllowed for the operator, Conflict in another state, Refused.
    """
    provider = held_provider(actor, provider_id, version)
    if side_of(actor) is not Side.ORGANISATION:
        raise NotAllowed("What is enrolled is its organisation's to change.")
    if ProviderState(provider.state) not in CHANGEABLE:
        raise Conflict("It can be changed as a draft and while it is tested only.")
    refuse_mistakes(new, but=provider.pk)
    twin = IdentityProvider.objects.filter(
        organisation_id=provider.organisation_id, entity_id=new.entity_id
    ).exclude(pk=provider.pk)
    if twin.exists():
        raise Conflict("Your organisation has enrolled this identity provider already.")
    _refuse_another(provider, new.entity_id)
    before = facts_of(provider)
    provider.name, provider.slug = new.name.strip(), new.slug
    provider.entity_id, provider.sso_url = new.entity_id, new.sso_url
    provider.clock_skew_seconds = int(new.clock_skew.total_seconds())
    provider.contexts = list(new.contexts)
    provider.attribute_names = {**DEFAULT_ATTRIBUTES, **new.attribute_names}
    provider.contact_name, provider.contact_email = new.contact_name, new.contact_email
    provider.contact_telephone = new.contact_telephone
    pin_certificates(provider.pk, new.certificates, at=at)
    _save(provider, actor, "federation.change_provider", before, at)


def _refuse_another(provider: IdentityProvider, entity_id: str) -> None:
    """The names of one provider's people say nothing about whom another calls by them."""
    bound = FederatedAccount.objects.filter(provider=provider)
    if entity_id != provider.entity_id and bound.exists():
        message = "People log in by this provider. Enrol the other one by itself."
        raise Refused(message, fields={"entity_id": message})


def _save(
    provider: IdentityProvider, actor: Actor, verb: str, before: dict[str, object], at: datetime
) -> None:
    provider.version += 1
    provider.save()
    activity.record(
        actor=actor,
        verb=verb,
        subject=provider.name,
        at=at,
        organisation_id=provider.organisation_id,
        detail={"before": before, "after": facts_of(provider)},
    )


@transaction.atomic
def propose_certificate(
    actor: Actor, provider_id: int, given: str, *, version: int | None, at: datetime
) -> None:
    """Give an active provider its next certificate; the operator approves it before it counts.

    Raises NotVisible, Stale, NotAllowed for the operator, Conflict when it has two, SamlRefused
    or Refused for one that is not fit.
    """
    provider = held_provider(actor, provider_id, version)
    if side_of(actor) is not Side.ORGANISATION:
        raise NotAllowed("A certificate is its organisation's to propose.")
    if ProviderState(provider.state) in CHANGEABLE:
        raise Conflict("Change the enrolment itself: it is not active yet.")
    held = list(provider.certificates.values_list("pem", flat=True))
    if len(held) >= MOST_CERTIFICATES:
        raise Conflict("It has two certificates already. Remove the old one first.")
    found = read_certificate(given)
    if problems := found.problems(at):
        raise Refused(" ".join(problems), fields={"certificate": " ".join(problems)})
    before = facts_of(provider)
    pin_certificates(provider.pk, [*held, given], at=at)
    _save(provider, actor, "federation.propose_certificate", before, at)


@transaction.atomic
def approve_certificate(
    actor: Actor, provider_id: int, certificate_id: int, *, version: int | None, at: datetime
) -> None:
    """Let a proposed certificate count, after its fingerprint was compared (SSI-NFR-15).

    Raises NotVisible, Stale, NotAllowed for anybody but the operator.
    """
    provider = held_provider(actor, provider_id, version)
    if side_of(actor) is not Side.OPERATOR:
        raise NotAllowed("A certificate is the operator's to approve.")
    one, before = _certificate(provider, certificate_id), facts_of(provider)
    if one.approved_at is None:
        one.approved_at = at
        one.save(update_fields=["approved_at"])
    _save(provider, actor, "federation.approve_certificate", before, at)


@transaction.atomic
def remove_certificate(
    actor: Actor, provider_id: int, certificate_id: int, *, version: int | None, at: datetime
) -> None:
    """Stop trusting a certificate, at once, by either side. Raises Conflict for the last one."""
    provider = held_provider(actor, provider_id, version)
    one = _certificate(provider, certificate_id)
    others = provider.certificates.exclude(pk=one.pk)
    if one.approved_at is not None and not others.exclude(approved_at=None).exists():
        raise Conflict(
            "It is the only certificate that counts. Suspend the provider to stop it altogether."
        )
    if not others.exists():
        raise Conflict("It is the only certificate.")
    before = facts_of(provider)
    one.delete()
    _save(provider, actor, "federation.remove_certificate", before, at)


def _certificate(provider: IdentityProvider, certificate_id: int) -> ProviderCertificate:
    found = provider.certificates.filter(pk=certificate_id).first()
    if found is None:
        raise NotVisible("It has no such certificate.")
    return found


def warn_of_expiry(*, at: datetime) -> int:
    """Warn administrators 30, 7 and 1 days before nothing that counts is left; returns how many.

    A certificate that another approved one outlives is the old one of a roll-over: its end matters
    to nobody.
    """
    ending = ProviderCertificate.objects.filter(
        provider__state=ProviderState.ACTIVE,
        not_after__lte=at + timedelta(days=max(EXPIRY_WARNINGS)),
    ).exclude(approved_at=None)
    return sum(_warn(one, at) for one in ending.select_related("provider"))


@transaction.atomic
def _warn(one: ProviderCertificate, at: datetime) -> bool:
    one = ProviderCertificate.objects.select_for_update().get(pk=one.pk)
    provider = one.provider
    others = provider.certificates.exclude(approved_at=None).filter(not_after__gt=one.not_after)
    due = warning_due(one.not_after, at)
    if due is None or others.exists() or (one.warned_days or due + 1) <= due:
        return False
    one.warned_days = due
    one.save(update_fields=["warned_days"])
    url = settings.PUBLIC_URL + reverse("federation:provider", args=[provider.pk])
    addresses = {*administrator_addresses(provider.organisation_id), provider.contact_email} - {""}
    for address in sorted(addresses):
        send_email(
            to=address,
            subject=f"The certificate of {provider.name} ends on {one.not_after:%-d %B %Y}",
            body=f"From then on nobody can log in to Meterdesk through {provider.name}.\n\n"
            "Add the next certificate, so that the operator can approve it in time:\n"
            f"{url}\n\nCertificate: {one.subject}\nSHA-256: {one.fingerprint}\n",
            about=provider.name,
            at=at,
        )
    return True
