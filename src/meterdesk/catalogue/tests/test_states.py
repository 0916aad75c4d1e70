"""The table of transitions: what it allows, whom, and how long."""

import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone
from tests.architecture.test_sizes import ROOT

from meterdesk.catalogue.actions import take_step
from meterdesk.catalogue.queries import OperatorView, request
from meterdesk.catalogue.rules.states import (
    OPEN_STATES,
    REOPEN_WITHIN,
    STATE_WORDS,
    TRANSITIONS,
    DeliveryState,
    RequestPart,
    RequestVerb,
    refusal,
)
from meterdesk.catalogue.tests.scene import RAISER, Scene
from meterdesk.kernel.errors import Conflict, NotAllowed, Refused

PAGE = ROOT / "docs" / "reference" / "request-states.md"
HEAD = """# States of a service request

Generated from `catalogue/rules/states.py` by its test: `UPDATE_DOCS=1 pytest -k request_states`.
Buttons, the API's `verbs` and the check in the action come from the same table. What has ended can
be reopened within {days} days (provisional).

```mermaid
stateDiagram-v2
"""


def _page() -> str:
    arrows = [
        f"    {source} --> {target}: {row.verb.value}"
        for row in TRANSITIONS.values()
        for source, target in row.moves.items()
        if source is not target
    ]
    rows = [
        f"| {row.title} | `{row.verb.value}` | {_from(row.moves)} | {_who(row.who)} "
        f"| {row.asks or '–'} |"
        for row in TRANSITIONS.values()
    ]
    table = [
        "| what | verb | in the states | who | what must be written |",
        "|---|---|---|---|---|",
    ]
    head = HEAD.replace("{days}", str(REOPEN_WITHIN.days)) + f"    [*] --> {DeliveryState.NEW}"
    return "\n".join([head, *arrows, "```", "", *table, *rows, ""])


def _from(moves: Mapping[DeliveryState, DeliveryState]) -> str:
    return (
        "any" if len(moves) == len(DeliveryState) else ", ".join(STATE_WORDS[one] for one in moves)
    )


def _who(who: frozenset[RequestPart]) -> str:
    return ", ".join(part.word.lower() for part in RequestPart if part in who)


def test_the_page_of_request_states_is_current() -> None:
    if os.environ.get("UPDATE_DOCS"):
        PAGE.write_text(_page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == _page()


@pytest.mark.req("SSI-FR-52")
def test_every_step_is_open_to_its_parts_in_its_states_alone(scene: Scene) -> None:
    reference, now = scene.ask(), timezone.now()
    who = {RequestPart.RAISER: "raiser", RequestPart.OPERATOR: "agent"}
    for part, name in who.items():
        seen = request(scene.actor(name), reference, now=now)
        allowed = {
            v
            for v, row in TRANSITIONS.items()
            if part in row.who and DeliveryState.NEW in row.moves
        }
        assert set(seen.verbs) == allowed
        for verb in RequestVerb:
            if part not in TRANSITIONS[verb].who:
                with pytest.raises(NotAllowed):
                    take_step(scene.actor(name), reference, verb, now, text="x")
            elif DeliveryState.NEW not in TRANSITIONS[verb].moves:
                with pytest.raises(Conflict):
                    take_step(scene.actor(name), reference, verb, now, text="x")
    for text in ("  ", "x" * 10_001):
        with pytest.raises(Refused):
            take_step(scene.actor("raiser"), reference, RequestVerb.COMMENT, now, text=text)


@pytest.mark.req("SSI-FR-52")
def test_another_of_the_desk_takes_it_over(scene: Scene) -> None:
    reference, now = scene.ask(), timezone.now()
    first, second = scene.actor("agent"), scene.actor("second_agent")
    take_step(first, reference, RequestVerb.TAKE, now)
    take_step(second, reference, RequestVerb.TAKE, now)
    take_step(second, reference, RequestVerb.ASK, now, text="Which one?")
    take_step(first, reference, RequestVerb.TAKE, now)
    seen = request(first, reference, now=now)
    assert isinstance(seen, OperatorView)
    assert (seen.state, seen.assigned_person) == (DeliveryState.WAITING, first.display_name)


@pytest.mark.req("SSI-FR-52")
def test_it_is_reopened_within_the_time_limit_alone(scene: Scene) -> None:
    reference, now = scene.ask(), timezone.now()
    raiser, agent = scene.actor("raiser"), scene.actor("agent")
    take_step(agent, reference, RequestVerb.COMPLETE, now, text="Done.")
    late = now + REOPEN_WITHIN + timedelta(seconds=1)
    assert RequestVerb.REOPEN not in request(raiser, reference, now=late).verbs
    with pytest.raises(Conflict, match="10 days"):
        take_step(raiser, reference, RequestVerb.REOPEN, late, text="Again.")
    take_step(raiser, reference, RequestVerb.REOPEN, now + REOPEN_WITHIN, text="Again.")
    seen = request(raiser, reference, now=late)
    assert (seen.state, seen.outcome, seen.ended_at) == (DeliveryState.IN_PROGRESS, "", None)


def test_what_has_ended_by_withdrawal_stays_so() -> None:
    now = timezone.now()
    for verb in set(RequestVerb) - {RequestVerb.NOTE}:
        assert refusal(verb, set(RequestPart), DeliveryState.WITHDRAWN, now, now)
    assert DeliveryState.WITHDRAWN not in OPEN_STATES


@pytest.mark.req("SSI-FR-57")
def test_who_may_only_read_changes_nothing(scene: Scene) -> None:
    reference, now = scene.ask(), timezone.now()
    reader = replace(scene.actor("raiser"), read_only=frozenset({RAISER}))
    seen = request(reader, reference, now=now)
    assert (seen.verbs, seen.may_attach, seen.may_change_contacts) == ((), False, False)
    with pytest.raises(NotAllowed):
        take_step(reader, reference, RequestVerb.COMMENT, now, text="x")
