"""What administrators do to accounts, what it leaves behind, and what they cannot do."""

from dataclasses import replace

import pytest
from django.utils import timezone

from meterdesk.identity.actions import (
    AccountDetails,
    FirstAdministrator,
    add_first_administrator,
    create_account,
    delete_account,
    edit_account,
    renew_first_administrator_link,
    reset_account,
)
from meterdesk.identity.models import ApiToken, LogInSession, Person, RoleAssignment
from meterdesk.identity.rules import DeskRole, JobTypeRole, OrganisationKind, UserRole
from meterdesk.identity.rules.accounts import Credential
from meterdesk.identity.tests.factories import (
    actor_for,
    grant,
    log_in,
    make_organisation,
    make_person,
    make_user_id,
    token_for,
)
from meterdesk.kernel.errors import Conflict, NotAllowed, NotVisible, Refused, Stale, TooMany
from meterdesk.notifications.models import OutgoingMessage
from meterdesk.platform.models import ActivityEntry

pytestmark = pytest.mark.django_db

ADMINISTRATOR = JobTypeRole.ORGANISATIONAL_ADMINISTRATOR
CALLS, MI = JobTypeRole.CALL_CENTRE_USER, JobTypeRole.MI_USER


@pytest.fixture(autouse=True)
def quick_passwords(settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


class Alder:
    """A supplier with two UserIds, another one's granted to it, and two administrators."""

    def __init__(self) -> None:
        self.organisation = make_organisation("Alder Energy")
        self.electricity = make_user_id(organisation=self.organisation, role=UserRole.IS)
        self.gas = make_user_id(organisation=self.organisation, role=UserRole.GS)
        self.rival = make_organisation("Brightwell")
        self.theirs = make_user_id(organisation=self.rival, role=UserRole.IS)
        self.petra = make_person("petra", [(self.electricity, ADMINISTRATOR)])
        self.other = make_person("owen", [(self.gas, ADMINISTRATOR)])
        self.actor = actor_for(self.petra)
        self.at = timezone.now()

    def details(self, **changes) -> AccountDetails:
        given = AccountDetails(
            "Nia", "Howell", "nia@alder.example", roles=frozenset({(self.electricity, CALLS)})
        )
        return replace(given, **changes)

    def create(self, username: str = "nia", **changes):
        details = self.details(**changes)
        return create_account(self.actor, username, details, Credential.PASSWORD, at=self.at)


@pytest.fixture
def alder() -> Alder:
    return Alder()


def emails(to: str) -> list[str]:
    return list(
        OutgoingMessage.objects.filter(to=to).order_by("pk").values_list("subject", flat=True)
    )


@pytest.mark.req("SSI-FR-58", "SSI-FR-61", "SSI-NFR-27", "FSM-9", "FSM-10", "FSM-11")
def test_an_administrator_opens_an_account_with_roles_on_own_and_granted_user_ids(alder) -> None:
    grant(alder.theirs, alder.gas)
    roles = frozenset({(alder.electricity, CALLS), (alder.gas, MI), (alder.theirs, MI)})
    created = alder.create(
        roles=roles,
        department=" Customer\tcare ",
        line_manager="Gwen Price",
        email="N@ALDER.example",
    )

    person = Person.objects.get(pk=created.person_id)
    assert (person.email, person.department) == ("N@alder.example", "Customer care")
    assert person.must_set_password
    assert created.password
    assert person.check_password(created.password)
    assert actor_for(person).user_ids == {alder.electricity, alder.gas, alder.theirs}
    entry = ActivityEntry.objects.get(verb="identity.add_person", subject="nia")
    assert (entry.username, entry.organisation_id) == ("petra", alder.organisation.pk)
    assert created.password not in str(entry.detail)


@pytest.mark.req("SSI-FR-60", "SSI-FR-61", "SSI-NFR-27", "FSM-13")
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"first_name": " "}, "first_name"),
        ({"last_name": "x" * 101}, "last_name"),
        ({"email": ""}, "email"),
        ({"email": "nia@gmail.com"}, "email"),
        ({"email": "nia@team.Mailinator.COM"}, "email"),
        ({"email": "nia@refused.example"}, "email"),
        ({"desk": frozenset({DeskRole.ADMINISTRATOR})}, "desk"),
    ],
)
def test_what_is_wrong_with_an_account_is_said_at_its_field(
    alder, settings, changes, field
) -> None:
    settings.METERDESK_REFUSED_EMAIL_DOMAINS = ("refused.example",)
    with pytest.raises(Refused) as refused:
        alder.create(**changes)
    assert set(refused.value.fields) == {field}
    assert not Person.objects.filter(username="nia").exists()


@pytest.mark.req("SSI-FR-60", "SSI-NFR-27", "SSI-NFR-29")
def test_roles_are_given_on_nobody_elses_user_ids(alder) -> None:
    with pytest.raises(Refused) as refused:
        alder.create(roles=frozenset({(alder.theirs, MI)}))
    assert "roles" in refused.value.fields
    grant(alder.theirs, alder.gas)
    with pytest.raises(Refused):
        alder.create(roles=frozenset({(alder.theirs, ADMINISTRATOR)}))
    assert alder.create(roles=frozenset({(alder.theirs, MI)})).person_id


@pytest.mark.req("SSI-FR-58", "SSI-NFR-25", "SSI-NFR-29")
def test_an_administrators_role_on_a_granted_user_id_administers_nobody(alder, client) -> None:
    agency = make_organisation("Greenlane")
    own = make_user_id(organisation=agency, role=UserRole.RSA)
    grant(alder.electricity, own)
    viktor = make_person(
        "viktor", [(own, ADMINISTRATOR.MI_USER), (alder.electricity, ADMINISTRATOR)], (), agency
    )
    actor = actor_for(viktor)
    assert not actor.may_use("UC_OrgManager")
    assert actor.user_ids_for("UC_RaiseSMI") == {alder.electricity}
    log_in(client, viktor)
    assert client.get("/people/").status_code == 403
    for person in (alder.petra, make_person("colleague", organisation=agency)):
        with pytest.raises(NotVisible):
            edit_account(actor, person.pk, alder.details(), None, at=alder.at)


@pytest.mark.req("SSI-FR-61")
def test_a_username_that_anybody_has_is_refused_in_any_case(alder, monkeypatch) -> None:
    make_person("Nia.Howell", organisation=alder.rival)
    with pytest.raises(Conflict) as refused:
        alder.create("nia.howell")
    assert "Choose another" in refused.value.fields["username"]
    for name in ("ab", "-nia", "nia howell", "nía", "x" * 151):
        with pytest.raises(Refused):
            alder.create(name)
    monkeypatch.setattr("meterdesk.identity.actions.accounts.TAKEN_NAMES_A_DAY", 1)
    with pytest.raises(TooMany):
        alder.create("nia.howell")


@pytest.mark.req("SSI-FR-60", "FSM-10")
def test_an_edit_is_recorded_before_and_after_and_the_person_is_told(alder) -> None:
    created = alder.create()
    version = Person.objects.get(pk=created.person_id).version
    changed = alder.details(last_name="Howells", email="n.h@alder.example", roles=frozenset())
    after = edit_account(alder.actor, created.person_id, changed, version, at=alder.at)

    entry = ActivityEntry.objects.get(verb="identity.edit_account")
    assert entry.detail == {
        "before": {
            "last_name": "Howell",
            "email": "nia@alder.example",
            "roles": [f"Call Centre User on {alder.electricity}"],
        },
        "after": {"last_name": "Howells", "email": "n.h@alder.example", "roles": []},
    }
    assert "Your account was changed" in emails("nia@alder.example")
    assert "Your account was changed" in emails("n.h@alder.example")
    with pytest.raises(Stale):
        edit_account(alder.actor, created.person_id, alder.details(), version, at=alder.at)
    assert edit_account(alder.actor, created.person_id, changed, after, at=alder.at) == after
    assert ActivityEntry.objects.filter(verb="identity.edit_account").count() == 1


@pytest.mark.req("SSI-FR-60", "FSM-10", "FSM-18")
def test_other_administrators_hear_of_new_ones_and_of_who_changes_their_own_roles(alder) -> None:
    alder.create(roles=frozenset({(alder.gas, ADMINISTRATOR)}))
    assert emails("owen@example.org") == ["There is a new administrator"]
    mine = AccountDetails(
        "Petra",
        "Tester",
        "petra@example.org",
        roles=frozenset({(alder.electricity, ADMINISTRATOR), (alder.gas, JobTypeRole.ALL_ACCESS)}),
    )
    edit_account(alder.actor, alder.petra.pk, mine, None, at=alder.at)
    assert emails("owen@example.org")[-1] == "An administrator changed their own roles"
    assert "Your account was changed" in emails("petra@example.org")


@pytest.mark.req("SSI-FR-60", "FSM-18")
def test_the_last_administrator_stays_one(alder) -> None:
    delete_account(alder.actor, alder.other.pk, None, at=alder.at)
    alder.create(roles=frozenset({(alder.gas, ADMINISTRATOR)}))
    without = AccountDetails("Petra", "Tester", "petra@example.org")
    with pytest.raises(Conflict, match="Nobody else"):
        edit_account(alder.actor, alder.petra.pk, without, None, at=alder.at)
    assert actor_for(alder.petra).may_use("UC_OrgManager")
    with pytest.raises(NotAllowed):
        delete_account(alder.actor, alder.petra.pk, None, at=alder.at)


@pytest.mark.req("SSI-FR-60", "FSM-10")
def test_a_deleted_account_stays_as_a_record_and_opens_nothing(alder, client) -> None:
    person = make_person("nia", [(alder.gas, CALLS)])
    secret = token_for(person)
    log_in(client, person)
    assert client.get("/profile/").status_code == 200

    delete_account(alder.actor, person.pk, person.version, at=timezone.now())

    assert client.get("/profile/").status_code == 302
    assert client.get("/api/v1/me", HTTP_AUTHORIZATION=f"Bearer {secret}").status_code == 401
    assert not LogInSession.objects.filter(person=person, ended_at=None).exists()
    assert not ApiToken.objects.filter(person=person, revoked_at=None).exists()
    person.refresh_from_db()
    assert person.status == "DELETED"
    assert RoleAssignment.objects.filter(person=person).exists()
    with pytest.raises(Conflict):
        edit_account(alder.actor, person.pk, alder.details(), None, at=alder.at)
    with pytest.raises(Conflict):
        reset_account(alder.actor, person.pk, Credential.PASSWORD, None, at=alder.at)
    with pytest.raises(Conflict):
        alder.create("NIA")


@pytest.mark.req("SSI-FR-58", "SSI-NFR-25")
def test_accounts_of_other_organisations_are_not_there(alder) -> None:
    stranger = make_person("stranger", [(alder.theirs, CALLS)])
    calls = (
        lambda: edit_account(alder.actor, stranger.pk, alder.details(), None, at=alder.at),
        lambda: delete_account(alder.actor, stranger.pk, None, at=alder.at),
        lambda: reset_account(alder.actor, stranger.pk, Credential.LINK, 99, at=alder.at),
        lambda: create_account(
            alder.actor, "new", alder.details(), Credential.LINK, alder.rival.pk, at=alder.at
        ),
    )
    for call in calls:
        with pytest.raises(NotVisible):
            call()


@pytest.mark.req("FSM-9")
def test_the_operator_makes_the_first_administrator_and_nothing_more(alder) -> None:
    zeb = actor_for(make_person("zeb", desk=[DeskRole.ADMINISTRATOR]))
    with pytest.raises(NotVisible):
        edit_account(zeb, alder.petra.pk, alder.details(), None, at=alder.at)
    first = FirstAdministrator("carys", "Carys", "Pritchard", "carys@cedar.example")
    with pytest.raises(Conflict):
        add_first_administrator(zeb, alder.organisation.pk, first, alder.at)
    with pytest.raises(NotVisible):
        add_first_administrator(alder.actor, alder.organisation.pk, first, alder.at)

    cedar = make_organisation("Cedar Power")
    with pytest.raises(Refused, match="UserId first"):
        add_first_administrator(zeb, cedar.pk, first, alder.at)
    euis = {make_user_id(organisation=cedar), make_user_id(organisation=cedar)}
    person_id = add_first_administrator(zeb, cedar.pk, first, alder.at)
    person = Person.objects.get(pk=person_id)
    assert actor_for(person).user_ids_for("UC_OrgManager") == euis
    assert renew_first_administrator_link(zeb, cedar.pk, alder.at) == "carys@cedar.example"
    assert emails("carys@cedar.example") == ["Set your Meterdesk password"] * 2
    Person.objects.filter(pk=person_id).update(details_confirmed_at=alder.at)
    with pytest.raises(Conflict):
        renew_first_administrator_link(zeb, cedar.pk, alder.at)


@pytest.mark.req("SSI-FR-58", "FSM-9")
def test_the_operators_administrators_look_after_its_staff_and_its_providers(alder) -> None:
    zeb = actor_for(make_person("zeb", desk=[DeskRole.ADMINISTRATOR]))
    provider = make_organisation("Northmast", OrganisationKind.SERVICE_PROVIDER)
    agent = AccountDetails(
        "Wren", "Ashby", "wren@network.example", desk=frozenset({DeskRole.AGENT})
    )
    resolver = replace(agent, desk=frozenset({DeskRole.RESOLVER}))
    create_account(zeb, "wren", agent, Credential.LINK, at=alder.at)
    create_account(zeb, "cleo", resolver, Credential.LINK, provider.pk, at=alder.at)
    assert Person.objects.get(username="cleo").organisation_id == provider.pk
    for details, where in ((agent, provider.pk), (alder.details(), None)):
        with pytest.raises(Refused):
            create_account(zeb, "other", details, Credential.LINK, where, at=alder.at)
