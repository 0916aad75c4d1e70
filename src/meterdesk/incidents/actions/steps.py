"""Taking one step of the table: checked, compared and set, with its history and its clocks.

Every change of an incident goes through `take_step`, so that two people working on the same one
are told and nothing is lost (design section 6).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import F

from meterdesk.identity.rules import Actor
from meterdesk.incidents.access import deciding_part
from meterdesk.incidents.actions.telling import tell_step
from meterdesk.incidents.models import ClockInterval, Incident, IncidentTransition
from meterdesk.incidents.queries.configuration import policy
from meterdesk.incidents.queries.one import (
    INTERNAL_VERBS,
    may_update,
    standing_of,
    visible_incident,
)
from meterdesk.incidents.rules.states import TRANSITIONS, Part, State, Verb, refusal
from meterdesk.incidents.rules.targets import ClockKind, Running
from meterdesk.kernel.errors import Conflict, NotAllowed, Refused, Stale
from meterdesk.platform import activity

NO_RIGHT = "Your part in this incident does not include this."


@dataclass(frozen=True, slots=True)
class Step:
    """What a step changes besides the state.

    Attributes:
        why: the words that the table asks for.
        change: what the history says changed, readable by everybody concerned.
        changes: columns to set.
    """

    why: str = ""
    change: str = ""
    changes: Mapping[str, Any] = field(default_factory=dict)


def take_step(
    actor: Actor,
    reference: str,
    verb: Verb,
    at: datetime,
    version: int | None,
    prepare: Callable[[Incident], Step],
) -> Incident:
    """Take a step within the caller's transaction and return the incident as it is now.

    Args:
        actor: who acts.
        reference: the incident.
        verb: the row of the table.
        at: aware instant of the step.
        version: the version the actor read, or None to take it as it is.
        prepare: says, for the incident as read, what else changes.

    Raises:
        NotVisible: the actor may not know of it.
        NotAllowed: the actor's part does not include it.
        Stale: somebody else changed it since the actor read it.
        Conflict: its state does not allow it.
        Refused: words that are asked for are missing.
    """
    found = visible_incident(actor, reference)
    if version is not None and version != found.version:
        raise Stale()
    part = allowed_part(actor, found, verb, at)
    step = prepare(found)
    row = TRANSITIONS[verb]
    if row.asks and not step.why.strip():
        raise Refused(
            f"{row.title}: something is missing.", fields={"why": f"Enter: {row.asks.lower()}."}
        )
    source = State(found.state)
    target = row.moves[source]
    _compare_and_set(found, source, target, at, step.changes)
    after = Incident.objects.select_related("responsible_organisation").get(pk=found.pk)
    record_step(actor, after, verb.value, part, source, at, step)
    turn_clocks(after.pk, source, target, at)
    if verb.value not in INTERNAL_VERBS:
        tell_step(after, row.done, step.why, part, at, moved=target is not source)
    return after


def allowed_part(actor: Actor, found: Incident, verb: Verb, at: datetime) -> Part:
    """The part in which the actor takes this step. Raises NotAllowed or Conflict."""
    parts = may_update(actor, found)
    row = TRANSITIONS[verb]
    if not row.who & parts:
        raise NotAllowed(NO_RIGHT)
    reason = refusal(verb, parts, standing_of(found), policy().reopen_window, at)
    if reason:
        raise Conflict(reason, code="state_does_not_allow")
    return deciding_part(row.who & parts)


def record_step(
    actor: Actor | None,
    found: Incident,
    verb: str,
    part: Part,
    source: State | None,
    at: datetime,
    step: Step,
) -> None:
    """Write a step into the history and the activity log."""
    IncidentTransition.objects.create(
        incident=found,
        verb=verb,
        from_state=source or "",
        to_state=found.state,
        why=step.why.strip(),
        detail={"change": step.change} if step.change else {},
        part=part,
        person_id=actor.person_id if actor else None,
        person_name=actor.display_name if actor else "",
        organisation_name=actor.organisation_name if actor else "",
        at=at,
    )
    detail = {"from": source or "", "to": found.state, "change": step.change, "why": step.why}
    activity.record(
        actor=actor, verb=f"incidents.{verb}", subject=found.reference, at=at, detail=detail
    )


def turn_clocks(incident_id: int, source: State, target: State, at: datetime) -> None:
    """Stop, pause or resume the two clocks as a change of state asks (IM-12)."""
    if source is State.NEW and target is not State.NEW:
        _stop(incident_id, ClockKind.RESPONSE, at)
    before, after = _RUNS.get(source), _RUNS.get(target)
    if before is after:
        return
    if before is not None:
        _stop(incident_id, ClockKind.RESOLUTION, at)
    elif after is not None:
        _fill_resolved(incident_id, at)
    if after is not None:
        _start(incident_id, ClockKind.RESOLUTION, after, at)


def start_clocks(incident_id: int, at: datetime) -> None:
    """Start both clocks of an incident just raised."""
    for kind in ClockKind:
        _start(incident_id, kind, Running.COUNTED, at)


_RUNS = {
    State.NEW: Running.COUNTED,
    State.IN_PROGRESS: Running.COUNTED,
    State.ON_HOLD: Running.ON_HOLD,
}


def _start(incident_id: int, kind: ClockKind, running: Running, at: datetime) -> None:
    ClockInterval.objects.create(
        incident_id=incident_id, clock=kind, running=running, started_at=at
    )


def _stop(incident_id: int, kind: ClockKind, at: datetime) -> None:
    ClockInterval.objects.filter(incident_id=incident_id, clock=kind, ended_at=None).update(
        ended_at=at
    )


def _fill_resolved(incident_id: int, at: datetime) -> None:
    """The time between resolution and reopening stands as an interval of its own: not counted."""
    last = (
        ClockInterval.objects.filter(incident_id=incident_id, clock=ClockKind.RESOLUTION)
        .order_by("started_at", "pk")
        .last()
    )
    if last is not None and last.ended_at is not None:
        ClockInterval.objects.create(
            incident_id=incident_id,
            clock=ClockKind.RESOLUTION,
            running=Running.RESOLVED,
            started_at=last.ended_at,
            ended_at=at,
        )


def _compare_and_set(
    found: Incident, source: State, target: State, at: datetime, changes: Mapping[str, Any]
) -> None:
    moved = dict(changes)
    if source is State.NEW and target is not State.NEW:
        moved["responded_at"] = at
    changed = Incident.objects.filter(pk=found.pk, state=source, version=found.version).update(
        state=target, version=F("version") + 1, updated_at=at, **moved
    )
    if not changed:
        raise Stale()
