"""Blocks of a page: head, panels, alerts, facts, timeline, tree, tabs, steps."""

from __future__ import annotations

from datetime import datetime

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from meterdesk.platform.web.moments import clock_words, day_words, moment_words
from meterdesk.platform.web.templatetags.ui.library import Body, block, draw, library
from meterdesk.platform.web.templatetags.ui.marks import icon, known_kind, shape

_ALERT_ICONS = {
    "neutral": "info",
    "info": "info",
    "good": "circle-check",
    "warn": "triangle-alert",
    "bad": "octagon-alert",
    "paused": "circle-pause",
}


@block
def page_head(
    body: Body, title: str, back_url: str = "", back_label: str = "Back", lead: str = ""
) -> str:
    """Head of a page; the content is its actions, the slot "lead" may replace `lead`."""
    return draw(
        "page_head",
        title=title,
        back_url=back_url,
        back_label=back_label,
        lead=body.slot("lead") or lead,
        actions=body.content,
    )


@block
def panel(body: Body, title: str = "", id: str = "", flush: bool = False, level: int = 2) -> str:
    """A bordered region; slots "actions" and "foot"; `flush` lets a table touch the edges."""
    return draw(
        "panel",
        title=title,
        id=id,
        flush=flush,
        level=level,
        actions=body.slot("actions"),
        foot=body.slot("foot"),
        content=body.content,
    )


@block
def columns(body: Body, shape: str = "1-1") -> str:
    """Columns that stack when narrow: 1-1, 2-1, 1-2, 1-1-1 or 1-2-1."""
    return format_html('<div class="columns c-{}">{}</div>', shape, body.content)


@block
def column(body: Body) -> str:
    """One column."""
    return format_html("<div>{}</div>", body.content)


@block
def side_by_side(body: Body) -> str:
    """Fields of a form in one row where there is room, in the order they are read."""
    return format_html('<div class="side-by-side">{}</div>', body.content)


@block
def alert(body: Body, kind: str, title: str = "", live: bool = False) -> str:
    """A message in the page; `live` has it read out when it appears."""
    heading = format_html("<h2>{}</h2>", title) if title else ""
    return format_html(
        '<div class="alert {}"{}>{}<div>{}<div class="body">{}</div></div></div>',
        known_kind(kind),
        SafeString(' role="alert"') if live else "",
        icon(_ALERT_ICONS[kind], size=18),
        heading,
        body.content,
    )


@block
def details(body: Body, summary: str, open: bool = False) -> str:
    """Something to read on demand."""
    return format_html(
        '<details class="more"{}><summary>{}{}</summary><div class="body">{}</div></details>',
        SafeString(" open") if open else "",
        icon("chevron-right", size=14),
        summary,
        body.content,
    )


@block
def facts(body: Body, across: bool = False) -> str:
    """A list of names and values."""
    return format_html('<dl class="facts{}">{}</dl>', " across" if across else "", body.content)


@block
def fact(body: Body, label: str) -> str:
    """One name with the value between the tags."""
    return format_html("<div><dt>{}</dt><dd>{}</dd></div>", label, body.content or "–")


@library.simple_tag
def fact_line(label: str, value: object) -> SafeString:
    """One name with a plain value; nothing is shown as a dash."""
    shown = "–" if value in (None, "") else value
    return format_html("<div><dt>{}</dt><dd>{}</dd></div>", label, shown)


@block
def answers(body: Body) -> str:
    """Check-your-answers: a list of `answer` blocks."""
    return format_html('<dl class="facts answers">{}</dl>', body.content)


@block
def answer(body: Body, label: str, change_url: str = "") -> str:
    """One answer with a link to change it."""
    change = (
        format_html(
            '<dd class="change"><a href="{}">Change<span class="vh"> {}</span></a></dd>',
            change_url,
            label.lower(),
        )
        if change_url
        else ""
    )
    return format_html("<div><dt>{}</dt><dd>{}</dd>{}</div>", label, body.content or "–", change)


@block
def timeline(body: Body, label: str) -> str:
    """What happened, newest first; filled with `event` blocks and `timeline_day`s."""
    return format_html('<ol class="timeline" aria-label="{}">{}</ol>', label, body.content)


@library.simple_tag
def timeline_day(on: datetime) -> SafeString:
    """A heading between the events of two days; the events below may show the time only."""
    return format_html('<li class="day">{}</li>', day_words(on))


@block
def event(
    body: Body, title: str, at: datetime, kind: str = "neutral", time_only: bool = False
) -> str:
    """One thing that happened; more about it stands between the tags."""
    more = body.content
    return format_html(
        '<li><span class="mark {}">{}</span><div class="what"><span class="title">{}</span>{}</div>'
        '<time datetime="{}">{}</time></li>',
        known_kind(kind),
        shape(kind),
        title,
        format_html('<div class="more">{}</div>', more) if more else "",
        at.isoformat(timespec="seconds"),
        clock_words(at) if time_only else moment_words(at),
    )


@block
def tree(body: Body, label: str) -> str:
    """A hierarchy, always open; filled with `branch` blocks."""
    return format_html('<ul class="tree" aria-label="{}">{}</ul>', label, body.content)


@block
def branch(body: Body, name: str, url: str = "", icon_name: str = "") -> str:
    """One node; between the tags what stands beside its name; slots "more" and "branches"."""
    title = format_html('<a href="{}">{}</a>', url, name) if url else name
    return draw(
        "branch",
        title=title,
        icon_name=icon_name,
        beside=body.content,
        more=body.slot("more"),
        branches=body.slot("branches"),
    )


@block
def tabs(body: Body, label: str) -> str:
    """Links between the parts of one thing; each tab is a page of its own."""
    return format_html('<nav class="tabs" aria-label="{}">{}</nav>', label, body.content)


@library.simple_tag
def tab(label: str, url: str, current: bool = False, count: str | int = "") -> SafeString:
    """One tab, perhaps with a count."""
    return format_html(
        '<a href="{}"{}>{}{}</a>',
        url,
        SafeString(' aria-current="page"') if current else "",
        label,
        "" if count == "" else format_html(' <span class="n">{}</span>', count),
    )


@library.simple_tag
def steps(labels: str, current: int) -> SafeString:
    """The steps of a task, `labels` parted by "|", `current` counted from 1."""
    rows = []
    for number, label in enumerate(labels.split("|"), start=1):
        if number < current:
            state = SafeString(' class="done"')
        else:
            state = SafeString(' aria-current="step"' if number == current else "")
        done = SafeString('<span class="vh"> (done)</span>' if number < current else "")
        rows.append((state, label, done))
    return format_html(
        '<ol class="steps" aria-label="Steps">{}</ol>',
        format_html_join("", "<li{}>{}{}</li>", rows),
    )


@block
def confirmation(body: Body, title: str, reference: str = "", reference_label: str = "") -> str:
    """A thing is done: what, its reference, and between the tags what happens next."""
    return draw(
        "confirmation",
        title=title,
        reference=reference,
        reference_label=reference_label,
        content=body.content,
    )


@block
def menu(body: Body, label: str, icon_name: str = "", primary: bool = False) -> str:
    """A button that opens a list of links and buttons."""
    return draw("menu", label=label, icon_name=icon_name, primary=primary, content=body.content)


@block
def region(body: Body, id: str) -> str:
    """A part of the page whose own links and forms replace only itself, address included."""
    return format_html(
        '<div id="{0}" class="region stack" hx-boost="true" hx-target="#{0}" hx-select="#{0}" '
        'hx-swap="outerHTML show:none" hx-push-url="true">{1}</div>',
        id,
        body.content,
    )
