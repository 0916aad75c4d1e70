"""Every state, every verb, every part: what the table allows happens, the rest is refused."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from meterdesk.identity.rules import Actor
from meterdesk.incidents import actions
from meterdesk.incidents.queries import OperatorView, ReasonedLine, incident
from meterdesk.incidents.rules.states import TRANSITIONS, Part, State, Verb
from meterdesk.incidents.tests.scene import TUESDAY, Scene
from meterdesk.kernel.errors import Conflict, NotAllowed, NotVisible, Refused, Stale

HOUR = timedelta(hours=1)
Act = Callable[[Actor, str], Any]


def _acts(earlier: str, person: int) -> dict[Verb, Act]:
    at = TUESDAY + 9 * HOUR
    return {
        Verb.RESPOND: lambda a, r: actions.acknowledge(a, r, at),
        Verb.ASSIGN: lambda a, r: actions.assign(a, r, at, person_id=person),
        Verb.CATEGORISE: lambda a, r: actions.categorise(
            a, r, at, category=2, impact=2, urgency=1, why="More homes affected"
        ),
        Verb.ALLOCATE: lambda a, r: actions.allocate(a, r, at, why="The network's after all"),
        Verb.HAND_BACK: lambda a, r: actions.hand_back(a, r, at, why="Not our meter"),
        Verb.HOLD: lambda a, r: actions.hold(a, r, at, why="When was it last read?"),
        Verb.RESUME: lambda a, r: actions.resume(a, r, at),
        Verb.RESOLVE: lambda a, r: actions.resolve(a, r, at, why="Meter replaced"),
        Verb.CLOSE: lambda a, r: actions.close(a, r, at),
        Verb.REOPEN: lambda a, r: actions.reopen(a, r, at, why="Stopped again"),
        Verb.CANCEL: lambda a, r: actions.cancel(a, r, at, why="Raised in error"),
        Verb.LINK_REPEAT: lambda a, r: actions.link_repeat(a, r, at, earlier=earlier),
    }


def _brought_to(scene: Scene, state: State) -> str:
    reference, agent = scene.raise_one(), scene.actor("agent")
    at = TUESDAY + HOUR
    if state is State.CANCELLED:
        actions.cancel(agent, reference, at, why="Raised in error")
    if state in {State.IN_PROGRESS, State.ON_HOLD}:
        actions.acknowledge(agent, reference, at)
    if state is State.ON_HOLD:
        actions.hold(agent, reference, at, why="When was it last read?")
    if state in {State.RESOLVED, State.CLOSED}:
        actions.resolve(agent, reference, at, why="Meter replaced")
    if state is State.CLOSED:
        actions.close(agent, reference, at)
    return reference


PARTS = {
    "agent": Part.OPERATOR,
    "raiser": Part.RAISER,
    "responsible": Part.RESPONSIBLE,
    "interested": Part.INTERESTED,
}


@pytest.mark.req("IM-1", "IM-13")
@pytest.mark.parametrize("state", list(State))
def test_every_verb_by_every_part(scene: Scene, state: State) -> None:
    earlier = scene.raise_one(summary="The time before")
    agent = scene.people["agent"].pk
    for verb, act in _acts(earlier, agent).items():
        row = TRANSITIONS[verb]
        for name, part in PARTS.items():
            reference = _brought_to(scene, state)
            actor = scene.actor(name)
            offered = verb in incident(actor, reference, now=TUESDAY + 9 * HOUR).verbs
            if part in row.who and state in row.moves:
                assert offered, (verb, part)
                act(actor, reference)
                seen = incident(scene.actor("agent"), reference)
                assert seen.state is row.moves[state], (verb, part)
                assert seen.history[0].done == row.done
                assert seen.history[0].from_state is state
            else:
                assert not offered, (verb, part)
                with pytest.raises(Refused) as refused:
                    act(actor, reference)
                expected = Conflict if part in row.who else NotAllowed
                assert type(refused.value) is expected, (verb, part)
                assert incident(scene.actor("agent"), reference).state is state


@pytest.mark.req("IM-13")
def test_words_that_are_asked_for_must_be_given(scene: Scene) -> None:
    reference, agent = scene.raise_one(), scene.actor("agent")

    for act in (actions.resolve, actions.hold, actions.cancel):
        with pytest.raises(Refused) as refused:
            act(agent, reference, TUESDAY, why="  ")
        assert "why" in refused.value.fields
    assert incident(agent, reference).state is State.NEW

    actions.resolve(agent, reference, TUESDAY + HOUR, why="Meter replaced", code="Device replaced")
    raiser = incident(scene.actor("raiser"), reference)
    assert raiser.resolution == "Meter replaced"
    assert isinstance(raiser.history[0], ReasonedLine)
    assert raiser.history[0].why == "Meter replaced"


@pytest.mark.req("IM-13")
def test_reopening_ends_with_the_policys_time_limit(scene: Scene) -> None:
    reference, raiser = scene.raise_one(), scene.actor("raiser")
    actions.resolve(scene.actor("agent"), reference, TUESDAY, why="Meter replaced")

    late = TUESDAY + timedelta(days=10, seconds=1)
    with pytest.raises(Conflict, match="more than 10 days ago"):
        actions.reopen(raiser, reference, late, why="Stopped again")

    actions.reopen(raiser, reference, TUESDAY + timedelta(days=10), why="Stopped again")
    assert incident(raiser, reference).state is State.IN_PROGRESS

    again = scene.raise_one(at=late, repeat_of=reference)
    assert incident(raiser, again).repeat_of == reference
    desk = incident(scene.actor("agent"), reference)
    assert isinstance(desk, OperatorView)
    assert desk.repeats == (again,)


@pytest.mark.req("IM-21")
def test_two_agents_are_told_and_nothing_is_lost(scene: Scene) -> None:
    reference, agent = scene.raise_one(), scene.actor("agent")
    read_by_both = incident(agent, reference).version

    actions.acknowledge(agent, reference, TUESDAY, version=read_by_both)
    with pytest.raises(Stale):
        actions.resolve(agent, reference, TUESDAY, why="Done", version=read_by_both)

    now = incident(agent, reference)
    assert (now.state, now.version) == (State.IN_PROGRESS, read_by_both + 1)


@pytest.mark.req("IM-12", "SSI-FR-30")
def test_an_answer_of_the_user_ends_the_wait(scene: Scene) -> None:
    reference = scene.raise_one()
    actions.hold(scene.actor("agent"), reference, TUESDAY + HOUR, why="When was it last read?")

    actions.add_update(
        scene.actor("raiser"), reference, actions.Audience.ALL, "On Friday.", TUESDAY + 2 * HOUR
    )

    seen = incident(scene.actor("raiser"), reference)
    assert seen.state is State.IN_PROGRESS
    assert seen.history[0].done == "Answered by the User"
    assert seen.updates[0].text == "On Friday."


@pytest.mark.req("IM-5", "IM-7", "IM-24")
def test_responsibility_moves_and_sight_moves_with_it(scene: Scene) -> None:
    reference, agent = scene.raise_one(), scene.actor("agent")
    resolver, responsible = scene.actor("resolver"), scene.actor("responsible")
    with pytest.raises(NotVisible):
        incident(resolver, reference)

    actions.allocate(
        agent, reference, TUESDAY, organisation_id=scene.provider.pk, why="The hub's radio"
    )

    seen = incident(resolver, reference)
    assert seen.part is Part.RESPONSIBLE
    assert seen.responsible == "North Air"
    # The electricity supplier stays interested: it is registered at the premises.
    assert incident(responsible, reference).part is Part.INTERESTED

    actions.hand_back(resolver, reference, TUESDAY + HOUR, why="Our radio is in order")
    with pytest.raises(NotVisible):
        incident(resolver, reference)
    assert incident(agent, reference).responsible == scene.operator.name
