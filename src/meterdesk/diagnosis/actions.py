"""Making a diagnosis and keeping it."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from meterdesk.diagnosis.models import StoredDiagnosis
from meterdesk.diagnosis.queries import diagnose
from meterdesk.diagnosis.rules import Diagnosis
from meterdesk.identity.rules import Actor
from meterdesk.platform import activity


def make_diagnosis(
    actor: Actor, *, mpxn: str | None = None, device_id: str | None = None, at: datetime
) -> tuple[UUID, Diagnosis]:
    """Diagnose a premises or a Device and keep the outcome, to be attached to an incident (IM-2).

    Raises:
        NotVisible: there is no such meter point or Device.
    """
    diagnosis = diagnose(actor, mpxn=mpxn, device_id=device_id, at=at)
    with transaction.atomic():
        row = StoredDiagnosis.objects.create(
            person_id=actor.person_id,
            organisation_id=actor.organisation_id,
            user_ids=sorted(actor.user_ids),
            mpxn=mpxn or "",
            device_id=device_id,
            at=at,
            outcome=diagnosis.as_json(),
        )
        activity.record(
            actor=actor,
            verb="diagnosis.make",
            subject=mpxn or device_id or "",
            at=at,
            detail={"verdict": diagnosis.verdict, "diagnosis": str(row.id)},
        )
    return row.id, diagnosis
