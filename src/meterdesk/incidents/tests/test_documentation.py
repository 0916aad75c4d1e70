"""docs/reference/incident-states.md says what the table of transitions says."""

import os
from pathlib import Path

import pytest

from meterdesk.incidents.rules.states import STATE_WORDS, TRANSITIONS, Part, State, Verb

PAGE = Path(__file__).resolve().parents[4] / "docs" / "reference" / "incident-states.md"
HEAD = """# States of an incident

Generated from `incidents/rules/states.py` by its test: `UPDATE_DOCS=1 pytest -k incident_states`.
Buttons, the API's `verbs` and the check in the actions come from the same table.

```mermaid
stateDiagram-v2
"""
NAMES = {
    Part.RAISER: "raiser",
    Part.RESPONSIBLE: "responsible party",
    Part.OPERATOR: "operator's desk",
}


def _page() -> str:
    arrows = [
        f"    {source} --> {target}: {row.verb.value}"
        for row in TRANSITIONS.values()
        for source, target in row.moves.items()
        if source is not target
    ]
    rows = [
        f"| {row.title} | `{row.verb.value}` | {_moves(row.moves)} | {_who(row.who)} "
        f"| {row.asks or '–'} |"
        for row in TRANSITIONS.values()
    ]
    table = ["| what | verb | from and to | who | what must be written |", "|---|---|---|---|---|"]
    return "\n".join([HEAD + f"    [*] --> {State.NEW}", *arrows, "```", "", *table, *rows, ""])


def _moves(moves: dict[State, State]) -> str:
    stay = [STATE_WORDS[source].lower() for source, target in moves.items() if source is target]
    change = [
        f"{STATE_WORDS[source].lower()} to {STATE_WORDS[target].lower()}"
        for source, target in moves.items()
        if source is not target
    ]
    return "; ".join([*change, *([f"stays {', '.join(stay)}"] if stay else [])])


def _who(who: frozenset[Part]) -> str:
    return ", ".join(words for part, words in NAMES.items() if part in who)


@pytest.mark.req("IM-1", "IM-13")
def test_the_page_of_incident_states_is_current() -> None:
    if os.environ.get("UPDATE_DOCS"):
        PAGE.write_text(_page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == _page()


def test_every_verb_stands_in_the_table() -> None:
    assert set(TRANSITIONS) == set(Verb)
