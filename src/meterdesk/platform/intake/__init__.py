"""Intake of files: one engine for every kind.

An app describes its kind as an `Intake` and registers it in `apps.py`. The engine reads the
file as a stream, hands batches to `Intake.apply` inside one transaction each, and keeps an
IntakeRun with counts and every refusal. A batch is applied whole or not at all; running the
same file again finds what is already there and counts it as unchanged, so a killed run is
mended by running it again.
"""

from meterdesk.platform.intake.documents import read_documents
from meterdesk.platform.intake.engine import (
    DRY_RUN,
    INITIAL,
    run_intake,
    sweep_stopped,
)
from meterdesk.platform.intake.feeds import last_taken_in, last_taken_in_each
from meterdesk.platform.intake.indexes import drop_indexes, make_indexes
from meterdesk.platform.intake.kinds import (
    Batch,
    Intake,
    Load,
    Outcome,
    Refusal,
    Source,
    Unreadable,
    intake_of,
    kinds,
    register,
)
from meterdesk.platform.intake.readers import (
    not_json,
    read_csv,
    read_json_lines,
    read_ndjson,
    refuse_repeated_names,
)
from meterdesk.platform.intake.staging import copy_into
from meterdesk.platform.models import IntakeRun

__all__ = [
    "DRY_RUN",
    "INITIAL",
    "Batch",
    "Intake",
    "IntakeRun",
    "Load",
    "Outcome",
    "Refusal",
    "Source",
    "Unreadable",
    "copy_into",
    "drop_indexes",
    "intake_of",
    "kinds",
    "last_taken_in",
    "last_taken_in_each",
    "make_indexes",
    "not_json",
    "read_csv",
    "read_documents",
    "read_json_lines",
    "read_ndjson",
    "refuse_repeated_names",
    "register",
    "run_intake",
    "sweep_stopped",
]
