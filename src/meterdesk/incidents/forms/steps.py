"""Taking a step: what each verb of the table asks for (IM-5, IM-13, IM-21)."""

from collections.abc import Sequence
from typing import Any

from django import forms

from meterdesk.identity.rules import Actor
from meterdesk.incidents.forms.raising import IMPACTS, URGENCIES
from meterdesk.incidents.queries import (
    OperatorView,
    View,
    allocation_choices,
    assignees,
    categories,
    groups_of,
)
from meterdesk.incidents.rules.states import TRANSITIONS, Verb
from meterdesk.incidents.rules.targets import PRIORITY_WORDS
from meterdesk.kernel.identifiers import parse_reference
from meterdesk.platform.web.forms import AskingForm, paragraph

RESOLUTION_CODES = (
    "Restored by itself",
    "Restored remotely",
    "Device replaced or repaired",
    "Network restored",
    "Data corrected",
    "Advice given",
    "No fault found",
    "Duplicate",
)

Choices = Sequence[tuple[str, str]]


class StepForm(AskingForm):
    """A verb that asks for words at most."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, verb: Verb, _actor: Actor, seen: View, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = seen.version
        asks = TRANSITIONS[verb].asks
        if asks and "why" not in self.fields:
            self.fields["why"] = paragraph(asks, required=True)
            self.fields["why"].error_messages["required"] = f"Enter: {asks.lower()}."

    def given(self) -> dict[str, Any]:
        """What the action takes, `version` included; call on a valid form."""
        return dict(self.cleaned_data)

    def choose(self, name: str, label: str, choices: Choices, initial: object = "") -> None:
        """Add a choice, in front of the words."""
        field = forms.ChoiceField(
            label=label,
            choices=list(choices),
            required=not any(value == "" for value, _ in choices),
            initial=str(initial or ""),
        )
        self.fields = {name: field, **self.fields}


class AssignForm(StepForm):
    """To a group, a person, or both."""

    def __init__(self, verb: Verb, actor: Actor, seen: View, *args: Any, **kwargs: Any) -> None:
        super().__init__(verb, actor, seen, *args, **kwargs)
        people = [(str(one.id), one.name) for one in assignees(actor)]
        groups = [(str(one.id), one.name) for one in groups_of(actor)]
        self.choose("person", "Person", [("", "Nobody yet"), *people], actor.person_id)
        self.choose("group", "Group", [("", "No group"), *groups])

    def given(self) -> dict[str, Any]:
        """Numbers of group and person."""
        group, person = self.cleaned_data["group"], self.cleaned_data["person"]
        return {
            "group_id": int(group) if group else None,
            "person_id": int(person) if person else None,
            "version": self.cleaned_data["version"],
        }


class CategoriseForm(StepForm):
    """Category, impact, urgency; priority follows unless it is overridden."""

    def __init__(self, verb: Verb, actor: Actor, seen: View, *args: Any, **kwargs: Any) -> None:
        super().__init__(verb, actor, seen, *args, **kwargs)
        operator = seen if isinstance(seen, OperatorView) else None
        priorities = [(str(number), f"{number} {word}") for number, word in PRIORITY_WORDS.items()]
        known = [(str(one.number), f"{one.number}: {one.meaning}") for one in categories().values()]
        self.choose("priority", "Priority", [("", "As impact and urgency give"), *priorities])
        self.choose("urgency", "Urgency", URGENCIES, operator.urgency if operator else "")
        self.choose("impact", "How much is affected", IMPACTS, operator.impact if operator else "")
        self.choose("category", "Category", known, seen.category)

    def given(self) -> dict[str, Any]:
        """Numbers, and the reason."""
        given = self.cleaned_data
        return {
            "category": int(given["category"]),
            "impact": int(given["impact"]),
            "urgency": int(given["urgency"]),
            "priority": int(given["priority"]) if given["priority"] else None,
            "why": given["why"],
            "version": given["version"],
        }


class AllocateForm(StepForm):
    """To the operator, a service provider, or a party registered at the premises."""

    def __init__(self, verb: Verb, actor: Actor, seen: View, *args: Any, **kwargs: Any) -> None:
        super().__init__(verb, actor, seen, *args, **kwargs)
        found = allocation_choices(actor, seen.reference)
        choices = [
            (f"organisation:{one.id}", one.name) for one in (found.operator, *found.providers)
        ]
        choices += [(f"user_id:{eui}", words) for eui, words in found.parties]
        self.choose("responsible", "Responsible", [("", "Choose"), *choices])
        self.fields["responsible"].required = True
        self.fields["why"].help_text = "The raiser and the party itself read this."

    def given(self) -> dict[str, Any]:
        """A UserId or an organisation's number, and the reason."""
        kind, _, value = self.cleaned_data["responsible"].partition(":")
        whom = {"user_id": value} if kind == "user_id" else {"organisation_id": int(value)}
        return {**whom, "why": self.cleaned_data["why"], "version": self.cleaned_data["version"]}


class ResolveForm(StepForm):
    """The resolution, in words and as a code."""

    def __init__(self, verb: Verb, actor: Actor, seen: View, *args: Any, **kwargs: Any) -> None:
        super().__init__(verb, actor, seen, *args, **kwargs)
        self.choose("code", "Kind of resolution", [(code, code) for code in RESOLUTION_CODES])
        self.fields["why"].help_text = "The raiser and the responsible party read this."


class LinkForm(StepForm):
    """The earlier incident's reference."""

    why = forms.CharField(
        label="Earlier incident", max_length=15, help_text="Its reference, such as INC0000123."
    )

    def clean_why(self) -> str:
        """A reference, however it was typed."""
        return self.parsed("why", parse_reference)

    def given(self) -> dict[str, Any]:
        """The reference as the action names it."""
        return {"earlier": self.cleaned_data["why"], "version": self.cleaned_data["version"]}


_FORMS: dict[Verb, type[StepForm]] = {
    Verb.ASSIGN: AssignForm,
    Verb.CATEGORISE: CategoriseForm,
    Verb.ALLOCATE: AllocateForm,
    Verb.RESOLVE: ResolveForm,
    Verb.LINK_REPEAT: LinkForm,
}


def step_form(verb: Verb, actor: Actor, seen: View, data: Any = None) -> StepForm:
    """The form of a verb for an incident as this actor sees it."""
    return _FORMS.get(verb, StepForm)(verb, actor, seen, data)
