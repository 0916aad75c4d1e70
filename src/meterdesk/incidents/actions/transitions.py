"""What can be done to an incident once it is there: one action a verb of the table."""

from datetime import datetime

from django.db import transaction

from meterdesk.identity.queries import organisations_of_kind, user_id_entries
from meterdesk.identity.rules import Actor, OrganisationKind
from meterdesk.incidents.actions.steps import Step, record_step, take_step, turn_clocks
from meterdesk.incidents.actions.telling import tell_allocated, tell_step
from meterdesk.incidents.models import Incident
from meterdesk.incidents.queries.choices import assignees, groups_of
from meterdesk.incidents.queries.configuration import categories, policy
from meterdesk.incidents.queries.one import visible_incident
from meterdesk.incidents.rules.responsibility import OPERATOR_WORDS
from meterdesk.incidents.rules.states import Part, State, Verb
from meterdesk.incidents.rules.targets import PRIORITY_MATRIX, PRIORITY_WORDS, priority_of
from meterdesk.kernel.errors import Refused


@transaction.atomic
def acknowledge(actor: Actor, reference: str, at: datetime, *, version: int | None = None) -> None:
    """Respond to a new incident: its response clock stops. Raises as `take_step`."""
    take_step(actor, reference, Verb.RESPOND, at, version, lambda _found: Step())


@transaction.atomic
def assign(
    actor: Actor,
    reference: str,
    at: datetime,
    *,
    group_id: int | None = None,
    person_id: int | None = None,
    version: int | None = None,
) -> None:
    """Give it to a group, a person of the actor's organisation, or both (IM-21)."""

    def prepare(_found: Incident) -> Step:
        groups = {one.id: one.name for one in groups_of(actor)}
        people = {one.id: one.name for one in assignees(actor)}
        if group_id is None and person_id is None:
            message = "Choose a group or a person."
            raise Refused("Choose whom to assign it to.", fields={"group": message})
        if group_id is not None and group_id not in groups:
            raise Refused("Choose a group.", fields={"group": "There is no such group here."})
        if person_id is not None and person_id not in people:
            raise Refused("Choose a colleague.", fields={"person": "There is nobody such here."})
        names = (groups.get(group_id or 0, ""), people.get(person_id or 0, ""))
        changes = {"assigned_group_id": group_id, "assigned_person_id": person_id}
        return Step(change=", ".join(name for name in names if name), changes=changes)

    take_step(actor, reference, Verb.ASSIGN, at, version, prepare)


@transaction.atomic
def categorise(  # noqa: PLR0913  each is a field of one form
    actor: Actor,
    reference: str,
    at: datetime,
    *,
    category: int,
    impact: int,
    urgency: int,
    why: str,
    priority: int | None = None,
    version: int | None = None,
) -> None:
    """Set category, impact and urgency; priority follows by the matrix unless overridden (IM-4).

    The clocks are read anew from their intervals under the new category's targets.
    """

    def prepare(found: Incident) -> Step:
        if category not in categories() or (impact, urgency) not in PRIORITY_MATRIX:
            raise Refused("Choose a category, an impact and an urgency.", code="invalid")
        if priority is not None and priority not in PRIORITY_WORDS:
            raise Refused("Choose a priority from 1 to 5.", fields={"priority": "Choose 1 to 5."})
        set_to = priority or priority_of(impact, urgency)
        said = [
            f"category {found.category_id} to {category}" if category != found.category_id else "",
            f"priority {found.priority} to {set_to}" if set_to != found.priority else "",
        ]
        changes = {
            "category_id": category,
            "impact": impact,
            "urgency": urgency,
            "priority": set_to,
        }
        return Step(why, ", ".join(one for one in said if one).capitalize(), changes)

    take_step(actor, reference, Verb.CATEGORISE, at, version, prepare)


@transaction.atomic
def allocate(
    actor: Actor,
    reference: str,
    at: datetime,
    *,
    why: str,
    user_id: str | None = None,
    organisation_id: int | None = None,
    version: int | None = None,
) -> None:
    """Give responsibility to a UserId, a service provider or the operator (IM-5, IM-7)."""

    def prepare(found: Incident) -> Step:
        organisation, label = _allocated_to(user_id, organisation_id)
        interested = {one.user_id for one in found.interested_parties.all()}
        seen_by = interested | {one for one in (found.raised_for, user_id) if one}
        words = label or _supplier_words(found, user_id)
        changes = {
            "responsible_organisation_id": organisation,
            "responsible_user_id": user_id,
            "responsible_label": words,
            "responsible_reason": why.strip(),
            "seen_by": sorted(seen_by),
            "assigned_group": None,
            "assigned_person": None,
        }
        return Step(why, f"To {words}", changes)

    after = take_step(actor, reference, Verb.ALLOCATE, at, version, prepare)
    tell_allocated(after, why, at)


def _allocated_to(user_id: str | None, organisation_id: int | None) -> tuple[int, str]:
    """Organisation responsible and the words for it, empty for a UserId's."""
    if user_id is not None:
        entry = user_id_entries([user_id]).get(user_id)
        if entry is None:
            raise Refused("Choose a party.", fields={"responsible": "There is no such UserId."})
        return entry.organisation_id, ""
    for kind in (OrganisationKind.OPERATOR, OrganisationKind.SERVICE_PROVIDER):
        for one in organisations_of_kind(kind):
            if organisation_id in {None, one.id} and kind is OrganisationKind.OPERATOR:
                return one.id, OPERATOR_WORDS
            if organisation_id == one.id:
                return one.id, one.name
    raise Refused("Choose a party.", fields={"responsible": "There is no such organisation."})


def _supplier_words(found: Incident, user_id: str | None) -> str:
    why = next((p.why for p in found.interested_parties.all() if p.user_id == user_id), "")
    words = why.removeprefix("Registered ")
    return f"the {words}" if words else "another party"


@transaction.atomic
def hand_back(
    actor: Actor, reference: str, at: datetime, *, why: str, version: int | None = None
) -> None:
    """The responsible party says it is not its own: the operator becomes responsible."""
    operator, label = _allocated_to(None, None)

    def prepare(found: Incident) -> Step:
        interested = {one.user_id for one in found.interested_parties.all()}
        changes = {
            "responsible_organisation_id": operator,
            "responsible_user_id": None,
            "responsible_label": label,
            "responsible_reason": "Handed back by the party it had been allocated to",
            "seen_by": sorted(interested | {one for one in (found.raised_for,) if one}),
        }
        return Step(why, f"To {label}", changes)

    take_step(actor, reference, Verb.HAND_BACK, at, version, prepare)


@transaction.atomic
def hold(
    actor: Actor, reference: str, at: datetime, *, why: str, version: int | None = None
) -> None:
    """Wait for the User: the resolution clock pauses and the raiser is asked (IM-12)."""
    take_step(actor, reference, Verb.HOLD, at, version, lambda _found: Step(why))


@transaction.atomic
def resume(actor: Actor, reference: str, at: datetime, *, version: int | None = None) -> None:
    """Go on: the resolution clock runs again."""
    take_step(actor, reference, Verb.RESUME, at, version, lambda _found: Step())


@transaction.atomic
def resolve(
    actor: Actor,
    reference: str,
    at: datetime,
    *,
    why: str,
    code: str = "",
    version: int | None = None,
) -> None:
    """Record the resolution and tell the raiser (IM-13)."""
    changes = {"resolution": why.strip(), "resolution_code": code, "resolved_at": at}
    take_step(actor, reference, Verb.RESOLVE, at, version, lambda _found: Step(why, code, changes))


@transaction.atomic
def close(actor: Actor, reference: str, at: datetime, *, version: int | None = None) -> None:
    """Close what has been resolved: the raiser agrees, or the desk does it (IM-13)."""
    changes = {"closed_at": at}
    take_step(actor, reference, Verb.CLOSE, at, version, lambda _found: Step(changes=changes))


@transaction.atomic
def reopen(
    actor: Actor, reference: str, at: datetime, *, why: str, version: int | None = None
) -> None:
    """Work on it again, within the time limit; the time since resolution does not count (IM-13)."""
    changes = {"resolved_at": None, "closed_at": None, "resolution": "", "resolution_code": ""}
    take_step(actor, reference, Verb.REOPEN, at, version, lambda _found: Step(why, "", changes))


@transaction.atomic
def cancel(
    actor: Actor, reference: str, at: datetime, *, why: str, version: int | None = None
) -> None:
    """Withdraw it: raised in error, or no longer needed."""
    changes = {"closed_at": at}
    take_step(actor, reference, Verb.CANCEL, at, version, lambda _found: Step(why, "", changes))


@transaction.atomic
def link_repeat(
    actor: Actor, reference: str, at: datetime, *, earlier: str, version: int | None = None
) -> None:
    """Say that it repeats an earlier incident (IM-13). Raises Refused for itself or a circle."""

    def prepare(_found: Incident) -> Step:
        first = visible_incident(actor, earlier)
        before = first.repeat_of.reference if first.repeat_of else ""
        if reference in {first.reference, before}:
            raise Refused("Name an earlier incident.", fields={"why": "It cannot repeat itself."})
        return Step(earlier, f"Repeat of {earlier}", {"repeat_of_id": first.pk})

    take_step(actor, reference, Verb.LINK_REPEAT, at, version, prepare)


@transaction.atomic
def close_one_resolved(incident_id: int, at: datetime) -> bool:
    """Close a resolved incident by itself once it can no longer be reopened (IM-13)."""
    changed = Incident.objects.filter(
        pk=incident_id,
        state=State.RESOLVED,
        resolved_at__lt=at - policy().reopen_window,
    ).update(state=State.CLOSED, closed_at=at, updated_at=at)
    if not changed:
        return False
    found = Incident.objects.select_related("responsible_organisation").get(pk=incident_id)
    step = Step("Nobody reopened it within the time limit.")
    record_step(None, found, Verb.CLOSE.value, Part.OPERATOR, State.RESOLVED, at, step)
    turn_clocks(found.pk, State.RESOLVED, State.CLOSED, at)
    tell_step(found, "Closed", step.why, None, at, moved=True)
    return True
