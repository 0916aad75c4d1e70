"""The page on which an officer reads a notification and signs it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from meterdesk.kernel.errors import NotAllowed, NotVisible, Refused
from meterdesk.organisations import actions, queries
from meterdesk.organisations.forms import ConfirmationForm, SignatureForm


@require_http_methods(["GET", "HEAD", "POST"])
def notification(request: Any, sharing_id: UUID, notification_id: UUID) -> HttpResponse:
    """A notification; while it waits for its officer, with the two ways to sign."""
    at = timezone.now()
    found = queries.notification(request.actor, sharing_id, notification_id, at=at)
    by_file = request.POST.get("way") == "file"
    sent = request.method == "POST"
    confirmation = ConfirmationForm(request.POST if sent and not by_file else None)
    upload = SignatureForm(request.POST or None, request.FILES) if by_file else SignatureForm()
    used = upload if by_file else confirmation
    status = 200
    if sent:
        status = 422
        if used.is_valid():
            try:
                _sign(request, sharing_id, notification_id, used.cleaned_data, by_file=by_file)
            except (NotAllowed, NotVisible):
                raise
            except Refused as refused:
                used.refuse(refused)
                status = refused.status
            else:
                messages.success(request, "The notification is signed.")
                return redirect("organisations:sharing", sharing_id)
    context = {
        "page": queries.sharing(request.actor, sharing_id, at=at),
        "notification": found,
        "confirmation": confirmation,
        "upload": upload,
        "used": used if sent else None,
    }
    return render(request, "organisations/notification.html", context, status=status)


def _sign(
    request: Any, sharing_id: UUID, notification_id: UUID, given: dict[str, Any], *, by_file: bool
) -> None:
    actor, at = request.actor, timezone.now()
    if by_file:
        signature = given["signature"]
        actions.hand_in_signature(actor, sharing_id, notification_id, signature, at=at)
        return
    actions.confirm_signature(
        actor,
        sharing_id,
        notification_id,
        given["name"],
        given["password"],
        given["code"],
        request.META.get("REMOTE_ADDR", ""),
        at=at,
    )


@require_safe
def text(request: Any, sharing_id: UUID, notification_id: UUID) -> HttpResponse:
    """The exact text, to be signed elsewhere."""
    found = queries.notification(request.actor, sharing_id, notification_id, at=timezone.now())
    return HttpResponse(
        found.text.encode(),
        content_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="notification-{found.id}.txt"'},
    )


@require_safe
def signature(request: Any, sharing_id: UUID, notification_id: UUID) -> HttpResponse:
    """The signature file as it was handed in."""
    kept = queries.signature_file(request.actor, sharing_id, notification_id, at=timezone.now())
    return HttpResponse(
        kept,
        content_type="application/pkcs7-signature",
        headers={
            "Content-Disposition": f'attachment; filename="notification-{notification_id}.p7s"'
        },
    )
