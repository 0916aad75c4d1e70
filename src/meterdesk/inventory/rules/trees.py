"""How associated Devices are laid out as a tree."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Branch:
    """A Device's place among those it hangs together with: depth 0 is the root."""

    device_id: str
    depth: int


def hang_together(
    root: str, neighbours: Mapping[str, Iterable[str]], order: Sequence[str] = ()
) -> list[Branch]:
    """Lay associated Devices out as a tree, each once, nearest way from the root.

    Args:
        root: the Device on top, usually the hub.
        neighbours: Device to those it is associated with, either way round; cycles are harmless.
        order: preferred order of Devices with the same parent; others follow by id.
    """
    rank = {device_id: place for place, device_id in enumerate(order)}
    children: dict[str, list[str]] = {root: []}
    waiting = deque([root])
    while waiting:
        parent = waiting.popleft()
        near = set(neighbours.get(parent, ())) - children.keys()
        for child in sorted(near, key=lambda one: (rank.get(one, len(rank)), one)):
            children[parent].append(child)
            children[child] = []
            waiting.append(child)
    laid_out: list[Branch] = []
    stack = [Branch(root, 0)]
    while stack:
        branch = stack.pop()
        laid_out.append(branch)
        stack.extend(
            Branch(child, branch.depth + 1) for child in reversed(children[branch.device_id])
        )
    return laid_out
