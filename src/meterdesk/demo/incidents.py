"""Incidents of the demonstration: raised, asked about, resolved by its people, in every state."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle
from random import Random

from meterdesk.demo.homes import Condition, Home
from meterdesk.demo.people import ALDER, BRIGHTWELL, CURRENTLINE, DUNLIN, PROVIDERS, UserIdOf
from meterdesk.identity.queries import actor_named, organisations_of_kind, person_id_of
from meterdesk.identity.rules import Actor, OrganisationKind, UserRole
from meterdesk.incidents.actions import (
    RaiseIncident,
    acknowledge,
    add_group,
    add_update,
    allocate,
    assign,
    cancel,
    close,
    hold,
    raise_incident,
    reopen,
    resolve,
)
from meterdesk.incidents.rules.audience import Audience
from meterdesk.incidents.rules.responsibility import Area
from meterdesk.incidents.rules.targets import Impact, Urgency
from meterdesk.inventory.queries import device_ids_for
from meterdesk.kernel.contacts import Contact
from meterdesk.platform.references import any_given

MOST = 120
Step = Callable[["Tale", datetime], None]
RAISERS = {
    ALDER.key: "alder.service-management",
    BRIGHTWELL.key: "brightwell.service",
    CURRENTLINE.key: "currentline.service",
    DUNLIN.key: "dunlin.service",
}


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is said of a condition, and what puts it right."""

    area: Area
    summary: str
    notes: str
    question: str
    resolution: str
    urgency: Urgency = Urgency.MEDIUM


COMPLAINTS = {
    Condition.HUB_SILENT: Complaint(
        Area.HUB_OR_WAN,
        "Communications Hub does not answer",
        "Every request of the last days came back with E20. Neighbours are reached as usual.",
        "Is the hub's power light on? A photograph would help.",
        "The hub was restarted over the air and has answered since.",
        Urgency.HIGH,
    ),
    Condition.GAS_LOST: Complaint(
        Area.GAS_METER,
        "Gas meter has left the home area network",
        "Electricity readings arrive, gas readings fail with E21.",
        "Has the gas meter been moved, or something put between it and the hub?",
        "The meter was joined again on site.",
    ),
    Condition.NOT_COMMISSIONED: Complaint(
        Area.DATA_SERVICES,
        "Commissioning does not complete",
        "Installed, but requests are refused because of the Device's status.",
        "Which step of the installation was the last to succeed?",
        "The association was corrected and the Device commissioned.",
    ),
    Condition.OLD_FIRMWARE: Complaint(
        Area.HUB_MAINTENANCE,
        "Hub runs a firmware version that is no longer on the list",
        "The update that was announced has not arrived at this hub.",
        "May the hub be updated during the day?",
        "The hub was updated.",
        Urgency.LOW,
    ),
    Condition.SUSPENDED: Complaint(
        Area.ELECTRICITY_METER,
        "Meter suspended without notice",
        "The meter's status changed to Suspended; its model is on the products list.",
        "Which firmware version does the meter report?",
        "The suspension was lifted.",
    ),
}


def raise_incidents(homes: Iterable[Home], now: datetime, rng: Random) -> int:
    """Raise incidents on homes with trouble; each takes one of the STORIES. Returns how many.

    Does nothing when any incident stands already, so that the build may be run again.
    """
    if any_given("INC"):
        return 0
    desk, providers = _desk(now), _providers()
    raised = 0
    troubled = (home for home in homes if home.condition in COMPLAINTS)
    for home, story in zip(troubled, cycle(range(len(STORIES))), strict=False):
        hours, steps = STORIES[story]
        began = now - timedelta(hours=rng.uniform(hours / 8, hours))
        reference = _raise(home, began, now)
        if reference:
            complaint, raiser = COMPLAINTS[home.condition], _raiser_of(home)[1]
            provider = providers[home.postcode.place.region]
            _tell(Tale(reference, complaint, raiser, desk, provider), steps, began, now)
            raised += 1
        if raised == MOST:
            break
    return raised


def _desk(now: datetime) -> Actor:
    agent = actor_named("desk.agent")
    people = [person_id_of(name) for name in ("desk.agent", "desk.second-agent")]
    first_line = [person for person in people if person is not None]
    add_group(None, "First line", agent.organisation_id, first_line, at=now)
    add_group(None, "Hubs and wide area network", agent.organisation_id, first_line[:1], at=now)
    return agent


def _providers() -> dict[str, int]:
    """The organisation that answers for each CSP Region."""
    ids = {one.name: one.id for one in organisations_of_kind(OrganisationKind.SERVICE_PROVIDER)}
    return {region: ids[name] for name, _key, _kind, regions in PROVIDERS for region in regions}


def _raiser_of(home: Home) -> tuple[str, Actor]:
    """The UserId that complains, and the person who does it."""
    party: UserIdOf = home.electricity
    role = UserRole.IS
    if home.condition is Condition.GAS_LOST and home.gas:
        party, role = home.gas, UserRole.GS
    return party.user_id(role), actor_named(RAISERS[party.key])


def _raise(home: Home, at: datetime, now: datetime) -> str:
    complaint = COMPLAINTS[home.condition]
    user_id, actor = _raiser_of(home)
    gas = home.condition is Condition.GAS_LOST
    mpxn = home.mprn if gas else home.mpan
    devices = device_ids_for(mpxn=mpxn)
    if not devices:
        return ""
    first, _, last = actor.display_name.partition(" ")
    new = RaiseIncident(
        user_id=user_id,
        area=complaint.area,
        summary=complaint.summary,
        contact=Contact(first, last, "020 7946 0100", f"{actor.username}@example.com"),
        mpxn=mpxn,
        impact=Impact.SINGLE,
        urgency=complaint.urgency,
        notes=complaint.notes,
        business_impact="The household is billed by estimate until this is mended.",
        your_reference=f"SM-{home.index:06d}",
        occurred_at=min(at - timedelta(hours=1), now),
        diagnosis_not_run="Raised by telephone.",
    )
    return raise_incident(actor, new, at)


@dataclass(frozen=True, slots=True)
class Tale:
    """An incident with the people whose steps it takes."""

    reference: str
    complaint: Complaint
    raiser: Actor
    desk: Actor
    provider_id: int

    def taken(self, at: datetime) -> None:
        """The desk answers, takes it and looks around."""
        acknowledge(self.desk, self.reference, at)
        assign(self.desk, self.reference, at, person_id=self.desk.person_id)
        note = "Looked at the neighbours on the same mast: nothing unusual."
        add_update(self.desk, self.reference, Audience.WORK_NOTE, note, at)

    def passed_on(self, at: datetime) -> None:
        """Trouble with a hub goes to the communications service provider of its region."""
        if self.complaint.area is Area.HUB_OR_WAN:
            why = "The hub's radio is yours to look at."
            allocate(self.desk, self.reference, at, organisation_id=self.provider_id, why=why)

    def asked(self, at: datetime) -> None:
        """The desk asks something back; the clock pauses."""
        hold(self.desk, self.reference, at, why=self.complaint.question)

    def answered(self, at: datetime) -> None:
        """The raiser answers; the clock goes on."""
        answer = "Yes, as far as we can tell. The photograph is with our field team."
        add_update(self.raiser, self.reference, Audience.ALL, answer, at)

    def resolved(self, at: datetime) -> None:
        """The desk puts it right."""
        resolve(self.desk, self.reference, at, why=self.complaint.resolution)

    def closed(self, at: datetime) -> None:
        """The raiser agrees."""
        close(self.raiser, self.reference, at)

    def reopened(self, at: datetime) -> None:
        """The raiser does not agree."""
        reopen(self.raiser, self.reference, at, why="It failed again within a day.")

    def cancelled(self, at: datetime) -> None:
        """The raiser takes it back."""
        why = "Raised in error: the meter belongs to another home."
        cancel(self.raiser, self.reference, at, why=why)


_TO_RESOLUTION = (Tale.taken, Tale.asked, Tale.answered, Tale.resolved)
STORIES = (
    (2, ()),
    (40, _TO_RESOLUTION[:1]),
    (50, (Tale.taken, Tale.passed_on)),
    (60, _TO_RESOLUTION[:2]),
    (70, _TO_RESOLUTION[:3]),
    (200, _TO_RESOLUTION),
    (480, (*_TO_RESOLUTION, Tale.closed)),
    (120, (*_TO_RESOLUTION, Tale.reopened)),
    (300, (Tale.cancelled,)),
)
"""How long ago at most, in hours, and the steps taken since."""


def _tell(tale: Tale, steps: tuple[Step, ...], began: datetime, now: datetime) -> None:
    answered_at = began + min(timedelta(minutes=20), (now - began) / 10)
    pace = min((now - answered_at) / 8, timedelta(hours=14))
    for place, step in enumerate(steps):
        step(tale, answered_at + pace * place)
