"""Two texts that were made from a third, joined by lines.

Written here, since the libraries that do it are under another licence (GPL) or are programs of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Final

from engine.base.record import record

_MARKS: Final = (b"<<<<<<< yours\n", b"=======\n", b">>>>>>> shipped\n")


@record
class Merged:
    """What both sides changed. Where they changed the same lines, `content` has ours, `marked` has both.

    `conflicts` are those places, as the line in `content` and the line in `marked`.
    """

    content: bytes
    marked: bytes
    conflicts: tuple[tuple[int, int], ...]


def merge(base: bytes, ours: bytes, theirs: bytes) -> Merged:
    """Ours with what theirs changed since base."""
    old, mine, new = (text.splitlines(keepends=True) for text in (base, ours, theirs))
    content: list[bytes] = []
    marked: list[bytes] = []
    conflicts = []
    done = (0, 0, 0)
    for start, in_mine, in_new, length in _agreed(old, mine, new):
        was, is_mine, is_new = old[done[0] : start], mine[done[1] : in_mine], new[done[2] : in_new]
        if is_mine in (is_new, was) or is_new == was:
            chosen = is_new if is_mine == was else is_mine
            content += chosen
            marked += chosen
        else:
            conflicts.append((len(content) + 1, len(marked) + 1))
            begin, middle, end = _MARKS
            content += is_mine
            marked += [begin, *_ended(is_mine), middle, *_ended(is_new), end]
        content += old[start : start + length]
        marked += old[start : start + length]
        done = (start + length, in_mine + length, in_new + length)
    return Merged(b"".join(content), b"".join(marked), tuple(conflicts))


def first_mark(content: bytes) -> int | None:
    """The line of a text with conflict marks at which the first one stands; None where there is none."""
    begin, _, end = _MARKS
    lines = enumerate(content.splitlines(), 1)
    return next((number for number, line in lines if line in (begin.rstrip(), end.rstrip())), None)


def _ended(lines: list[bytes]) -> list[bytes]:
    """The lines, the last of which has an end too."""
    return [line if line.endswith(b"\n") else line + b"\n" for line in lines]


def _agreed(
    old: Sequence[bytes], mine: Sequence[bytes], new: Sequence[bytes]
) -> Iterator[tuple[int, int, int, int]]:
    """Lines that all three hold: where they begin in each, and how many; at last their ends."""
    ours, theirs = (
        SequenceMatcher(None, old, other, autojunk=False).get_matching_blocks() for other in (mine, new)
    )
    one = other = 0
    while one < len(ours) and other < len(theirs):
        a, b = ours[one], theirs[other]
        start, end = max(a.a, b.a), min(a.a + a.size, b.a + b.size)
        if start < end:
            yield start, a.b + start - a.a, b.b + start - b.a, end - start
        if a.a + a.size < b.a + b.size:
            one += 1
        else:
            other += 1
    yield len(old), len(mine), len(new), 0
