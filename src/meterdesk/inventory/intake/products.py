"""The products list as its publisher issues it, blanks and NaN included.

Format: docs/reference/formats/products.md. Versions are kept side by side.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final

from django.utils import timezone

from meterdesk.inventory.intake.fields import AHEAD
from meterdesk.inventory.models import ProductEntry
from meterdesk.inventory.queries import (
    compare,
    list_versions,
    models_concerned,
    products_list,
)
from meterdesk.inventory.rules import PRODUCT_STATUSES, PRODUCT_TYPES
from meterdesk.kernel.errors import Refused
from meterdesk.platform.intake import Batch, Intake, Outcome, Refusal, Source, read_csv

VERSION: Final = "version"
NUMBER: Final = "entry.number"
STATUS: Final = "entry.status"
TYPE: Final = "device_type.name"
MANUFACTURER: Final = "device_model.manufacturer_identifier"
MODEL_ID: Final = "device_model.model_identifier"
HARDWARE: Final = "device_model.hardware_version.version"
REVISION: Final = "device_model.hardware_version.revision"
MODEL: Final = "device_model.model_identifier_concatenated_with_hardware_version"
FIRMWARE: Final = "device_model.firmware_version"
SMETS: Final = "smets_chts version.version_number_and_effective_date"
GBCS: Final = "gbcs version.version_number"
HASH: Final = "manufacturer_image.hash"
COLUMNS: Final = (
    VERSION,
    NUMBER,
    STATUS,
    TYPE,
    MANUFACTURER,
    MODEL_ID,
    HARDWARE,
    REVISION,
    MODEL,
    FIRMWARE,
    SMETS,
    GBCS,
    HASH,
)

_ISSUE: Final = re.compile(r"version\s+(\S{1,20})\s+issued on\s+(\d{2}-\d{2}-\d{4})", re.IGNORECASE)
_BLANKS: Final = re.compile(r"\s+")
_STORED: Final = tuple(
    one.name for one in ProductEntry._meta.concrete_fields if not one.primary_key
)
_KEY: Final = ("version", "entry_number")


def _hex(row: Mapping[str, str], column: str, digits: int) -> str:
    text = row[column].upper()
    if not re.fullmatch(rf"[0-9A-F]{{{digits}}}", text):
        raise Refused(f"{column} must be {digits} hexadecimal digits.", code="not_hexadecimal")
    return text


def _text(row: Mapping[str, str], column: str, most: int = 20) -> str:
    text = _BLANKS.sub(" ", row[column])
    if not text or len(text) > most:
        raise Refused(f"{column} must have 1 to {most} characters.", code="wrong_length")
    return text


def _issue(text: str) -> tuple[str, date]:
    found = _ISSUE.fullmatch(text)
    try:
        if found is None:
            raise ValueError(text)
        issued = datetime.strptime(found.group(2), "%d-%m-%Y").date()  # noqa: DTZ007
    except ValueError:
        raise Refused(
            "Version must read like: Version 2.051 Issued on 21-09-2022.", code="bad_version"
        ) from None
    # A list of the future would count as the newest for ever.
    if issued.year < 2012 or issued > timezone.localdate() + AHEAD:
        raise Refused(
            f"Version is issued on {found.group(2)}, before 2012 or more than a day ahead.",
            code="bad_version",
        )
    return found.group(1), issued


def _hardware(row: Mapping[str, str], model: str) -> str:
    """Hardware version as two hexadecimal digits; NaN stands where a spreadsheet lost them."""
    text = row[HARDWARE].upper()
    given = model[4:6] if text in {"NAN", ""} else text.zfill(2)
    if model != f"{_hex(row, MODEL_ID, 4)}{given}{_hex(row, REVISION, 2)}":
        raise Refused(
            f"{MODEL} is not the model identifier followed by hardware version and revision.",
            code="model_disagrees",
        )
    return given


def parse_product(row: Mapping[str, str]) -> ProductEntry:
    """One row of the list as an entry not yet stored; raises Refused with the reason."""
    version, issued_date = _issue(row[VERSION])
    number = row[NUMBER]
    if not (number.isascii() and number.isdigit() and 0 < int(number[:10]) < 1_000_000):
        raise Refused("Entry.number must be a number from 1 to 999999.", code="bad_entry_number")
    if row[STATUS] not in PRODUCT_STATUSES:
        raise Refused("Entry.status must be Current or Removed.", code="bad_status")
    product_type = _BLANKS.sub(" ", row[TYPE])
    device_type = PRODUCT_TYPES.get(product_type.lower())
    if device_type is None:
        raise Refused(
            f"{product_type or 'An empty text'} is not a device type of the products list.",
            code="unknown_device_type",
        )
    model = _hex(row, MODEL, 8)
    return ProductEntry(
        version=version,
        issued_date=issued_date,
        entry_number=int(number),
        status=row[STATUS],
        product_type=product_type,
        device_type=device_type,
        manufacturer=_hex(row, MANUFACTURER, 4),
        model_identifier=model[:4],
        hardware_version=_hardware(row, model),
        hardware_revision=model[6:],
        model=model,
        firmware_version=_hex(row, FIRMWARE, 8),
        smets_chts_version=_text(row, SMETS),
        gbcs_version=_text(row, GBCS).removeprefix("GBCS Version "),
        image_hash=_hex(row, HASH, 64) if row[HASH] else "",
    )


def _read(source: Source, _options: Mapping[str, str]) -> Iterator[tuple[int, Any] | Refusal]:
    return read_csv(source, COLUMNS, parse_product)


def _values(entry: ProductEntry) -> tuple[Any, ...]:
    return tuple(getattr(entry, name) for name in _STORED)


def _apply(batch: Batch) -> Outcome:
    """Write the entries that are new or differ; a contradiction within the file is refused."""
    versions = {entry.version for _line, entry in batch.records}
    stored = {
        (row[0], row[2]): row
        for row in ProductEntry.objects.filter(version__in=versions).values_list(*_STORED)
    }
    outcome, seen, wanted = Outcome(), dict[tuple[str, int], tuple[Any, ...]](), []
    for line, entry in batch.records:
        key, values = (entry.version, entry.entry_number), _values(entry)
        if seen.setdefault(key, values) != values:
            reason = f"Entry {key[1]} of version {key[0]} was given before with other content."
            outcome.refused.append(Refusal(line, "entry_contradicts", reason, str(entry)))
        elif stored.get(key) == values:
            outcome.unchanged += 1
        else:
            wanted.append(entry)
            stored[key] = values
            outcome.accepted += 1
    newest = products_list()
    ProductEntry.objects.bulk_create(
        wanted,
        update_conflicts=True,
        unique_fields=_KEY,
        update_fields=[name for name in _STORED if name not in _KEY],
    )
    if wanted and newest:
        outcome.noted.update(_differences(wanted[0].version, newest.version))
    return outcome


def _differences(version: str, newest: str) -> Counter[str]:
    """What a version other than the newest before it would mean, in words for the report."""
    if version == newest:
        return Counter()
    found = compare(version, newest)
    counted = Counter(f"{one.change.value} since version {newest}" for one in found.differences)
    if list_versions()[0].version == version:
        for one in models_concerned(version):
            would = "suspend" if one.leaves else "restore"
            counted[f"Devices it would {would} once it is applied"] += one.devices
    return counted


PRODUCTS: Final = Intake("products", "Products list", _read, _apply, batch_size=20_000)
