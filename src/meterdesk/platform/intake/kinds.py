"""What an intake kind is, and which there are."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any, Literal, Protocol

from meterdesk.kernel.errors import Refused

Record = tuple[int, Any]


class Unreadable(Refused):
    """The file as a whole cannot be read: wrong header, wrong format, not there."""

    default_code = "unreadable_file"
    default_message = "The file cannot be read. Check that it is of the kind you chose."


@dataclass(frozen=True, slots=True)
class Refusal:
    """One refused record: its line (1-based, header included), why, and how it began."""

    line: int
    code: str
    reason: str
    excerpt: str = ""


class Source(Protocol):
    """Something to be read from its beginning: a file by its Path, or an entry of an archive."""

    @property
    def name(self) -> str:
        """Its name without folders."""

    @property
    def suffix(self) -> str:
        """The end of its name from the last full stop on."""

    def open(self, mode: Literal["rb"]) -> IO[bytes]:
        """Its bytes."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Parsed records of one transaction, each with its line, and the run's options.

    Lines count on from file to file of a run, so that each is unique; the engine turns them back
    into file and line. `options` carries text values, for example `received_at` as ISO 8601.
    """

    records: list[Record]
    options: Mapping[str, str]
    filename: str
    run_id: int = 0


@dataclass(slots=True)
class Outcome:
    """What applying a batch did; counts add up to the number of records.

    `noted` counts what was kept but deserves a word, by the words that stand before the
    number: `MPRNs kept although their check digits do not agree`.
    """

    accepted: int = 0
    unchanged: int = 0
    refused: list[Refusal] = field(default_factory=list)
    noted: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Load:
    """Files to take in at once, where nothing is held yet.

    `files` has each file with the number of lines before it in the run; `taken` is told how many
    more lines have been read and how many more records were accepted.
    """

    files: Sequence[tuple[Source, int]]
    run_id: int
    taken: Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Intake:
    """A kind of file Meterdesk takes in.

    Attributes:
        kind: the word used on the command line, for example `inventory`.
        title: for screens.
        read: yields (line, parsed record) or a Refusal, streaming; raises Unreadable.
        apply: writes one batch; called inside a transaction, one batch of a kind at a time.
        note: a sentence for the run's report given its options, or nothing.
        batch_size: records a transaction.
        load: takes files in where nothing is held, far quicker, and yields what it left to
            `apply`; called as the owner of the schema, in one transaction with what it left.
    """

    kind: str
    title: str
    read: Callable[[Source, Mapping[str, str]], Iterator[Record | Refusal]]
    apply: Callable[[Batch], Outcome]
    note: Callable[[Mapping[str, str]], str] = lambda _options: ""
    batch_size: int = 5_000
    load: Callable[[Load], Iterator[Record | Refusal]] | None = None


_KINDS: dict[str, Intake] = {}


def register(intake: Intake) -> None:
    """Make a kind known; called from the owning app's `apps.py`."""
    _KINDS[intake.kind] = intake


def kinds() -> list[Intake]:
    """Every known kind, by name."""
    return [_KINDS[kind] for kind in sorted(_KINDS)]


def intake_of(kind: str) -> Intake:
    """The kind of that name.

    Raises:
        Unreadable: there is no such kind; the message lists those there are.
    """
    if kind not in _KINDS:
        raise Unreadable(
            f"There is no intake called {kind}. There are: {', '.join(sorted(_KINDS))}."
        )
    return _KINDS[kind]
