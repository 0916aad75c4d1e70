"""Reads of incidents. The actor comes first; what it may not see is not there."""

from meterdesk.diagnosis.queries import kept_diagnosis
from meterdesk.incidents.queries.choices import (
    AllocationChoices,
    GroupEntry,
    acting_for,
    allocation_choices,
    assignees,
    groups_of,
)
from meterdesk.incidents.queries.configuration import PolicySettings, categories, policy
from meterdesk.incidents.queries.listing import (
    COUNT_CAP,
    desk_queue,
    open_here,
    open_on_premises,
    raised_for_causes,
    resolved_past_reopening,
    search_incidents,
)
from meterdesk.incidents.queries.one import View, incident
from meterdesk.incidents.queries.records import (
    AttachmentLine,
    ClockView,
    HistoryLine,
    IncidentRow,
    InterestedView,
    OperatorView,
    PartyLine,
    QueueRow,
    RaiserRow,
    RaiserView,
    ReasonedLine,
    ResponsibleView,
    UpdateLine,
)
from meterdesk.incidents.queries.search import ASSIGNED, SORTS, WHOSE, IncidentSearch
from meterdesk.incidents.queries.surroundings import Surroundings, surroundings_of
from meterdesk.incidents.queries.written import attachment

__all__ = [
    "ASSIGNED",
    "COUNT_CAP",
    "SORTS",
    "WHOSE",
    "AllocationChoices",
    "AttachmentLine",
    "ClockView",
    "GroupEntry",
    "HistoryLine",
    "IncidentRow",
    "IncidentSearch",
    "InterestedView",
    "OperatorView",
    "PartyLine",
    "PolicySettings",
    "QueueRow",
    "RaiserRow",
    "RaiserView",
    "ReasonedLine",
    "ResponsibleView",
    "Surroundings",
    "UpdateLine",
    "View",
    "acting_for",
    "allocation_choices",
    "assignees",
    "attachment",
    "categories",
    "desk_queue",
    "groups_of",
    "incident",
    "kept_diagnosis",
    "open_here",
    "open_on_premises",
    "policy",
    "raised_for_causes",
    "resolved_past_reopening",
    "search_incidents",
    "surroundings_of",
]
