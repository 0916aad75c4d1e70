"""What apps above add to a page: panels, and links beside a heading (platform.parts)."""

from typing import Any

from django.template.context import Context
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from meterdesk.platform.parts import parts_of
from meterdesk.platform.web.templatetags.ui.fields import link_button
from meterdesk.platform.web.templatetags.ui.library import draw, library


@library.simple_tag(takes_context=True)
def page_parts(context: Context, page: str, *subject: Any) -> SafeString:
    """A panel for each part that was registered for the page and that its reader may see."""
    found = parts_of(page, context["actor"], *subject)
    return format_html_join("", "{}", ((draw("part", part=part),) for part in found))


@library.simple_tag(takes_context=True)
def part_links(context: Context, place: str, *subject: Any) -> SafeString:
    """The links of the parts registered for a place, for the "actions" of a panel."""
    found = (part.link for part in parts_of(place, context["actor"], *subject) if part.link)
    return format_html_join("", "{}", ((link_button(*link, kind="quiet"),) for link in found))
