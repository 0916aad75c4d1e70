"""Reads for a diagnosis, the diagnosis itself, and diagnoses that were kept."""

from meterdesk.diagnosis.queries.diagnoses import (
    KeptDiagnosis,
    diagnose,
    kept_diagnosis,
    verdict_on,
)
from meterdesk.diagnosis.queries.gathering import (
    LOOK_BACK,
    Gathered,
    gather,
    gather_for_device,
)

__all__ = [
    "LOOK_BACK",
    "Gathered",
    "KeptDiagnosis",
    "diagnose",
    "gather",
    "gather_for_device",
    "kept_diagnosis",
    "verdict_on",
]
