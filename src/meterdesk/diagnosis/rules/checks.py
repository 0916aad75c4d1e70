"""What a check is, how checks are collected, and what one finds.

A check is a function over Evidence that gives what it observed. The decorator collects it:

    @check(title="Status of each Device", order=20, needs=Source.INVENTORY)
    def status(evidence: Evidence) -> Observations: ...

When its reader may not see what it needs it is not run, and the diagnosis says so. An app above
registers a check, and what gathers its evidence, from its apps.py.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from meterdesk.diagnosis.rules.causes import Cause, first_step_for, responsible_for
from meterdesk.diagnosis.rules.evidence import DeviceFact, Evidence, Source
from meterdesk.identity.rules import Actor


class Verdict(StrEnum):
    """What a check concludes."""

    OK = "OK"
    WARNING = "WARNING"
    FAULT = "FAULT"
    UNKNOWN = "UNKNOWN"
    NOT_SHOWN = "NOT_SHOWN"


NOTHING_WRONG: Final = "Nothing wrong was found."
_GRAVITY: Final = (Verdict.OK, Verdict.UNKNOWN, Verdict.WARNING, Verdict.FAULT)


@dataclass(frozen=True, slots=True)
class Observation:
    """One thing that was looked at: what, what it says, and what follows from it.

    `says` is a sentence for a summary; needed where the verdict is not OK.
    """

    label: str
    value: str
    verdict: Verdict = Verdict.OK
    cause: Cause | None = None
    device: DeviceFact | None = None
    says: str = ""


Observations = Iterable[Observation]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found, with the evidence for it."""

    check: str
    title: str
    verdict: Verdict
    summary: str
    evidence: tuple[tuple[str, str], ...] = ()
    cause: Cause | None = None
    responsible: str | None = None
    first_step: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The finding as plain values."""
        return {
            "check": self.check,
            "title": self.title,
            "verdict": self.verdict.value,
            "summary": self.summary,
            "evidence": [{"label": label, "value": value} for label, value in self.evidence],
            "cause": self.cause.advice.text if self.cause else None,
            "responsible": self.responsible,
            "first_step": self.first_step,
        }


@dataclass(frozen=True, slots=True)
class Check:
    """A check: its stable name, its title for people, its place, what it needs, what it does."""

    name: str
    title: str
    order: int
    run: Callable[[Evidence], Observations]
    needs: Source | None = None
    all_well: str = NOTHING_WRONG


Gather = Callable[[Actor, Evidence, datetime], object]

_CHECKS: dict[str, Check] = {}
_GATHERERS: dict[str, Gather] = {}


def register(one: Check, gather: Gather | None = None) -> None:
    """Make a check known. `gather` reads what it needs beyond Evidence, kept under `extra`.

    A gatherer answers None when the reader may not see that evidence.
    """
    _CHECKS[one.name] = one
    if gather is not None:
        _GATHERERS[one.name] = gather


def check(
    *, title: str, order: int, needs: Source | None = None, all_well: str = ""
) -> Callable[[Callable[[Evidence], Observations]], Callable[[Evidence], Observations]]:
    """Collect a check: its name is that of its module and function.

    Args:
        title: for people.
        order: place among the checks, small first.
        needs: the source without which it cannot run.
        all_well: the summary when everything it observed is as it should be.
    """

    def collect(run: Callable[[Evidence], Observations]) -> Callable[[Evidence], Observations]:
        name = f"{run.__module__.rsplit('.', 1)[-1]}.{run.__name__}"
        register(Check(name, title, order, run, needs, all_well or NOTHING_WRONG))
        return run

    return collect


def checks() -> list[Check]:
    """Every check, in order."""
    return sorted(_CHECKS.values(), key=lambda one: (one.order, one.name))


def gatherers() -> dict[str, Gather]:
    """What reads the evidence of checks of apps above, by check."""
    return dict(_GATHERERS)


def carry_out(one: Check, evidence: Evidence) -> Finding:
    """Run a check and conclude from what it observed."""
    hidden = one.needs is not None and not evidence.has(one.needs)
    if hidden or (one.name in _GATHERERS and evidence.extra.get(one.name) is None):
        what = one.needs.value if one.needs else "it"
        summary = f"Left out: your rights do not include {what} here."
        return Finding(one.name, one.title, Verdict.NOT_SHOWN, summary)
    seen = list(one.run(evidence))
    if not seen:
        return Finding(one.name, one.title, Verdict.UNKNOWN, "There is nothing to look at.")
    worst = max(seen, key=_weight)
    shown = tuple((each.label, each.value) for each in seen)
    if worst.verdict is Verdict.OK:
        return Finding(one.name, one.title, Verdict.OK, one.all_well, shown)
    cause = worst.cause
    return Finding(
        one.name,
        one.title,
        worst.verdict,
        worst.says or worst.value,
        shown,
        cause,
        responsible_for(cause, evidence, worst.device) if cause else None,
        first_step_for(cause, evidence) if cause else None,
    )


def _weight(seen: Observation) -> tuple[int, int]:
    """The gravest first; of equally grave ones that whose cause ranks higher."""
    return _GRAVITY.index(seen.verdict), -(seen.cause.rank if seen.cause else len(Cause))
