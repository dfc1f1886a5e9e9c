"""Names that need each other: the order in which they are worked out, and what is reached from some."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from graphlib import CycleError, TopologicalSorter


class Circle(Exception):
    """Names that need each other; `path` begins and ends with the same name."""

    def __init__(self, path: tuple[str, ...]) -> None:
        super().__init__(" → ".join(path))
        self.path = path


def order(needs: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """The names, each after those it needs, the same for the same needs. Raises Circle."""
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for name in sorted(needs):
        sorter.add(name, *sorted(set(needs[name])))
    try:
        return tuple(sorter.static_order())
    except CycleError as error:
        path = tuple(reversed(error.args[1]))
        # Begun at its least name, so that the same circle always reads the same.
        start = path.index(min(path))
        raise Circle((*path[start:-1], *path[:start], path[start])) from None


def levels(needs: Mapping[str, Iterable[str]]) -> dict[str, int]:
    """For each name how many steps lie before it at most: 0 for those that need nothing. Raises Circle."""
    depths: dict[str, int] = {}
    for name in order(needs):
        depths[name] = 1 + max((depths[other] for other in needs.get(name, ())), default=-1)
    return depths


def reachable(names: Iterable[str], onward: Callable[[str], Iterable[str]]) -> tuple[str, ...]:
    """These names and all that `onward` leads to, each once, the nearest first. Chains may be long."""
    seen = dict.fromkeys(names)
    pending = list(seen)
    for name in pending:  # which grows meanwhile
        new = [each for each in onward(name) if each not in seen]
        seen.update(dict.fromkeys(new))
        pending += new
    return tuple(seen)
