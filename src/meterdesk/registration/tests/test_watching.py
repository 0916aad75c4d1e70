"""What is late, stopped, asked for afresh or misaligned is noticed, once, on the right side."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meterdesk.identity.models import Person
from meterdesk.identity.rules import DeskRole, JobTypeRole
from meterdesk.identity.tests.factories import actor_for, make_person
from meterdesk.incidents.models import Incident
from meterdesk.incidents.queries import OperatorView, ResponsibleView, incident
from meterdesk.kernel.errors import Conflict, NotAllowed, NotVisible, Refused, Stale
from meterdesk.notifications.models import OutgoingMessage
from meterdesk.registration.actions import (
    Difference,
    cancel_refresh,
    confirm_file,
    refuse_file,
    report_misalignment,
    request_refresh,
    settle_misalignment,
)
from meterdesk.registration.actions.watching import watch
from meterdesk.registration.models import Misalignment, ProviderFile, Refresh, Trouble
from meterdesk.registration.queries import parties_on
from meterdesk.registration.rules.files import DueDays, due_instants, is_due_day
from meterdesk.registration.rules.troubles import Master, refresh_due
from meterdesk.registration.tests.files import DISTRIBUTOR, IMPORT_MPAN, OUTSIDER, SUPPLIER
from meterdesk.registration.tests.provider_files import (
    MONDAY,
    make_providers,
    receive,
    record,
    text_of,
)
from meterdesk.registration.tests.test_provider_files import mpan_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]
MANAGER = JobTypeRole.SERVICE_MANAGEMENT_USER


@pytest.fixture(autouse=True)
def providers(db: None) -> None:
    make_providers()


@pytest.fixture
def manager(providers: None) -> Person:
    return make_person("desk.admin", desk=[DeskRole.ADMINISTRATOR, DeskRole.AGENT])


@pytest.mark.req("IM-17", "REG-4")
def test_a_late_file_raises_one_incident_against_its_provider(tmp_path: Path) -> None:
    tuesday = MONDAY + timedelta(days=1)
    _run, _file = receive(tmp_path, text_of(1, record()))
    ProviderFile.objects.update(received_at=tuesday - timedelta(hours=4))
    for days in range(3):
        watch(MONDAY - timedelta(hours=5) + timedelta(days=days))
        watch(tuesday + timedelta(days=days))
    late = dict(Trouble.objects.filter(cause="LATE").values_list("provider__code", "key"))
    assert late == {"PIPES": "2026-11-16", "NORTH": "2026-11-18"}
    found = Incident.objects.order_by("pk").first()
    assert found is not None
    assert found.raised_by is None
    assert found.responsible_organisation.name == "Pipes and Mains"
    assert Incident.objects.count() == 2


@pytest.mark.req("IM-17", "SSI-NFR-28")
def test_the_provider_reads_its_incident_and_nobody_else_does(tmp_path: Path) -> None:
    receive(tmp_path, text_of(1, record(), count=4))
    reference = Incident.objects.get().reference
    provider = actor_for(make_person("north", [(DISTRIBUTOR, MANAGER)]))
    agent = actor_for(make_person("desk.agent", desk=[DeskRole.AGENT]))
    seen = incident(provider, reference)
    assert isinstance(seen, ResponsibleView)
    assert "North Data (NORTH)" in seen.summary
    whole = incident(agent, reference)
    assert isinstance(whole, OperatorView)
    assert (whole.raised_by, whole.raised_for) == ("Meterdesk", "")
    for other in (SUPPLIER, OUTSIDER):
        with pytest.raises(NotVisible):
            incident(actor_for(make_person("", [(other, MANAGER)])), reference)


@pytest.mark.req("IM-17")
def test_when_nothing_at_all_arrives_it_is_on_the_operators_side() -> None:
    watch(MONDAY)
    sides = set(Trouble.objects.values_list("side", flat=True))
    assert sides == {"OPERATOR"}
    assert {one.responsible_organisation.kind for one in Incident.objects.all()} == {"OPERATOR"}


@pytest.mark.req("REG-4")
def test_nothing_is_due_on_a_weekend_or_a_bank_holiday() -> None:
    christmas = datetime(2026, 12, 24, 12, tzinfo=UTC)
    at = datetime(2026, 12, 29, 12, tzinfo=UTC)
    clock = time(6)
    days = [day.day for day, _due in due_instants(DueDays.WORKING_DAYS, clock, christmas, at)]
    assert days == [29]
    days = [day.day for day, _due in due_instants(DueDays.EVERY_DAY, clock, christmas, at)]
    assert days == [25, 26, 27, 28, 29]


@pytest.mark.req("REG-4")
@given(st.dates(date(2025, 1, 1), date(2030, 1, 1)), st.integers(0, 40))
def test_what_is_due_lies_in_the_span_and_on_due_days(start: date, length: int) -> None:
    since = datetime.combine(start, time(), UTC)
    until = since + timedelta(days=length)
    clock = time(1, 30)
    found = list(due_instants(DueDays.WORKING_DAYS, clock, since, until))
    assert all(since < due <= until for _day, due in found)
    assert all(is_due_day(DueDays.WORKING_DAYS, day) for day, _due in found)
    assert len({day for day, _due in found}) == len(found)


@pytest.mark.req("REG-3")
def test_a_refresh_is_due_in_two_calendar_days_reminded_and_missed(manager: Person) -> None:
    actor = actor_for(manager)
    make_person("north", [(DISTRIBUTOR, MANAGER)])
    friday = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    number = request_refresh(actor, "NORTH", why="We doubt ours.", mpxns=IMPORT_MPAN, at=friday)
    due = Refresh.objects.get(pk=number).due_at
    assert due == datetime(2026, 11, 23, tzinfo=UTC)
    for _twice in range(2):
        watch(due - timedelta(hours=20))
    subjects = OutgoingMessage.objects.filter(about="NORTH").values_list("subject", flat=True)
    assert sum("due soon" in one for one in subjects) == 1
    for _twice in range(2):
        watch(due)
    overdue = Trouble.objects.get(cause="REFRESH_OVERDUE")
    assert overdue.mended_at is None
    with pytest.raises(Stale):
        cancel_refresh(actor, number, why="Found it.", at=due, version=7)
    cancel_refresh(actor, number, why="Found it.", at=due)
    with pytest.raises(Conflict):
        cancel_refresh(actor, number, why="Again.", at=due)
    overdue.refresh_from_db()
    assert overdue.mended_at == due


@pytest.mark.req("REG-3")
@pytest.mark.parametrize(
    ("asked", "due"),
    [
        (datetime(2026, 3, 27, 12, tzinfo=UTC), datetime(2026, 3, 29, 23, tzinfo=UTC)),
        (datetime(2026, 10, 23, 12, tzinfo=UTC), datetime(2026, 10, 26, 0, tzinfo=UTC)),
    ],
)
def test_calendar_days_end_at_midnight_in_london(asked: datetime, due: datetime) -> None:
    assert refresh_due(asked) == due


@pytest.mark.req("REG-3")
def test_a_full_file_answers_a_refresh(tmp_path: Path, manager: Person) -> None:
    asked = datetime(2026, 11, 15, 12, tzinfo=UTC)
    request_refresh(actor_for(manager), "NORTH", why="We doubt ours.", at=asked)
    receive(tmp_path, text_of(1, record(), kind="FULL"))
    assert Refresh.objects.get().state == "ANSWERED"


@pytest.mark.req("REG-3", "IM-17")
def test_misaligned_data_is_reported_with_its_master_until_it_is_settled(manager: Person) -> None:
    actor = actor_for(manager)
    new = Difference(IMPORT_MPAN, "supplier", "Alder Energy", "Birch Power", Master.PROVIDER)
    number = report_misalignment(actor, "NORTH", new, at=MONDAY)
    found = Incident.objects.get()
    assert found.mpxns == [IMPORT_MPAN]
    assert "the provider's version counts" in found.notes
    with pytest.raises(Refused, match="open already"):
        report_misalignment(actor, "NORTH", new, at=MONDAY)
    settle_misalignment(actor, number, outcome="Theirs was right.", at=MONDAY)
    assert Misalignment.objects.get().state == "SETTLED"
    assert Trouble.objects.get().mended_at == MONDAY


@pytest.mark.req("REG-1")
def test_a_full_file_that_would_end_many_waits_for_a_person(
    tmp_path: Path, manager: Person
) -> None:
    actor = actor_for(manager)
    receive(tmp_path, text_of(1, *(record(mpan=mpan_of(n)) for n in range(30))))
    _run, file = receive(tmp_path, text_of(2, record(mpan=mpan_of(1)), kind="FULL"))
    _run, later = receive(tmp_path, text_of(3, record(mpan=mpan_of(40))))
    assert (file.state, later.state) == ("AWAITING", "HELD")
    assert not Trouble.objects.exists()
    agent = actor_for(make_person("desk.agent", desk=[DeskRole.AGENT]))
    with pytest.raises(NotAllowed):
        confirm_file(agent, file.pk, at=MONDAY)
    with pytest.raises(Stale):
        confirm_file(actor, file.pk, at=MONDAY, version=1)
    confirm_file(actor, file.pk, at=MONDAY, version=file.version)
    file.refresh_from_db()
    later.refresh_from_db()
    assert (file.state, file.ended, later.state) == ("APPLIED", 29, "APPLIED")
    assert parties_on(mpan_of(3), MONDAY) is None
    with pytest.raises(Conflict):
        refuse_file(actor, file.pk, why="No.", at=MONDAY)
