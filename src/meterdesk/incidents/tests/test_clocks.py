"""Clocks from stored intervals: pauses, reopening, a category set anew (IM-4, IM-12)."""

from datetime import timedelta

import pytest

from meterdesk.incidents import actions
from meterdesk.incidents.models import Incident
from meterdesk.incidents.queries import ClockView, incident
from meterdesk.incidents.rules.targets import ClockKind
from meterdesk.incidents.tests.scene import TUESDAY, Scene
from meterdesk.kernel.worktime import Kind, State

HOUR = timedelta(hours=1)


def _clock(scene: Scene, reference: str, kind: ClockKind, hours: float) -> ClockView:
    seen = incident(scene.actor("agent"), reference, now=TUESDAY + hours * HOUR)
    return next(one for one in seen.clocks if one.kind is kind)


@pytest.mark.req("IM-4", "IM-12")
def test_a_wait_for_the_user_stops_the_resolution_clock_alone(scene: Scene) -> None:
    reference, agent = scene.raise_one(category=1), scene.actor("agent")
    actions.hold(agent, reference, TUESDAY + HOUR, why="When was it last read?")

    paused = _clock(scene, reference, ClockKind.RESOLUTION, hours=30)
    assert paused.reading.state is State.PAUSED
    assert (paused.reading.elapsed, paused.reading.due_at) == (HOUR, None)
    response = _clock(scene, reference, ClockKind.RESPONSE, hours=30)
    assert response.stopped_at == TUESDAY + HOUR
    assert response.reading.state is State.MISSED

    actions.resume(agent, reference, TUESDAY + 30 * HOUR)
    running = _clock(scene, reference, ClockKind.RESOLUTION, hours=31)
    assert running.reading.elapsed == 2 * HOUR
    assert running.reading.remaining == 2 * HOUR
    assert running.reading.due_at == TUESDAY + 33 * HOUR
    assert [one.kind for one in running.reading.segments] == [
        Kind.COUNTED,
        Kind.PAUSED,
        Kind.COUNTED,
    ]


@pytest.mark.req("IM-12", "IM-13")
def test_the_time_between_resolution_and_reopening_does_not_count(scene: Scene) -> None:
    reference, agent = scene.raise_one(category=2), scene.actor("agent")
    actions.hold(agent, reference, TUESDAY + HOUR, why="When was it last read?")
    actions.resume(agent, reference, TUESDAY + 4 * HOUR)
    actions.resolve(agent, reference, TUESDAY + 5 * HOUR, why="Meter replaced")

    stopped = _clock(scene, reference, ClockKind.RESOLUTION, hours=90)
    assert (stopped.reading.state, stopped.reading.elapsed) == (State.MET, 2 * HOUR)

    actions.reopen(agent, reference, TUESDAY + 50 * HOUR, why="Stopped again")
    again = _clock(scene, reference, ClockKind.RESOLUTION, hours=52)
    assert again.reading.elapsed == 4 * HOUR
    reasons = [one.reason for one in again.reading.segments if one.kind is Kind.PAUSED]
    assert reasons == ["waiting for the User", "resolved, before it was reopened"]


@pytest.mark.req("IM-4")
def test_another_category_reads_the_same_intervals_anew(scene: Scene) -> None:
    reference, agent = scene.raise_one(category=2), scene.actor("agent")
    actions.hold(agent, reference, TUESDAY + HOUR, why="When was it last read?")
    actions.resume(agent, reference, TUESDAY + 20 * HOUR)
    before = _clock(scene, reference, ClockKind.RESOLUTION, hours=25)
    assert before.reading.state is State.ON_TRACK

    actions.categorise(
        agent, reference, TUESDAY + 25 * HOUR, category=1, impact=1, urgency=1, why="Wider"
    )

    after = _clock(scene, reference, ClockKind.RESOLUTION, hours=25)
    assert after.reading.elapsed == before.reading.elapsed == 6 * HOUR
    assert after.reading.state is State.BREACHED
    seen = incident(agent, reference)
    assert (seen.priority, seen.history[0].change) == (1, "Category 2 to 1, priority 4 to 1")


@pytest.mark.req("IM-13")
def test_what_nobody_reopens_is_closed(scene: Scene) -> None:
    reference, agent = scene.raise_one(), scene.actor("agent")
    actions.resolve(agent, reference, TUESDAY, why="Meter replaced")
    number = Incident.objects.get(reference=reference).pk

    assert not actions.close_one_resolved(number, TUESDAY + timedelta(days=10))
    assert actions.close_one_resolved(number, TUESDAY + timedelta(days=11))
    assert not actions.close_one_resolved(number, TUESDAY + timedelta(days=12))

    seen = incident(agent, reference)
    assert (seen.state.word, seen.history[0].by) == ("Closed", "Meterdesk")
