"""Conditions as plain conjunctions, laid out in rulesets that durable-rules survives.

A condition becomes a choice of conjunctions, each of them one rule of the network: the condition holds when
one of them fires. Negation is pushed to the tests first (`Encoding.comparison` knows a test's opposite), so
nothing ever waits for something to be absent. durable-rules' own `$or` is not used: it fires once for each
true branch, and `(a or b) and (c or d) and …` multiplies inside the library until its stack overflows.
The same multiplication would happen here, so it is cut short: a choice that would make more than
`CHOICES` conjunctions out of one becomes an **auxiliary**, a nameless condition of its own. Its
conjunctions fire in an earlier pass, and its result is sent to later passes as one more integer, present
when it fired and else left out. After the push-down nothing is negated but tests, so that is sound.
A conjunction about more than `KEYS` integers is taken apart in the same way.

Rules that have a conjunction in common share it: it is matched once. Conjunctions of a pass are sorted, the
comparison that most of them have first, and cut into rulesets. durable-rules then shares their common
beginnings and looks no further where the first comparison is false. The limits below come from its source:

- It keeps the conditions it has yet to look at on a stack of 64. They are beginnings of different
  conjunctions, so there are never more of them than the first comparisons of a ruleset and the
  conjunctions behind one first comparison together: `WIDTH` bounds that sum.
- A fact has at most 252 properties: `KEYS`.
- `RULES` is as many as have a name of one character (`engine.advising.durable.wire`). It is far below the 512
  conditions in one place and the 256 rules at one condition that it cannot take.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import product

from engine.advising.durable.encode import EncodedComparison, Encoding
from engine.base.record import record
from engine.language.model import AllOf, AnyOf, Comparison, Condition, Not

CHOICES = 8
WIDTH = 60
KEYS = 200
RULES = 80

Conjunction = frozenset[EncodedComparison]
DisjunctiveForm = tuple[Conjunction, ...]
"""Holds when one of its conjunctions does. None at all: never. The empty conjunction: always."""


@record
class Firing:
    """What follows when a conjunction fires: conditions hold, and auxiliaries have these slots set."""

    names: tuple[str, ...]
    auxiliaries: tuple[int, ...]


@record
class NetworkRule:
    """One conjunction in the order in which its comparisons are to be made."""

    comparisons: tuple[EncodedComparison, ...]
    outcome: Firing


Ruleset = tuple[NetworkRule, ...]


def plan(conditions: Mapping[str, Condition], encoding: Encoding) -> tuple[tuple[Ruleset, ...], ...]:
    """Lays out named conditions: passes in the order they fire, each of some rulesets."""
    planner = _Planner(encoding)
    for name, condition in conditions.items():
        for conjunction in planner.choice(condition, holds=True):
            planner.outcome(conjunction).names.append(name)
    return tuple(tuple(_rulesets(outcomes)) for outcomes in planner.passes)


class _Gathered:
    """An outcome while it is added to."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.auxiliaries: list[int] = []


class _Planner:
    def __init__(self, encoding: Encoding) -> None:
        self._encoding = encoding
        self._slots = len(encoding)
        self.passes: list[dict[Conjunction, _Gathered]] = [{}]
        self._auxiliaries: dict[frozenset[Conjunction], EncodedComparison] = {}
        self._ready: dict[int, int] = {}
        """Auxiliary slot -> the first pass that can read it."""

    def choice(self, condition: Condition, *, holds: bool) -> DisjunctiveForm:
        """The conjunctions of which one is true exactly when the condition holds (or fails)."""
        match condition:
            case Not(part):
                return self.choice(part, holds=not holds)
            case Comparison():
                return (frozenset({self._encoding.comparison(condition, holds)}),)
            case AllOf(parts) | AnyOf(parts):
                choices = [self.choice(part, holds=holds) for part in parts]
                if isinstance(condition, AllOf) == holds:
                    return self._every(choices)
                return tuple(dict.fromkeys(conjunction for choice in choices for conjunction in choice))

    def _every(self, choices: list[DisjunctiveForm]) -> DisjunctiveForm:
        conjunctions: DisjunctiveForm = (frozenset(),)
        for choice in sorted(choices, key=len):
            factor = choice
            if len(conjunctions) * len(factor) > CHOICES and len(factor) > 1:
                factor = (frozenset({self._auxiliary(choice)}),)
            conjunctions = tuple(dict.fromkeys(left | right for left, right in product(conjunctions, factor)))
        return conjunctions

    def _auxiliary(self, choice: DisjunctiveForm) -> EncodedComparison:
        """The comparison that is true in later passes when the choice holds."""
        conjunctions = frozenset(choice)
        if conjunctions not in self._auxiliaries:
            outcomes = [self.outcome(conjunction) for conjunction in choice]
            slot, self._slots = self._slots, self._slots + 1
            for outcome in outcomes:
                outcome.auxiliaries.append(slot)
            self._ready[slot] = 1 + max(self._pass(self._narrow(conjunction)) for conjunction in choice)
            self._auxiliaries[conjunctions] = EncodedComparison(slot, "$eq", 1)
        return self._auxiliaries[conjunctions]

    def outcome(self, conjunction: Conjunction) -> _Gathered:
        """What follows from a conjunction, to be added to."""
        narrow = self._narrow(conjunction)
        number = self._pass(narrow)
        self.passes.extend({} for _ in range(number + 1 - len(self.passes)))
        return self.passes[number].setdefault(narrow, _Gathered())

    def _narrow(self, conjunction: Conjunction) -> Conjunction:
        """The same, about no more than `KEYS` integers."""
        while len({comparison.slot for comparison in conjunction}) > KEYS:
            ordered = sorted(conjunction)
            chunks = (frozenset(ordered[start : start + KEYS]) for start in range(0, len(ordered), KEYS))
            conjunction = frozenset(self._auxiliary((chunk,)) for chunk in chunks)
        return conjunction

    def _pass(self, conjunction: Conjunction) -> int:
        return max((self._ready.get(comparison.slot, 0) for comparison in conjunction), default=0)


def _rulesets(outcomes: Mapping[Conjunction, _Gathered]) -> Iterator[Ruleset]:
    """The conjunctions of one pass in rulesets within the limits above."""
    ruleset: list[NetworkRule] = []
    keys: set[int] = set()
    behind: Counter[tuple[EncodedComparison, ...]] = Counter()
    for rule in _sorted(outcomes):
        first = rule.comparisons[:1]
        behind[first] += 1
        keys.update(comparison.slot for comparison in rule.comparisons)
        if len(behind) + max(behind.values()) > WIDTH or len(keys) > KEYS or len(ruleset) == RULES:
            yield tuple(ruleset)
            ruleset, behind = [], Counter([first])
            keys = {comparison.slot for comparison in rule.comparisons}
        ruleset.append(rule)
    if ruleset:
        yield tuple(ruleset)


def _sorted(outcomes: Mapping[Conjunction, _Gathered]) -> Iterable[NetworkRule]:
    """Each conjunction begins with what most conjunctions have; those that begin alike are neighbours."""
    uses = Counter(comparison for conjunction in outcomes for comparison in conjunction)
    ranked = sorted(uses, key=lambda comparison: (-uses[comparison], comparison))
    rank = {comparison: number for number, comparison in enumerate(ranked)}
    paths = sorted(sorted(rank[comparison] for comparison in conjunction) for conjunction in outcomes)
    for path in paths:
        comparisons = tuple(ranked[number] for number in path)
        gathered = outcomes[frozenset(comparisons)]
        yield NetworkRule(comparisons, Firing(tuple(gathered.names), tuple(gathered.auxiliaries)))
