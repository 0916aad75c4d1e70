"""Reviews of accounts: begun, worked through, kept."""

from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from meterdesk.identity import actions, queries
from meterdesk.identity.rules.accounts import Decision
from meterdesk.platform import tables
from meterdesk.platform.tables import Column

REVIEW: Final = tables.register(
    tables.Table(
        "review",
        (
            Column("username", "Username", always=True),
            Column("name", "Name", {"Name": "display_name"}),
            Column("department", "Department"),
            Column("roles", "Roles", {"Roles": lambda row: "; ".join(row.roles)}),
            Column("last_login", "Last log-in", {"Last log-in": "last_login_at"}),
            Column(
                "decision",
                "Decision",
                {"Decision": "decision_word", "By": "decided_by", "At": "decided_at"},
            ),
        ),
    )
)


@require_http_methods(["GET", "POST"])
def list_reviews(request: Any) -> HttpResponse:
    """The reviews there were; a POST begins one."""
    at = timezone.now()
    if request.method == "POST":
        number = actions.start_review(request.actor, at=at)
        messages.success(request, "The review has begun. Confirm or remove each account.")
        return HttpResponseRedirect(reverse("identity:review", args=[number]))
    context = {
        "reviews": queries.reviews(request.actor, at=at),
        "rules": queries.own_account_rules(request.actor),
    }
    return render(request, "identity/reviews.html", context)


@require_http_methods(["GET", "POST"])
def one_review(request: Any, review_id: int) -> HttpResponse:
    """The accounts of a review; a POST confirms the chosen ones."""
    at = timezone.now()
    if request.method == "POST":
        chosen = [int(one) for one in request.POST.getlist("person") if one.isdecimal()]
        confirmed = actions.confirm_accounts(request.actor, review_id, chosen, at=at)
        messages.success(request, f"{confirmed} account{'' if confirmed == 1 else 's'} confirmed.")
        return HttpResponseRedirect(request.get_full_path())
    view = queries.review(request.actor, review_id, at=at)
    decision = request.GET.get("decision", "" if view.finished_at else Decision.OPEN)
    table = tables.view_of(request.actor, REVIEW)
    page = queries.review_rows(
        request.actor, review_id, decision, table.page(request.GET.get("after")), at=at
    )
    choices = [(one.value, one.word, one == decision) for one in Decision]
    choices.append(("", "All", decision == ""))
    context = {
        "review": view,
        "page": page,
        "table": table,
        "decision": decision,
        "choices": choices,
    }
    return render(request, "identity/review.html", context)


@require_GET
def download(request: Any, review_id: int) -> StreamingHttpResponse:
    """The report of a review as CSV: each account, what was decided, by whom and when."""
    at = timezone.now()
    decision = request.GET.get("decision", "")
    return tables.export(
        request,
        tables.view_of(request.actor, REVIEW),
        lambda page: queries.review_rows(request.actor, review_id, decision, page, at=at),
        at=at,
    )
