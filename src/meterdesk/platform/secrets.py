"""Secrets at rest, encrypted under keys that stand outside the database.

METERDESK_ENCRYPTION_KEY names the keys: the first one encrypts, every one decrypts. Whoever keeps
secrets in tables registers how to encrypt them anew, so that `meterdesk rotate-keys` can retire a
key everywhere. Nothing here logs or shows a secret.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.apps import apps
from django.conf import settings
from django.db import transaction

BATCH = 200


@dataclass(frozen=True, slots=True)
class Rotated:
    """One batch: secrets read, and those encrypted anew."""

    read: int
    changed: int


Rotation = Callable[[], Iterator[Rotated]]
_rotations: dict[str, Rotation] = {}


def encrypt(text: str) -> str:
    """Encrypt under the first key."""
    return _keys().encrypt(text.encode()).decode()


def decrypt(encrypted: str) -> str:
    """Decrypt with whichever key fits. Raises InvalidToken when none does."""
    return _keys().decrypt(encrypted.encode()).decode()


def renewed(encrypted: str) -> str | None:
    """The same secret under the first key, or None when it is under that already.

    Raises InvalidToken when no key fits: a key was taken away too early.
    """
    try:
        Fernet(settings.METERDESK_ENCRYPTION_KEYS[0]).decrypt(encrypted.encode())
    except InvalidToken:
        return _keys().rotate(encrypted.encode()).decode()
    return None


def register(name: str, rotation: Rotation) -> None:
    """Have `meterdesk rotate-keys` run this rotation; `name` says in words what it holds."""
    _rotations[name] = rotation


def rotations() -> dict[str, Rotation]:
    """Every rotation by name."""
    return dict(_rotations)


def column(model: str, field: str) -> Rotation:
    """The rotation of a text column of encrypted secrets; an empty text is no secret.

    Each batch is a transaction of its own, and what stands under the first key is left alone: a
    run that was stopped goes on where it ended.

    Args:
        model: as Django names it, for example `identity.SecondFactor`.
    """

    def rotation() -> Iterator[Rotated]:
        kept = apps.get_model(model)._default_manager
        last = 0
        while True:
            with transaction.atomic():
                rows = list(kept.select_for_update().filter(pk__gt=last).order_by("pk")[:BATCH])
                fresh = [row for row in rows if _renew(row, field)]
                kept.bulk_update(fresh, [field])
            if not rows:
                return
            last = rows[-1].pk
            yield Rotated(len(rows), len(fresh))

    return rotation


def _renew(row: object, field: str) -> bool:
    secret = getattr(row, field)
    fresh = renewed(secret) if secret else None
    if fresh is not None:
        setattr(row, field, fresh)
    return fresh is not None


def _keys() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.METERDESK_ENCRYPTION_KEYS])
