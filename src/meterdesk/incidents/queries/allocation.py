"""Since when the responsible party of an incident is responsible (IM-5, IM-24)."""

from datetime import datetime

from meterdesk.incidents.models import Incident
from meterdesk.incidents.rules.states import Part, Verb


def allocated_at(found: Incident, part: Part) -> datetime | None:
    """When the reader became responsible by a step; None: when it was raised, or another part.

    What was said to the responsible party before, and why, was for whoever was responsible then.
    """
    if part is not Part.RESPONSIBLE:
        return None
    moved = found.transitions.filter(verb__in=[Verb.ALLOCATE.value, Verb.HAND_BACK.value])
    return moved.order_by("-at").values_list("at", flat=True).first()
