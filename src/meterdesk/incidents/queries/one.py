"""One incident, as the view that its reader may have (SSI-FR-33, SSI-FR-34, IM-24)."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from meterdesk.identity.queries import user_id_entries
from meterdesk.identity.rules import Actor
from meterdesk.incidents.access import UPDATE, deciding_part, parts_of, visible_to
from meterdesk.incidents.models import Incident, IncidentTransition, InterestedParty
from meterdesk.incidents.queries.allocation import allocated_at
from meterdesk.incidents.queries.clocks import clock_view, intervals_of
from meterdesk.incidents.queries.configuration import categories, policy
from meterdesk.incidents.queries.records import (
    ClockView,
    HistoryLine,
    InterestedView,
    OperatorView,
    PartyLine,
    RaiserView,
    ReasonedLine,
    ResponsibleView,
)
from meterdesk.incidents.queries.wording import diagnosis_shown, is_registered, responsible_words
from meterdesk.incidents.queries.written import attachments_of, updates_of
from meterdesk.incidents.rules.audience import audiences_for
from meterdesk.incidents.rules.responsibility import Area
from meterdesk.incidents.rules.states import (
    TRANSITIONS,
    Part,
    Standing,
    State,
    Verb,
    open_verbs,
)
from meterdesk.incidents.rules.targets import Category, ClockKind
from meterdesk.kernel.contacts import Contact
from meterdesk.kernel.errors import NotVisible

INTERNAL_VERBS = frozenset({Verb.ASSIGN.value, Verb.LINK_REPEAT.value})
RAISED = "raise"

View = InterestedView | ResponsibleView | RaiserView | OperatorView


def incident(actor: Actor, reference: str, *, now: datetime | None = None) -> View:
    """The incident as this actor may read it: one of four types.

    Raises NotVisible when there is none or the actor may not know of it.
    """
    found = visible_incident(actor, reference)
    at = now or timezone.now()
    part = deciding_part(parts_of(actor, found))
    category = categories()[found.category_id]
    fields = _for_all(actor, found, part, category, at) | {
        "responsible": responsible_words(found, part, registered=is_registered(actor, found))
    }
    if part is Part.INTERESTED:
        return InterestedView(**fields)
    fields |= _for_responsible(actor, found, part)
    if part is Part.RESPONSIBLE:
        return ResponsibleView(**fields)
    raiser = found.raised_by
    fields |= {
        "raised_by": raiser.display_name if raiser else "Meterdesk",
        "raised_for": found.raised_for or "",
    }
    if part is Part.RAISER:
        return RaiserView(**fields)
    return OperatorView(**fields, **_for_operator(found))


def visible_incident(actor: Actor, reference: str) -> Incident:
    """The row itself, for actions. Raises NotVisible as `incident` does."""
    found = (
        Incident.objects.filter(visible_to(actor), reference=reference)
        .select_related(
            "raised_by",
            "raising_organisation",
            "responsible_organisation",
            "assigned_group",
            "assigned_person",
            "repeat_of",
        )
        .prefetch_related("interested_parties")
        .first()
    )
    if found is None:
        raise NotVisible(f"There is no incident {reference} that you can see.")
    return found


def may_update(actor: Actor, found: Incident) -> frozenset[Part]:
    """What the actor is to the incident when it comes to changing it (UC_UpdateSMI)."""
    return parts_of(actor, found, UPDATE) - {Part.INTERESTED}


def standing_of(found: Incident) -> Standing:
    """What the table of transitions asks of an incident."""
    return Standing(
        State(found.state), found.resolved_at, found.responsible_organisation.kind == "OPERATOR"
    )


def _for_all(
    actor: Actor, found: Incident, part: Part, category: Category, at: datetime
) -> dict[str, Any]:
    window = policy().reopen_window
    parts = may_update(actor, found)
    earlier = found.repeat_of
    seen = earlier is not None and bool(parts_of(actor, earlier))
    return {
        "reference": found.reference,
        "state": State(found.state),
        "part": part,
        "area": Area(found.area),
        "category": found.category_id,
        "category_meaning": category.meaning,
        "priority": found.priority,
        "summary": found.summary,
        "notes": found.notes,
        "your_reference": found.your_reference,
        "raising_organisation": found.raising_organisation.name,
        "device_id": found.device_id,
        "hub_id": found.hub_id,
        "hub_model": found.hub_model,
        "hub_version": found.hub_version,
        "mpxns": tuple(found.mpxns),
        "uprn": found.uprn,
        "postcode": found.postcode,
        "diagnosis_outcome": _outcome(found),
        "repeat_of": earlier.reference if earlier is not None and seen else None,
        "occurred_at": found.occurred_at,
        "raised_at": found.raised_at,
        "updated_at": found.updated_at,
        "responded_at": found.responded_at,
        "resolved_at": found.resolved_at,
        "closed_at": found.closed_at,
        "reopen_until": found.resolved_at + window if found.resolved_at else None,
        "clocks": _clocks(found, category, at),
        "history": _history(found, part),
        "verbs": open_verbs(parts, standing_of(found), window, at),
        "audiences": audiences_for(parts),
        "version": found.version,
    }


def _outcome(found: Incident) -> str:
    if found.diagnosis is None:
        return "Diagnose was not run"
    return str(found.diagnosis.get("likely_cause") or "Diagnose found no likely cause")


def _clocks(found: Incident, category: Category, at: datetime) -> tuple[ClockView, ...]:
    stored = intervals_of([found.pk])
    views = (clock_view(kind, category, stored.get((found.pk, kind), []), at) for kind in ClockKind)
    return tuple(view for view in views if view is not None)


def _history(found: Incident, part: Part) -> tuple[HistoryLine, ...]:
    lines = []
    since = allocated_at(found, part)
    for step in found.transitions.order_by("-at", "-pk"):
        if step.verb in INTERNAL_VERBS and part is not Part.OPERATOR:
            continue
        line: dict[str, Any] = {
            "at": step.at,
            "done": _done(step.verb),
            "from_state": State(step.from_state) if step.from_state else None,
            "to_state": State(step.to_state),
            "by": _step_by(step, part),
            "change": _change(step, part),
        }
        if part is Part.INTERESTED:
            lines.append(HistoryLine(**line))
        else:
            earlier = since is not None and step.at < since
            lines.append(ReasonedLine(**line, why="" if earlier else step.why))
    return tuple(lines)


def _change(step: IncidentTransition, reader: Part) -> str:
    """What changed; the kind of resolution is part of the words that interested parties lack."""
    if reader is Part.INTERESTED and step.verb == Verb.RESOLVE.value:
        return ""
    return str(step.detail.get("change", ""))


def _done(verb: str) -> str:
    if verb == RAISED:
        return "Raised"
    return TRANSITIONS[Verb(verb)].done


def _step_by(step: IncidentTransition, reader: Part) -> str:
    """Who did it: by name for the desk, and for a raiser its own side; else only what it is."""
    own_side = reader is Part.RAISER and step.part == Part.RAISER
    if step.person_name and (reader is Part.OPERATOR or own_side):
        return f"{step.person_name}, {step.organisation_name}"
    word = Part(step.part).word
    return "Meterdesk" if not step.person_name else word[:1].upper() + word[1:]


def _for_responsible(actor: Actor, found: Incident, part: Part) -> dict[str, Any]:
    additional = found.additional_contact
    return {
        "business_impact": found.business_impact,
        "contact": Contact(**found.contact),
        "additional_contact": Contact(**additional) if additional else None,
        "responsible_reason": found.responsible_reason,
        "diagnosis": diagnosis_shown(actor, found, part),
        "diagnosis_not_run": found.diagnosis_not_run,
        "resolution": found.resolution,
        "resolution_code": found.resolution_code,
        "updates": updates_of(actor, found, part),
        "attachments": attachments_of(actor, found, part),
    }


def _for_operator(found: Incident) -> dict[str, Any]:
    group, person = found.assigned_group, found.assigned_person
    return {
        "impact": found.impact,
        "urgency": found.urgency,
        "assigned_group": group.name if group else "",
        "assigned_person": person.display_name if person else "",
        "responsible_user_id": found.responsible_user_id,
        "interested": _parties(list(found.interested_parties.all())),
        "repeats": tuple(found.repeats.order_by("pk").values_list("reference", flat=True)[:50]),
    }


def _parties(rows: list[InterestedParty]) -> tuple[PartyLine, ...]:
    entries = user_id_entries(one.user_id for one in rows)
    return tuple(
        PartyLine(
            one.user_id,
            entries[one.user_id].organisation_name if one.user_id in entries else "",
            one.why,
        )
        for one in sorted(rows, key=lambda one: one.why)
    )
