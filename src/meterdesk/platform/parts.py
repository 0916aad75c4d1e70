"""Parts of a page that other apps add to it, without the page knowing them.

An app registers a reader for a page, or for a place on it, in its apps.py; the page asks for the
parts of its subject and draws each as a panel (`{% page_parts %}`) or as links beside a heading
(`{% part_links %}`). A reader answers None where the actor may not see anything of it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Part:
    """A panel: title, lines of (words, address or nothing), what to say when there are none.

    `link` is (label, address) of the page where more can be done; None for none.
    """

    title: str
    lines: tuple[tuple[str, str], ...]
    empty: str
    link: tuple[str, str] | None = None


Reader = Callable[..., Part | None]
"""Takes the actor, and what the page says its subject is."""
_readers: dict[str, list[Reader]] = {}


def register(page: str, reader: Reader) -> None:
    """Have this reader asked for a part of the page; twice the same counts once."""
    known = _readers.setdefault(page, [])
    if reader not in known:
        known.append(reader)


def parts_of(page: str, actor: Any, *subject: Any) -> list[Part]:
    """The parts of a page about this subject, in the order of registration."""
    found = (reader(actor, *subject) for reader in _readers.get(page, ()))
    return [part for part in found if part is not None]
