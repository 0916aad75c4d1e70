"""The activity log as its readers see it (FSM-10, SEC-1).

An organisation's administrators and Security Users read their own organisation's; the operator's
security officer reads all of it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from meterdesk.identity.models import Organisation, Person
from meterdesk.identity.rules import Actor, DeskPermission
from meterdesk.kernel.errors import NotAllowed
from meterdesk.kernel.paging import Page, PageRequest
from meterdesk.platform.activity.reading import Entry, EntrySearch, read_entries
from meterdesk.platform.activity.wording import area_words, words_of


@dataclass(frozen=True, slots=True)
class ActivityLine:
    """One line of the log in words.

    Attributes:
        who: a username; of people of other organisations, to all but the operator, the name of
            their organisation.
        failed: it did not succeed.
        facts: what the entry says besides, as (name, value) in words.
    """

    id: int
    at: datetime
    who: str
    organisation_name: str
    area: str
    what: str
    verb: str
    subject: str
    failed: bool
    request_id: str
    facts: tuple[tuple[str, str], ...]


def activity(
    actor: Actor, search: EntrySearch, page: PageRequest, *, count: bool = False
) -> Page[ActivityLine]:
    """A page of the log, newest first, as far as this actor reads it. Raises NotAllowed."""
    everything = actor.sees_everything(DeskPermission.ACTIVITY)
    if not everything:
        if not (actor.administers or actor.is_security_user):
            raise NotAllowed()
        search = replace(search, organisation_id=actor.organisation_id)
    if search.username:
        found = Person.objects.filter(username__iexact=search.username.strip())
        if not everything:
            found = found.filter(organisation_id=actor.organisation_id)
        person_id = found.values_list("pk", flat=True).first()
        search = replace(
            search,
            username="" if person_id else search.username.strip().lower(),
            person_id=person_id,
        )
    entries = read_entries(search, page, count=count)
    lines = tuple(_lines(actor, entries.items))
    return Page(lines, entries.next, entries.total_capped, entries.total_is_capped)


def _lines(actor: Actor, entries: Sequence[Entry]) -> Iterable[ActivityLine]:
    people = Person.objects.select_related("organisation").in_bulk(
        {one.person_id for one in entries if one.person_id}
    )
    names = dict(
        Organisation.objects.filter(
            pk__in={one.organisation_id for one in entries if one.organisation_id}
        ).values_list("pk", "name")
    )
    for one in entries:
        person = people.get(one.person_id or 0)
        is_shown = actor.is_operator or (
            person is None or person.organisation_id == actor.organisation_id
        )
        area = one.verb.partition(".")[0]
        yield ActivityLine(
            id=one.id,
            at=one.at,
            who=one.username if is_shown or person is None else person.organisation.name,
            organisation_name=names.get(one.organisation_id or 0, ""),
            area=area_words(area),
            what=words_of(one.verb),
            verb=one.verb,
            subject=one.subject,
            failed=did_fail(one.verb),
            request_id=one.request_id if is_shown else "",
            facts=tuple(_facts(one.detail)),
        )


def did_fail(verb: str) -> bool:
    """Whether a verb tells of what did not succeed."""
    return verb.endswith(("_failed", "_refused", ".lock"))


def organisations_in_activity(actor: Actor) -> list[tuple[int, str]]:
    """Whose logs the actor can choose among: all for the security officer, else none."""
    if not actor.sees_everything(DeskPermission.ACTIVITY):
        return []
    return list(Organisation.objects.order_by("name").values_list("pk", "name"))


def _facts(detail: dict[str, Any]) -> Iterable[tuple[str, str]]:
    first = [name for name in ("before", "after") if name in detail]
    for name in [*first, *(name for name in detail if name not in first)]:
        value = detail[name]
        if value not in (None, "", [], {}):
            yield name.replace("_", " ").capitalize(), _text(value)


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{name.replace('_', ' ')}: {_text(one)}" for name, one in value.items())
    if isinstance(value, list):
        return ", ".join(_text(one) for one in value) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else str(value)
