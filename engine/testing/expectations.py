"""What expectations name, held against the policies of the test's day: nothing misspelt may pass."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from engine.advising.freshness import BANNER_KINDS
from engine.base.dates import parse_date
from engine.base.diagnostic import Location, did_you_mean
from engine.base.diagnostics import Diagnostics
from engine.base.quick_fixes import name_fix
from engine.base.read import Document, Pointer
from engine.language.new_names import help_with
from engine.language.policy_set import Implied, PolicySet
from engine.language.values import typed
from engine.loading.parameter_facts import parameter_as_fact
from engine.loading.shape import LANGUAGE, language_of, needs_newer
from engine.testing.rule_names import RuleNames

ABSENT: Final = "absent"
"""What `values` says of a fact that has no answer."""
NOT_APPLICABLE: Final = "not_applicable"
"""What `findings` says of one that no policy concludes which applies."""

VERDICTS: Final = ("holds", "fails", "unknown")
_ITEM_LISTS: Final = ("shown", "not_shown", "only", "ranking", "order", "provisional")
_ITEM_TABLES: Final = ("text", "due", "severity", "suppressed")


class Expectable:
    """The names that expectations may use on a day; what cannot come out is added to the problems.

    So is what comes out whatever the policies say.
    """

    def __init__(self, policies: PolicySet, rule_names: RuleNames, problems: Diagnostics) -> None:
        self.error, self._problems = problems.error, problems
        self._policies = policies
        self._rule_names = rule_names
        self._facts = {name: fact for name, fact in policies.facts.items() if "@" not in name}
        self._parameters = {
            name: parameter_as_fact(parameter, name) for name, parameter in policies.parameters.items()
        }
        self._advising = frozenset(rule.name for rule in policies.rules if rule.rule.advise is not None)
        self._implied = frozenset(step.fact for step in policies.computations if isinstance(step, Implied))
        self._severities = [name for name, _ in policies.ranking.severities]
        self._day = policies.as_of

    def check(
        self,
        expect: Mapping[str, Any],
        source: Document,
        pointer: Pointer,
        misshapen: Collection[Pointer],
        given: Collection[str] | None,
    ) -> None:
        """Looks through the `expect` at this pointer of a test file.

        `given` are the facts that the test gives; None where they cannot be used.
        """
        if "refused" in expect and len(expect) > 1:
            at = source.at((*pointer, "refused"), key=True)
            message = "Where the facts are refused, nothing else comes out that could be expected."
            self.error("refused-with-more", message, at, "Keep `refused`, or the others.")
        for key, expected in expect.items():
            if (*pointer, key) not in misshapen:
                self._check_key(key, expected, source, (*pointer, key), given)

    def _check_key(
        self, key: str, expected: Any, source: Document, pointer: Pointer, given: Collection[str] | None
    ) -> None:
        if key == "first":
            self._check_item(expected, source.at(pointer))
        elif key == "refused":
            self._check_words(expected, source, pointer)
        elif key in _ORIGINS or key in _ITEM_TABLES:
            for name, value in expected.items():
                at, value_at = source.at((*pointer, name), key=True), source.at((*pointer, name))
                if key == "values" and name in self._parameters:
                    if language_of(source) < LANGUAGE:
                        needs_newer(f"The value of the parameter `{name}`", at, self._problems)
                    self._check_value(key, name, value, value_at)
                elif key in _ORIGINS:
                    self._check_fact(name, _ORIGINS[key], at)
                    self._check_value(key, name, value, value_at)
                    if key == "values" and given is not None:
                        self._check_worked_out(name, given, at)
                else:
                    self._check_item(name, at)
                    self._check_cell(key, value, value_at)
                if key == "text":
                    self._check_words(value, source, (*pointer, name))
        else:
            for index, name in enumerate(expected):
                at = source.at((*pointer, index))
                if key in VERDICTS:
                    self._check_rule(name, at)
                elif key in _ITEM_LISTS:
                    self._check_item(name, at)
                elif key == "asks":
                    self._check_fact(name, "given", at)
                elif name not in BANNER_KINDS:
                    help_text = _one_of(name, BANNER_KINDS, self._problems)
                    self.error("unknown-banner", f"There is no banner `{name}`.", at, help_text)

    def _check_rule(self, name: str, at: Location) -> None:
        if name not in self._policies.by_name:
            self._problems.extend([self._rule_names.problem(name, self._policies, at, self._problems.near)])

    def _check_item(self, name: str, at: Location) -> None:
        """A rule with advice: for one without, `not_shown` would pass whatever happens."""
        self._check_rule(name, at)
        if name in self._policies.by_name and name not in self._advising:
            message = f"`{name}` only concludes: nothing of it is ever shown."
            help_text = "Expect `holds`, `fails` or `unknown` of it, or its finding."
            self.error("rule-without-advice", message, at, help_text)

    def _check_cell(self, key: str, value: Any, at: Location) -> None:
        """What is expected of one item."""
        if key == "suppressed":
            self._check_item(value, at)
        elif key == "severity" and value not in self._severities:
            message = f"There is no severity `{value}` in ranking.yaml."
            self.error("unknown-severity", message, at, _one_of(value, self._severities, self._problems))
        elif key == "due" and value is not None and parse_date(value) is None:
            message = f"`{value}` is not a date of the calendar."
            self.error("not-a-date", message, at, "Write year-month-day, or null.")

    def _check_words(self, expected: Iterable[str], source: Document, pointer: Pointer) -> None:
        """Words that stand in every text are no expectation."""
        for index, words in enumerate(expected):
            if not any(char.isalnum() for char in words):
                message = f"“{words}” holds no word: it would be found in any text."
                help_text = "Write words that must stand there."
                self.error("vacuous-expectation", message, source.at((*pointer, index)), help_text)

    def _check_worked_out(self, name: str, given: Collection[str], at: Location) -> None:
        """A given fact comes out as it is given, or not at all, unless an implication may give it a value."""
        fact = self._facts.get(name)
        if fact is None or fact.origin != "given":
            return
        if name == "as_of":
            message = "`as_of` is the day of this test: it comes out as it is, whatever the policies say."
        elif name in given:
            message = (
                f"`{name}` is given in this test: it comes out as it is given, whatever the policies say."
            )
        elif name not in self._implied:
            message = f"`{name}` is not given in this test: it is unknown, whatever the policies say."
        else:
            return
        help_text = "Take it out, and expect something that is worked out from the facts."
        self.error("vacuous-expectation", message, at, help_text)

    def _check_fact(self, name: str, origin: str | None, at: Location) -> None:
        fact = self._facts.get(name)
        if fact is not None and origin in (None, fact.origin):
            return
        near = [known for known, fact in self._facts.items() if origin in (None, fact.origin)]
        if fact is None:
            message = f"There is no fact `{name}` in force on {self._day}."
            alike = [fact for fact in self._facts.values() if fact.origin == (origin or "given")]
            kind = "fact" if origin in (None, "given") else origin
            help_text = help_with(kind, name, self._problems.near(near), alike)
            self.error("unknown-fact", message, at, help_text, fix=name_fix(name, near))
            return
        message = f"`{name}` is no {origin}." if origin != "given" else f"Nobody is asked for `{name}`."
        self.error("wrong-kind", message, at, _one_of(name, near, self._problems))

    def _check_value(self, key: str, name: str, value: Any, at: Location) -> None:
        fact = self._facts.get(name) or self._parameters.get(name)
        if fact is None or value is None or (key == "values" and value == ABSENT):
            return
        if key == "findings" and value == NOT_APPLICABLE and fact.origin == "finding":
            return
        problem = typed(value, fact)[1]
        if problem is not None:
            self.error("wrong-value", problem[0], at, problem[1])


def _one_of(name: str, known: Collection[str], problems: Diagnostics) -> str | None:
    listed = f"It is one of {', '.join(known)}." if 0 < len(known) <= 8 else None
    return did_you_mean(name, problems.near(known)) or listed


_ORIGINS: Final = {"bands": "band", "findings": "finding", "values": None}
