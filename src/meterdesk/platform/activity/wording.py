"""What was done, in plain words: a verb of the activity log as people read it."""

from collections.abc import Iterable, Mapping
from typing import Final

FAILED: Final = r"(_failed|_refused|\.lock)$"
"""Verbs of what did not succeed, as a regular expression that PostgreSQL reads too."""

_words: dict[str, str] = {}
_areas: dict[str, str] = {}


def describe(areas: Mapping[str, str], words: Mapping[str, str]) -> None:
    """Make known how areas (what stands before the dot of a verb) and verbs are called."""
    _areas.update(areas)
    _words.update(words)


def words_of(verb: str) -> str:
    """A verb in words; of one that nobody described, its own words."""
    return _words.get(verb) or verb.partition(".")[2].replace("_", " ").capitalize() or verb


def area_words(area: str) -> str:
    """An area in words."""
    return _areas.get(area) or area.replace("_", " ").capitalize()


def areas() -> Iterable[tuple[str, str]]:
    """The areas described, with their words, by these."""
    return sorted(_areas.items(), key=lambda pair: pair[1])
