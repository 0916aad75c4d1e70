"""Records in columns: which of them are beyond doubt, and their rows ready to be copied.

The rules are those of `parsing`, value by value: each different text of a column goes through the
same function once. Identifiers, of which no two are alike, are held to their canonical form. What
is not beyond doubt is left to `parsing`, which forgives more and says what is wrong.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from meterdesk.inventory.intake.blocks import Block
from meterdesk.inventory.intake.fields import (
    CONNECTED,
    REGIONS,
    STATUSES,
    TYPES,
    VARIANTS,
    choice,
    hexadecimal,
    optional_date,
    postcode,
    read,
    via,
    when,
)
from meterdesk.inventory.intake.packing import (
    EIGHT,
    NULL,
    eui_numbers,
    length_and_value,
    numbers,
    packed,
    rows,
)
from meterdesk.inventory.intake.parsing import COLUMNS, MOST_ASSOCIATIONS
from meterdesk.inventory.rules import MAX_PROPERTY, TYPE_2, DeviceType
from meterdesk.kernel.errors import Refused
from meterdesk.kernel.identifiers import MPAN_WEIGHTS

_EUI: Final = "[0-9A-F]{2}(-[0-9A-F]{2}){7}"
_ASSOCIATED: Final = f"^({_EUI}( {_EUI})*)?$"
_LONGEST: Final = MOST_ASSOCIATIONS * len("00-00-00-00-00-00-00-00 ")
_NO_MPAN: Final = "0000000000000"
_POINTS: Final = ("import_mpxn", "secondary_import_mpan", "export_mpan")
_EXACT: Final = ("device_id", *_POINTS, "uprn", "associated_with")


def _instant(row: Mapping[str, Any], name: str) -> Any:
    text = read(row, name)
    return when(name, text) if text else None


_WORDS: Final[Mapping[str, Callable[[Mapping[str, Any], str], Any]]] = {
    "device_type": partial(choice, among=TYPES),
    "device_status": partial(choice, among=STATUSES),
    "status_date": _instant,
    **dict.fromkeys(("manufacturer", "model"), partial(hexadecimal, most=30)),
    "firmware_version": partial(hexadecimal, most=8),
    **dict.fromkeys(("smets_chts_version", "gbcs_version"), partial(read, most=20)),
    "esme_variant": partial(choice, among=VARIANTS),
    "postcode": partial(via, postcode),
    "property": partial(read, most=MAX_PROPERTY),
    "csp_region": partial(choice, among=REGIONS),
    **dict.fromkeys(("wan_technology", "hub_variant", "s1sp"), partial(read, most=30)),
    "connectivity": partial(choice, among=CONNECTED),
    **dict.fromkeys(("commissioned_date", "installed_date"), optional_date),
    "placed_at": _instant,
}
NAMES: Final = (*_EXACT, *_WORDS)
"""The columns of a file that are looked at."""
DEVICE_COLUMNS: Final = (
    "device_id",
    *COLUMNS,
    "placed_at",
    "source_line",
    "updated_at",
    "source_run",
)
CHANGE_COLUMNS: Final = ("device_id", "at", "status", "line", "recorded_at", "run")
ASSOCIATION_COLUMNS: Final = ("device_id", "associated_id")
_OTHER_NAMES: Final = {"status": "device_status", "status_at": "status_date"}
_MOST_REMEMBERED: Final = 100_000


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of the three tables as binary COPY wants them, and the lines of the records left."""

    devices: Any
    changes: Any
    associations: Any
    count: int
    left: Sequence[int]
    lines: int


class Packer:
    """Turns blocks into rows, remembering how it read the words it has met."""

    def __init__(self, told: bytes) -> None:
        """`told` is what all rows end with: when they were taken in, and by which run."""
        self._told = told
        self._known: dict[str, dict[str, tuple[Any, bytes] | None]] = {name: {} for name in _WORDS}

    def rows(self, block: Block, before: int) -> Rows:
        """The rows of a block in a file that begins after so many lines of the run."""
        left = [before + line for line in block.left]
        if not block.lines:
            return Rows(b"", b"", b"", 0, left, len(left))
        size = len(block.lines)
        given = {name: block.columns.get(name, _same("", size)) for name in NAMES}
        words = {name: self._words(name, given[name]) for name in _WORDS}
        sound = _all(
            *(word.sound for word in words.values()),
            *_identifiers_sound(given),
            *_together_sound(given, words),
        )
        lines = pa.array([before + line for line in block.lines])
        left += lines.filter(pc.invert(sound)).to_pylist()
        kept = {name: given[name].filter(sound) for name in _EXACT}
        packs = {name: word.packed.filter(sound) for name, word in words.items()}
        return self._packed(kept, packs, lines.filter(sound), left)

    def _words(self, name: str, texts: Any) -> "_Words":
        known, encoded = self._known[name], texts.dictionary_encode()
        if len(known) > _MOST_REMEMBERED:
            known.clear()
        met = []
        for text in encoded.dictionary.to_pylist():
            if text not in known:
                known[text] = _read(name, text)
            met.append(known[text] or (None, b""))
        at = encoded.indices
        return _Words(
            pa.array([pack for _value, pack in met], pa.binary()).take(at),
            pa.array([bool(pack) for _value, pack in met]).take(at),
            pa.array([value or "" for value, _pack in met], pa.string()).take(at)
            if name in {"device_type", "device_status"}
            else None,
        )

    def _packed(
        self, kept: Mapping[str, Any], packs: Mapping[str, Any], lines: Any, left: list[int]
    ) -> Rows:
        ids, numbered = eui_numbers(kept["device_id"]), numbers(lines.to_pylist())
        parts: list[Any] = [EIGHT, ids]
        for column in COLUMNS:
            name = _OTHER_NAMES.get(column, column)
            parts += [packs[name]] if name in packs else length_and_value(kept[name])
        parts += [packs["placed_at"], EIGHT, numbered, self._told]
        dated = pc.not_equal(packs["status_date"], NULL)
        at, status = packs["status_date"].filter(dated), packs["device_status"].filter(dated)
        changed = [EIGHT, ids.filter(dated), at, status, EIGHT, numbered.filter(dated), self._told]
        return Rows(
            rows(len(DEVICE_COLUMNS), parts),
            rows(len(CHANGE_COLUMNS), changed),
            _associations(ids, kept["associated_with"]),
            len(ids),
            left,
            len(ids) + len(left),
        )


@dataclass(frozen=True, slots=True)
class _Words:
    packed: Any
    sound: Any
    value: Any


def _read(name: str, text: str) -> tuple[Any, bytes] | None:
    """A text as its column's function reads it, and packed; None when it is refused."""
    try:
        value = _WORDS[name]({name: text}, name)
    except Refused:
        return None
    return value, packed(value)


def _same(value: Any, size: int) -> Any:
    return pa.repeat(pa.scalar(value), size)


def _all(first: Any, *others: Any) -> Any:
    for other in others:
        first = pc.and_(first, other)
    return first


def _identifiers_sound(given: Mapping[str, Any]) -> list[Any]:
    ids, associated = given["device_id"], given["associated_with"]
    return [
        pc.match_substring_regex(ids, f"^{_EUI}$"),
        pc.match_substring_regex(given["uprn"], "^([1-9][0-9]{0,11})?$"),
        *(pc.or_(_is_mpan(given[name]), pc.equal(given[name], "")) for name in _POINTS[1:]),
        pc.match_substring_regex(associated, _ASSOCIATED),
        pc.less(pc.binary_length(associated), _LONGEST),
        _names_each_once(ids, associated),
    ]


def _names_each_once(ids: Any, associated: Any) -> Any:
    """Whether a record names no Device twice, nor its own."""
    sound = pc.not_equal(ids, associated)
    several = pc.match_substring(associated, " ")
    if not pc.any(several).as_py():
        return sound
    pairs = zip(
        ids.filter(several).to_pylist(), associated.filter(several).to_pylist(), strict=True
    )
    once = [len({one, *named.split(" ")}) == named.count(" ") + 2 for one, named in pairs]
    return _all(sound, pc.replace_with_mask(_same(True, len(ids)), several, pa.array(once)))


def _together_sound(given: Mapping[str, Any], words: Mapping[str, _Words]) -> list[Any]:
    """What the type says about status and meter point."""
    kind, status = words["device_type"].value, words["device_status"].value
    point, undated = given["import_mpxn"], pc.equal(words["status_date"].packed, NULL)
    no_status, no_point = pc.equal(status, ""), pc.equal(point, "")
    mpan, mprn = _is_mpan(point), pc.match_substring_regex(point, "^[0-9]{1,10}$")
    electricity = pc.equal(kind, DeviceType.ESME.value)
    gas = pc.is_in(kind, pa.array([DeviceType.GSME.value, DeviceType.GPF.value]))
    type_2 = pc.is_in(kind, pa.array([one.value for one in TYPE_2]))
    return [
        pc.not_equal(kind, ""),
        pc.equal(type_2, no_status),
        pc.equal(type_2, undated),
        pc.or_(no_point, pc.if_else(electricity, mpan, pc.if_else(gas, mprn, pc.or_(mpan, mprn)))),
    ]


@cache
def _residues(place: int) -> Any:
    """Of each number of four digits, what it adds to the check of an MPAN, modulo 11."""
    weights = MPAN_WEIGHTS[place : place + 4]
    return pa.array(
        [
            sum(int(digit) * weight for digit, weight in zip(f"{four:04}", weights, strict=True))
            % 11
            for four in range(10_000)
        ],
        pa.int64(),
    )


def _is_mpan(texts: Any) -> Any:
    """Whether each is 13 digits, the last of which checks the others."""
    shaped = pc.and_(pc.equal(pc.binary_length(texts), 13), pc.string_is_ascii(texts))
    shaped = pc.and_(shaped, pc.ascii_is_decimal(texts))
    if not pc.any(shaped).as_py():
        return shaped
    number = pc.if_else(shaped, texts, _NO_MPAN).cast(pa.int64())
    # Twelve digits in three groups of four, and the check digit.
    core, check = _parted(number, 10)
    high, last = _parted(core, 10_000)
    first, middle = _parted(high, 10_000)
    total = pc.add(
        pc.add(_residues(0).take(first), _residues(4).take(middle)), _residues(8).take(last)
    )
    return pc.and_(shaped, pc.equal(_parted(_parted(total, 11)[1], 10)[1], check))


def _parted(numbers: Any, by: int) -> tuple[Any, Any]:
    whole = pc.divide(numbers, by)
    return whole, pc.subtract(numbers, pc.multiply(whole, by))


def _associations(ids: Any, associated: Any) -> Any:
    naming = pc.not_equal(associated, "")
    named = pc.split_pattern(associated.filter(naming), " ")
    whose = ids.filter(naming).take(pc.list_parent_indices(named))
    others = eui_numbers(pc.list_flatten(named))
    return rows(len(ASSOCIATION_COLUMNS), [EIGHT, whose, EIGHT, others])
