"""API tokens: one's own, and those of the organisation one administers (FSM-17)."""

from datetime import datetime, timedelta
from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from meterdesk.identity import actions, queries
from meterdesk.identity.forms import LONDON, RotateForm, TokenFilter, TokenForm
from meterdesk.identity.queries import TokenEntry, TokenSearch
from meterdesk.identity.views.proof import entered, weighty
from meterdesk.kernel.errors import NotVisible, Refused
from meterdesk.kernel.paging import Page, PageRequest
from meterdesk.platform import tables
from meterdesk.platform.tables import Column

TOKENS: Final = tables.register(
    tables.Table(
        "tokens",
        (
            Column("name", "Token", {"Token": "name", "Ends in": "last_characters"}, always=True),
            Column("owner", "Owner", {"Owner": "owner", "Service account": "owner_is_service"}),
            Column("organisation", "Organisation", {"Organisation": "organisation_name"}),
            Column("scope", "May do", {"May do": lambda one: ", ".join(one.components or ["all"])}),
            Column(
                "networks", "From", {"Networks": lambda one: ", ".join(one.networks or ["any"])}
            ),
            Column("state", "State", {"State": "state"}),
            Column("used", "Last used", {"Last used": "last_used_at", "Used at": "last_used_from"}),
            Column("expires", "Expires", {"Expires": "expires_at"}, sort="expires"),
        ),
        sort="expires",
    )
)


@require_http_methods(["GET", "POST"])
@weighty
def new_token(request: Any) -> HttpResponse:
    """Create a token of one's own; its secret is shown in the answer and never again."""
    at = timezone.now()
    form = token_form(request, [one.id for one in queries.component_access(request.actor)
                                if one.is_open], at)  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            _, secret = actions.create_token(
                request.actor,
                form.cleaned_data["name"],
                form.expires_at,
                form.limited_to,
                form.bound_to,
                at=at,
            )
            return shown_once(request, secret, form.expires_at, _own())
        except Refused as refused:
            form.refuse(refused)
    context = {"form": form, "back": _own(), "back_label": "Profile"}
    return render(request, "identity/token.html", context, status=422 if form.errors else 200)


def token_form(request: Any, components: list[str], at: datetime) -> TokenForm:
    """The form of a new token that can be limited to these components."""
    named = {one.id: one.name for one in queries.component_access(request.actor)}
    offered = [(one, f"{named.get(one, one)} ({one})") for one in components]
    in_three_months = at.astimezone(LONDON).date() + timedelta(days=90)
    return TokenForm(entered(request), components=offered, initial={"expires_on": in_three_months})


def shown_once(
    request: Any, secret: str, expires_at: datetime, back: str, old_until: datetime | None = None
) -> HttpResponse:
    """The page with a new secret."""
    context = {"secret": secret, "expires_at": expires_at, "back": back, "old_until": old_until}
    return render(request, "identity/token_created.html", context)


def _own() -> str:
    return reverse("identity:profile") + "#tokens"


def _onward(request: Any, token: TokenEntry) -> str:
    """Where one goes from a token: to one's profile, or to the tokens of the organisation."""
    if token.owner == request.actor.username:
        return _own()
    return reverse("identity:organisation_tokens")


def _token(request: Any, token_id: int) -> TokenEntry:
    found = queries.token(request.actor, token_id, timezone.now())
    if found is None:
        raise NotVisible()
    return found


@require_http_methods(["GET", "POST"])
@weighty
def rotate(request: Any, token_id: int) -> HttpResponse:
    """Give a token a new secret; the one before works on for a while."""
    at, token = timezone.now(), _token(request, token_id)
    form = RotateForm(entered(request))
    if request.method == "POST" and form.is_valid():
        try:
            secret = actions.rotate_token(
                request.actor, token_id, form.overlap, expires_at=form.expires_at, at=at
            )
            after = _token(request, token_id)
            back = _onward(request, token)
            return shown_once(request, secret, after.expires_at, back, after.old_secret_until)
        except Refused as refused:
            if not refused.fields:
                raise
            form.refuse(refused)
    context = {"form": form, "token": token, "back": _onward(request, token)}
    status = 422 if form.errors else 200
    return render(request, "identity/rotate_token.html", context, status=status)


@require_POST
def end_token(request: Any, token_id: int) -> HttpResponse:
    """Revoke a token."""
    token = _token(request, token_id)
    actions.revoke_token(request.actor, token_id, at=timezone.now())
    messages.success(request, "The token is revoked. Calls with it are refused from now on.")
    return HttpResponseRedirect(_onward(request, token))


@require_GET
def organisation_tokens(request: Any) -> HttpResponse:
    """Tokens of the people and service accounts that one administers, those that end first."""
    form, table = TokenFilter(request.GET), _table(request)
    page = _found(request, form, table.page(request.GET.get("after")))
    context = {"form": form, "page": page, "table": table}
    return render(request, "identity/organisation_tokens.html", context)


@require_GET
def download(request: Any) -> StreamingHttpResponse:
    """The same tokens as CSV to be saved, without their secrets."""
    form = TokenFilter(request.GET)
    return tables.export(
        request, _table(request), lambda page: _found(request, form, page), at=timezone.now()
    )


def _table(request: Any) -> tables.TableView:
    without = () if request.actor.is_operator else ("organisation",)
    return tables.view_of(request.actor, TOKENS, without=without)


def _found(request: Any, form: TokenFilter, page: PageRequest) -> Page[TokenEntry]:
    at = timezone.now()
    chosen = form.cleaned_data if form.is_valid() else {}
    unused = chosen.get("unused") or "0"
    # By the day, so that the cursors of one list belong together.
    today = at.replace(hour=0, minute=0, second=0, microsecond=0)
    search = TokenSearch(
        text=chosen.get("text", ""),
        state=chosen.get("state", ""),
        sort=request.GET.get("sort", "expires"),
        unused_since=today - timedelta(days=int(unused)) if unused != "0" else None,
    )
    return queries.administered_tokens(request.actor, search, page, at=at)
