"""The rules of an organisation's accounts: its domains, dormancy, how often they are reviewed."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from meterdesk.identity import actions, queries
from meterdesk.identity.forms import AccountRulesForm
from meterdesk.kernel.errors import Refused


@require_http_methods(["GET", "POST"])
def account_rules(request: Any) -> HttpResponse:
    """Read and change the rules."""
    form = AccountRulesForm(
        request.POST or None, initial=_initial(queries.own_account_rules(request.actor))
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            actions.set_account_rules(
                request.actor,
                given["email_domains"].split(),
                given["dormant_after_days"],
                given["review_every_months"],
                given["version"] or 0,
                at=timezone.now(),
            )
            messages.success(request, "The rules are saved and hold from now on.")
            return HttpResponseRedirect(reverse("identity:account_rules"))
        except Refused as refused:
            form.refuse(refused)
    status = 422 if form.errors else 200
    return render(request, "identity/account_rules.html", {"form": form}, status=status)


def _initial(rules: queries.RulesView) -> dict[str, Any]:
    return {
        "email_domains": "\n".join(rules.email_domains),
        "dormant_after_days": rules.dormant_after_days,
        "review_every_months": rules.review_every_months,
        "version": rules.version,
    }
