"""Messages found again in the archive: asked for, looked up by a job, kept some days."""

from dataclasses import asdict
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from django.db import connection, transaction

from meterdesk.identity.queries import actor_named
from meterdesk.identity.rules import Actor
from meterdesk.kernel.errors import Conflict, NotVisible, Refused, TooMany, Unavailable
from meterdesk.platform import activity, jobs
from meterdesk.platform.intake import copy_into
from meterdesk.trail.access import METER_READ, SERVICE_AUDIT, visible_to
from meterdesk.trail.models import COLUMNS, ArchivedDay, ArchiveRequest
from meterdesk.trail.queries.files import archive, rows_found
from meterdesk.trail.queries.pages import spans_of
from meterdesk.trail.queries.recalled import archived_days_of, search_of
from meterdesk.trail.rules.searches import MessageSearch, MeterReadSearch
from meterdesk.trail.rules.spans import day_bounds, joined
from meterdesk.trail.rules.variants import METER_READ_VARIANTS, variant_code

KEPT: Final = timedelta(days=7)
"""How long what was found is kept."""

_MOST_AT_ONCE: Final = 5
_TRY_AGAIN: Final = 60


def ask_archive(actor: Actor, search: MessageSearch, *, at: datetime) -> int:
    """Have the archive searched; returns the number of the request.

    The same search asked again with the same rights, while its answer is kept, is the same request.

    Raises:
        Refused: no day of the period is in the archive (nothing_archived).
        TooMany: several requests of this person are under way.
    """
    meter_reads = isinstance(search, MeterReadSearch)
    days = archived_days_of(search)
    sight = visible_to(actor, METER_READ if meter_reads else SERVICE_AUDIT)
    if sight.is_blind or not days:
        raise Refused(
            "No day of this period is in the archive. What there is, is shown by the search.",
            code="nothing_archived",
        )
    scope = sha256(f"{search.scope} {sight}".encode()).hexdigest()
    mine = ArchiveRequest.objects.filter(person_id=actor.person_id, expires_at__gt=at)
    mine = mine.exclude(state=ArchiveRequest.State.FAILED)
    before = mine.filter(scope=scope, meter_reads=meter_reads).order_by("-pk").first()
    if before is not None and before.days == [day.isoformat() for day in days]:
        return before.pk
    if mine.filter(state=ArchiveRequest.State.WAITING).count() >= _MOST_AT_ONCE:
        message = "The archive is still being searched for you. Wait until one request is ready."
        raise TooMany(_TRY_AGAIN, message, code="too_many_archive_requests")
    with transaction.atomic():
        request = ArchiveRequest.objects.create(
            person_id=actor.person_id,
            username=actor.username,
            meter_reads=meter_reads,
            search=_kept(search) | {"assertion": actor.assertion, "token_id": actor.token_id},
            scope=scope,
            days=[day.isoformat() for day in days],
            asked_at=at,
            expires_at=at + KEPT,
        )
        activity.record(
            actor=actor,
            verb="trail.ask_archive",
            subject=f"archive request {request.pk}",
            at=at,
            detail=_kept(search) | {"days": len(days)},
        )
        jobs.defer("trail.recall", request_id=request.pk)
    return request.pk


def _kept(search: MessageSearch) -> dict[str, Any]:
    given = asdict(search)
    instants = {name: given[name] and given[name].isoformat() for name in ("from_at", "to_at")}
    return given | instants | {"srvs": list(search.srvs)}


def recall(request_id: int, *, at: datetime) -> int:
    """Search the archive for a request, day by day; returns how many messages were found.

    With the rights its person has now; whom an identity provider vouched for, those that the
    assertion of then gives now; who asked by a token, those that it gives now. Killed and run
    again, it goes on with the next day.

    Raises:
        Unavailable: the archive cannot be read; trying again may help.
    """
    request = ArchiveRequest.objects.filter(pk=request_id).first()
    if request is None or request.state != ArchiveRequest.State.WAITING:
        return 0
    place = archive()
    if place is None:
        raise Unavailable("METERDESK_TRAIL_ARCHIVE names no archive. Set it to a folder or bucket.")
    try:
        actor = actor_named(
            request.username, request.search.get("assertion"), request.search.get("token_id")
        )
    except NotVisible:
        words = "The account, or the token by which it was asked, does not work any more."
        _end(request, ArchiveRequest.State.FAILED, words, at)
        return 0
    search = search_of(request)
    sight = visible_to(actor, METER_READ if request.meter_reads else SERVICE_AUDIT)
    spans = spans_of(search)
    srvs = search.srvs or (METER_READ_VARIANTS if request.meter_reads else ())
    variants = tuple(map(variant_code, srvs)) or None
    for number, text in enumerate(request.days[request.days_done :], request.days_done + 1):
        bounds = day_bounds(date.fromisoformat(text))
        here = joined(span.within(*bounds) for span in spans)
        day = ArchivedDay.objects.readable().filter(day=text).first()
        rows = rows_found(place, day.path, here, sight, variants) if day else []
        _keep(request, number, rows)
    _end(request, ArchiveRequest.State.READY, "", at)
    return request.found


def _keep(request: ArchiveRequest, number: int, rows: list[tuple[Any, ...]]) -> None:
    """Keep what a day held, and that it was read, together."""
    with transaction.atomic():
        there = ArchiveRequest.objects.filter(pk=request.pk, days_done=number - 1)
        if not there.update(days_done=number, found=request.found + len(rows)):
            raise Conflict("Another worker is searching for this request.")
        with connection.cursor() as cursor:
            columns = ("request_id", *COLUMNS)
            copy_into(cursor, "trail_recalled", columns, ((request.pk, *row) for row in rows))
    request.days_done, request.found = number, request.found + len(rows)


def _end(request: ArchiveRequest, state: str, note: str, at: datetime) -> None:
    ArchiveRequest.objects.filter(pk=request.pk).update(state=state, note=note, ready_at=at)


def forget_requests(now: datetime) -> int:
    """Forget requests that are over, with what they found; returns how many."""
    with transaction.atomic():
        over = ArchiveRequest.objects.filter(expires_at__lt=now)
        numbers = list(over.values_list("pk", flat=True))
        with connection.cursor() as cursor:
            cursor.execute("delete from trail_recalled where request_id = any(%s)", [numbers])
        over.delete()
    return len(numbers)
