"""The rules of diagnosis: evidence, causes in order of rank, and one file of checks an app.

To add a check, write a function under @check in the file of the app whose evidence it reads;
nothing else changes. Importing this package collects them.
"""

from meterdesk.diagnosis.rules import coverage, hubs, inventory, trail
from meterdesk.diagnosis.rules.causes import Cause
from meterdesk.diagnosis.rules.checks import (
    Check,
    Finding,
    Observation,
    Observations,
    Verdict,
    check,
    checks,
    gatherers,
    register,
)
from meterdesk.diagnosis.rules.conclusion import Diagnosis, conclude, without_names
from meterdesk.diagnosis.rules.evidence import Evidence, Source

CHECK_FILES = (inventory, trail, coverage, hubs)

__all__ = [
    "CHECK_FILES",
    "Cause",
    "Check",
    "Diagnosis",
    "Evidence",
    "Finding",
    "Observation",
    "Observations",
    "Source",
    "Verdict",
    "check",
    "checks",
    "conclude",
    "gatherers",
    "register",
    "without_names",
]
