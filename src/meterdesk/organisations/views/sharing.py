"""Screens of sharing: the list, one sharing, what is written for an officer, decisions."""

from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from meterdesk.identity.views.proof import asks_for_proof
from meterdesk.kernel.errors import Conflict, NotVisible
from meterdesk.kernel.paging import Page, PageRequest
from meterdesk.organisations import actions, queries
from meterdesk.organisations.forms import (
    AnswerForm,
    DecisionForm,
    ProposalForm,
    RescindingForm,
    SharingsFilter,
)
from meterdesk.organisations.queries import SharingPage, SharingRow
from meterdesk.organisations.rules import CONFIRMED, SHARING, SharingVerb, Side
from meterdesk.organisations.views.submitting import submitted
from meterdesk.platform import tables
from meterdesk.platform.tables import Column

_BETWEEN: Final = {"One side": "first_name", "Other side": "second_name"}
_USER_IDS: Final = {
    "UserIds of the one": lambda row: " ".join(row.first_user_ids),
    "UserIds of the other": lambda row: " ".join(row.second_user_ids),
}
SHARINGS: Final = tables.register(
    tables.Table(
        "sharings",
        (
            Column("between", "Between", _BETWEEN, always=True),
            Column("state", "State", {"State": "state_word"}),
            Column("user_ids", "UserIds", _USER_IDS),
            Column("until", "Last day", {"Last day": "until"}),
            Column("updated", "Changed", {"Changed": "updated_at"}),
        ),
        sort="-updated",
    )
)
_HAPPENS: Final = {
    SharingVerb.DECLINE: "Nothing is shared. Both sides' officers are told in writing.",
    SharingVerb.WITHDRAW: "Nothing is shared. Whoever knows of it is told in writing.",
    SharingVerb.REJECT: "Nothing is shared. The officers who signed are told in writing, with the "
    "reason.",
    SharingVerb.ACTIVATE: "From now on administrators of either side can give their people roles "
    "on the other's UserIds. Both officers are told in writing.",
    SharingVerb.RESCIND: "All access under this sharing ends at once, both ways. Both officers are "
    "told in writing.",
}


@require_safe
def list_sharings(request: Any) -> HttpResponse:
    """Sharings of one's own organisation; for the operator all that were signed."""
    form, table = SharingsFilter(request.GET), tables.view_of(request.actor, SHARINGS)
    page = _found(request, form, table.page(request.GET.get("after")))
    waiting = queries.waiting_signatures(request.actor, at=timezone.now())
    context = {"form": form, "page": page, "table": table, "waiting": waiting}
    return render(request, "organisations/sharings.html", context)


@require_safe
def export(request: Any) -> StreamingHttpResponse:
    """The same sharings as CSV."""
    form, table = SharingsFilter(request.GET), tables.view_of(request.actor, SHARINGS)
    at = timezone.now()
    _found(request, form, PageRequest(limit=1))
    return tables.export(request, table, lambda page: _found(request, form, page), at=at)


def _found(request: Any, form: SharingsFilter, page: PageRequest) -> Page[SharingRow]:
    state = form.cleaned_data["state"] if form.is_valid() else ""
    return queries.sharings(request.actor, page, state=state, at=timezone.now())


@require_safe
def access(request: Any) -> HttpResponse:
    """Who can see what through which grant."""
    overview = queries.access_overview(request.actor, at=timezone.now())
    return render(request, "organisations/access.html", {"overview": overview})


@require_safe
def sharing(request: Any, sharing_id: UUID) -> HttpResponse:
    """One sharing."""
    page = queries.sharing(request.actor, sharing_id, at=timezone.now())
    primary = SharingVerb.ACTIVATE if page.checks_hold else None
    verbs = [verb for verb in page.verbs if verb in CONFIRMED and verb is not primary]
    context = {
        "page": page,
        "can_activate": SharingVerb.ACTIVATE in page.verbs and primary is not None,
        "can_answer": SharingVerb.ANSWER in page.verbs,
        "can_rescind": SharingVerb.RESCIND in page.verbs,
        "verbs": [
            (verb, SHARING[verb].title) for verb in verbs if verb is not SharingVerb.ACTIVATE
        ],
    }
    return render(request, "organisations/sharing.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def propose(request: Any) -> HttpResponse:
    """Propose a sharing: the first side's notification."""
    choices = queries.sharing_choices(request.actor, at=timezone.now())
    form = ProposalForm(choices, request.POST or None)

    def save(_given: dict[str, Any]) -> HttpResponse:
        sharing_id, notification_id = actions.propose(
            request.actor, form.proposal(), at=timezone.now()
        )
        return redirect("organisations:notification", sharing_id, notification_id)

    context = {"choices": choices}
    return submitted(request, form, save, "organisations/propose.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: Any, sharing_id: UUID) -> HttpResponse:
    """Answer a proposal with one's own side's notification."""
    page = _page(request, sharing_id, SharingVerb.ANSWER)
    choices = queries.sharing_choices(request.actor, at=timezone.now())
    form = AnswerForm(choices, request.POST or None, initial={"version": page.version})

    def save(given: dict[str, Any]) -> HttpResponse:
        notification_id = actions.answer(
            request.actor, sharing_id, given["officer"], given["version"], at=timezone.now()
        )
        return redirect("organisations:notification", sharing_id, notification_id)

    context = {"page": page, "choices": choices}
    return submitted(request, form, save, "organisations/answer.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def rescind(request: Any, sharing_id: UUID) -> HttpResponse:
    """Write a rescinding notification; the operator rescinds the whole, with a reason."""
    page = _page(request, sharing_id, SharingVerb.RESCIND)
    if page.side is Side.OPERATOR:
        return _decision(request, page, SharingVerb.RESCIND, asks_reason=True)
    choices = queries.sharing_choices(request.actor, at=timezone.now())
    form = RescindingForm(choices, page, request.POST or None, initial={"version": page.version})

    def save(given: dict[str, Any]) -> HttpResponse:
        notification_id = actions.write_rescinding(
            request.actor,
            sharing_id,
            form.rescinding(),
            given["version"],
            at=timezone.now(),
        )
        return redirect("organisations:notification", sharing_id, notification_id)

    context = {"page": page, "choices": choices}
    return submitted(request, form, save, "organisations/rescind.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: Any, sharing_id: UUID, verb: str) -> HttpResponse:
    """Decline, withdraw, reject or activate, after what happens has been read.

    Activation makes grants, so it asks for fresh proof; both sides have signed with theirs.
    """
    if verb not in CONFIRMED:
        raise NotVisible()
    wanted = SharingVerb(verb)
    if wanted is SharingVerb.ACTIVATE and (proof := asks_for_proof(request)):
        return proof
    page = _page(request, sharing_id, wanted)
    return _decision(request, page, wanted, asks_reason=SHARING[wanted].asks_reason)


def _decision(
    request: Any, page: SharingPage, verb: SharingVerb, *, asks_reason: bool
) -> HttpResponse:
    form = DecisionForm(asks_reason, request.POST or None, initial={"version": page.version})

    def save(given: dict[str, Any]) -> HttpResponse:
        at = timezone.now()
        why, version = given.get("why", ""), given["version"]
        if verb is SharingVerb.RESCIND:
            actions.rescind_for_operator(request.actor, page.id, why, version, at=at)
        else:
            actions.decide(request.actor, page.id, verb, why, version, at=at)
        messages.success(request, f"{SHARING[verb].done}. Those concerned are told in writing.")
        return redirect("organisations:sharing", page.id)

    context = {
        "page": page,
        "title": SHARING[verb].title,
        "happens": _HAPPENS[verb],
        "danger": verb in {SharingVerb.RESCIND, SharingVerb.REJECT},
    }
    return submitted(request, form, save, "organisations/decide.html", context)


def _page(request: Any, sharing_id: UUID, verb: SharingVerb) -> SharingPage:
    page = queries.sharing(request.actor, sharing_id, at=timezone.now())
    if verb not in page.verbs:
        raise Conflict(
            f"This cannot be done now: {SHARING[verb].title.lower()}. "
            f"The sharing is {page.state.word.lower()}."
        )
    return page
