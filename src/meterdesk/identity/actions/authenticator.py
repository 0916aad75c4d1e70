"""The authenticator app and the recovery codes: enrolled, checked, never accepted twice."""

from datetime import datetime

import qrcode
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import transaction
from qrcode.image.svg import SvgPathFillImage

from meterdesk.identity.models import Person
from meterdesk.identity.rules import Proof, Totp
from meterdesk.platform import activity


class EncryptedSecrets(DefaultMFAAdapter):  # type: ignore[misc]  # allauth is not typed
    """Keeps authenticator secrets encrypted at rest (METERDESK_ENCRYPTION_KEY)."""

    def encrypt(self, text: str) -> str:
        """Encrypt with the first key."""
        return self._keys().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Decrypt with whichever key fits."""
        return self._keys().decrypt(encrypted_text.encode()).decode()

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

    def _keys(self) -> MultiFernet:
        return MultiFernet([Fernet(key) for key in settings.METERDESK_ENCRYPTION_KEYS])


@transaction.atomic
def enrol_authenticator(person_id: int, secret: str, *, at: datetime, counter: int = 0) -> None:
    """Give a person this authenticator in place of any other, with fresh recovery codes.

    Args:
        secret: base32 text, as authenticator apps take it.
        counter: the time step of the code that proved it, which is thereby used; 0 for none.
    """
    person = Person.objects.select_for_update().get(pk=person_id)
    Authenticator.objects.filter(user=person).delete()
    enrolled = TOTP.activate(person, secret).instance
    enrolled.data["used_counter"] = counter
    enrolled.save(update_fields=["data"])
    RecoveryCodes.activate(person)
    activity.record(
        actor=None,
        verb="identity.enrol_authenticator",
        subject=person.username,
        at=at,
        organisation_id=person.organisation_id,
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
    """What the code proves, if it is right and was never used: an app's or a recovery code.

    Call inside the log-in's transaction. A code is used up by being accepted: an authenticator's
    together with every earlier one, whichever worker it reaches.
    """
    enrolled = Authenticator.objects.select_for_update().filter(user_id=person_id)
    for authenticator in enrolled:
        if authenticator.type == Authenticator.Type.TOTP:
            if _accept_totp(authenticator, code, at):
                return Proof.APP
        elif authenticator.type == Authenticator.Type.RECOVERY_CODES and RecoveryCodes(
            authenticator
        ).validate_code(code):
            return Proof.RECOVERY_CODE
    return None


def _accept_totp(authenticator: Authenticator, code: str, at: datetime) -> bool:
    totp = Totp(EncryptedSecrets().decrypt(authenticator.data["secret"]))
    counter = totp.counter_of(code, at, after=authenticator.data.get("used_counter", 0))
    if counter is None:
        return False
    authenticator.data["used_counter"] = counter
    authenticator.last_used_at = at
    authenticator.save(update_fields=["data", "last_used_at"])
    return True
