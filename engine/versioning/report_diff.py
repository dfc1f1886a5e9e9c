"""Two reports on one applicant, compared item by item: what is new, gone or different."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from engine.base.record import record
from engine.language.report import Item, Report


@record
class ItemChange:
    """One item that differs between two reports; `rule` is its name in the later one, or the one it had.

    `fields` name what differs in a changed item. `instead` says what became of a lost one: the rule that
    outranks it now, or `undetermined`; None when its rule fails or is not in force.
    """

    rule: str
    kind: Literal["gained", "lost", "changed"]
    old: Item | None
    new: Item | None
    fields: tuple[str, ...] = ()
    instead: str | None = None

    @property
    def title(self) -> str:
        """The item's title, the later one where there are two."""
        item = self.new or self.old
        assert item is not None
        return item.title


COMPARED = (
    "title", "text", "steps", "severity", "category", "tier", "due", "overdue", "cites", "provisional",
)  # fmt: skip
"""The fields of an item that make up the advice; its rank and its reasons follow from others."""


def compare(old: Report, new: Report, renamed: Mapping[str, str] | None = None) -> tuple[ItemChange, ...]:
    """The items that differ; `renamed` leads from a former rule's name to the present one.

    Lost ones first, by their old rank, then the others by their new one.
    """
    if old.advice == new.advice:
        return ()
    names = renamed or {}
    before = {names.get(item.rule, item.rule): item for item in old.advice}
    after = {item.rule: item for item in new.advice}
    return (*_lost(before, after, new), *_others(before, after))


def _lost(before: Mapping[str, Item], after: Mapping[str, Item], new: Report) -> Iterator[ItemChange]:
    lost = [(rule, item) for rule, item in before.items() if rule not in after]
    if not lost:
        return
    instead = {entry.rule: "undetermined" for entry in new.undetermined}
    instead.update({entry.rule: entry.by for entry in new.suppressed})
    for rule, item in lost:
        yield ItemChange(rule, "lost", item, None, (), instead.get(rule))


def _others(before: Mapping[str, Item], after: Mapping[str, Item]) -> Iterator[ItemChange]:
    for rule, item in after.items():
        former = before.get(rule)
        if former is None:
            yield ItemChange(rule, "gained", None, item)
        elif former is not item and former[5:] != item[5:]:  # rule, version and place do not matter
            fields = tuple([name for name in COMPARED if getattr(former, name) != getattr(item, name)])
            if fields:
                yield ItemChange(rule, "changed", former, item, fields)
