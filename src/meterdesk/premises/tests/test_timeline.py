"""The timeline: one order, and what says the same told once."""

from datetime import UTC, datetime, timedelta

import pytest

from meterdesk.premises.rules import Event, Happening, merge

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def read(days: float, tone: str = "good", where: str = "Gas meter", detail: str = "") -> Event:
    return Event(Happening.MESSAGE, AT - timedelta(days=days), "4.17 Log", tone, where, detail)


@pytest.mark.req("SSI-FR-7")
def test_a_run_of_the_same_outcome_is_one_event_with_how_often_and_since_when() -> None:
    events = [read(days, "bad", detail="E21") for days in (1, 2, 3)]
    events += [read(days) for days in (4, 5)]
    events += [read(days, where="Electricity meter") for days in (0.5, 2.5, 4.5)]
    shown = merge(events, 10)
    assert [(one.where, one.tone, one.times) for one in shown] == [
        ("Electricity meter", "good", 3),
        ("Gas meter", "bad", 3),
        ("Gas meter", "good", 2),
    ]
    assert shown[1].at == AT - timedelta(days=1)
    assert shown[1].first_at == AT - timedelta(days=3)


@pytest.mark.req("SSI-FR-7")
def test_another_code_begins_another_run_and_nothing_folds_when_not_asked_to() -> None:
    events = [read(1, "bad", detail="E21"), read(2, "bad", detail="E20")]
    assert len(merge(events, 10)) == 2
    assert len(merge([read(1), read(2)], 10, fold=False)) == 2
    assert len(merge([read(1), read(2)], 1, fold=False)) == 1


@pytest.mark.req("SSI-FR-5")
def test_devices_that_change_status_together_are_told_together() -> None:
    def change(where: str, days: int) -> Event:
        at = AT - timedelta(days=days)
        return Event(Happening.STATUS, at, "Commissioned", "good", where, page="inventory:device")

    shown = merge([change("Gas meter", 3), change("Electricity meter", 3), change("Hub", 2)], 10)
    assert [(one.where, one.page) for one in shown] == [
        ("Hub", "inventory:device"),
        ("Gas meter, electricity meter", ""),
    ]
