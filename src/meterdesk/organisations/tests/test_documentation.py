"""docs/reference/sharing-states.md says what the table of transitions says."""

import os
from pathlib import Path

from meterdesk.organisations.rules import SHARING

PAGE = Path(__file__).resolve().parents[4] / "docs" / "reference" / "sharing-states.md"


def page() -> str:
    arrows = [
        f"    {source} --> {row.target}: {verb}"
        for verb, row in SHARING.items()
        for source in sorted(row.sources)
    ]
    rows = [
        f"| {row.title} | `{verb}` | {', '.join(one.word.lower() for one in sorted(row.sources))} "
        f"| {row.target.word.lower()} | {', '.join(one.words for one in sorted(row.who))} "
        f"| {'reason' if row.asks_reason else '–'} |"
        for verb, row in SHARING.items()
    ]
    lines = [
        "# States of a sharing",
        "",
        "Generated from `organisations/rules.py` by its test: "
        "`UPDATE_DOCS=1 pytest -k sharing_states`.",
        "Buttons, the API's `verbs` and the check in the actions come from the same table.",
        "",
        "```mermaid",
        "stateDiagram-v2",
        "    [*] --> DRAFT",
        *arrows,
        "```",
        "",
        "| what | verb | from | to | who | asks for |",
        "|---|---|---|---|---|---|",
        *rows,
    ]
    return "\n".join(lines) + "\n"


def test_the_page_of_sharing_states_is_up_to_date() -> None:
    if os.environ.get("UPDATE_DOCS"):
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page()
