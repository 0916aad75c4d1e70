"""Checks on SM WAN coverage where the premises is."""

from meterdesk.coverage.rules import Coverage, Likelihood
from meterdesk.diagnosis.rules.causes import Cause
from meterdesk.diagnosis.rules.checks import Observation, Observations, Verdict, check
from meterdesk.diagnosis.rules.evidence import Evidence, Source


@check(
    title="SM WAN coverage",
    order=100,
    needs=Source.COVERAGE,
    all_well="The premises has SM WAN coverage.",
)
def available(evidence: Evidence) -> Observations:
    """There is coverage, and it is likely to do; it does not apply to SMETS1 (DIAG-1)."""
    if evidence.is_smets1:
        s1sp = next((one.s1sp for one in evidence.in_use if one.s1sp), "not recorded")
        yield Observation("SMETS1", f"Does not apply; the S1SP is {s1sp}")
        return
    if evidence.coverage is None or evidence.coverage.coverage is None:
        return
    coverage = evidence.coverage.coverage
    yield _availability(coverage)
    if coverage.known_issue:
        says = f"Known issue: {coverage.known_issue}"
        yield Observation(
            "Known issue", coverage.known_issue, Verdict.WARNING, Cause.POOR_COVERAGE, says=says
        )
    if coverage.auxiliary_equipment:
        yield Observation("Auxiliary equipment", coverage.auxiliary_equipment)


def _availability(coverage: Coverage) -> Observation:
    if not coverage.coverage_available:
        when = coverage.anticipated_text
        value = f"No, expected {when}" if coverage.anticipated_date else f"No. {when}".strip()
        says = "There is no SM WAN coverage at this premises."
        return Observation(coverage.place, value, Verdict.FAULT, Cause.NO_COVERAGE, says=says)
    value = f"Yes, likelihood {coverage.likelihood or 'not given'}, {coverage.csp}"
    if coverage.likelihood is Likelihood.LOW:
        says = "There is coverage, but a connection is not likely."
        return Observation(coverage.place, value, Verdict.WARNING, Cause.POOR_COVERAGE, says=says)
    return Observation(coverage.place, value)
