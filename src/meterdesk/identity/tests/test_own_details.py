"""One's own details, and the domains that an organisation pins."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from meterdesk.identity.actions import change_own_details, confirm_email_by_link, set_account_rules
from meterdesk.identity.models import AccountLink, AccountRules, Person
from meterdesk.identity.rules import JobTypeRole
from meterdesk.identity.tests.factories import actor_for, log_in, make_person, make_user_id
from meterdesk.kernel.errors import NotAllowed, NotVisible, Refused, Stale, TooMany
from meterdesk.notifications.actions import deliver
from meterdesk.notifications.models import OutgoingMessage
from meterdesk.platform.models import ActivityEntry

pytestmark = pytest.mark.django_db
CONFIRM = "Confirm your email address for Meterdesk"


@pytest.fixture
def nia() -> Person:
    eui = make_user_id()
    return make_person("nia", [(eui, JobTypeRole.MI_USER)], email="nia@alder.example")


def form(**changes: str) -> dict[str, str]:
    return {
        "first_name": "Nia",
        "last_name": "Howell",
        "email": "nia@alder.example",
        "telephone": "020 7946 0123",
        **changes,
    }


@pytest.mark.req("FSM-13", "SSI-FR-1")
def test_a_new_address_is_ones_own_when_its_link_is_used(nia, settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    client = Client()
    log_in(client, nia)
    answer = client.post("/profile/details/", form(email="Nia.H@ALDER.example"), follow=True)
    assert "Nia.H@alder.example" in answer.content.decode()
    nia.refresh_from_db()
    assert (nia.email, nia.last_name) == ("nia@alder.example", "Howell")
    told = OutgoingMessage.objects.filter(to="nia@alder.example")
    assert [one.subject for one in told] == ["A new email address was asked for"]

    deliver(OutgoingMessage.objects.get(subject=CONFIRM).pk)
    link = re.search(r"/links/[\w-]+/", mail.outbox[-1].body)[0]
    stranger = Client()
    assert "Nia.H@alder.example" in stranger.get(link).content.decode()
    nia.refresh_from_db()
    assert nia.email == "nia@alder.example"
    assert stranger.post(link).status_code == 302
    nia.refresh_from_db()
    assert nia.email == "Nia.H@alder.example"
    assert stranger.post(link).status_code == 404
    assert ActivityEntry.objects.get(verb="identity.confirm_email").detail == {
        "before": "nia@alder.example",
        "after": "Nia.H@alder.example",
    }


@pytest.mark.req("FSM-13", "SSI-FR-1")
def test_ones_own_address_is_a_corporate_one(nia) -> None:
    client = Client()
    log_in(client, nia)
    wrong = client.post("/profile/details/", form(email="nia@outlook.com", telephone="x"))
    assert wrong.status_code == 422
    assert "open to everybody" in wrong.content.decode()
    assert "digits" in wrong.content.decode()
    assert not AccountLink.objects.exists()
    for number in range(9):
        change_own_details(
            actor_for(nia), **form(email=f"n{number}@alder.example"), at=timezone.now()
        )
    with pytest.raises(TooMany):
        change_own_details(actor_for(nia), **form(email="n@alder.example"), at=timezone.now())
    assert AccountLink.objects.filter(ended_at=None).count() == 1


@pytest.mark.req("FSM-13")
def test_a_link_for_a_password_confirms_no_address(nia) -> None:
    change_own_details(actor_for(nia), **form(email="new@alder.example"), at=timezone.now())
    AccountLink.objects.update(purpose="SET_UP")
    with pytest.raises(NotVisible):
        confirm_email_by_link("x" * 43, "192.0.2.1", at=timezone.now() + timedelta(hours=1))


@pytest.mark.req("FSM-13", "FSM-10")
def test_administrators_pin_the_domains_of_their_organisation(nia) -> None:
    eui = nia.role_assignments.get().user_id_id
    petra = make_person(
        "petra", [(eui, JobTypeRole.ORGANISATIONAL_ADMINISTRATOR)], email="p@elsewhere.example"
    )
    at = timezone.now()
    with pytest.raises(NotAllowed):
        set_account_rules(actor_for(nia), [], 90, 6, None, at=at)
    for domain in ("gmail.com", "mail.yopmail.com", "nonsense", "a b.example"):
        with pytest.raises(Refused) as refused:
            set_account_rules(actor_for(petra), [domain], 90, 6, None, at=at)
        assert "email_domains" in refused.value.fields
    with pytest.raises(Refused):
        set_account_rules(actor_for(petra), [], 3, 90, None, at=at)

    client = Client()
    log_in(client, petra)
    given = {"email_domains": "@Alder.example\nbücher.example", "dormant_after_days": "60"}
    page = client.post("/people/rules/", {**given, "review_every_months": "3", "version": "0"})
    assert page.status_code == 302
    rules = AccountRules.objects.get()
    assert rules.email_domains == ["alder.example", "xn--bcher-kva.example"]
    with pytest.raises(Stale):
        set_account_rules(actor_for(petra), [], 90, 6, 0, at=at)
    with pytest.raises(Refused, match="not saved") as refused:
        change_own_details(actor_for(nia), **form(email="nia@other.example"), at=at)
    assert "alder.example or xn--" in refused.value.fields["email"]
    inside = form(email="nia@uk.alder.example")
    assert change_own_details(actor_for(nia), **inside, at=at) == "nia@uk.alder.example"
    kept = change_own_details(actor_for(petra), **form(email="p@elsewhere.example"), at=at)
    assert kept == ""
