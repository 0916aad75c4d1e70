"""Taking in uploaded files."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from meterdesk.desk.access import require
from meterdesk.identity.queries import actor_named
from meterdesk.identity.rules import Actor, DeskPermission
from meterdesk.kernel.errors import Refused
from meterdesk.platform import jobs
from meterdesk.platform.intake import DRY_RUN
from meterdesk.platform.intake.uploads import Upload, queue_uploads, run_uploads


def take_in_files(
    actor: Actor,
    kind: str,
    uploads: Sequence[Upload],
    received_at: datetime | None = None,
    *,
    dry_run: bool = False,
    at: datetime,
) -> int:
    """Keep the files and queue the run of them; returns its number.

    A dry run reports what would happen and changes nothing.

    Raises:
        NotAllowed: without the desk permission INTAKE.
        Refused, uploads.TooLarge: a file is not text, empty, too large or infected.
        Unavailable: the malware scanner does not answer.
    """
    require(actor, DeskPermission.INTAKE)
    options = {"received_at": received_at.isoformat()} if received_at else {}
    if dry_run:
        options[DRY_RUN] = "yes"
    with transaction.atomic():
        run_id = queue_uploads(actor, kind, uploads, options, at=at)
        jobs.defer("desk.run_intake", run_id=run_id)
    return run_id


def run_files(run_id: int, *, at: datetime) -> None:
    """Take in the files of a run, if whoever uploaded them still may."""
    run_uploads(run_id, _may_take_in, at=at)


def _may_take_in(username: str) -> bool:
    try:
        require(actor_named(username), DeskPermission.INTAKE)
    except Refused:
        return False
    return True
