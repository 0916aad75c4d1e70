"""Organisations as the operator sees them: list, page, officers, history."""

from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings

from meterdesk.identity.queries import (
    GrantRecord,
    NetworkRow,
    NetworkSearch,
    OrganisationRecord,
    OrganisationSearch,
    grants_in_force,
    networks,
    organisation_record,
    organisation_records,
)
from meterdesk.identity.rules import Actor, OrganisationKind
from meterdesk.kernel.errors import NotVisible
from meterdesk.kernel.paging import Page, PageRequest
from meterdesk.kernel.signatures import CertificateFacts, read_certificate
from meterdesk.kernel.worktime import LONDON
from meterdesk.organisations.access import in_office, require_operator
from meterdesk.organisations.models import Officer, OrganisationStep
from meterdesk.organisations.rules import (
    KIND_WORDS,
    Found,
    OfficerKind,
    OnboardingStep,
    Standing,
    is_in_office,
    onboarding_of,
    standing_of,
)

HISTORY_MOST = 200
NETWORKS_MOST = 50


@dataclass(frozen=True, slots=True)
class OrganisationRow:
    """A line of the list of organisations."""

    id: int
    name: str
    kind: OrganisationKind
    standing: Standing
    user_ids: tuple[str, ...]
    people: int
    administrators: int

    @property
    def kind_word(self) -> str:
        """As shown to people."""
        return KIND_WORDS[self.kind]

    @property
    def standing_word(self) -> str:
        """As shown to people."""
        return self.standing.word


@dataclass(frozen=True, slots=True)
class OfficerRecord:
    """An officer; `is_in_office` on the day of asking, `certificate` where one is recorded."""

    id: int
    kind: OfficerKind
    name: str
    email: str
    telephone: str
    active_from: date
    active_until: date | None
    is_in_office: bool
    certificate: CertificateFacts | None
    certificate_pem: str
    person_id: int | None
    person_name: str
    version: int

    def can_sign(self, at: datetime) -> bool:
        """Whether there is a way for the officer to sign: a certificate or the own log-in.

        One without either signs with a certificate of an issuer that the operator trusts.
        """
        recorded = self.certificate
        by_file = recorded.valid_until > at if recorded else bool(settings.OFFICER_ISSUERS)
        return by_file or self.person_id is not None


@dataclass(frozen=True, slots=True)
class StepRecord:
    """A line of an organisation's history."""

    done: str
    why: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class OrganisationPage:
    """Everything the operator keeps about an organisation."""

    record: OrganisationRecord
    standing: Standing
    officers: tuple[OfficerRecord, ...]
    onboarding: tuple[OnboardingStep, ...]
    networks: tuple[NetworkRow, ...]
    grants: tuple[GrantRecord, ...]
    history: tuple[StepRecord, ...]

    @property
    def kind_word(self) -> str:
        """As shown to people."""
        return KIND_WORDS[self.record.kind]

    @property
    def is_party(self) -> bool:
        """Whether it has UserIds, officers and administrators of its own."""
        return self.record.kind is OrganisationKind.PARTY

    @property
    def responsible(self) -> tuple[OfficerRecord, ...]:
        """Senior Responsible Officers in office."""
        return _responsible(self.officers)

    @property
    def steps_done(self) -> int:
        """How much of its onboarding is done."""
        return sum(step.is_done for step in self.onboarding)

    @property
    def next_step(self) -> OnboardingStep | None:
        """What its onboarding needs next; None when it is complete."""
        return next((step for step in self.onboarding if not step.is_done), None)


def organisations(
    actor: Actor, search: OrganisationSearch, page: PageRequest
) -> Page[OrganisationRow]:
    """Organisations by name. Raises NotAllowed for all but the operator's administrators."""
    require_operator(actor)
    found = organisation_records(search, page)
    rows = tuple(_row(one) for one in found.items)
    return Page(rows, found.next, found.total_capped, found.total_is_capped)


def _row(one: OrganisationRecord) -> OrganisationRow:
    return OrganisationRow(
        id=one.id,
        name=one.name,
        kind=one.kind,
        standing=standing_of(one.suspension, one.closed_at),
        user_ids=tuple(record.eui for record in one.user_ids),
        people=one.people,
        administrators=one.administrators,
    )


def organisation(actor: Actor, organisation_id: int, *, at: datetime) -> OrganisationPage:
    """One organisation. Raises NotAllowed as `organisations` does, and NotVisible."""
    require_operator(actor)
    record = organisation_record(organisation_id)
    officers = _officers(organisation_id, at)
    steps = OrganisationStep.objects.filter(organisation_id=organisation_id).order_by("-at", "-pk")
    return OrganisationPage(
        record=record,
        standing=standing_of(record.suspension, record.closed_at),
        officers=officers,
        onboarding=onboarding_of(record.kind, _found(record, officers, at)),
        networks=_networks(actor, organisation_id, at),
        grants=tuple(grants_in_force(at=at, organisation_id=organisation_id)),
        history=tuple(
            StepRecord(step.done, step.why, step.person_name, step.at)
            for step in steps[:HISTORY_MOST]
        ),
    )


def _networks(actor: Actor, organisation_id: int, at: datetime) -> tuple[NetworkRow, ...]:
    search = NetworkSearch(organisation_id=organisation_id)
    today = at.astimezone(LONDON).date()
    return networks(actor, search, PageRequest(limit=NETWORKS_MOST), today=today).items


def _found(record: OrganisationRecord, officers: tuple[OfficerRecord, ...], at: datetime) -> Found:
    responsible = _responsible(officers)
    return Found(
        user_roles=tuple(one.user_role.title for one in record.user_ids),
        officers=len(responsible),
        signing=sum(one.can_sign(at) for one in responsible),
        networks=record.networks,
        networks_needed=settings.METERDESK_ENFORCE_NETWORKS,
        administrators=record.administrators,
        administrators_ready=record.administrators_ready,
        people=record.people,
    )


def _responsible(officers: tuple[OfficerRecord, ...]) -> tuple[OfficerRecord, ...]:
    return tuple(one for one in officers if one.is_in_office and one.kind is OfficerKind.SRO)


def officer(actor: Actor, organisation_id: int, officer_id: int, *, at: datetime) -> OfficerRecord:
    """One officer, for the operator. Raises NotAllowed, NotVisible."""
    require_operator(actor)
    found = [one for one in _officers(organisation_id, at) if one.id == officer_id]
    if not found:
        raise NotVisible()
    return found[0]


def officers_in_office(
    organisation_id: int, kind: OfficerKind, *, at: datetime
) -> list[OfficerRecord]:
    """Officers of a kind in office now. Unlimited: for callers that have asked access first."""
    today = at.astimezone(LONDON).date()
    rows = Officer.objects.select_related("person").filter(
        in_office(today), organisation_id=organisation_id, kind=kind
    )
    return [_officer(one, today) for one in rows.order_by("name", "pk")]


def _officers(organisation_id: int, at: datetime) -> tuple[OfficerRecord, ...]:
    today = at.astimezone(LONDON).date()
    rows = Officer.objects.select_related("person").filter(organisation_id=organisation_id)
    found = [_officer(one, today) for one in rows.order_by("name", "pk")]
    return tuple(sorted(found, key=lambda one: (not one.is_in_office, one.kind != OfficerKind.SRO)))


def _officer(one: Officer, today: date) -> OfficerRecord:
    return OfficerRecord(
        id=one.pk,
        kind=OfficerKind(one.kind),
        name=one.name,
        email=one.email,
        telephone=one.telephone,
        active_from=one.active_from,
        active_until=one.active_until,
        is_in_office=is_in_office(one.active_from, one.active_until, today),
        certificate=read_certificate(one.certificate.encode()) if one.certificate else None,
        certificate_pem=one.certificate,
        person_id=one.person_id,
        person_name=getattr(one.person, "display_name", ""),
        version=one.version,
    )
