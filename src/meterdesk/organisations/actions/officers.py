"""Officers who may sign for an organisation, recorded by the operator (SSI-NFR-28, 32)."""

from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import F, Q

from meterdesk.identity.queries import colleagues
from meterdesk.identity.rules import Actor, telephone_mistake
from meterdesk.kernel.errors import NotVisible, Refused, Stale
from meterdesk.kernel.signatures import as_pem, read_certificate
from meterdesk.kernel.worktime import LONDON
from meterdesk.organisations.access import require_operator, require_party
from meterdesk.organisations.actions.telling import note
from meterdesk.organisations.models import Officer
from meterdesk.organisations.rules import NAME_LONGEST, OfficerKind
from meterdesk.platform import activity


@dataclass(frozen=True, slots=True)
class OfficerDetails:
    """What is recorded of an officer.

    Attributes:
        certificate: PEM or DER, empty for none: the officer then confirms by the own log-in, or
            signs with a certificate of an issuer that the operator trusts.
        person_id: the officer's own account at the organisation, if there is one.
        active_from: first day in office; active_until: the last one, None while open.
    """

    kind: OfficerKind
    name: str
    email: str
    telephone: str
    active_from: date
    active_until: date | None = None
    certificate: bytes = b""
    person_id: int | None = None


@transaction.atomic
def record_officer(
    actor: Actor, organisation_id: int, given: OfficerDetails, *, at: datetime
) -> int:
    """Record an officer; returns the number.

    Raises NotAllowed, NotVisible; Refused with a message for each field to mend.
    """
    require_operator(actor)
    require_party(organisation_id)
    officer = Officer.objects.create(
        organisation_id=organisation_id, **_columns(organisation_id, given, at)
    )
    note(actor, organisation_id, f"Officer recorded: {officer}", at=at)
    _record(actor, officer, "organisations.record_officer", None, at)
    return officer.pk


@transaction.atomic
def save_officer(
    actor: Actor,
    organisation_id: int,
    officer_id: int,
    given: OfficerDetails,
    version: int,
    *,
    at: datetime,
) -> None:
    """Change what is recorded of an officer; raises as `record_officer` does, and Stale.

    What the officer has signed keeps the details as they were.
    """
    require_operator(actor)
    require_party(organisation_id)
    columns = _columns(organisation_id, given, at)
    mine = Officer.objects.filter(pk=officer_id, organisation_id=organisation_id)
    held = mine.select_for_update().first()
    before = _facts(held) if held else None
    if not mine.filter(version=version).update(version=F("version") + 1, **columns):
        if held is not None:
            raise Stale()
        raise NotVisible()
    officer = mine.get()
    note(actor, organisation_id, f"Officer changed: {officer}", at=at)
    _record(actor, officer, "organisations.save_officer", before, at)


def end_offices(actor: Actor, organisation_id: int, *, at: datetime) -> None:
    """Let today be the last day in office of everybody of an organisation that is off-boarded."""
    last_day = at.astimezone(LONDON).date()
    later = Q(active_until=None) | Q(active_until__gt=last_day)
    for officer in Officer.objects.select_for_update().filter(
        later, organisation_id=organisation_id
    ):
        before = _facts(officer)
        officer.active_until, officer.version = last_day, officer.version + 1
        officer.save(update_fields=["active_until", "version"])
        _record(actor, officer, "organisations.save_officer", before, at)


def _record(
    actor: Actor, officer: Officer, verb: str, before: dict[str, object] | None, at: datetime
) -> None:
    activity.record(
        actor=actor,
        verb=verb,
        subject=str(officer),
        at=at,
        organisation_id=officer.organisation_id,
        detail={
            "officer": officer.pk,
            "before": before,
            "after": _facts(officer),
        },
    )


def _facts(officer: Officer) -> dict[str, object]:
    certificate = officer.certificate.encode()
    return {
        "kind": officer.kind,
        "name": officer.name,
        "email": officer.email,
        "telephone": officer.telephone,
        "active_from": officer.active_from.isoformat(),
        "active_until": officer.active_until.isoformat() if officer.active_until else None,
        "certificate": read_certificate(certificate).fingerprint if certificate else None,
        "person": officer.person_id,
    }


def _columns(organisation_id: int, given: OfficerDetails, at: datetime) -> dict[str, object]:
    fields = _mistakes(organisation_id, given)
    certificate, until = "", None
    if given.certificate.strip():
        try:
            facts = read_certificate(given.certificate)
            certificate, until = as_pem(given.certificate), facts.valid_until
            if until <= at:
                fields["certificate"] = "This certificate is no longer valid."
        except Refused as refused:
            fields["certificate"] = refused.message
    if fields:
        raise Refused("The officer was not saved. Mend what is marked.", fields=fields)
    return {
        "kind": given.kind,
        "name": " ".join(given.name.split()),
        "email": given.email.strip(),
        "telephone": given.telephone.strip(),
        "certificate": certificate,
        "certificate_until": until,
        "person_id": given.person_id,
        "active_from": given.active_from,
        "active_until": given.active_until,
    }


def _mistakes(organisation_id: int, given: OfficerDetails) -> dict[str, str]:
    fields: dict[str, str] = {}
    if not given.name.strip() or len(given.name) > NAME_LONGEST:
        fields["name"] = f"Enter the officer's name, at most {NAME_LONGEST} characters."
    try:
        validate_email(given.email.strip())
    except ValidationError:
        fields["email"] = "Enter an email address such as name@example.org."
    if mistake := telephone_mistake(given.telephone.strip()):
        fields["telephone"] = mistake
    if given.active_until is not None and given.active_until < given.active_from:
        fields["active_until"] = "The last day cannot be before the first one."
    if given.person_id is not None and given.person_id not in {
        one.id for one in colleagues(organisation_id)
    }:
        fields["person"] = "Choose an account of this organisation."
    return fields
