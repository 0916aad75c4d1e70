"""Incidents that Meterdesk raises by itself, for the operator: no person stands behind them."""

from dataclasses import asdict

from meterdesk.identity.queries import organisations_of_kind
from meterdesk.identity.rules import OrganisationKind
from meterdesk.incidents.actions.steps import Step, record_step, start_clocks
from meterdesk.incidents.actions.telling import tell_allocated, tell_step
from meterdesk.incidents.models import Incident, InterestedParty
from meterdesk.incidents.queries.one import RAISED
from meterdesk.incidents.queries.surroundings import points_at
from meterdesk.incidents.rules.responsibility import (
    OPERATOR_WORDS,
    Area,
    Interest,
    interested_parties,
)
from meterdesk.incidents.rules.states import Part
from meterdesk.incidents.rules.targets import Impact, Urgency, priority_of, proposed_category
from meterdesk.kernel.contacts import Contact
from meterdesk.platform.references import next_reference
from meterdesk.registration.events import RegistrationDataTrouble
from meterdesk.registration.rules.troubles import Side

PROVIDER_WORDS = "the registration data provider"
_AT_PROVIDER = "Registration data is put right by the provider that sends it"
_AT_OPERATOR = "Taking registration data in is the operator's"
_CONTACT = Contact("Service", "Desk", "")
_NOT_RUN = "Raised by Meterdesk when it took registration data in."


def raise_for_registration(event: RegistrationDataTrouble) -> None:
    """Raise a registration data incident against the side at fault, once a trouble (IM-17).

    Runs in the transaction that noticed the trouble. A provider without a UserId that is a SEC
    Party cannot read it here; the desk passes it on.
    """
    cause = f"registration {event.number}"
    if Incident.objects.filter(cause=cause).exists():
        return
    operator = organisations_of_kind(OrganisationKind.OPERATOR)
    if not operator:
        return
    theirs = event.organisation_id if event.side is Side.PROVIDER else None
    user_id = event.user_id if theirs else None
    interested = interested_parties(points_at((event.mpxn,), event.at)) if event.mpxn else ()
    impact = Impact.SINGLE if event.mpxn else Impact.WIDE
    found = Incident.objects.create(
        cause=cause,
        reference=next_reference("INC"),
        area=Area.REGISTRATION,
        category_id=proposed_category(impact, Urgency.LOW),
        impact=impact,
        urgency=Urgency.LOW,
        priority=priority_of(impact, Urgency.LOW),
        summary=event.summary[:160],
        notes=event.detail,
        mpxns=[event.mpxn] if event.mpxn else [],
        contact=asdict(_CONTACT),
        raising_organisation_id=operator[0].id,
        responsible_organisation_id=theirs or operator[0].id,
        responsible_user_id=user_id,
        responsible_label=PROVIDER_WORDS if theirs else OPERATOR_WORDS,
        responsible_reason=_AT_PROVIDER if theirs else _AT_OPERATOR,
        seen_by=_seen_by(user_id, interested),
        diagnosis_not_run=_NOT_RUN,
        occurred_at=event.at,
        raised_at=event.at,
        updated_at=event.at,
    )
    InterestedParty.objects.bulk_create(
        InterestedParty(incident=found, user_id=one.user_id, why=one.why) for one in interested
    )
    start_clocks(found.pk, event.at)
    record_step(None, found, RAISED, Part.OPERATOR, None, event.at, Step())
    tell_step(found, "Raised", "", None, event.at, moved=True)
    if theirs:
        tell_allocated(found, _AT_PROVIDER, event.at)


def _seen_by(user_id: str | None, interested: tuple[Interest, ...]) -> list[str]:
    return sorted({one.user_id for one in interested} | ({user_id} if user_id else set()))
