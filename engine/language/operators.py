"""The operators of conditions, each with all that is to be known of it but how the engines are asked.

What an operator is to durable-rules and to the solver stands in `engine.advising.durable.encode` and in
`engine.solver.encode`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import contains, eq, ge, gt, le, lt, ne
from typing import Any, Final, Literal

from engine.base.record import record

Operator = Literal[
    "is", "is_not", "at_least", "at_most", "above", "below", "includes", "one_of", "none_of", "between",
    "known",
]  # fmt: skip

Compares = Callable[[Any, Any], bool]

ORDERED: Final = frozenset({"integer", "number", "date"})
"""The types whose values have an order."""


@record
class OperatorSpec:
    """What an operator means and how it is written.

    `operand` is its right side: one value, fact or parameter; many values; a range of two ends, which is
    `written_as` tests of the lower and of the upper end; or a truth. `fits` are the facts that take it:
    all but lists, those with an order, lists, or every one. `compares` two known values of the same type.
    Its result may change only where a value meets the operand or a value that the operand names: between
    two such values nothing is looked for. `description` is for who writes a policy, `words` (`date_words`
    of dates) for who reads one. Mutation testing puts `mistaken_for` in its place.
    """

    operand: Literal["one", "many", "range", "truth"]
    fits: Literal["values", "ordered", "lists", "every"]
    description: str
    words: str = ""
    date_words: str | None = None
    compares: Compares | None = None
    mistaken_for: Operator | None = None
    written_as: tuple[Literal["all", "any"], Operator, Operator] | None = None

    def takes(self, kind: str) -> bool:
        """Whether a fact of this type can be tested with it."""
        if self.fits == "ordered":
            return kind in ORDERED
        return self.fits == "every" or (kind == "list") == (self.fits == "lists")


def _is_among(value: Any, choices: Any) -> bool:
    return value in choices


def _is_none_of(value: Any, choices: Any) -> bool:
    return value not in choices


def _ordered(
    description: str, words: str, date_words: str, compares: Compares, mistaken_for: Operator
) -> OperatorSpec:
    return OperatorSpec("one", "ordered", description, words, date_words, compares, mistaken_for)


OPERATORS: Final[Mapping[Operator, OperatorSpec]] = {
    "is": OperatorSpec("one", "values", "the fact has this value", "is", compares=eq),
    "is_not": OperatorSpec("one", "values", "the fact has another value", "is not", compares=ne),
    "at_least": _ordered(
        "this or more; for dates: on or after", "is at least", "is on or after", ge, "above"
    ),
    "at_most": _ordered(
        "this or less; for dates: on or before", "is at most", "is on or before", le, "below"
    ),
    "above": _ordered("more than this; for dates: after", "is above", "is after", gt, "at_least"),
    "below": _ordered("less than this; for dates: before", "is below", "is before", lt, "at_most"),
    "includes": OperatorSpec("one", "lists", "the list holds this", "includes", compares=contains),
    "one_of": OperatorSpec(
        "many", "values", "the fact has one of these values", "is one of", compares=_is_among
    ),
    "none_of": OperatorSpec(
        "many", "values", "the fact has none of these values", "is none of", compares=_is_none_of
    ),
    "between": OperatorSpec(
        "range", "ordered", "[lowest, highest], both included", written_as=("all", "at_least", "at_most")
    ),
    "known": OperatorSpec("truth", "every", "true: the fact is given; false: it is not"),
}

COMPARISONS: Final[Mapping[str, Compares]] = {
    name: spec.compares for name, spec in OPERATORS.items() if spec.compares is not None
}
"""Operator name -> its comparison of two known values of the same type."""
