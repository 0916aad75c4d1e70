"""The check that Diagnose makes of incidents: is one open here already (IM-2)."""

from typing import Any, Final

from meterdesk.diagnosis.rules import Check, Evidence, Observation, Observations, Verdict

NAME: Final = "incidents.open"


def open_incidents(evidence: Evidence) -> Observations:
    """One observation an open incident that the reader may see."""
    found = evidence.extra.get(NAME)
    rows = found if isinstance(found, tuple) else ()
    if not rows:
        yield Observation("Open incidents", "None that you may see")
    for reference, summary, word in rows:
        yield Observation(
            reference,
            f"{summary} ({word})",
            Verdict.WARNING,
            says=f"{reference} is open here already: {summary}.",
        )


CHECK: Final = Check(
    NAME, "Open incidents", 80, open_incidents, all_well="No incident that you may see is open."
)


def for_others(outcome: dict[str, Any]) -> dict[str, Any]:
    """An outcome as it is attached: less incidents that its readers may not know of (IM-24)."""
    checks = [one for one in outcome.get("checks", []) if one.get("check") != NAME]
    return {**outcome, "checks": checks}
