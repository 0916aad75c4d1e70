"""docs/reference/device-statuses.md says what the table of steps says."""

import os
from pathlib import Path

import pytest

from meterdesk.inventory.rules import STEPS, DeviceStatus, Step

PAGE = Path(__file__).resolve().parents[4] / "docs" / "reference" / "device-statuses.md"
HEAD = """# Statuses of a Device

Generated from `inventory/rules/lifecycle.py` by its test: `UPDATE_DOCS=1 pytest -k
device_statuses`. Provisional: what brings the step about is not published; the words are.

```mermaid
stateDiagram-v2
"""


def _page() -> str:
    arrows = [
        f"    {before.value if before else '[*]'} --> {step.after.value}: {step.title}"
        for step in STEPS
        for before in step.before
    ]
    rows = [
        f"| {step.title} | {_before(step)} | {step.after.label} | {step.trigger} "
        f"| {', '.join(sorted(step.types))} | {'yes' if step.provisional else 'no'} |"
        for step in STEPS
    ]
    table = [
        "| step | from | to | brought about by | Devices | provisional |",
        "|---|---|---|---|---|---|",
    ]
    return "\n".join([HEAD.rstrip("\n"), *arrows, "```", "", *table, *rows, ""])


def _before(step: Step) -> str:
    return ", ".join(one.label if one else "not in the inventory" for one in step.before)


@pytest.mark.req("INV-1")
def test_the_page_of_device_statuses_is_current() -> None:
    if os.environ.get("UPDATE_DOCS"):
        PAGE.write_text(_page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == _page()


@pytest.mark.req("INV-1")
def test_every_status_is_reached_by_a_step() -> None:
    assert {step.after for step in STEPS} == set(DeviceStatus)
