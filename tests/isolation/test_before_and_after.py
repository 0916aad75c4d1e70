"""What is changed of programs, networks, organisations and providers is kept as it was (FSM-10)."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from meterdesk.config.words import WORDS
from meterdesk.federation import actions as federation
from meterdesk.federation.actions import NewProvider
from meterdesk.federation.models import ProviderCertificate
from meterdesk.federation.tests.factories import certificate_of_today, make_federation
from meterdesk.identity import actions as identity
from meterdesk.identity.actions import NewToken, ServiceAccountDetails
from meterdesk.identity.models import Organisation
from meterdesk.identity.rules import (
    NetworkKind,
    NetworkVerb,
    OrganisationKind,
    Suspension,
    UserRole,
)
from meterdesk.identity.tests.factories import actor_for
from meterdesk.identity_provider import actions as services
from meterdesk.identity_provider.actions import NewService
from meterdesk.organisations import actions as organisations
from meterdesk.organisations.actions import OfficerDetails
from meterdesk.organisations.rules import OfficerKind, SharingVerb
from meterdesk.organisations.tests.scene import ALDER_GAS, FIRST_DAY, Scene, pem, set_scene
from meterdesk.organisations.tests.sharing_scene import (
    decide,
    in_force,
    proposed,
    version,
)
from meterdesk.platform.models import ActivityEntry

pytestmark = [pytest.mark.django_db, pytest.mark.req("FSM-10", "FSM-17")]

NO_CHANGE = {
    "federation.log_in_failed",
    "identity.network_refused",
    "identity.renew_set_up_link",
    "identity.token_refused",
    "identity_provider.vouch",
    "organisations.signature_refused",
}
"""Told in the log, and nothing is otherwise afterwards."""
OURS = ("network", "token", "service_account", "organisation", "user_id", "grant")


def _is_ours(verb: str) -> bool:
    area, _, act = verb.partition(".")
    whole = area in {"federation", "identity_provider", "organisations"}
    return (whole or (area == "identity" and any(one in act for one in OURS))) and (
        verb not in NO_CHANGE
    )


def _programs(scene: Scene, at: datetime) -> None:
    admin = scene.alder.admin
    details = ServiceAccountDetails("Billing", "Gwen answers for it")
    number = identity.open_service_account(admin, "alder.billing", details, at=at)
    details = ServiceAccountDetails("Billing run", "Gwen answers for it")
    identity.change_service_account(admin, number, details, None, at=at)
    new = NewToken("Nightly", at + timedelta(days=5))
    token_id, _ = identity.create_service_token(admin, number, new, at=at)
    identity.rotate_token(admin, token_id, timedelta(0), at=at)
    identity.create_service_token(admin, number, new, at=at)
    identity.revoke_token(admin, token_id, at=at)
    identity.close_service_account(admin, number, None, at=at)
    identity.issue_token("alder.admin", "Shell", lifetime=timedelta(days=1), at=at)


def _networks(scene: Scene, at: datetime) -> None:
    number, later = scene.rival.organisation.pk, (at + timedelta(days=90)).date()
    recorded = identity.record_network(
        scene.operator, number, NetworkKind.GATEWAY, "10.77.0.0/16", "Contract", later, at=at
    )
    asked = [
        identity.request_network(scene.rival.admin, f"203.0.113.{one}", "Office", at=at)
        for one in (8, 9)
    ]
    for network_id, verb in (
        (asked[0], NetworkVerb.APPROVE),
        (asked[0], NetworkVerb.REVIEW),
        (asked[1], NetworkVerb.REFUSE),
        (recorded, NetworkVerb.WITHDRAW),
    ):
        later += timedelta(days=1)
        identity.take_network_step(
            scene.operator, network_id, verb, "x", version=None, at=at, review_date=later
        )


def _providers(scene: Scene, at: datetime) -> None:
    alder = make_federation("Birch Power")
    admin, number = actor_for(alder.administrator), alder.provider.pk
    later = certificate_of_today("next")
    federation.propose_certificate(admin, number, later.pem, version=None, at=at)
    first, second = ProviderCertificate.objects.order_by("pk")
    federation.approve_certificate(scene.operator, number, second.pk, version=None, at=at)
    federation.remove_certificate(admin, number, first.pk, version=None, at=at)
    site = "https://idp.birch.example"
    new = NewProvider("Draft", "birch-two", site, f"{site}/sso", (later.pem,))
    draft = federation.add_provider(admin, new, at=at)
    changed = replace(new, name="Second directory")
    federation.change_provider(admin, draft, changed, version=None, at=at)


def _services(scene: Scene, at: datetime) -> None:
    def service(contact: str) -> NewService:
        urls = ("https://orders.example/acs",)
        return NewService("Orders", "https://orders.example", urls, contact, is_for_everyone=True)

    number = services.add_service(scene.operator, service("a@orders.example"), at=at)
    changed = service("b@orders.example")
    services.change_service(scene.operator, number, changed, version=None, at=at)
    for verb in ("suspend", "resume"):
        services.move_service(scene.operator, number, verb, "x", version=None, at=at)


def _sharings(scene: Scene, at: datetime) -> None:
    shared = in_force(scene, until=(at + timedelta(days=9)).date())
    organisations.rescind_for_operator(scene.operator, shared, "x", version(shared), at=at)
    for verb, actor in (
        (SharingVerb.DECLINE, scene.greenlane.admin),
        (SharingVerb.WITHDRAW, scene.alder.admin),
        (SharingVerb.REJECT, scene.operator),
    ):
        decide(actor, proposed(scene), verb, "x")


def _organisations(scene: Scene, at: datetime) -> None:
    operator = scene.operator
    number = organisations.take_up(operator, "Harbour", OrganisationKind.PARTY, at=at)
    organisations.give_user_id(operator, number, "90B3D51F30770001", UserRole.GS, at=at)
    details = OfficerDetails(
        OfficerKind.SRO, "Ffion", "f@h.example", "020 7946 0111", FIRST_DAY, certificate=pem()
    )
    officer = organisations.record_officer(operator, number, details, at=at)
    without = OfficerDetails(OfficerKind.ARO, "Ffion", "f@h.example", "020 7946 0111", FIRST_DAY)
    organisations.save_officer(operator, number, officer, without, 1, at=at)

    def now() -> int:
        return Organisation.objects.get(pk=number).version

    organisations.rename(operator, number, "Harbour Gas", now(), at=at)
    for level in (Suspension.READ_ONLY, Suspension.NONE):
        organisations.suspend(operator, number, level, "x", now(), at=at)
    eui = "90-B3-D5-1F-30-77-00-01"
    organisations.suspend_one_user_id(operator, eui, Suspension.NOTHING, "x", 1, at=at)
    organisations.off_board(operator, number, "x", now(), at=at)
    organisations.bring_back(operator, number, now(), at=at)


@pytest.fixture
def log() -> list[ActivityEntry]:
    """What the log holds after every change that there is in these parts."""
    scene, at = set_scene(), timezone.now()
    acts: tuple[Callable[[Scene, datetime], Any], ...] = (
        _programs, _networks, _providers, _services, _sharings, _organisations,
    )  # fmt: skip
    for act in acts:
        act(scene, at)
    return [one for one in ActivityEntry.objects.order_by("pk") if _is_ours(one.verb)]


def test_each_change_says_what_was_and_what_became(log: list[ActivityEntry]) -> None:
    seen = {one.verb for one in log}
    assert {verb for verb in WORDS if _is_ours(verb)} - seen == set()
    for one in log:
        assert {"before", "after"} <= set(one.detail), one.verb
        assert one.detail["before"] != one.detail["after"], one.verb
        text = json.dumps(one.detail)
        assert "mdk_" not in text and "PRIVATE KEY" not in text, one.verb


def test_a_suspension_says_from_what_to_what_and_why(log: list[ActivityEntry]) -> None:
    levels = [one.detail for one in log if one.verb == "identity.suspend_organisation"]
    assert [(one["before"], one["after"]) for one in levels] == [
        ("NONE", "READ_ONLY"),
        ("READ_ONLY", "NONE"),
    ]
    assert ALDER_GAS in {one.detail["after"].get("granted") for one in log if "grant" in one.verb}
