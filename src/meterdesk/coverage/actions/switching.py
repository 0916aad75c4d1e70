"""Letting a version of coverage count, or putting it away: asked by a person, done by a job.

A switch killed half way has changed nothing: its job is begun again, and a version whose switch
went quiet is ready once more.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F

from meterdesk.coverage.access import may_switch
from meterdesk.coverage.actions.maps import summarise
from meterdesk.coverage.actions.versions import FACTS, compare
from meterdesk.coverage.models import CoverageVersion, LoadedRow
from meterdesk.coverage.rules.versions import VersionState
from meterdesk.identity.rules import Actor
from meterdesk.kernel.errors import Conflict, NotAllowed, NotVisible, Stale
from meterdesk.platform import activity, jobs

SWITCH_SILENCE = timedelta(hours=1)
"""Longer than the job ever waits before it is tried again."""
NOT_SWITCHED = "The switch did not come to its end, and nothing was changed. The log says why."
_ROWS_AT_ONCE = 50_000
_COMPARING, _WRITING = 1, 2
_NAMES = ", ".join(("postcode", "property_key", *FACTS))
_REMOVE = """
delete from coverage_coveragerow held where not exists (
    select from coverage_loadedrow loaded where loaded.version_id = %s
        and loaded.postcode = held.postcode and loaded.property_key = held.property_key)
"""
_WRITE = f"""
insert into coverage_coveragerow as held ({_NAMES}, source_run)
select {_NAMES}, %s from coverage_loadedrow loaded where version_id = %s
on conflict (postcode, property_key) do update
    set ({", ".join(FACTS)}, source_run)
        = ({", ".join(f"excluded.{name}" for name in (*FACTS, "source_run"))})
    where ({", ".join(f"held.{name}" for name in FACTS)})
        is distinct from ({", ".join(f"excluded.{name}" for name in FACTS)})
"""  # noqa: S608  the names are this app's own
_REMOVE_LOADED = """
delete from coverage_loadedrow where ctid = any(array(
    select ctid from coverage_loadedrow where version_id = %s limit %s))
"""


@transaction.atomic
def ask_switch(
    actor: Actor | None, version_id: int, *, at: datetime, version: int | None = None
) -> None:
    """Have a version switched in by a job; one at a time.

    `actor` is None for the system's own set-up. Raises NotAllowed, NotVisible, Stale, and Conflict
    when it is not ready or another is being switched in.
    """
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('coverage.ask_switch'))")
    loaded = _ready(actor, version_id, version)
    other = CoverageVersion.objects.filter(state=VersionState.SWITCHING).first()
    if other is not None:
        raise Conflict(f"Version {other.pk} is being switched in. Wait until it counts.")
    loaded.state, loaded.step, loaded.note, loaded.heard_at = VersionState.SWITCHING, 0, "", at
    loaded.switched_by = actor.display_name if actor else "Meterdesk"
    _keep(loaded)
    _note(actor, loaded, "coverage.switch", at)
    jobs.defer("coverage.switch_version", version_id=loaded.pk)


@transaction.atomic
def refuse_version(
    actor: Actor, version_id: int, *, at: datetime, version: int | None = None
) -> None:
    """Put a version that waits away. Raises NotAllowed, NotVisible, Stale, Conflict."""
    loaded = _ready(actor, version_id, version)
    loaded.state = VersionState.REFUSED
    _keep(loaded)
    _note(actor, loaded, "coverage.refuse", at)
    jobs.defer("coverage.remove_rows")


def switch_version(version_id: int, *, at: datetime) -> bool:
    """Switch in a version for which that was asked; whether it counts now.

    In one step: whoever asks meanwhile reads the one before, whole. Killed at any point and run
    again, it begins anew; a version that is not being switched in any more is left alone.
    """
    if not _step(version_id, 0, at):
        return False
    with _turn():
        if not _step(version_id, _COMPARING, at):
            return False
        with transaction.atomic():
            compare(CoverageVersion.objects.get(pk=version_id))
        _step(version_id, _WRITING, at)
        _write(version_id, at)
    return True


@contextmanager
def _turn() -> Iterator[None]:
    """Coverage comes in by nobody else, from the comparison to what is written by it."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(hashtext('intake:coverage'))")
        try:
            yield
        finally:
            cursor.execute("select pg_advisory_unlock(hashtext('intake:coverage'))")


def _step(version_id: int, step: int, at: datetime) -> bool:
    """Say how far it is, to whoever looks; False when it is not being switched in any more."""
    asked = CoverageVersion.objects.filter(pk=version_id, state=VersionState.SWITCHING)
    return bool(asked.update(step=step, heard_at=at))


@transaction.atomic
def _write(version_id: int, at: datetime) -> None:
    loaded = CoverageVersion.objects.get(pk=version_id)
    with connection.cursor() as cursor:
        cursor.execute(_REMOVE, [loaded.pk])
        cursor.execute(_WRITE, [loaded.run, loaded.pk])
    summarise()
    for state, after in (
        (VersionState.PREVIOUS, VersionState.RETIRED),
        (VersionState.CURRENT, VersionState.PREVIOUS),
    ):
        CoverageVersion.objects.filter(state=state).update(state=after)
    loaded.state, loaded.switched_at = VersionState.CURRENT, at
    _keep(loaded)
    _note(None, loaded, "coverage.switched", at)
    jobs.defer("coverage.remove_rows")


def remove_rows() -> int:
    """Remove, some at a time, rows of versions that were put away or retired; returns how many."""
    over = CoverageVersion.objects.filter(state__in=(VersionState.REFUSED, VersionState.RETIRED))
    removed = 0
    for number in over.values_list("pk", flat=True):
        while LoadedRow.objects.filter(version_id=number).exists():
            with connection.cursor() as cursor:
                cursor.execute(_REMOVE_LOADED, [number, _ROWS_AT_ONCE])
                removed += cursor.rowcount
    return removed


@transaction.atomic
def give_up_silent_switches(at: datetime) -> int:
    """Have versions whose switch went quiet wait for a person again; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(hashtext('intake:coverage'))")
        if not cursor.fetchone()[0]:
            # It may be the one that writes at this moment.
            return 0
    silent = CoverageVersion.objects.filter(
        state=VersionState.SWITCHING, heard_at__lt=at - SWITCH_SILENCE
    )
    return silent.update(
        state=VersionState.READY, note=NOT_SWITCHED, switched_by="", version=F("version") + 1
    )


def _ready(actor: Actor | None, version_id: int, version: int | None) -> CoverageVersion:
    if actor is not None and not may_switch(actor):
        raise NotAllowed()
    loaded = CoverageVersion.objects.select_for_update().filter(pk=version_id).first()
    if loaded is None:
        raise NotVisible()
    if version is not None and version != loaded.version:
        raise Stale()
    if loaded.state != VersionState.READY:
        raise Conflict(f"This version is {VersionState(loaded.state).word.lower()}, not ready.")
    return loaded


def _keep(loaded: CoverageVersion) -> None:
    loaded.version += 1
    loaded.save()


def _note(actor: Actor | None, loaded: CoverageVersion, verb: str, at: datetime) -> None:
    activity.record(
        actor=actor,
        verb=verb,
        subject=f"coverage version {loaded.pk}",
        at=at,
        detail={"rows": loaded.rows, "name": loaded.name},
    )
