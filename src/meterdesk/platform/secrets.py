"""Secrets at rest, encrypted under keys that stand outside the database.

METERDESK_ENCRYPTION_KEY names the keys: the first one encrypts, every one decrypts. Whoever keeps
secrets in tables registers how to encrypt them anew, so that `meterdesk rotate-keys` can retire a
key everywhere. Nothing here logs or shows a secret.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

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
    return encrypt_bytes(text.encode()).decode()


def decrypt(encrypted: str) -> str:
    """Decrypt with whichever key fits. Raises InvalidToken when none does."""
    return decrypt_bytes(encrypted.encode()).decode()


def encrypt_bytes(plain: bytes) -> bytes:
    """Encrypt under the first key."""
    return _keys().encrypt(plain)


def decrypt_bytes(encrypted: bytes) -> bytes:
    """Decrypt with whichever key fits. Raises InvalidToken when none does."""
    return _keys().decrypt(encrypted)


def renewed(encrypted: bytes) -> bytes | None:
    """The same secret under the first key, or None when it is under that already.

    Raises InvalidToken when no key fits: a key was taken away too early.
    """
    try:
        Fernet(settings.METERDESK_ENCRYPTION_KEYS[0]).decrypt(encrypted)
    except InvalidToken:
        return _keys().rotate(encrypted)
    return None


def register(name: str, rotation: Rotation) -> None:
    """Have `meterdesk rotate-keys` run this rotation; `name` says in words what it holds."""
    _rotations[name] = rotation


def rotations() -> dict[str, Rotation]:
    """Every rotation by name."""
    return dict(_rotations)


def column(model: str, field: str) -> Rotation:
    """The rotation of a column of encrypted texts or bytes; an empty one holds no secret.

    Args:
        model: as Django names it, for example `identity.SecondFactor`.
    """
    return rows(model, lambda row: _renew(row, field), [field])


def rows(model: str, renew: Callable[[Any], bool], fields: list[str]) -> Rotation:
    """The rotation of a table, row by row.

    Each batch is a transaction of its own, and what stands under the first key is left alone: a
    run that was stopped goes on where it ended.

    Args:
        renew: encrypts what is in a row anew, if need be; returns whether it did.
        fields: those that it may change.
    """

    def rotation() -> Iterator[Rotated]:
        kept = apps.get_model(model)._default_manager
        last = 0
        while True:
            with transaction.atomic():
                batch = list(kept.select_for_update().filter(pk__gt=last).order_by("pk")[:BATCH])
                fresh = [row for row in batch if renew(row)]
                kept.bulk_update(fresh, fields)
            if not batch:
                return
            last = batch[-1].pk
            yield Rotated(len(batch), len(fresh))

    return rotation


def _renew(row: object, field: str) -> bool:
    secret = getattr(row, field)
    is_text = isinstance(secret, str)
    fresh = renewed(secret.encode() if is_text else bytes(secret)) if secret else None
    if fresh is not None:
        setattr(row, field, fresh.decode() if is_text else fresh)
    return fresh is not None


def _keys() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.METERDESK_ENCRYPTION_KEYS])
