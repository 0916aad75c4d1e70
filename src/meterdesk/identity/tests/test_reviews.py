"""The periodic review: begun, decided account by account, overdue, kept."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from meterdesk.identity.actions import (
    confirm_accounts,
    delete_account,
    remind_of_overdue_reviews,
    set_account_rules,
    start_due_reviews,
    start_review,
)
from meterdesk.identity.models import AccountReview, Person, ReviewDecision
from meterdesk.identity.queries import review, review_rows, reviews
from meterdesk.identity.rules import DeskRole, JobTypeRole, OrganisationKind
from meterdesk.identity.tests.factories import (
    actor_for,
    log_in,
    make_organisation,
    make_person,
    make_user_id,
)
from meterdesk.kernel.errors import Conflict, NotAllowed, NotVisible, Refused
from meterdesk.kernel.paging import PageRequest
from meterdesk.notifications.models import OutgoingMessage
from meterdesk.platform.models import ActivityEntry

pytestmark = pytest.mark.django_db
ADMINISTRATOR = JobTypeRole.ORGANISATIONAL_ADMINISTRATOR


@pytest.fixture
def petra() -> Person:
    return make_person("petra", [(make_user_id(), ADMINISTRATOR)])


def colleague(petra: Person, name: str, role: JobTypeRole | None = None) -> Person:
    eui = petra.role_assignments.get().user_id_id
    pairs = [(eui, role)] if role else []
    return make_person(name, pairs, organisation=petra.organisation)


def subjects(to: str) -> list[str]:
    return list(OutgoingMessage.objects.filter(to=to).values_list("subject", flat=True))


@pytest.mark.req("SSI-FR-58", "FSM-10")
def test_each_account_is_confirmed_or_removed_and_the_report_is_kept(petra) -> None:
    owen = colleague(petra, "owen", ADMINISTRATOR)
    nia, old = colleague(petra, "nia"), colleague(petra, "old")
    actor, at = actor_for(petra), timezone.now()
    number = start_review(actor, at=at)
    later = colleague(petra, "later")
    with pytest.raises(Conflict):
        start_review(actor, at=at)
    with pytest.raises(Refused):
        confirm_accounts(actor, number, [], at=at)
    with pytest.raises(NotAllowed):
        confirm_accounts(actor, number, [petra.pk, nia.pk], at=at)

    assert confirm_accounts(actor, number, [nia.pk, owen.pk, later.pk], at=at) == 2
    assert confirm_accounts(actor, number, [nia.pk], at=at) == 0
    delete_account(actor, old.pk, None, at=at)
    assert review(actor, number, at=at).finished_at is None
    assert confirm_accounts(actor_for(owen), number, [petra.pk], at=at) == 1

    done = review(actor, number, at=at)
    assert (done.total, done.confirmed, done.removed) == (4, 3, 1)
    assert done.finished_at == at
    rows = {
        row.username: (row.decision, row.decided_by)
        for row in review_rows(actor, number, "", PageRequest(), at=at).items
    }
    assert rows["petra"] == ("CONFIRMED", "Owen Tester")
    assert rows["old"] == ("REMOVED", "Petra Tester")
    assert "later" not in rows
    entries = ActivityEntry.objects.filter(verb="identity.confirm_accounts").order_by("id")
    assert [one.detail["accounts"] for one in entries] == [["nia", "owen"], ["petra"]]


@pytest.mark.req("SSI-FR-58", "SSI-NFR-25")
def test_reviews_of_others_are_not_there(petra) -> None:
    at = timezone.now()
    number = start_review(actor_for(petra), at=at)
    rival = make_person("rita", [(make_user_id(), ADMINISTRATOR)])
    for call in (
        lambda actor: review(actor, number, at=at),
        lambda actor: review_rows(actor, number, "", PageRequest(), at=at),
        lambda actor: confirm_accounts(actor, number, [petra.pk], at=at),
    ):
        with pytest.raises(NotVisible):
            call(actor_for(rival))
    assert reviews(actor_for(rival), at=at) == []
    client = Client()
    log_in(client, rival)
    assert client.get(f"/people/reviews/{number}/").status_code == 404
    assert client.get(f"/people/reviews/{number}/export.csv").status_code == 404


@pytest.mark.req("SSI-FR-58")
def test_a_review_begins_by_the_calendar_and_is_asked_for_when_overdue(petra) -> None:
    now = timezone.now()
    Person.objects.update(created_at=now - timedelta(days=190))
    set_account_rules(actor_for(petra), [], 90, 12, None, at=now)
    assert start_due_reviews(at=now) == 0
    set_account_rules(actor_for(petra), [], 90, 6, None, at=now)
    assert start_due_reviews(at=now) == 1
    assert start_due_reviews(at=now) == 0
    begun = AccountReview.objects.get()
    assert begun.started_by is None
    assert subjects("petra@example.org") == ["Review the accounts"]

    assert remind_of_overdue_reviews(at=begun.due_at) == 0
    late = begun.due_at + timedelta(days=1)
    assert remind_of_overdue_reviews(at=late) == 1
    assert remind_of_overdue_reviews(at=late + timedelta(days=6)) == 0
    assert remind_of_overdue_reviews(at=late + timedelta(days=7)) == 1
    assert review(actor_for(petra), begun.pk, at=late).is_overdue


@pytest.mark.req("SSI-FR-58", "FSM-9")
def test_the_operator_reviews_its_staff_and_its_providers_people(petra) -> None:
    zeb = make_person("zeb", desk=[DeskRole.ADMINISTRATOR])
    provider = make_organisation("Northmast", OrganisationKind.SERVICE_PROVIDER)
    make_person("cleo", desk=[DeskRole.RESOLVER], organisation=provider)
    number = start_review(actor_for(zeb), at=timezone.now())
    names = ReviewDecision.objects.filter(review=number).values_list("person__username", flat=True)
    assert set(names) == {"zeb", "cleo"}


@pytest.mark.req("SSI-FR-58")
def test_the_screens_lead_through_a_review(petra) -> None:
    nia = colleague(petra, "nia")
    client = Client()
    log_in(client, petra)
    address = client.post("/people/reviews/")["Location"]
    page = client.get(address).content.decode()
    assert f'name="person" value="{nia.pk}"' in page
    assert f"/people/{nia.pk}/delete/" in page
    chosen = {"person": [str(nia.pk), str(petra.pk), "x"]}
    done = client.post(address, chosen, follow=True).content.decode()
    assert "2 accounts confirmed" in done
    assert "Finished" in client.get("/people/reviews/").content.decode()
    lines = b"".join(client.get(address + "export.csv")).decode("utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in lines] == ["Username", "nia", "petra"]
