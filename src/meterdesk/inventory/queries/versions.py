"""Versions of the products list side by side, and what one means for Devices in the field."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

from django.db import connection
from django.db.models import Count, Q

from meterdesk.identity.rules import Actor, DeskPermission
from meterdesk.inventory.models import ProductEntry
from meterdesk.inventory.rules import DeviceStatus, DeviceType
from meterdesk.kernel.errors import NotVisible


class ProductChange(StrEnum):
    """What became of a model with its firmware from one version to the next."""

    ADDED = "Added"
    RETURNED = "Listed again"
    REMOVED = "Removed"
    GONE = "No longer named"


@dataclass(frozen=True, slots=True)
class ListVersion:
    """A version of the products list with how many entries it has, and how many are Current."""

    version: str
    issued_date: date
    entries: int
    current: int


@dataclass(frozen=True, slots=True)
class ProductDifference:
    """A model with firmware that differs, and the Devices in the field that it concerns.

    `devices` are those in the inventory, `to_suspend` the commissioned ones that would be
    suspended, `to_restore` the suspended ones that would be restored.
    """

    change: ProductChange
    device_type: DeviceType
    manufacturer: str
    model: str
    firmware_version: str
    devices: int
    to_suspend: int
    to_restore: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """One version against the one before it."""

    before: ListVersion
    after: ListVersion
    differences: tuple[ProductDifference, ...]

    @property
    def to_suspend(self) -> int:
        """Commissioned Devices whose model left the list."""
        return sum(one.to_suspend for one in self.differences)

    @property
    def to_restore(self) -> int:
        """Suspended Devices whose model is on the list again."""
        return sum(one.to_restore for one in self.differences)


@dataclass(frozen=True, slots=True)
class ModelConcerned:
    """A model with firmware that left the list or came back, and the Devices still to change.

    `held` is the status they are in: Commissioned, to be suspended, or Suspended, to be restored.
    """

    device_type: DeviceType
    manufacturer: str
    model: str
    firmware_version: str
    held: DeviceStatus
    devices: int

    @property
    def leaves(self) -> bool:
        """Whether it left the list, so that its Devices would be suspended."""
        return self.held is DeviceStatus.COMMISSIONED


@dataclass(frozen=True, slots=True)
class Outstanding:
    """What applying the newest version would do now, by model."""

    version: ListVersion
    models: tuple[ModelConcerned, ...]

    @property
    def to_suspend(self) -> int:
        """Commissioned Devices whose model left the list."""
        return sum(one.devices for one in self.models if one.leaves)

    @property
    def to_restore(self) -> int:
        """Suspended Devices whose model is on the list again."""
        return sum(one.devices for one in self.models if not one.leaves)


_KEY: Final = "manufacturer, model, firmware_version"

# Of several entries of a model with firmware, one that is Current counts.
_DIFFERENCES: Final = f"""
with held as (
  select {_KEY}, min(device_type) as device_type, bool_or(status = 'Current') as is_current
    from inventory_productentry where version = %(before)s group by {_KEY}
), given as (
  select {_KEY}, min(device_type) as device_type, bool_or(status = 'Current') as is_current
    from inventory_productentry where version = %(after)s group by {_KEY}
), differing as (
  select {_KEY}, coalesce(g.device_type, h.device_type) as device_type,
         case when g.is_current and h.is_current is null then 'Added'
              when g.is_current then 'Listed again'
              when g.is_current is null then 'No longer named'
              else 'Removed' end as change,
         coalesce(g.is_current, false) as is_current
    from held h full join given g using ({_KEY})
   where coalesce(h.is_current, false) <> coalesce(g.is_current, false)
)
select change, device_type, {_KEY}, field.devices,
       case when is_current then 0 else field.commissioned end,
       case when is_current then field.suspended else 0 end
  from differing x
 cross join lateral (
       select count(*) as devices,
              count(*) filter (where d.status = 'Commissioned') as commissioned,
              count(*) filter (where d.status = 'Suspended') as suspended
         from inventory_device d
        where d.manufacturer = x.manufacturer and d.model = x.model
          and d.firmware_version = x.firmware_version and d.status <> '') field
 order by field.commissioned + field.suspended desc, {_KEY}
"""  # noqa: S608  constants only

# A model left when some version before named it as Current and this one does not; it came back
# when this one does and some version before did not. Versions that were never applied count too.
_OUTSTANDING: Final = f"""
with now as (
  select {_KEY}, min(device_type) as device_type from inventory_productentry
   where version = %(version)s and status = 'Current' group by {_KEY}
), before as (
  select {_KEY}, min(device_type) as device_type, count(distinct version) as times
    from inventory_productentry
   where version = any(%(before)s::text[]) and status = 'Current' group by {_KEY}
), moved as (
  select {_KEY}, coalesce(now.device_type, before.device_type) as device_type,
         case when now.device_type is null then 'Commissioned' else 'Suspended' end as status
    from now full join before using ({_KEY})
   where now.device_type is null or coalesce(before.times, 0) < %(versions)s
)
select device_type, {_KEY}, status, field.devices
  from moved
 cross join lateral (
       select count(*) as devices from inventory_device d
        where d.manufacturer = moved.manufacturer and d.model = moved.model
          and d.firmware_version = moved.firmware_version and d.status = moved.status) field
 where field.devices > 0
 order by field.devices desc, {_KEY}
"""  # noqa: S608  constants only

_CONCERNED: Final = """
select device_id from inventory_device
 where manufacturer = %s and model = %s and firmware_version = %s and status = %s
   and device_id > %s
 order by device_id limit %s
"""


def versions(actor: Actor) -> list[ListVersion]:
    """Every version taken in, newest first. Raises NotVisible for others than the operator."""
    _require(actor)
    return list_versions()


def list_versions() -> list[ListVersion]:
    """Every version taken in, newest first; for the system's own use."""
    rows = (
        ProductEntry.objects.values("version", "issued_date")
        .annotate(entries=Count("pk"), current=Count("pk", filter=Q(status="Current")))
        .order_by("-issued_date", "-version")
    )
    return [ListVersion(**row) for row in rows]


def comparison(actor: Actor, version: str, against: str = "") -> Comparison:
    """A version against another, by default the one before it (INV-2).

    Raises NotVisible when there is no such version, none before it, or for others than the
    operator.
    """
    _require(actor)
    return compare(version, against)


def compare(version: str, against: str = "") -> Comparison:
    """`comparison` for the system's own use."""
    known = list_versions()
    place = next((at for at, one in enumerate(known) if one.version == version), None)
    if place is None:
        raise NotVisible("There is no such version of the products list.")
    others = [one for one in known if one.version == against] if against else known[place + 1 :]
    if not others:
        raise NotVisible("There is no version of the products list to compare it with.")
    before, after = others[0], known[place]
    with connection.cursor() as cursor:
        cursor.execute(_DIFFERENCES, {"before": before.version, "after": after.version})
        rows = cursor.fetchall()
    return Comparison(before, after, tuple(_difference(*row) for row in rows))


def outstanding(actor: Actor) -> Outstanding | None:
    """What the newest version means for Devices as they are now; None when there is no list.

    Every version before it counts, whether it was applied or not, and so do Devices that were
    commissioned since. Raises NotVisible for others than the operator.
    """
    _require(actor)
    known = list_versions()
    if not known:
        return None
    return Outstanding(known[0], _models(known[0].version, [one.version for one in known[1:]]))


def outstanding_by(actor: Actor, version: str) -> Outstanding:
    """`outstanding` of a version that is the newest. Raises NotVisible when it is not."""
    found = outstanding(actor)
    if found is None or found.version.version != version:
        raise NotVisible("This is not the newest version of the products list.")
    return found


def models_concerned(version: str) -> tuple[ModelConcerned, ...]:
    """As `outstanding` of a version that need not be the newest; for the system's own use."""
    names = [one.version for one in list_versions()]
    return _models(version, names[names.index(version) + 1 :])


def concerned(one: ModelConcerned, last: int, limit: int) -> list[int]:
    """Devices of a model in the status that it is about, after one, in order."""
    key = (one.manufacturer, one.model, one.firmware_version, one.held.value)
    with connection.cursor() as cursor:
        cursor.execute(_CONCERNED, [*key, last, limit])
        return [device_id for (device_id,) in cursor.fetchall()]


def _models(version: str, before: list[str]) -> tuple[ModelConcerned, ...]:
    with connection.cursor() as cursor:
        cursor.execute(
            _OUTSTANDING, {"version": version, "before": before, "versions": len(before)}
        )
        return tuple(
            ModelConcerned(
                DeviceType(kind), manufacturer, model, firmware, DeviceStatus(held), devices
            )
            for kind, manufacturer, model, firmware, held, devices in cursor.fetchall()
        )


def _require(actor: Actor) -> None:
    """What stands in the field, by model, is for the operator's staff."""
    if not actor.sees_everything(DeskPermission.NETWORK_DATA):
        raise NotVisible()


def _difference(change: str, kind: str, *rest: Any) -> ProductDifference:
    return ProductDifference(ProductChange(change), DeviceType(kind), *rest)
