"""Authenticator apps and recovery codes: enrolled, checked, never accepted twice."""

import hmac
from datetime import datetime
from hashlib import sha256

import qrcode
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.db import transaction
from qrcode.image.svg import SvgPathFillImage

from meterdesk.identity.models import FactorReset, Person, SecondFactor
from meterdesk.identity.queries.factors import accepted_kinds
from meterdesk.identity.rules import FactorKind, Proof, Totp
from meterdesk.platform import activity, secrets


class EncryptedSecrets(DefaultMFAAdapter):  # type: ignore[misc]  # allauth is not typed
    """Keeps the seeds of recovery codes encrypted at rest, and draws QR codes."""

    def encrypt(self, text: str) -> str:
        """Encrypt with the first key."""
        return secrets.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Decrypt with whichever key fits."""
        return secrets.decrypt(encrypted_text)

    def get_totp_issuer(self) -> str:
        """The name an authenticator app shows."""
        return "Meterdesk"

    def get_totp_label(self, user: Person) -> str:
        """The account an authenticator app shows."""
        return user.username

    def build_totp_svg(self, url: str) -> str:
        """A QR code on white, which a camera reads whatever the theme of the page."""
        drawing = qrcode.make(url, image_factory=SvgPathFillImage)
        return str(drawing.to_string(encoding="unicode"))


@transaction.atomic
def enrol_authenticator(
    person_id: int,
    secret: str,
    *,
    at: datetime,
    counter: int = 0,
    name: str = FactorKind.APP.title,
) -> None:
    """Give a person an authenticator app, and recovery codes unless they have some.

    Args:
        secret: base32 text, as authenticator apps take it.
        counter: the time step of the code that proved it, which is thereby used; 0 for none.
    """
    person = Person.objects.select_for_update().get(pk=person_id)
    SecondFactor.objects.create(
        person=person,
        kind=FactorKind.APP,
        name=name,
        secret=secrets.encrypt(secret),
        counter=counter,
        created_at=at,
    )
    RecoveryCodes.activate(person)
    activity.record(
        actor=None,
        verb="identity.enrol_authenticator",
        subject=person.username,
        at=at,
        organisation_id=person.organisation_id,
        detail={"before": None, "after": {"kind": FactorKind.APP, "name": name}},
    )


@transaction.atomic
def confirm_recovery_codes(person_id: int) -> None:
    """The person has kept the recovery codes: they are not shown again."""
    codes = (
        Authenticator.objects.select_for_update()
        .filter(user_id=person_id, type=Authenticator.Type.RECOVERY_CODES)
        .first()
    )
    if codes is not None:
        RecoveryCodes(codes).mark_as_viewed()


def accept_code(person_id: int, code: str, *, at: datetime) -> Proof | None:
    """What the code proves, if it is right and was never used: an app's, a recovery or reset code.

    Call inside the log-in's transaction. A code is used up by being accepted: an app's together
    with every earlier one, whichever worker it reaches.
    """
    apps = SecondFactor.objects.select_for_update().filter(person_id=person_id, kind=FactorKind.APP)
    if FactorKind.APP in accepted_kinds(person_id):
        for app in apps.order_by("pk"):
            if _accept_totp(app, code, at):
                return Proof.APP
    if _accept_recovery_code(person_id, code):
        return Proof.RECOVERY_CODE
    return Proof.RESET_CODE if _accept_reset_code(person_id, code, at) else None


def _accept_totp(app: SecondFactor, code: str, at: datetime) -> bool:
    counter = Totp(secrets.decrypt(app.secret)).counter_of(code, at, after=app.counter)
    if counter is None:
        return False
    app.counter = counter
    app.last_used_at = at
    app.save(update_fields=["counter", "last_used_at"])
    return True


def _accept_recovery_code(person_id: int, code: str) -> bool:
    kept = (
        Authenticator.objects.select_for_update()
        .filter(user_id=person_id, type=Authenticator.Type.RECOVERY_CODES)
        .first()
    )
    return kept is not None and bool(RecoveryCodes(kept).validate_code(code))


def _accept_reset_code(person_id: int, code: str, at: datetime) -> bool:
    resets = FactorReset.objects.select_for_update().filter(
        person_id=person_id, code_used_at=None, code_expires_at__gt=at
    )
    given = reset_digest(code)
    for reset in resets:
        if hmac.compare_digest(reset.code_digest, given):
            reset.code_used_at = at
            reset.save(update_fields=["code_used_at"])
            return True
    return False


def reset_digest(code: str) -> str:
    """What is kept of a reset code: of 50 random bits, for three days at most."""
    return sha256("".join(code.split()).replace("-", "").upper().encode()).hexdigest()


def renew_seed(row: Authenticator) -> bool:
    """Encrypt the seed of recovery codes, or an app's secret of before, under the first key."""
    changed = False
    for name in ("seed", "secret"):
        fresh = secrets.renewed(row.data[name].encode()) if row.data.get(name) else None
        if fresh is not None:
            row.data[name], changed = fresh.decode(), True
    return changed
