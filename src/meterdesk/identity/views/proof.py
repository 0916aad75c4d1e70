"""Fresh proof: what weighs much asks again for password and second factor.

That is every change to one's own security, what makes or renews an API token, and what lets
somebody else in: an identity provider's approval, a sharing's activation.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import quote, urlsplit

from django.http import HttpResponse, HttpResponseRedirect
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
_WRONG = "That did not prove that it is you. Check your password, and enter the next code."


def fresh_proof(view: View) -> View:
    """Let a change to one's own security run only within five minutes of a proof.

    Otherwise a proof is asked for, and leads back. Whom an identity provider vouches for has
    nothing here to change.
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
    """Where to prove that it is oneself, when the last proof is older than five minutes.

    Raises NotAllowed for whom an identity provider vouches for: the proof is given there, by
    logging in again.
    """
    found = request.open_session
    if timezone.now() - found.proved_at <= PROOF_FRESH:
        return None
    if found.vouched_for:
        raise NotAllowed(
            "This asks for a fresh log-in. Log out, log in again at your organisation's identity "
            "provider, and do it within five minutes."
        )
    return HttpResponseRedirect(f"{reverse('identity:prove')}?next={quote(_back(request))}")


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
