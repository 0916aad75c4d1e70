"""Form components: field, error summary, buttons, all after GOV.UK's patterns."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.html import format_html
from django.utils.safestring import SafeString

from meterdesk.platform.web.templatetags.ui.library import draw, library
from meterdesk.platform.web.templatetags.ui.marks import icon

_BUTTON_KINDS = ("primary", "secondary", "danger", "quiet")


def _layout(widget: forms.Widget) -> str:
    if isinstance(widget, forms.CheckboxInput):
        return "choice"
    if widget.use_fieldset:
        return "choices"
    return "plain"


@library.simple_tag
def field(
    bound: BoundField,
    width: int = 0,
    mono: bool = False,
    label: str = "",
    hint: str = "",
) -> SafeString:
    """Draw a form field with label, hint and error; `width` is 4, 10, 16 or 24 characters."""
    if bound.is_hidden:
        return SafeString(str(bound))
    layout = _layout(bound.field.widget)
    anchor = bound.id_for_label or bound.auto_id
    hint = hint or str(bound.help_text)
    described = [f"{anchor}_hint"] if hint else []
    described += [f"{anchor}_problem"] if bound.errors else []
    attrs: dict[str, Any] = {"required": False}
    classes = " ".join(filter(None, (f"w-{width}" if width else "", "mono" if mono else "")))
    if classes:
        attrs["class"] = classes
    if described and layout != "choices":
        attrs["aria-describedby"] = " ".join(described)
    if bound.errors and layout != "choices":
        attrs["aria-invalid"] = "true"
    return draw(
        "field",
        anchor=anchor,
        layout=layout,
        label=label or bound.label,
        optional=not bound.field.required and layout != "choice",
        hint=hint,
        errors=bound.errors,
        described=" ".join(described),
        control=bound.as_widget(attrs=attrs),
    )


@library.simple_tag
def error_summary(form: forms.BaseForm) -> SafeString:
    """List every problem of a bound form above the heading, each linking to its field."""
    if not form.errors:
        return SafeString("")
    problems = [("", message) for message in form.non_field_errors()]
    for bound in form:
        anchor = bound.id_for_label or f"{bound.auto_id}_0"
        problems += [(anchor, message) for message in bound.errors]
    return draw("error_summary", problems=problems)


@library.simple_tag
def button(  # noqa: PLR0913, PLR0917
    label: str,
    kind: str = "secondary",
    icon_name: str = "",
    name: str = "",
    value: str = "",
    type: str = "submit",
    disabled: bool = False,
    hide_label: bool = False,
) -> SafeString:
    """A button; kind primary (one a page), secondary, danger or quiet."""
    return format_html(
        '<button type="{}" class="button {}{}"{}{}>{}{}</button>',
        type,
        _known_button(kind),
        " icon" if hide_label else "",
        format_html(' name="{}" value="{}"', name, value) if name else "",
        SafeString(" disabled") if disabled else "",
        icon(icon_name) if icon_name else "",
        format_html('<span class="vh">{}</span>', label) if hide_label else label,
    )


@library.simple_tag
def link_button(label: str, url: str, kind: str = "secondary", icon_name: str = "") -> SafeString:
    """A link that looks like a button, for going somewhere."""
    return format_html(
        '<a class="button {}" href="{}">{}{}</a>',
        _known_button(kind),
        url,
        icon(icon_name) if icon_name else "",
        label,
    )


def _known_button(kind: str) -> str:
    if kind not in _BUTTON_KINDS:
        raise ValueError(f"A button is one of {', '.join(_BUTTON_KINDS)}, not {kind!r}.")
    return kind
