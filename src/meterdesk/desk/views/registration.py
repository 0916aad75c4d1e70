"""Registration data at the desk: providers, their files, troubles, refreshes (REG-1, 3, 4)."""

from collections.abc import Callable
from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from meterdesk.desk.forms.registration import (
    ConfirmForm,
    DifferenceForm,
    FileFilters,
    ProviderForm,
    ReasonForm,
    RefreshForm,
    RegistrationForm,
)
from meterdesk.desk.queries.registration import standing
from meterdesk.identity.queries import ActorRequest
from meterdesk.kernel.errors import NotAllowed, NotVisible, Refused, Stale
from meterdesk.kernel.paging import PageRequest
from meterdesk.platform import tables
from meterdesk.platform.tables import Column
from meterdesk.registration import actions
from meterdesk.registration.access import may_manage
from meterdesk.registration.queries import providers as registration
from meterdesk.registration.queries.providers import FileSearch

OVERVIEW: Final = "desk:registration"
FILES: Final = tables.register(
    tables.Table(
        "registration-files",
        (
            Column("id", "File", {"File": "id", "Name": "name"}, always=True),
            Column("provider", "Provider"),
            Column("kind", "Kind"),
            Column("sequence", "Sequence", numeric=True),
            Column("state", "State", {"State": lambda row: row.state.word, "Reason": "reason"}),
            Column("accepted", "Accepted", numeric=True),
            Column("unchanged", "Unchanged", numeric=True),
            Column("refused", "Refused", numeric=True),
            Column("received_at", "Received", sort="received_at"),
        ),
        sort="-received_at",
    )
)


@require_safe
def overview(request: ActorRequest) -> HttpResponse:
    """Providers, and everything that is open."""
    actor, now = request.actor, timezone.now()
    context = {
        "providers": registration.providers(actor, at=now),
        "standing": standing(actor),
        "waiting": registration.provider_files(
            actor, FileSearch(state="AWAITING"), PageRequest()
        ).items,
        "may_manage": may_manage(actor),
        "now": now,
    }
    return render(request, "desk/registration.html", context)


@require_safe
def show_provider(request: ActorRequest, code: str) -> HttpResponse:
    """One provider: how it stands, its files, what was wrong, its history."""
    actor, now = request.actor, timezone.now()
    context = {
        "provider": registration.provider(actor, code, at=now),
        "standing": standing(actor, code, still_open=False),
        "files": registration.provider_files(actor, FileSearch(code), PageRequest(20)).items,
        "steps": registration.provider_steps(actor, code),
        "may_manage": may_manage(actor),
        "now": now,
    }
    return render(request, "desk/registration_provider.html", context)


@require_safe
def files(request: ActorRequest) -> HttpResponse:
    """Files received, newest first."""
    form, search = _asked(request)
    actor = request.actor
    table = tables.view_of(actor, FILES)
    page = registration.provider_files(actor, search, table.page(request.GET.get("after")))
    context = {"form": form, "table": table, "page": page}
    return render(request, "desk/registration_files.html", context)


@require_GET
def download_files(request: ActorRequest) -> StreamingHttpResponse:
    """The same files, all of them, as CSV."""
    _form, search = _asked(request)
    actor = request.actor
    return tables.export(
        request,
        tables.view_of(actor, FILES),
        lambda page: registration.provider_files(actor, search, page),
        at=timezone.now(),
    )


def _asked(request: ActorRequest) -> tuple[FileFilters, FileSearch]:
    form = FileFilters(request.GET)
    form.is_valid()
    given = form.cleaned_data
    sort = request.GET.get("sort") or "-received_at"
    search = FileSearch(given.get("provider", "").strip().upper(), given.get("state", ""), sort)
    return form, search


@require_safe
def show_file(request: ActorRequest, file_id: int) -> HttpResponse:
    """One file: what became of it, and the records that were refused."""
    actor = request.actor
    page = PageRequest(cursor=request.GET.get("after") or None)
    context = {
        "file": registration.provider_file(actor, file_id),
        "page": registration.refused_records(actor, file_id, page),
        "may_manage": may_manage(actor),
    }
    return render(request, "desk/registration_file.html", context)


@require_GET
def download_response(request: ActorRequest, file_id: int) -> StreamingHttpResponse:
    """The response to a file, to be saved."""
    name, lines = registration.response_of(request.actor, file_id)
    return StreamingHttpResponse(
        lines,
        content_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def new_provider(request: ActorRequest) -> HttpResponse:
    """Take a provider up."""
    actor = request.actor
    form = ProviderForm(request.POST or None)
    return _step(
        request,
        form,
        title="Add a provider",
        button="Add",
        act=lambda: actions.add_provider(actor, form.details(), at=timezone.now()),
        done="The provider was added. Its files are taken in from now on.",
    )


@require_http_methods(["GET", "HEAD", "POST"])
def change_provider(request: ActorRequest, code: str) -> HttpResponse:
    """Change a provider."""
    actor, now = request.actor, timezone.now()
    there = registration.provider(actor, code, at=now)
    form = ProviderForm(request.POST or None, there=there)
    return _step(
        request,
        form,
        title=f"Change {there.name}",
        button="Save",
        act=lambda: actions.change_provider(
            actor,
            code,
            form.details(code, there.fuel),
            at=now,
            version=form.cleaned_data["version"],
        ),
        done="The provider was changed.",
        code=code,
        back=there.name,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def new_refresh(request: ActorRequest, code: str) -> HttpResponse:
    """Ask a provider for its data afresh (REG-3)."""
    actor, now = request.actor, timezone.now()
    there = registration.provider(actor, code, at=now)
    form = RefreshForm(request.POST or None)
    return _step(
        request,
        form,
        title=f"Ask {there.name} for a refresh",
        button="Ask for it",
        act=lambda: actions.request_refresh(
            actor, code, why=form.cleaned_data["why"], mpxns=form.cleaned_data["mpxns"], at=now
        ),
        done="The refresh was asked for. The provider has been written to.",
        code=code,
        back=there.name,
        lead="It is due by the end of the second calendar day. The provider is written to now, and "
        "reminded a day before.",
    )


@require_http_methods(["GET", "HEAD", "POST"])
def cancel_refresh(request: ActorRequest, refresh_id: int) -> HttpResponse:
    """Take a request for a refresh back."""
    actor = request.actor
    there = registration.refresh(actor, refresh_id)
    form = ReasonForm(request.POST or None, initial={"version": there.version})
    return _step(
        request,
        form,
        title=f"Cancel refresh {there.id}",
        button="Cancel the refresh",
        act=lambda: actions.cancel_refresh(
            actor, refresh_id, at=timezone.now(), **form.cleaned_data
        ),
        done="The refresh was cancelled. The provider has been written to.",
        code=there.provider,
        back=there.provider,
        lead="The provider is told that it need not send the data.",
    )


@require_http_methods(["GET", "HEAD", "POST"])
def new_misalignment(request: ActorRequest, code: str) -> HttpResponse:
    """Report misaligned data (REG-3)."""
    actor, now = request.actor, timezone.now()
    there = registration.provider(actor, code, at=now)
    form = DifferenceForm(request.POST or None)
    return _step(
        request,
        form,
        title=f"Report data that differs from {there.name}'s",
        button="Report it",
        act=lambda: actions.report_misalignment(actor, code, form.difference(), at=now),
        done="It was reported, and an incident was raised.",
        code=code,
        back=there.name,
        lead="An incident is raised against the provider. It says whose version counts until the "
        "difference is settled; those registered at the meter point are told.",
    )


@require_http_methods(["GET", "HEAD", "POST"])
def settle_misalignment(request: ActorRequest, misalignment_id: int) -> HttpResponse:
    """Say how misaligned data was settled."""
    actor = request.actor
    there = registration.misalignment(actor, misalignment_id)
    form = ReasonForm(request.POST or None, initial={"version": there.version})
    form.fields["why"].label = "How it was settled"
    return _step(
        request,
        form,
        title=f"Settle: {there.what} of {there.mpxn}",
        button="Settle it",
        act=lambda: actions.settle_misalignment(
            actor,
            misalignment_id,
            outcome=form.cleaned_data["why"],
            at=timezone.now(),
            version=form.cleaned_data["version"],
        ),
        done="It was settled. Its incident stays open until it is resolved.",
        code=there.provider,
        back=there.provider,
        lead=f"Meterdesk holds {there.held or 'nothing'}; the provider says {there.reported}.",
    )


@require_http_methods(["GET", "HEAD", "POST"])
def decide_file(request: ActorRequest, file_id: int, verb: str) -> HttpResponse:
    """Apply or refuse a full file that waits for a person."""
    actor, now = request.actor, timezone.now()
    there = registration.provider_file(actor, file_id)
    start = {"version": there.version}
    if verb == "apply":
        form: RegistrationForm = ConfirmForm(request.POST or None, initial=start)
        return _step(
            request,
            form,
            title=f"Apply file {there.sequence} of {there.provider}",
            button="Apply it",
            act=lambda: actions.confirm_file(
                actor, file_id, at=now, version=form.cleaned_data["version"]
            ),
            done="The file was applied.",
            code=there.provider,
            back=there.provider,
            lead=f"{there.reason} Files held for this one are applied after it.",
        )
    if verb != "refuse":
        raise NotVisible()
    form = ReasonForm(request.POST or None, initial=start)
    return _step(
        request,
        form,
        title=f"Refuse file {there.sequence} of {there.provider}",
        button="Refuse it",
        act=lambda: actions.refuse_file(actor, file_id, at=now, **form.cleaned_data),
        done="The file was refused. The response tells the provider why.",
        code=there.provider,
        back=there.provider,
        lead="Nothing of it is applied. Its sequence is free for another file.",
    )


def _step(
    request: ActorRequest, form: RegistrationForm, act: Callable[[], Any], **words: str
) -> HttpResponse:
    """A form on a page of its own; what was typed is kept when it is refused.

    `words`: title, button, done; perhaps lead, and the code of the provider to go back to,
    with its name, `back`.
    """
    if not may_manage(request.actor):
        raise NotAllowed()
    sent = request.method == "POST"
    refused = _tried(act) if sent and form.is_valid() else None
    if sent and form.is_valid() and refused is None:
        messages.success(request, words["done"], extra_tags="registration")
        code = words.get("code")
        return redirect("desk:registration-provider", code) if code else redirect(OVERVIEW)
    status = 422 if sent else 200
    if refused is not None:
        status = refused.status
        form.refuse(refused)
    context = {"form": form, "words": words, "stale": isinstance(refused, Stale)}
    return render(request, "desk/registration_step.html", context, status=status)


def _tried(act: Callable[[], Any]) -> Refused | None:
    """Why the action refused, or None when it was done. Raises NotAllowed."""
    try:
        act()
    except NotAllowed:
        raise
    except Refused as refused:
        return refused
    return None
