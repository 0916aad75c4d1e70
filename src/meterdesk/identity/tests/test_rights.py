"""Rights come from roles on UserIds, own and granted, at the moment of asking."""

import pytest
from django.utils import timezone

from meterdesk.identity.actions import rescind_grant
from meterdesk.identity.rules import JobTypeRole, UserRole
from meterdesk.identity.tests.factories import (
    actor_for,
    grant,
    make_organisation,
    make_person,
    make_user_id,
)

pytestmark = pytest.mark.django_db


@pytest.mark.req("SSI-NFR-2", "SSI-NFR-26", "SSI-NFR-27")
def test_roles_give_components_for_their_own_user_id_only() -> None:
    alder = make_organisation("Alder Energy")
    electricity = make_user_id(organisation=alder, role=UserRole.IS)
    gas = make_user_id(organisation=alder, role=UserRole.GS)
    person = make_person(
        "nia",
        [
            (electricity, JobTypeRole.CALL_CENTRE_USER),
            (gas, JobTypeRole.SERVICE_MANAGEMENT_USER),
        ],
    )

    actor = actor_for(person)

    assert actor.user_ids == {electricity, gas}
    assert actor.user_ids_for("UC_RaiseSMI") == {gas}
    assert not actor.may_use("UC_OrgManager")


@pytest.mark.req("SSI-NFR-33")
def test_a_role_on_anothers_user_id_counts_while_the_grant_is_in_force() -> None:
    supplier = make_user_id(role=UserRole.GS)
    agency = make_organisation()
    agent = make_user_id(organisation=agency, role=UserRole.RSA)
    person = make_person(
        "viktor",
        [(agent, JobTypeRole.LOGISTICS), (supplier, JobTypeRole.LOGISTICS)],
        organisation=agency,
    )
    assert actor_for(person).user_ids == {agent}

    granted = grant(supplier, agent)
    assert actor_for(person).user_ids == {agent, supplier}

    rescind_grant(None, granted, at=timezone.now())
    assert actor_for(person).user_ids == {agent}
