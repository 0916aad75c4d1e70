"""Raising an incident (SSI-FR-22 to 29, IM-2, IM-5 to 8)."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from meterdesk.identity.queries import organisations_of_kind, user_id_entries
from meterdesk.identity.rules import Actor, OrganisationKind
from meterdesk.incidents.access import RAISE
from meterdesk.incidents.actions.steps import Step, record_step, start_clocks
from meterdesk.incidents.actions.telling import tell_allocated, tell_step
from meterdesk.incidents.models import Incident, InterestedParty
from meterdesk.incidents.queries.configuration import categories
from meterdesk.incidents.queries.one import RAISED
from meterdesk.incidents.queries.surroundings import Surroundings, surroundings_of
from meterdesk.incidents.rules.checking import for_others
from meterdesk.incidents.rules.responsibility import (
    OPERATOR_WORDS,
    Area,
    Interest,
    Responsible,
    interested_parties,
    responsible_party,
)
from meterdesk.incidents.rules.states import Part
from meterdesk.incidents.rules.targets import (
    Impact,
    Urgency,
    priority_of,
    proposed_category,
)
from meterdesk.kernel.contacts import Contact
from meterdesk.kernel.errors import Conflict, NotAllowed, Refused
from meterdesk.platform.references import next_reference

SUMMARY_LENGTH = 160
OLDEST = timedelta(days=731)


@dataclass(frozen=True, slots=True)
class RaiseIncident:
    """What is asked for when raising.

    Attributes:
        user_id: the UserId acted for, own or granted (SSI-FR-26).
        device_id, mpxn: the subject, canonical; both None for an incident about no premises.
        category: as the raiser proposes; None takes the proposal that impact and urgency give.
        occurred_at: when it happened or was noticed, aware; None: now.
        diagnosis: outcome of Diagnose as JSON, or None with the reason in diagnosis_not_run (IM-2).
        repeat_of: reference of an earlier incident that the raiser sees.
        form_token: of the form it came from: the same token never raises two.
    """

    user_id: str
    area: Area
    summary: str
    contact: Contact
    device_id: str | None = None
    mpxn: str | None = None
    impact: Impact = Impact.SINGLE
    urgency: Urgency = Urgency.MEDIUM
    category: int | None = None
    notes: str = ""
    business_impact: str = ""
    your_reference: str = ""
    additional_contact: Contact | None = None
    occurred_at: datetime | None = None
    diagnosis: dict[str, Any] | None = None
    diagnosis_not_run: str = ""
    repeat_of: str | None = None
    form_token: UUID | None = None


def raise_incident(actor: Actor, new: RaiseIncident, at: datetime) -> str:
    """Raise an incident and return its reference (SSI-FR-23, 25, 27, 29).

    Responsible and interested parties are found from registration and inventory as they are at
    `at`. A form token that was used before by this person gives the reference it raised then.

    Raises:
        NotAllowed: no role gives UC_RaiseSMI on the UserId.
        Refused: fields that do not fit.
        Conflict: the form token is somebody else's.
    """
    if already := _raised_before(actor, new):
        return already
    _check(actor, new, at)
    around = surroundings_of(actor, new.device_id, new.mpxn, at)
    try:
        with transaction.atomic():
            return _store(actor, new, around, at)
    except IntegrityError:
        if already := _raised_before(actor, new):
            return already
        if Incident.objects.filter(form_token=new.form_token).exists():
            raise Conflict("This form has been sent before. Open a new one.") from None
        raise


def _raised_before(actor: Actor, new: RaiseIncident) -> str:
    if new.form_token is None:
        return ""
    found = Incident.objects.filter(form_token=new.form_token, raised_by_id=actor.person_id)
    return found.values_list("reference", flat=True).first() or ""


def _check(actor: Actor, new: RaiseIncident, at: datetime) -> None:
    if new.user_id not in actor.user_ids_for(RAISE):
        raise NotAllowed("None of your roles lets you raise incidents for this UserId.")
    contact = new.contact
    needed = {
        "summary": (new.summary, "Enter a summary."),
        "first_name": (contact.first_name, "Enter a first name."),
        "last_name": (contact.last_name, "Enter a last name."),
        "telephone": (contact.telephone, "Enter a telephone number."),
    }
    wrong = {name: words for name, (value, words) in needed.items() if not value.strip()}
    if len(new.summary) > SUMMARY_LENGTH:
        wrong["summary"] = f"The summary must be {SUMMARY_LENGTH} characters or fewer."
    if new.occurred_at is not None and new.occurred_at > at:
        wrong["occurred_at"] = "The time it occurred must not be in the future."
    elif new.occurred_at is not None and new.occurred_at < at - OLDEST:
        wrong["occurred_at"] = "The time it occurred must lie within the last two years."
    if new.diagnosis is None and not new.diagnosis_not_run.strip():
        wrong["diagnosis_not_run"] = "Run Diagnose first, or say why it was not run."
    if new.category is not None and new.category not in categories():
        wrong["category"] = "Choose a category from 1 to 5."
    if wrong:
        raise Refused("Some details are missing or wrong.", code="invalid", fields=wrong)


def _store(actor: Actor, new: RaiseIncident, around: Surroundings, at: datetime) -> str:
    responsible = responsible_party(new.area, around.points, smets1=around.smets1)
    organisation_id, responsible = _responsible_organisation(responsible)
    interested = interested_parties(around.points)
    raiser = user_id_entries([new.user_id])[new.user_id]
    found = Incident.objects.create(
        **_told(new, at),
        **_placed(around),
        reference=next_reference("INC"),
        raised_by_id=actor.person_id,
        raised_for=new.user_id,
        raising_organisation_id=raiser.organisation_id,
        responsible_organisation_id=organisation_id,
        responsible_user_id=responsible.user_id,
        responsible_label=responsible.label,
        responsible_reason=responsible.reason,
        seen_by=_seen_by(new.user_id, responsible.user_id, interested),
        repeat_of_id=_earlier(new),
        raised_at=at,
        updated_at=at,
    )
    InterestedParty.objects.bulk_create(
        InterestedParty(incident=found, user_id=one.user_id, why=one.why) for one in interested
    )
    start_clocks(found.pk, at)
    record_step(actor, found, RAISED, Part.RAISER, None, at, Step())
    tell_step(found, "Raised", "", None, at, moved=True)
    if responsible.user_id is not None:
        tell_allocated(found, responsible.reason, at)
    return found.reference


def _told(new: RaiseIncident, at: datetime) -> dict[str, Any]:
    extra = new.additional_contact
    return {
        "area": new.area,
        "category_id": new.category or proposed_category(new.impact, new.urgency),
        "impact": new.impact,
        "urgency": new.urgency,
        "priority": priority_of(new.impact, new.urgency),
        "summary": new.summary.strip(),
        "notes": new.notes.strip(),
        "business_impact": new.business_impact.strip(),
        "your_reference": new.your_reference.strip(),
        "contact": asdict(new.contact),
        "additional_contact": asdict(extra) if extra else None,
        "occurred_at": new.occurred_at or at,
        "diagnosis": for_others(new.diagnosis) if new.diagnosis else None,
        "diagnosis_not_run": "" if new.diagnosis else new.diagnosis_not_run.strip(),
        "form_token": new.form_token,
    }


def _placed(around: Surroundings) -> dict[str, Any]:
    return {
        "device_id": around.device_id,
        "mpxns": list(around.mpxns),
        "uprn": around.uprn,
        "postcode": around.postcode,
        "hub_id": around.hub_id,
        "hub_model": around.hub_model,
        "hub_version": around.hub_version,
    }


def _responsible_organisation(responsible: Responsible) -> tuple[int, Responsible]:
    """The organisation that resolves; the operator where the platform does not know the UserId."""
    if responsible.user_id is not None:
        entry = user_id_entries([responsible.user_id]).get(responsible.user_id)
        if entry is not None:
            return entry.organisation_id, responsible
    operator = organisations_of_kind(OrganisationKind.OPERATOR)[0]
    return operator.id, Responsible(None, OPERATOR_WORDS, responsible.reason)


def _seen_by(
    raised_for: str, responsible: str | None, interested: tuple[Interest, ...]
) -> list[str]:
    seen = {raised_for, *(one.user_id for one in interested)}
    return sorted(seen | ({responsible} if responsible else set()))


def _earlier(new: RaiseIncident) -> int | None:
    if not new.repeat_of:
        return None
    from_before = Incident.objects.filter(reference=new.repeat_of, raised_for=new.user_id)
    found = from_before.values_list("pk", flat=True).first()
    if found is None:
        raise Refused(
            "Check the earlier incident.",
            fields={"repeat_of": f"You raised no incident {new.repeat_of}."},
        )
    return found
