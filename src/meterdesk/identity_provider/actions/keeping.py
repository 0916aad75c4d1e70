"""Service providers: taken up, changed, suspended and resumed by the operator."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from meterdesk.identity.queries import organisations_of_kind
from meterdesk.identity.rules import Actor, OrganisationKind
from meterdesk.identity_provider.access import require_keeper
from meterdesk.identity_provider.models import ServiceProvider, ServiceProviderStep
from meterdesk.identity_provider.rules import (
    TRANSITIONS,
    ServiceState,
    Told,
    address_mistake,
)
from meterdesk.kernel.errors import Conflict, NotVisible, Refused, Stale
from meterdesk.platform import activity


@dataclass(frozen=True, slots=True)
class NewService:
    """What is agreed with a service provider; as models.ServiceProvider."""

    name: str
    entity_id: str
    acs_urls: tuple[str, ...]
    contact: str = ""
    told: tuple[str, ...] = ()
    is_for_everyone: bool = False
    organisation_ids: tuple[int, ...] = ()


def add_service(actor: Actor, new: NewService, *, at: datetime) -> int:
    """Take a service provider up; returns its number.

    Raises NotVisible for anybody but the operator's administrators, Refused with what to mend.
    """
    require_keeper(actor)
    fields = _mistakes(new)
    if fields:
        raise Refused("The service provider was not saved. Mend what is marked.", fields=fields)
    with transaction.atomic():
        made = ServiceProvider(created_at=at)
        _fill(made, new)
        activity.record(
            actor=actor,
            verb="identity_provider.add_service",
            subject=new.name,
            at=at,
            detail={"before": None, "after": _said(new)},
        )
    return made.pk


def change_service(
    actor: Actor, service_id: int, new: NewService, *, version: int | None, at: datetime
) -> None:
    """Change what is agreed with a service provider.

    Raises Stale when somebody else changed it meanwhile; otherwise as `add_service`.
    """
    require_keeper(actor)
    with transaction.atomic():
        held = _held(service_id, version)
        fields = _mistakes(new, but=service_id)
        if fields:
            raise Refused("The service provider was not saved. Mend what is marked.", fields=fields)
        before = _said(_as_kept(held))
        held.version += 1
        _fill(held, new)
        activity.record(
            actor=actor,
            verb="identity_provider.change_service",
            subject=new.name,
            at=at,
            detail={"before": before, "after": _said(new)},
        )


def move_service(
    actor: Actor, service_id: int, verb: str, why: str, *, version: int | None, at: datetime
) -> None:
    """Suspend or resume, at once. Raises Conflict when its state does not allow it."""
    require_keeper(actor)
    if not why.strip():
        raise Refused("Say why.", fields={"why": "Say why; it is kept with the change."})
    with transaction.atomic():
        held = _held(service_id, version)
        before = ServiceState(held.state)
        to = TRANSITIONS[before].get(verb)
        if to is None:
            raise Conflict(f"{held.name} is {before.word.lower()} already. Load the page again.")
        held.state, held.version = to, held.version + 1
        held.save(update_fields=["state", "version"])
        ServiceProviderStep.objects.create(
            service_provider=held,
            person_id=actor.person_id,
            from_state=before,
            to_state=to,
            why=why.strip(),
            at=at,
        )
        activity.record(
            actor=actor,
            verb=f"identity_provider.{verb}_service",
            subject=held.name,
            at=at,
            detail={"before": before, "after": to, "why": why.strip()},
        )


def _held(service_id: int, version: int | None) -> ServiceProvider:
    held = ServiceProvider.objects.select_for_update().filter(pk=service_id).first()
    if held is None:
        raise NotVisible("There is no such service provider.")
    if version is not None and held.version != version:
        raise Stale()
    return held


def _fill(service: ServiceProvider, new: NewService) -> None:
    service.name, service.entity_id = new.name.strip(), new.entity_id.strip()
    service.acs_urls = list(dict.fromkeys(new.acs_urls))
    service.contact, service.told = new.contact.strip(), sorted(set(new.told))
    service.is_for_everyone = new.is_for_everyone
    service.save()
    service.organisations.set([] if new.is_for_everyone else new.organisation_ids)


def _as_kept(held: ServiceProvider) -> NewService:
    return NewService(
        held.name,
        held.entity_id,
        tuple(held.acs_urls),
        held.contact,
        tuple(held.told),
        held.is_for_everyone,
        tuple(held.organisations.order_by("pk").values_list("pk", flat=True)),
    )


def _said(new: NewService) -> dict[str, Any]:
    return asdict(new)


def _mistakes(new: NewService, but: int = 0) -> dict[str, str]:
    others = ServiceProvider.objects.exclude(pk=but)
    known = {one.id for one in organisations_of_kind(OrganisationKind.PARTY)}
    checks = {
        "name": (not 0 < len(new.name.strip()) <= 100, "Enter a name of at most 100 characters."),
        "entity_id": (
            not 0 < len(new.entity_id.strip()) <= 1_024 or not new.entity_id.isprintable(),
            "Enter the entity id of the service, of at most 1,024 characters.",
        ),
        "contact": (len(new.contact) > 200, "Enter at most 200 characters."),
        "told": (
            not set(new.told) <= {one.value for one in Told},
            "Choose of the attributes offered.",
        ),
        "organisations": (
            not new.is_for_everyone
            and not (new.organisation_ids and {*new.organisation_ids} <= known),
            "Choose at least one organisation, or every one.",
        ),
    }
    fields = {name: words for name, (wrong, words) in checks.items() if wrong}
    if mistake := address_mistake(new.acs_urls, plain_http=not settings.HTTPS):
        fields["acs_urls"] = mistake
    if others.filter(name=new.name.strip()).exists():
        fields.setdefault("name", "Another service provider has this name.")
    if others.filter(entity_id=new.entity_id.strip()).exists():
        fields.setdefault("entity_id", "Another service provider has this entity id.")
    return fields
