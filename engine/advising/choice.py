"""Of several variants the one that is said: the first whose condition holds."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Generic

from engine.language.conditions import Evaluator, Values, compile_condition
from engine.language.model import Said, Variant

Chooser = Callable[[Values], int]
"""Values -> the place of the variant that is said."""


class Choice(Generic[Said]):
    """The variants of one text or day, compiled; loading saw to it that each condition is decided."""

    def __init__(self, variants: tuple[Variant[Said], ...]) -> None:
        self.variants = variants

    @cached_property
    def _evaluators(self) -> tuple[Evaluator | None, ...]:
        return tuple(compile_condition(each.when) if each.when else None for each in self.variants)

    @property
    def fixed(self) -> bool:
        """Whether there is nothing to choose."""
        return len(self.variants) < 2

    def place(self, values: Values) -> int:
        """The place of the variant that is said, counted from nought."""
        return next(
            place for place, holds in enumerate(self._evaluators) if holds is None or holds(values) == 2
        )

    def said(self, values: Values) -> Said:
        """What is said."""
        return self.variants[0 if self.fixed else self.place(values)].say
