"""A form that is shown, sent, refused at its fields or done."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from meterdesk.kernel.errors import NotAllowed, NotVisible, Refused
from meterdesk.platform.web.refusable import RefusableForm


def submitted(
    request: Any,
    form: RefusableForm,
    save: Callable[[dict[str, Any]], HttpResponse],
    template: str,
    context: dict[str, Any],
) -> HttpResponse:
    """Show the form, or save what it holds; what is refused stands at its fields."""
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                return save(form.cleaned_data)
            except (NotAllowed, NotVisible):
                raise
            except Refused as refused:
                form.refuse(refused)
                status = refused.status
    return render(request, template, context | {"form": form}, status=status)
