"""What the tests look at: rules that fired, and conditions that were seen both to hold and not to.

A condition is one test of a fact in a `when` or an `applies_to`, at its place in the file: where several
rules share it (`applies_to`), it counts once. That a fact is known does not count where it always is, because
it follows from the day alone.
"""

from __future__ import annotations

from collections.abc import Iterable

from engine.advising.decide import Decisions
from engine.advising.derive import Derivation
from engine.base.diagnostic import Location
from engine.base.record import record
from engine.language.conditions import FAILS, HOLDS, tests_of, verdict_of
from engine.language.facts import Facts
from engine.language.model import Comparison
from engine.language.policy_set import PolicySet, Tabled
from engine.language.tables import Matcher
from engine.testing.mutants import format_condition
from engine.testing.run import PolicyTestOutcome


@record
class Uncovered:
    """A rule that never fired (`rule` alone), or a condition with the side on which it was never seen."""

    at: Location
    rule: str
    condition: str | None
    never: str


@record
class Coverage:
    """Counts of rules and conditions, and what lacks something, by place; rows of tables are as rules."""

    rules: int
    rules_fired: int
    conditions: int
    conditions_seen: int
    uncovered: tuple[Uncovered, ...]

    @property
    def rules_percent(self) -> float:
        """The share of rules that fired, in percent."""
        return percent(self.rules_fired, self.rules)

    @property
    def conditions_percent(self) -> float:
        """The share of conditions that were seen both ways, in percent."""
        return percent(self.conditions_seen, self.conditions)


def percent(part: int, whole: int) -> float:
    """The share of a part, in percent; all of nothing is 100."""
    return 100 * part / whole if whole else 100.0


def measure(sets: Iterable[PolicySet], outcomes: Iterable[PolicyTestOutcome], words: str = "") -> Coverage:
    """The coverage of rules of some policy sets by tests that were run; only of those named with the words.

    A rule that stands in several sets is one; of one that changed between them, each text counts.
    """
    sets = tuple(sets)
    ran = [outcome.decisions for outcome in outcomes if outcome.decisions is not None]
    rules = {
        (rule.name, rule.rule.at): (rule, certain)
        for policies in sets
        for certain in [_known_from_the_day(policies)]
        for rule in policies.rules
        if words in rule.name
    }
    held = {name for decisions in ran for name in decisions.holding}
    fired = {key for key in rules if key[0] in held}
    uncovered = [Uncovered(at, name, None, "never fires") for name, at in rules if (name, at) not in fired]
    conditions: dict[tuple[Location, str, str], tuple[Comparison, str]] = {}
    for rule, certain in rules.values():
        choices = rule.advice.choices if rule.advice else ()
        for test in (test for condition in (rule.when, *choices) for test in tests_of(condition)):
            if test.operator != "known" or test.fact not in certain:
                conditions.setdefault((test.at, test.fact, test.operator), (test, rule.name))
    seen = 0
    for test, name in conditions.values():
        sides = {verdict_of(test, decisions.values) for decisions in ran}
        missing = [words for side, words in _SIDES if side not in sides]
        seen += not missing
        if missing:
            uncovered.append(Uncovered(test.at, name, format_condition(test), " and ".join(missing)))
    rows = [row for row in _rows(sets, ran) if words in row[1]]
    uncovered += [Uncovered(at, name, None, "never applies") for at, name, applied in rows if not applied]
    uncovered.sort(key=lambda gap: (gap.at.order, gap.never))
    applied = sum(applied for _, _, applied in rows)
    return Coverage(len(rules) + len(rows), len(fired) + applied, len(conditions), seen, tuple(uncovered))


def _rows(sets: Iterable[PolicySet], ran: Iterable[Decisions]) -> list[tuple[Location, str, bool]]:
    """Each row of a decision table: its place, its name, and whether it ever applied (and counted)."""
    tables = {
        (step.table.name, step.table.at): step.table
        for policies in sets
        for step in policies.computations
        if isinstance(step, Tabled)
    }
    applied = dict.fromkeys(tables, 0)
    for key, table in tables.items():
        matcher = Matcher(table)
        for decisions in ran:
            applied[key] |= matcher.counting(decisions.values, decisions.absent)
    return [
        (row.at, f"{table.name} row {row.id}", bool(applied[key] >> place & 1))
        for key, table in tables.items()
        for place, row in enumerate(table.rows)
    ]


_SIDES = ((HOLDS, "never seen to hold"), (FAILS, "never seen not to hold"))


def _known_from_the_day(policies: PolicySet) -> frozenset[str]:
    """The facts that are known of everybody, on every day on which these policies are in force.

    They come from nothing but the day, and are known on the first: a parameter that has begun does not end.
    """
    day = policies.since or policies.as_of
    nobody = Facts({}, "", "nobody", lambda _pointer, _name: Location("nobody"))
    known = Derivation(policies).derive(nobody, day).values
    origins = ("given", "calendar")
    given = {name for name, fact in policies.facts.items() if fact.origin in origins and name != "as_of"}
    return frozenset(name for name in known if given.isdisjoint(policies.dependencies.behind([name])))
