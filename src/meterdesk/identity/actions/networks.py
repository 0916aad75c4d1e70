"""Networks: asked for, recorded, decided on, reviewed, withdrawn; callers turned away (FSM-12)."""

from datetime import date, datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from meterdesk.identity.access import network_parts, networks_visible_to
from meterdesk.identity.actions.telling import tell_administrators, tell_operator
from meterdesk.identity.models import Network, NetworkChange, Organisation, Person
from meterdesk.identity.queries.networks import network_admits, overlapping_gateways
from meterdesk.identity.rules import (
    NETWORK_STEPS,
    REVIEW_LATEST,
    Actor,
    NetworkKind,
    NetworkMistake,
    NetworkPart,
    NetworkRefusal,
    NetworkState,
    NetworkStep,
    NetworkVerb,
    OrganisationKind,
    parse_network,
    reminder_due,
    wrong_network,
)
from meterdesk.kernel.errors import Conflict, NotAllowed, NotVisible, Refused, Stale
from meterdesk.platform import activity, counters

GROUNDS_LONGEST: Final = 2_000
REFUSAL_RESOLUTION: Final = timedelta(hours=1)
"""A caller turned away again and again is recorded once in this time."""
_LOCK: Final = 63_880_003
_NOT_SAVED = "The network was not saved. Mend what is marked."


@transaction.atomic
def request_network(actor: Actor, cidr: str, grounds: str, *, at: datetime) -> int:
    """Ask for access over the internet from a network; returns its number.

    Raises NotAllowed for who does not administer an organisation, Refused with fields, Conflict
    when it was asked for already.
    """
    if not actor.administers and NetworkPart.OPERATOR not in network_parts(actor, 0):
        raise NotAllowed("Only an administrator requests access for an organisation.")
    text, mistakes = _read(cidr, NetworkKind.INTERNET)
    mistakes |= _reason_mistakes("grounds", grounds)
    if mistakes:
        raise Refused(_NOT_SAVED, fields=mistakes)
    one = _new(actor, actor.organisation_id, NetworkKind.INTERNET, text, grounds, at)
    _keep(one, actor, "request", None, grounds, at)
    asked = f"{actor.organisation_name} requests access over the internet from {text}."
    lines = [asked, f"Grounds: {grounds.strip()}", "Decide on it in Meterdesk under Networks."]
    tell_operator("Request for network access", lines, at=at)
    return one.pk


@transaction.atomic
def record_network(
    actor: Actor | None,
    organisation_id: int,
    kind: NetworkKind,
    cidr: str,
    grounds: str,
    review_date: date,
    *,
    at: datetime,
) -> int:
    """Record a network as approved: a gateway connection, or one of the operator's shell.

    Args:
        actor: of the operator's administrators; None for the operator's shell.

    Raises NotAllowed, also for a network of one's own organisation, which another must approve;
    Refused with fields; Conflict when it is recorded already.
    """
    if actor is not None:
        if NetworkPart.OPERATOR not in network_parts(actor, organisation_id):
            raise NotAllowed("Only the operator's administrators record networks.")
        if actor.organisation_id == organisation_id:
            raise NotAllowed(
                "Nobody approves access for their own organisation. Request it, and have another "
                "administrator approve it."
            )
    text, mistakes = _read(cidr, kind)
    mistakes |= _reason_mistakes("grounds", grounds) | _review_mistakes(review_date, at)
    if not Organisation.objects.filter(pk=organisation_id).exists():
        mistakes["organisation"] = "Choose the organisation."
    mistakes |= _overlap_mistakes(text, kind)
    if mistakes:
        raise Refused(_NOT_SAVED, fields=mistakes)
    one = _new(actor, organisation_id, kind, text, grounds, at, review_date)
    _keep(one, actor, "record", None, grounds, at)
    _tell_organisation(one, f"Access from {text} is approved until {review_date:%d %B %Y}.", at)
    return one.pk


@transaction.atomic
def take_network_step(
    actor: Actor,
    network_id: int,
    verb: NetworkVerb,
    why: str,
    *,
    version: int | None,
    at: datetime,
    review_date: date | None = None,
) -> NetworkStep:
    """Approve, refuse, review or withdraw; returns the step taken.

    Args:
        version: of the network as its reader saw it; None to insist on none.

    Raises NotVisible, Stale, NotAllowed, Conflict when the state does not fit, Refused with fields.
    """
    one = (
        Network.objects.select_for_update(of=("self",))
        .select_related("organisation")
        .filter(networks_visible_to(actor), pk=network_id)
        .first()
    )
    if one is None:
        raise NotVisible()
    if version is not None and one.version != version:
        raise Stale()
    step = NETWORK_STEPS[verb]
    _check_step(actor, one, step)
    mistakes = _reason_mistakes("why", why)
    if step.asks_review_date:
        mistakes |= _review_mistakes(review_date, at)
    if step.verb is NetworkVerb.APPROVE:
        _one_at_a_time()
        clash = _overlap_mistakes(one.cidr, NetworkKind(one.kind))
        if clash:
            raise Conflict(clash["cidr"])
    if mistakes:
        raise Refused("Nothing was changed. Mend what is marked.", fields=mistakes)
    before, one.state = _facts(one), step.becomes
    if step.asks_review_date:
        one.review_date, one.reminded_days = review_date, None
    one.version += 1
    one.save(update_fields=["state", "review_date", "reminded_days", "version"])
    _keep(one, actor, verb, before, why, at)
    _tell_organisation(one, f"The network {one.cidr} was {step.done}. Reason: {why.strip()}", at)
    return step


@transaction.atomic
def withdraw_networks_of(actor: Actor, organisation_id: int, why: str, *, at: datetime) -> None:
    """Withdraw every network of an organisation that is off-boarded. Rights have been asked."""
    step = NETWORK_STEPS[NetworkVerb.WITHDRAW]
    mine = Network.objects.select_for_update(of=("self",)).select_related("organisation")
    for one in mine.filter(organisation_id=organisation_id, state__in=step.begins):
        before, one.state = _facts(one), step.becomes
        one.version += 1
        one.save(update_fields=["state", "version"])
        _keep(one, actor, step.verb, before, why, at)


def _check_step(actor: Actor, one: Network, step: NetworkStep) -> None:
    if not network_parts(actor, one.organisation_id) & step.parts:
        raise NotAllowed("This is for the operator to decide.")
    if step.by_another and one.requested_by_id == actor.person_id:
        raise NotAllowed("Who requested access does not decide on it. Ask another administrator.")
    if NetworkState(one.state) not in step.begins:
        raise Conflict(f"This network is {NetworkState(one.state).word.lower()} already.")


def _read(cidr: str, kind: NetworkKind) -> tuple[str, dict[str, str]]:
    try:
        return parse_network(cidr, kind), {}
    except NetworkMistake as mistake:
        return "", {"cidr": str(mistake)}


def _reason_mistakes(field: str, text: str) -> dict[str, str]:
    if not text.strip():
        return {field: "Say why. It is kept with the decision."}
    if len(text) > GROUNDS_LONGEST:
        return {field: f"Enter at most {GROUNDS_LONGEST:,} characters."}
    return {}


def _review_mistakes(review_date: date | None, at: datetime) -> dict[str, str]:
    today = timezone.localdate(at)
    if review_date is None or not today < review_date <= today + REVIEW_LATEST:
        return {"review_date": "Choose a review date after today, at most a year away."}
    return {}


def _overlap_mistakes(cidr: str, kind: NetworkKind) -> dict[str, str]:
    holders = overlapping_gateways(cidr) if cidr and kind is NetworkKind.GATEWAY else []
    if not holders:
        return {}
    return {"cidr": f"{cidr} overlaps with a gateway connection of {', '.join(holders)}."}


def _new(
    actor: Actor | None,
    organisation_id: int,
    kind: NetworkKind,
    cidr: str,
    grounds: str,
    at: datetime,
    review_date: date | None = None,
) -> Network:
    _one_at_a_time()
    in_force = [NetworkState.REQUESTED, NetworkState.APPROVED]
    if Network.objects.filter(
        organisation_id=organisation_id, kind=kind, cidr=cidr, state__in=in_force
    ).exists():
        raise Conflict(f"{cidr} is requested or approved already.")
    return Network.objects.create(
        organisation_id=organisation_id,
        kind=kind,
        cidr=cidr,
        state=NetworkState.APPROVED if review_date else NetworkState.REQUESTED,
        grounds=grounds.strip(),
        requested_at=at,
        requested_by_id=actor.person_id if actor else None,
        review_date=review_date,
    )


def _one_at_a_time() -> None:
    """Wait for whoever else asks for or approves a network, so that no two overlap."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [_LOCK])


def _facts(one: Network) -> dict[str, str | None]:
    return {
        "state": one.state,
        "review_date": one.review_date.isoformat() if one.review_date else None,
    }


def _keep(
    one: Network,
    actor: Actor | None,
    verb: str,
    before: dict[str, str | None] | None,
    why: str,
    at: datetime,
) -> None:
    """The line of its history, and the activity."""
    NetworkChange.objects.create(
        network=one,
        verb=verb,
        from_state=before["state"] or "" if before else "",
        to_state=one.state,
        why=why.strip(),
        review_date=one.review_date,
        person_id=actor.person_id if actor else None,
        at=at,
    )
    activity.record(
        actor=actor,
        verb=f"identity.{verb}_network",
        subject=str(one.cidr),
        at=at,
        organisation_id=one.organisation_id,
        detail={
            "network": one.pk,
            "before": before,
            "after": {**_facts(one), "kind": one.kind},
            "why": why.strip(),
        },
    )


def _tell_organisation(one: Network, text: str, at: datetime) -> None:
    lines = [text, "Read it in Meterdesk under Networks."]
    tell_administrators(one.organisation, f"Network {one.cidr}", lines, at=at)


def refuse_network(person: Person, address: str, *, at: datetime) -> NotAllowed:
    """Note that somebody came from where their organisation is not approved; the refusal."""
    if _is_news(f"network-refused:{person.pk}:{counters.caller(address)}", at):
        activity.record(
            actor=None,
            verb="identity.network_refused",
            subject=person.username,
            at=at,
            organisation_id=person.organisation_id,
            detail={"address": address},
        )
    return wrong_network(address, NetworkRefusal.ORGANISATION)


def refused_here(person_id: int, address: str, *, at: datetime) -> NotAllowed | None:
    """The refusal of a log-in from a network that the person's organisation is not approved for."""
    if not settings.METERDESK_ENFORCE_NETWORKS:
        return None
    person = Person.objects.get(pk=person_id)
    if network_admits(person.organisation_id, address):
        return None
    return refuse_network(person, address, at=at)


def _is_news(key: str, at: datetime) -> bool:
    return counters.hit(key, REFUSAL_RESOLUTION, at=at).count == 1


@transaction.atomic
def remind_of_reviews(*, at: datetime) -> int:
    """Tell the operator and the organisation of approvals to be looked at again; how many."""
    today, told = timezone.localdate(at), 0
    due = Network.objects.select_for_update(of=("self",)).select_related("organisation")
    for one in due.filter(state=NetworkState.APPROVED, review_date__lte=today + REVIEW_LATEST):
        review, begun = one.review_date, timezone.localdate(one.requested_at)
        days = reminder_due(review, begun, one.reminded_days, today) if review else None
        if days is None or review is None:
            continue
        one.reminded_days, told = days, told + 1
        one.save(update_fields=["reminded_days"])
        text = (
            f"The approval of {one.cidr} for {one.organisation.name} is to be reviewed by "
            f"{review:%d %B %Y}."
        )
        subject = f"Review of network access from {one.cidr}"
        lines = [text, "Read it in Meterdesk under Networks."]
        tell_operator(subject, lines, at=at)
        if one.organisation.kind == OrganisationKind.PARTY:
            tell_administrators(one.organisation, subject, lines, at=at)
    return told
