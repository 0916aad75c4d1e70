"""Intake runs and their refusals, for the operator's staff who take files in."""

from collections.abc import Iterator

from meterdesk.desk.access import require
from meterdesk.identity.rules import Actor, DeskPermission
from meterdesk.kernel.errors import NotVisible
from meterdesk.kernel.paging import Page, PageRequest
from meterdesk.platform.intake import kinds
from meterdesk.platform.intake.runs import (
    PlacedRefusal,
    RunView,
    every_refusal,
    list_refusals,
    list_runs,
    run_view,
)


def intake_kinds(actor: Actor) -> list[tuple[str, str]]:
    """Kinds of files with their titles."""
    require(actor, DeskPermission.INTAKE)
    return [(intake.kind, intake.title) for intake in kinds()]


def intake_runs(actor: Actor, page: PageRequest) -> Page[RunView]:
    """Runs by screen and by command, newest first."""
    require(actor, DeskPermission.INTAKE)
    return list_runs(page)


def intake_run(actor: Actor, run_id: int) -> RunView:
    """One run. Raises NotVisible."""
    require(actor, DeskPermission.INTAKE)
    run = run_view(run_id)
    if run is None:
        raise NotVisible()
    return run


def refusals_of(actor: Actor, run_id: int, page: PageRequest) -> Page[PlacedRefusal]:
    """What a run refused, in the order of its files."""
    intake_run(actor, run_id)
    return list_refusals(run_id, page)


def every_refusal_of(actor: Actor, run_id: int) -> Iterator[PlacedRefusal]:
    """All that a run refused, streamed."""
    intake_run(actor, run_id)
    return every_refusal(run_id)
