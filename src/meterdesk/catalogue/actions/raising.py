"""Raising a request, and the dispute of a datum among them (SSI-FR-52, 56, 57)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from meterdesk.catalogue.access import raises_for
from meterdesk.catalogue.actions.contacts import tidy, wrong_contacts
from meterdesk.catalogue.actions.steps import Step, attach_file, record_step
from meterdesk.catalogue.actions.telling import tell_raised
from meterdesk.catalogue.models import CatalogueVersion, Dispute, ServiceRequest
from meterdesk.catalogue.queries.data import Record, datum_of
from meterdesk.catalogue.queries.offers import newest_version
from meterdesk.catalogue.queries.one import RAISED
from meterdesk.catalogue.rules.data import Datum, RecordName, check_value
from meterdesk.catalogue.rules.definition import (
    RequestType,
    TypeKind,
    check_answers,
    read_catalogue,
)
from meterdesk.catalogue.rules.states import OPEN_STATES, DeliveryState, RequestPart
from meterdesk.identity.queries import user_id_entries
from meterdesk.identity.rules import Actor
from meterdesk.kernel.contacts import Contact
from meterdesk.kernel.errors import Conflict, NotAllowed, NotVisible, Refused
from meterdesk.platform.files import Upload
from meterdesk.platform.references import next_reference
from meterdesk.platform.web.moments import LONDON, moment_words

LONGEST_SUMMARY = 160
LONGEST_REFERENCE = 60


class AlreadyDisputed(Conflict):
    """The User disputes this datum already; `reference` is the open request."""

    default_code = "already_disputed"

    def __init__(self, reference: str) -> None:
        self.reference = reference
        super().__init__(f"Your organisation disputes this already: {reference}. Add to that one.")


@dataclass(frozen=True, slots=True)
class DisputeDatum:
    """Which datum is disputed, the value that should stand, and since when (None: not known)."""

    record: RecordName
    datum: str
    proposed_value: str
    proposed_since: date | None = None


@dataclass(frozen=True, slots=True)
class RaiseRequest:
    """What is asked for when raising.

    Attributes:
        user_id: the own UserId acted for (SSI-FR-57).
        answers: to the type's fields, by name, as typed.
        summary: one line; a dispute makes its own.
        dispute: for the type of disputes, and for no other.
        evidence: a file to keep with it.
        form_token: of the form it came from: the same token never raises two.
    """

    user_id: str
    request_type: str
    contact: Contact
    summary: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    your_reference: str = ""
    additional_contact: Contact | None = None
    dispute: DisputeDatum | None = None
    evidence: Upload | None = None
    form_token: UUID | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """A request whose every answer is good by this version of the catalogue."""

    version: CatalogueVersion
    request_type: RequestType
    summary: str
    answers: Mapping[str, str]
    held: tuple[Record, Datum] | None


def raise_request(actor: Actor, new: RaiseRequest, at: datetime) -> str:
    """Raise a request and return its reference.

    A form token that this person used before gives the reference it raised then. The datum that a
    dispute is about is read within the transaction, with the actor's own rights.

    Raises:
        NotAllowed: no role gives the catalogue on the UserId, or it is not the person's own.
        NotVisible: the catalogue has no such type, or the actor sees no such datum.
        Refused: answers that do not fit.
        AlreadyDisputed: this UserId has an open dispute of the datum.
        Conflict: the form token is somebody else's.
    """
    if already := _raised_before(actor, new):
        return already
    try:
        with transaction.atomic():
            return _store(actor, new, check_request(actor, new, at), at)
    except IntegrityError:
        if already := _raised_before(actor, new):
            return already
        check_request(actor, new, at)  # says that somebody was quicker to dispute it
        token = new.form_token
        if token and ServiceRequest.objects.filter(form_token=token).exists():
            raise Conflict("This form has been sent before. Open a new one.") from None
        raise


def check_request(actor: Actor, new: RaiseRequest, at: datetime) -> Checked:
    """The request as it would be raised; raises as `raise_request` and changes nothing."""
    if new.user_id not in raises_for(actor):
        raise NotAllowed("None of your roles lets you raise requests for this UserId.")
    version = newest_version()
    offered = read_catalogue(version.content).offer(new.request_type)
    if offered is None:
        raise NotVisible("The catalogue has no such request type.")
    asked = offered.request_type
    if (asked.kind is TypeKind.DISPUTE) is not (new.dispute is not None):
        message = "Say which datum is disputed." if new.dispute is None else "It disputes nothing."
        raise Refused(message, code="which_datum")
    answers, mistakes = check_answers(asked.fields, new.answers)
    wrong = {f"answers.{name}": message for name, message in mistakes.items()}
    summary, held = " ".join(new.summary.split()), None
    if new.dispute:
        held = _held(actor, new.user_id, new.dispute, at)
        wrong |= _wrong_dispute(held[1], new.dispute, at)
        summary = f"{held[1].label} of {held[0].name.in_text}"[:LONGEST_SUMMARY]
    wrong |= _wrong_lines(summary, new.your_reference)
    wrong |= wrong_contacts(new.contact, new.additional_contact)
    if wrong:
        raise Refused("Some details are missing or wrong.", code="invalid", fields=wrong)
    return Checked(version, asked, summary, answers, held)


def _held(actor: Actor, user_id: str, new: DisputeDatum, at: datetime) -> tuple[Record, Datum]:
    """The datum as it is held. Raises AlreadyDisputed, whatever else may be wrong."""
    record, datum = datum_of(actor, new.record, new.datum, at)
    if other := _open_dispute(user_id, record.name, datum.name):
        raise AlreadyDisputed(other)
    return record, datum


def _wrong_lines(summary: str, your_reference: str) -> dict[str, str]:
    wrong = {}
    if not 0 < len(summary) <= LONGEST_SUMMARY:
        wrong["summary"] = f"Enter a summary of up to {LONGEST_SUMMARY} characters."
    if len(your_reference) > LONGEST_REFERENCE:
        wrong["your_reference"] = f"Use {LONGEST_REFERENCE} characters or fewer."
    return wrong


def _wrong_dispute(held: Datum, new: DisputeDatum, at: datetime) -> dict[str, str]:
    wrong = {}
    if mistake := check_value(held, new.proposed_value):
        wrong["proposed_value"] = mistake
    if new.proposed_since and new.proposed_since > at.astimezone(LONDON).date():
        wrong["proposed_since"] = "The day must not be in the future."
    return wrong


def _raised_before(actor: Actor, new: RaiseRequest) -> str:
    if new.form_token is None:
        return ""
    found = ServiceRequest.objects.filter(form_token=new.form_token, raised_by_id=actor.person_id)
    return found.values_list("reference", flat=True).first() or ""


def _open_dispute(user_id: str, name: RecordName, datum: str) -> str:
    found = ServiceRequest.objects.filter(
        raised_for=user_id,
        record=name.kind,
        record_key=name.key,
        datum=datum,
        state__in=sorted(OPEN_STATES),
    )
    return found.values_list("reference", flat=True).first() or ""


def _store(actor: Actor, new: RaiseRequest, checked: Checked, at: datetime) -> str:
    raiser, extra = user_id_entries([new.user_id])[new.user_id], new.additional_contact
    record, datum = checked.held or (None, None)
    found = ServiceRequest.objects.create(
        reference=next_reference("REQ"),
        catalogue=checked.version,
        request_type=checked.request_type.code,
        type_title=checked.request_type.title,
        summary=checked.summary,
        your_reference=new.your_reference.strip(),
        answers=dict(checked.answers),
        contact=asdict(tidy(new.contact)),
        additional_contact=asdict(tidy(extra)) if extra else None,
        record=record.name.kind if record else "",
        record_key=record.name.key if record else "",
        datum=datum.name if datum else "",
        raised_for=new.user_id,
        raised_by_id=actor.person_id,
        raising_organisation_id=raiser.organisation_id,
        raised_at=at,
        updated_at=at,
        form_token=new.form_token,
    )
    if new.dispute and datum:
        _keep_dispute(found, new.dispute, datum, at)
    record_step(actor, found, Step(RAISED, None, DeliveryState.NEW), RequestPart.RAISER, at)
    if new.evidence:
        attach_file(actor, found, new.evidence, RequestPart.RAISER, at)
    tell_raised(found, checked.request_type.next, at)
    return found.reference


def _keep_dispute(found: ServiceRequest, new: DisputeDatum, held: Datum, at: datetime) -> None:
    Dispute.objects.create(
        request=found,
        label=held.label,
        held_value=held.value,
        held_source=held.source,
        held_source_at=held.source_at,
        held_since=moment_words(held.since) if held.since else "",
        read_at=at,
        proposed_value=new.proposed_value.strip(),
        proposed_since=new.proposed_since,
    )
