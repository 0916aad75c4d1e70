"""Columns that lists of incidents have in common, on screen and in files (SSI-FR-32)."""

from typing import Final

from meterdesk.incidents.queries.records import IncidentRow
from meterdesk.kernel import worktime
from meterdesk.platform.tables import Column

REFERENCE: Final = Column("reference", "Reference", always=True)
STATE: Final = Column(
    "state",
    "State, responsible",
    {"State": lambda row: row.state.word, "Responsible": "responsible"},
)
PRIORITY: Final = Column(
    "priority",
    "Priority, category",
    {"Priority": "priority", "Category": "category"},
    sort="priority",
)
RAISED: Final = Column("raised", "Raised", {"Raised": "raised_at"}, sort="raised")

_WORDS: Final = {state: state.value.capitalize() for state in worktime.State} | {
    worktime.State.PAUSED: "Paused"
}


def _target_state(row: IncidentRow) -> str:
    return _WORDS[row.target.reading.state] if row.target else ""


TARGET: Final = Column(
    "target",
    "Target",
    {
        "Target": _target_state,
        "Due": lambda row: row.target and row.target.reading.due_at,
        "Paused since": lambda row: row.target and row.target.reading.paused_since,
    },
)
