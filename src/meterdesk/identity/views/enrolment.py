"""What enrolling asks for, at the first log-in and later: an app's secret, a key's answer.

Both wait in the browser's session until they are proved: the secret encrypted, the ceremony of a
key for one answer.
"""

from base64 import b64encode
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.totp.internal.auth import generate_totp_secret
from cryptography.fernet import InvalidToken

from meterdesk.identity import actions
from meterdesk.identity.actions import Question
from meterdesk.identity.rules import FactorKind

_SECRET = "authenticator_secret"  # noqa: S105  a key's name
_CEREMONY = "key_ceremony"


def used_secret(request: Any) -> str:
    """The secret that the page shows: the same until an app has proved it."""
    adapter = get_adapter()
    try:
        return str(adapter.decrypt(request.session[_SECRET]))
    except (KeyError, InvalidToken):  # none yet, or its encryption key was retired meanwhile
        secret = generate_totp_secret()
        request.session[_SECRET] = adapter.encrypt(secret)
        return str(secret)


def forget_secret(request: Any) -> None:
    """An app has proved it."""
    request.session.pop(_SECRET, None)


def app_context(request: Any, secret: str) -> dict[str, str]:
    """The secret as a QR code, and to be typed in groups of four."""
    adapter = get_adapter()
    drawing = adapter.build_totp_svg(adapter.build_totp_url(request.person, secret))
    return {
        "drawing": "data:image/svg+xml;base64," + b64encode(drawing.encode()).decode(),
        "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
    }


def ask_for_key(request: Any, kind: FactorKind) -> Question:
    """A question for a new key, its ceremony kept for one answer."""
    question = actions.ask_for_new_key(request.actor, kind)
    request.session[_CEREMONY] = question.ceremony
    return question


def used_ceremony(request: Any) -> dict[str, Any] | None:
    """The ceremony that an answer belongs to; a second answer finds none."""
    found: dict[str, Any] | None = request.session.pop(_CEREMONY, None)
    return found
