"""Taking a step on a page of its own; the form follows from the table of transitions."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from meterdesk.identity.queries import ActorRequest
from meterdesk.identity.rules import Actor
from meterdesk.incidents.actions import do, open_incident
from meterdesk.incidents.forms import StepForm, step_form
from meterdesk.incidents.queries import View, incident
from meterdesk.incidents.rules.states import TRANSITIONS, Verb
from meterdesk.incidents.views.one import CONFLICT, INVALID, OK, canonical_reference
from meterdesk.kernel.errors import Conflict, NotAllowed, NotVisible, Refused, Stale


@require_http_methods(["GET", "HEAD", "POST"])
def step(request: ActorRequest, reference: str, verb: str) -> HttpResponse:
    """Ask what a step needs, and take it. What was typed is kept when somebody was quicker."""
    if verb not in set(Verb) - {Verb.REPLY}:
        raise NotVisible()
    actor, wanted = request.actor, Verb(verb)
    sent = request.method == "POST"
    seen = _seen(actor, canonical_reference(reference), sent=sent)
    form = step_form(wanted, actor, seen, request.POST if sent else None)
    if wanted not in seen.verbs and not form.is_valid():
        raise Conflict(
            f"This cannot be done now: {TRANSITIONS[wanted].title}. "
            f"{seen.reference} is {seen.state.word.lower()}."
        )
    if not form.is_valid():
        return _page(request, seen, wanted, form, status=INVALID if sent else OK)
    try:
        do(actor, seen.reference, wanted, timezone.now(), **form.given())
    except Stale:
        kept = request.POST.copy()
        kept["version"] = str(seen.version)
        again = step_form(wanted, actor, seen, kept)
        return _page(request, seen, wanted, again, stale=True, status=CONFLICT)
    except NotAllowed:
        raise
    except Refused as refused:
        form.refuse(refused)
        return _page(request, seen, wanted, form, status=refused.status)
    done = f"{seen.reference}: {TRANSITIONS[wanted].done.lower()}."
    messages.success(request, done, extra_tags=f"{wanted.value}-{seen.reference}")
    return _onward(actor, seen.reference)


def _seen(actor: Actor, reference: str, *, sent: bool) -> View:
    """The incident; asking for a page of it is a reading, taking the step is kept by itself."""
    return (
        incident(actor, reference) if sent else open_incident(actor, reference, at=timezone.now())
    )


def _onward(actor: Actor, reference: str) -> HttpResponse:
    """To the incident; to the list when the step took it out of sight, as handing back may."""
    try:
        incident(actor, reference)
    except NotVisible:
        return redirect("incidents:list")
    return redirect("incidents:incident", reference=reference)


def _page(
    request: ActorRequest,
    seen: View,
    verb: Verb,
    form: StepForm,
    *,
    stale: bool = False,
    status: int = 200,
) -> HttpResponse:
    row = TRANSITIONS[verb]
    context = {
        "incident": seen,
        "row": row,
        "form": form,
        "stale": stale,
        "still_open": verb in seen.verbs,
        "last": seen.history[0] if seen.history else None,
    }
    return render(request, "incidents/step.html", context, status=status)
