"""From findings to one answer: the likely cause, who is responsible, what to do first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from meterdesk.diagnosis.rules.causes import SENDER
from meterdesk.diagnosis.rules.checks import Check, Finding, Verdict, carry_out
from meterdesk.diagnosis.rules.evidence import OPERATOR, Evidence
from meterdesk.registration.rules import MeterPointKind, PartyRole, unnamed


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Every check on a premises, and what follows from them.

    Attributes:
        checks: findings in the order of the checks, those not shown to the reader included.
        verdict: the gravest finding that explains something, OK when there is none.
        sentence: the one line for the head of a page.
        left_out: titles of the checks that the reader's rights leave out.
        at: the instant of the evidence.
    """

    checks: tuple[Finding, ...]
    verdict: Verdict
    sentence: str
    likely_cause: str | None
    responsible_party: str | None
    what_to_do_first: str | None
    left_out: tuple[str, ...]
    at: datetime

    def as_json(self) -> dict[str, Any]:
        """The diagnosis as plain values, to be kept or attached to an incident."""
        return {
            "at": self.at.isoformat(),
            "verdict": self.verdict.value,
            "sentence": self.sentence,
            "likely_cause": self.likely_cause,
            "responsible_party": self.responsible_party,
            "what_to_do_first": self.what_to_do_first,
            "left_out": list(self.left_out),
            "checks": [finding.as_json() for finding in self.checks],
        }


def conclude(evidence: Evidence, checks: list[Check]) -> Diagnosis:
    """Run the checks over the evidence and choose the likely cause by the ranking of causes."""
    findings = tuple(carry_out(check, evidence) for check in checks)
    left_out = tuple(one.title for one in findings if one.verdict is Verdict.NOT_SHOWN)
    telling = [one for one in findings if one.cause is not None and one.cause.advice.explains]
    likely = min(telling, key=_rank, default=None)
    return Diagnosis(
        checks=findings,
        verdict=likely.verdict if likely else Verdict.OK,
        sentence=_sentence(likely, findings),
        likely_cause=likely.cause.advice.text if likely and likely.cause else None,
        responsible_party=likely.responsible if likely else None,
        what_to_do_first=likely.first_step if likely else None,
        left_out=left_out,
        at=evidence.at,
    )


def _rank(finding: Finding) -> tuple[bool, int]:
    """Faults before warnings, then by the ranking of their causes."""
    rank = finding.cause.rank if finding.cause else 0
    return finding.verdict is not Verdict.FAULT, rank


def _sentence(likely: Finding | None, findings: tuple[Finding, ...]) -> str:
    if likely is not None and likely.cause is not None:
        return f"{likely.cause.advice.text}."
    looked_at = [one for one in findings if one.verdict is not Verdict.NOT_SHOWN]
    if not any(one.verdict is Verdict.OK for one in looked_at):
        return "There is too little evidence to say anything."
    unknown = sum(one.verdict is Verdict.UNKNOWN for one in looked_at)
    if unknown:
        return f"No fault found; {unknown} of {len(looked_at)} checks had nothing to look at."
    return "No fault found."


_NAMELESS: Final = frozenset(
    {OPERATOR, SENDER, *(unnamed(role, kind) for role in PartyRole for kind in MeterPointKind)}
)


def without_names(outcome: dict[str, Any]) -> dict[str, Any]:
    """A kept outcome for readers who may not know who is registered at the premises."""
    checks = [
        one | {"responsible": _nameless(one.get("responsible"))}
        for one in outcome.get("checks", [])
    ]
    party = _nameless(outcome.get("responsible_party"))
    return outcome | {"responsible_party": party, "checks": checks}


def _nameless(party: str | None) -> str | None:
    return party if party is None or party in _NAMELESS else "a party registered at the premises"
