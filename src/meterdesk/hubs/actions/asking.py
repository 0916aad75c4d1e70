"""Asking a hub itself: a request to the provider's interface, followed until it ends.

The contract is docs/reference/csp-interface.md. The provider is called outside any transaction;
what came of it is written by compare-and-set, so that a call made twice changes nothing.
"""

from collections.abc import Set
from datetime import datetime, timedelta
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from meterdesk.hubs.access import ONLY_PARTIES_ASK, may_ask
from meterdesk.hubs.models import HubRequest, HubRequestStep
from meterdesk.hubs.queries import hub_and_parties, interface_of
from meterdesk.hubs.rules.requests import (
    MOST_AN_HOUR,
    TIME_LIMIT,
    TRANSITIONS,
    UNDER_WAY,
    RequestKind,
    RequestState,
    result_told,
    wait_after,
)
from meterdesk.identity.queries import actor_named
from meterdesk.identity.rules import Actor
from meterdesk.inventory.queries import DeviceDetails
from meterdesk.kernel.errors import NotAllowed, Refused, TooMany, Unavailable
from meterdesk.platform import activity, counters, jobs
from meterdesk.platform.outgoing import Answer, Unreachable, call

NOT_KNOWN: Final = "The provider does not know this hub."
RIGHT_LOST: Final = "Whoever asked may not have this hub asked any more."
_UNSAFE: Final = {401, 403}


def ask_hub(actor: Actor, device_id: str, kind: RequestKind, *, at: datetime) -> int:
    """Have the hub itself asked (SSI-FR-16a, 16b); returns the request's number.

    One of the same kind that the actor's organisation has under way is returned instead.

    Raises:
        NotVisible, Refused: as `hub_status`, for what is no hub.
        NotAllowed: the actor is no party of a Smart Metering System of the hub.
        Unavailable: no interface to the provider of the hub's Region is configured.
        TooMany: the organisation asked this hub too often within the hour.
    """
    hub, parties = hub_and_parties(device_id, at)
    if not may_ask(actor, parties):
        raise NotAllowed(ONLY_PARTIES_ASK)
    if interface_of(hub.csp_region) is None:
        raise Unavailable(
            "No interface to the communications service provider of this hub's Region is set up. "
            "Raise an incident if the hub has to be asked."
        )
    try:
        with transaction.atomic():
            return _begin(actor, hub, kind, parties, at)
    except IntegrityError:
        # The same button was pressed twice at once: the other one's row is there by now.
        return _under_way(actor, device_id, kind).get().pk


def _begin(
    actor: Actor, hub: DeviceDetails, kind: RequestKind, parties: Set[str], at: datetime
) -> int:
    device_id = hub.device_id
    if found := _under_way(actor, device_id, kind).first():
        return found.pk
    window = timedelta(hours=1)
    count = counters.hit(f"hub-request:{actor.organisation_id}:{device_id}", window, at=at)
    if count.count > MOST_AN_HOUR:
        raise TooMany(
            count.seconds_left(at),
            f"Your organisation asked this hub {MOST_AN_HOUR} times within the hour. "
            "What it said then is shown on its page.",
        )
    request = HubRequest.objects.create(
        device_id=device_id,
        kind=kind,
        region=hub.csp_region,
        organisation_id=actor.organisation_id,
        person_id=actor.person_id,
        assertion=actor.assertion,
        token_id=actor.token_id,
        parties=sorted(parties),
        requested_at=at,
        ends_at=at + TIME_LIMIT,
    )
    activity.record(
        actor=actor, verb="hubs.ask", subject=device_id, at=at, detail={"kind": kind.value}
    )
    jobs.defer("hubs.advance_request", request_id=request.pk)
    return request.pk


def _under_way(actor: Actor, device_id: str, kind: RequestKind) -> QuerySet[HubRequest]:
    return HubRequest.objects.filter(
        organisation_id=actor.organisation_id,
        device_id=device_id,
        kind=kind,
        state__in=UNDER_WAY,
    )


def advance_request(request_id: int, *, at: datetime) -> None:
    """Take a request as far as it goes now, and queue the next step; one that is over stays so.

    With the rights its asker has at this moment, by the token they asked by: the provider is not
    called for one who lost them, and what it said to one who lost them meanwhile is not kept.
    """
    request = HubRequest.objects.select_related("person").get(pk=request_id)
    if RequestState(request.state).is_over:
        return
    if at >= request.ends_at:
        _move(request, RequestState.TIMED_OUT, at, "The provider gave no answer in time.")
        return
    if not _may_still_ask(request, at):
        _move(request, RequestState.FAILED, at, RIGHT_LOST)
        return
    interface = interface_of(request.region)
    if interface is None:
        _move(request, RequestState.FAILED, at, "The provider's interface is no longer set up.")
        return
    url = f"{interface.url}/v1/hubs/{request.device_id}/requests"
    try:
        if request.state == RequestState.REQUESTED:
            said = {"kind": request.kind, "reference": f"meterdesk-{request.pk}"}
            _sent(request, call("POST", url, token=interface.token, body=said), at)
        else:
            url = f"{url}/{request.provider_reference}"
            _polled(request, call("GET", url, token=interface.token), at)
    except Unreachable as error:
        _try_later(request, at, f"The provider cannot be reached. {error}")


def _may_still_ask(request: HubRequest, at: datetime) -> bool:
    try:
        actor = actor_named(request.person.username, request.assertion, request.token_id)
        _, parties = hub_and_parties(request.device_id, at)
    except Refused:
        return False
    return may_ask(actor, parties)


def _sent(request: HubRequest, answer: Answer, at: datetime) -> None:
    """The provider's answer to a new request."""
    if _went_wrong(request, answer, at):
        return
    reference = answer.body.get("id") if isinstance(answer.body, dict) else None
    if not isinstance(reference, str) or not _is_reference(reference):
        _move(request, RequestState.FAILED, at, "The provider's answer cannot be understood.")
        return
    _move(request, RequestState.WAITING, at, "", provider_reference=reference, tries=0)


def _is_reference(text: str) -> bool:
    return 0 < len(text) <= 100 and all(c.isascii() and (c.isalnum() or c in "-_") for c in text)


def _polled(request: HubRequest, answer: Answer, at: datetime) -> None:
    """The provider's answer to how far it is."""
    if _went_wrong(request, answer, at):
        return
    said = answer.body if isinstance(answer.body, dict) else {}
    try:
        match said.get("state"):
            case "pending":
                _try_later(request, at, "")
            case "done":
                result = result_told(said.get("result"), at)
                if not _may_still_ask(request, at):
                    _move(request, RequestState.FAILED, at, RIGHT_LOST)
                    return
                words = "" if result.is_reached else "The hub did not answer the provider."
                _move(request, RequestState.SUCCEEDED, at, words, result=result.as_json())
            case "failed":
                _move(request, RequestState.FAILED, at, "The provider could not ask the hub.")
            case _:
                raise Refused("The state is none of the contract's.", code="bad_result")
    except Refused as refused:
        words = f"The provider's answer cannot be understood: {refused.message}"
        _move(request, RequestState.FAILED, at, words)


def _went_wrong(request: HubRequest, answer: Answer, at: datetime) -> bool:
    """Deal with an answer that is no success; whether it was one."""
    if 200 <= answer.status < 300:
        return False
    if answer.status == 404:
        _move(request, RequestState.FAILED, at, NOT_KNOWN)
    elif answer.status in _UNSAFE:
        words = "The provider does not accept the operator's credentials. Tell the service desk."
        _move(request, RequestState.FAILED, at, words)
    elif answer.status == 429 or answer.status >= 500:
        _try_later(request, at, "The provider is not available at present.")
    else:
        words = f"The provider refused the request ({answer.status})."
        _move(request, RequestState.FAILED, at, words)
    return True


def _try_later(request: HubRequest, at: datetime, note: str) -> None:
    next_try_at = min(at + wait_after(request.tries), request.ends_at)
    with transaction.atomic():
        held = HubRequest.objects.filter(pk=request.pk, state=request.state, tries=request.tries)
        changed = held.update(tries=request.tries + 1, next_try_at=next_try_at, note=note)
        if changed:
            jobs.defer_at("hubs.advance_request", next_try_at, request_id=request.pk)


def _move(request: HubRequest, to: RequestState, at: datetime, note: str, **fields: object) -> None:
    """Change the state, unless it was changed meanwhile; raises ValueError for a wrong step."""
    before = RequestState(request.state)
    if to not in TRANSITIONS[before]:
        raise ValueError(f"{before} does not lead to {to}.")
    finished_at = at if to.is_over else None
    next_try_at = None if to.is_over else at + wait_after(0)
    with transaction.atomic():
        changed = HubRequest.objects.filter(pk=request.pk, state=before).update(
            state=to, note=note, finished_at=finished_at, next_try_at=next_try_at, **fields
        )
        if not changed:
            return
        HubRequestStep.objects.create(
            request=request, from_state=before, to_state=to, why=note, at=at
        )
        if next_try_at is not None:
            jobs.defer_at("hubs.advance_request", next_try_at, request_id=request.pk)
