"""Fresh proof: what weighs most asks again for password and second factor.

That is every change to one's own security, what makes or renews an API token, what lets somebody
else in (the approval of an identity provider, sharing or network, a service provider taken up,
changed or resumed), and of what administrators do: making an administrator, resets, deleting,
opening accounts from a file, the policy of log-ins.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, Final
from urllib.parse import quote, urlsplit

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from meterdesk.identity import actions, queries
from meterdesk.identity.actions import LogInOver, Question
from meterdesk.identity.forms import ProofForm
from meterdesk.identity.rules import PROOF_FRESH, FactorKind
from meterdesk.identity.views.log_in import address, safe_target
from meterdesk.kernel.errors import NotAllowed

View = Callable[..., HttpResponse]
_CEREMONY = "proof_ceremony"
_KEPT = "kept_input"
_KEPT_LENGTH: Final = timedelta(minutes=15)
_KEPT_LONGEST: Final = 20_000
_WRONG = "That did not prove that it is you. Check your password, and enter the next code."


def fresh_proof(view: View) -> View:
    """Let a change to one's own security run only within five minutes of a proof.

    Otherwise ask for one and come back. Whom an identity provider vouches for has nothing to
    change here.
    """

    @wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.open_session.vouched_for:
            raise NotAllowed(
                "Your organisation's identity provider vouches for you. "
                "Password and second factors are looked after there."
            )
        return asks_for_proof(request) or view(request, *args, **kwargs)

    return guarded


def weighty(view: View) -> View:
    """Let a view run only within five minutes of a proof, or of a log-in that was vouched for."""

    @wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        return asks_for_proof(request) or view(request, *args, **kwargs)

    return guarded


def asks_for_proof(request: Any) -> HttpResponse | None:
    """The way to the proof, when none was given within five minutes; what was entered is kept.

    Raises NotAllowed for those whom an identity provider vouches for: their proof is a log-in.
    """
    if timezone.now() - request.open_session.proved_at <= PROOF_FRESH:
        return None
    if request.open_session.vouched_for:
        raise NotAllowed(
            "This asks for a log-in of the last five minutes. Log out, log in again by your "
            "organisation's identity provider, and do it then.",
            code="proof_needed",
        )
    back = _back(request)
    if request.method == "POST" and back == request.path:
        _keep(request)
    return HttpResponseRedirect(f"{reverse('identity:prove')}?next={quote(back)}")


def entered(request: Any) -> QueryDict | None:
    """What a form was sent with; just back from the proof, what had been entered before it."""
    if request.method == "POST":
        sent: QueryDict = request.POST
        return sent
    kept = request.session.get(_KEPT)
    if kept is None or kept["path"] != request.path:
        return None
    del request.session[_KEPT]
    if timezone.now().timestamp() - kept["at"] > _KEPT_LENGTH.total_seconds():
        return None
    messages.info(request, "What you entered is kept. Check it, and send it once more.")
    return QueryDict(kept["fields"])


def _keep(request: Any) -> None:
    fields = request.POST.copy()
    for name in [name for name in fields if name.startswith("csrf") or "password" in name]:
        del fields[name]
    text = fields.urlencode()
    if len(text) <= _KEPT_LONGEST:
        at = timezone.now().timestamp()
        request.session[_KEPT] = {"path": request.path, "fields": text, "at": at}


def _back(request: Any) -> str:
    """The page that was asked for; of a form that was sent, the page it stood on."""
    if request.method == "GET":
        return str(request.get_full_path())
    page = urlsplit(request.headers.get("Referer", ""))
    return page.path if page.netloc == request.get_host() else reverse("identity:security")


@require_http_methods(["GET", "POST"])
def prove(request: Any) -> HttpResponse:
    """Ask again for the password and a second factor, or for a passkey."""
    if request.open_session.vouched_for:
        raise NotAllowed("Your organisation's identity provider vouches for you.")
    target = safe_target(request.POST.get("next") or request.GET.get("next", ""))
    form = ProofForm(request.POST or None)
    if request.method == "POST":
        ceremony = request.session.pop(_CEREMONY, None)
        if form.is_valid():
            try:
                proved = _proved(request, form, ceremony)
            except LogInOver:
                actions.forget_session(request)
                return HttpResponseRedirect(reverse("identity:log_in"))
            if proved:
                return HttpResponseRedirect(target or reverse("identity:security"))
            form.add_error(None, _WRONG)
    return _page(request, form, target)


def _proved(request: Any, form: ProofForm, ceremony: Any) -> bool:
    given = form.cleaned_data
    by_key = bool(given["answer"])
    return actions.prove_again(
        request.actor,
        request.open_session.id,
        None if given["alone"] else given["password"],
        (given["answer"], ceremony or {}) if by_key else (given["code"], None),
        address(request),
        at=timezone.now(),
    )


def _page(request: Any, form: ProofForm, target: str) -> HttpResponse:
    kinds = {one.kind for one in queries.factors(request.actor)}
    question: Question | None = None
    if FactorKind.PASSKEY in kinds:
        question = actions.ask_for_passkey()
    elif FactorKind.KEY in kinds:
        question = actions.ask_for_key(request.actor.person_id)
    if question is not None:
        request.session[_CEREMONY] = question.ceremony
    context = {
        "form": form,
        "next": target,
        "question": question,
        "key_form": ProofForm(auto_id="key_%s"),
        "alone": FactorKind.PASSKEY in kinds,
    }
    status = 422 if form.errors else 200
    return render(request, "identity/prove.html", context, status=status)
