"""Versions of coverage: what each changes, and letting it count."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from meterdesk.coverage.access import may_switch
from meterdesk.coverage.actions.switching import ask_switch, refuse_version
from meterdesk.coverage.queries.versions import (
    differences,
    total_difference,
    version,
    versions,
)
from meterdesk.coverage.rules.versions import SWITCH_STEPS, VersionState
from meterdesk.kernel.errors import Conflict, NotVisible
from meterdesk.kernel.paging import PageRequest

_DONE = {
    "switch": "This version is being switched in. It counts, all at once, when that is done.",
    "refuse": "The version was put away; nothing of it counts.",
}


class DecisionForm(forms.Form):
    """The version of the record as it was read."""

    version = forms.IntegerField(widget=forms.HiddenInput)


@require_safe
def version_list(request: Any) -> HttpResponse:
    """The latest versions."""
    return render(request, "coverage/versions.html", {"versions": versions(request.actor)})


@require_safe
def show_version(request: Any, version_id: int) -> HttpResponse:
    """One version: what it changes, by outcode."""
    page = PageRequest(cursor=request.GET.get("after") or None)
    context = {
        "version": version(request.actor, version_id),
        "steps": len(SWITCH_STEPS),
        "total": total_difference(request.actor, version_id),
        "page": differences(request.actor, version_id, page),
        "may_switch": may_switch(request.actor),
    }
    return render(request, "coverage/version.html", context)


@require_safe
def progress(request: Any, version_id: int) -> HttpResponse:
    """How far a switch is; tells the page to load again when it is over."""
    there = version(request.actor, version_id)
    context = {"version": there, "steps": len(SWITCH_STEPS)}
    response = render(request, "coverage/version_progress.html", context)
    if there.state is not VersionState.SWITCHING:
        response["HX-Refresh"] = "true"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: Any, version_id: int, verb: str) -> HttpResponse:
    """Say what will happen, then do it."""
    there = version(request.actor, version_id)
    if verb not in _DONE:
        raise NotVisible()
    form = DecisionForm(request.POST or None, initial={"version": there.version})
    if request.method == "POST":
        if not form.is_valid():
            raise Conflict("Open the page again and confirm there.")
        act = ask_switch if verb == "switch" else refuse_version
        act(request.actor, version_id, at=timezone.now(), version=form.cleaned_data["version"])
        messages.success(request, _DONE[verb])
        return redirect("coverage:version", version_id)
    context = {
        "version": there,
        "total": total_difference(request.actor, version_id),
        "form": form,
        "is_switch": verb == "switch",
    }
    return render(request, "coverage/decide.html", context)
