"""Marks of incidents: state, priority, target."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from meterdesk.incidents.queries import ClockView
from meterdesk.incidents.rules.states import TRANSITIONS, State, Verb
from meterdesk.incidents.rules.targets import PRIORITY_WORDS, ClockKind
from meterdesk.kernel import worktime
from meterdesk.platform.web.moments import duration_words
from meterdesk.platform.web.templatetags.ui.marks import status, target_clock

register = template.Library()

_STATES = {
    State.NEW: "info",
    State.IN_PROGRESS: "info",
    State.ON_HOLD: "paused",
    State.RESOLVED: "good",
    State.CLOSED: "neutral",
    State.CANCELLED: "neutral",
}
_PRIORITIES = {1: "bad", 2: "warn", 3: "info", 4: "neutral", 5: "neutral"}
_RUNNING = {
    worktime.State.ON_TRACK: "on_track",
    worktime.State.AT_RISK: "at_risk",
    worktime.State.BREACHED: "breached",
    worktime.State.PAUSED: "paused",
}
_CLOCKS = {ClockKind.RESPONSE: "Initial response", ClockKind.RESOLUTION: "Resolution"}
_SEGMENTS = {
    worktime.Kind.COUNTED: "Counted",
    worktime.Kind.PAUSED: "Paused",
    worktime.Kind.OUTSIDE: "Outside working hours",
}
_ICONS = {
    Verb.RESPOND: "check",
    Verb.ASSIGN: "user-check",
    Verb.CATEGORISE: "list-ordered",
    Verb.ALLOCATE: "building-2",
    Verb.HAND_BACK: "undo-2",
    Verb.HOLD: "circle-pause",
    Verb.RESUME: "circle-play",
    Verb.RESOLVE: "circle-check",
    Verb.CLOSE: "archive",
    Verb.REOPEN: "rotate-ccw",
    Verb.CANCEL: "circle-x",
    Verb.LINK_REPEAT: "link",
}


@register.simple_tag
def incident_state(state: State) -> SafeString:
    """The state as a word with a shape and a colour."""
    return status(_STATES[state], state.word)


@register.simple_tag
def incident_priority(priority: int) -> SafeString:
    """Priority as number and word."""
    return status(_PRIORITIES[priority], f"{priority} {PRIORITY_WORDS[priority]}")


@register.simple_tag
def incident_target(clock: ClockView | None, short: bool = False) -> SafeString:
    """A clock as due time, working time left and a word; how it ended once it stopped.

    `short` is for tables.
    """
    if clock is None:
        return format_html("<span>{}</span>", "–")
    reading = clock.reading
    if reading.state in _ENDED:
        return status(*_ENDED[reading.state])
    return target_clock(
        _RUNNING[reading.state],
        due=reading.due_at,
        remaining=reading.remaining,
        since=reading.paused_since,
        short=short,
    )


_ENDED = {worktime.State.MET: ("good", "Met"), worktime.State.MISSED: ("bad", "Missed")}
_VERDICTS = {
    "OK": ("good", "In order"),
    "WARNING": ("warn", "Warning"),
    "FAULT": ("bad", "Fault"),
    "NOT_SHOWN": ("neutral", "Not shown"),
}


@register.simple_tag
def incident_verdict(verdict: str) -> SafeString:
    """What a check of a diagnosis that is attached came to."""
    return status(*_VERDICTS.get(verdict, ("neutral", "Not known")))


@register.filter
def time_left(reading: worktime.Reading) -> str:
    """Working time left, or by how much the target is overrun."""
    words = duration_words(reading.remaining)
    return f"{words} over" if reading.remaining < worktime.NOTHING else words


@register.filter
def clock_name(clock: ClockView) -> str:
    """What the clock measures."""
    return _CLOCKS[clock.kind]


@register.filter
def segment_word(segment: worktime.Segment) -> str:
    """What became of a stretch of time, with the reason."""
    word = _SEGMENTS[segment.kind]
    return f"{word}: {segment.reason}" if segment.kind is worktime.Kind.PAUSED else word


@register.filter
def verb_title(verb: Verb) -> str:
    """The words of a button."""
    return TRANSITIONS[verb].title


@register.filter
def verb_icon(verb: Verb) -> str:
    """The icon of a button."""
    return _ICONS[verb]
