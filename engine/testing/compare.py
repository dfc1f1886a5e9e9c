"""Expectations against what came out: each failure says what was expected, what was found, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from functools import partial
from typing import Any, Final, NamedTuple

from engine.base.diagnostic import InvalidInput, Location
from engine.base.numbers import as_written
from engine.base.record import record
from engine.language.conditions import FAILS, HOLDS, UNKNOWN, Verdict
from engine.language.model import Parameter
from engine.language.values import typed
from engine.loading.parameter_facts import parameter_as_fact
from engine.testing.expectations import ABSENT, NOT_APPLICABLE
from engine.testing.observed import VERDICT_WORDS, Cause, Observed
from engine.testing.read import PolicyTest


@record
class Failure:
    """One thing that is not as expected: `at` is its place in the test file, `key` the expectation.

    `early` says of one about an edit that the test is for a day before the edit counts.
    """

    at: Location
    key: str
    expected: str
    found: str
    because: tuple[Cause, ...] = ()
    early: tuple[Cause, ...] = ()

    @property
    def expectation(self) -> tuple[Location, str, str]:
        """What was expected, and where, whatever came out."""
        return self.at, self.key, self.expected


class Mismatch(NamedTuple):
    """A name under an expectation, what was expected of it, what was found, and why."""

    name: str
    expected: str
    found: str
    because: tuple[Cause, ...] = ()


def failures_of(test: PolicyTest, observed: Observed) -> Iterator[Failure]:
    """Everything that is not as the test expects."""
    for key, expectation in test.expect.items():
        for name, expected, found, because in _COMPARISONS[key](expectation.expected, observed):
            yield Failure(expectation.place(name), key, expected, found, because)


def refused_failures(test: PolicyTest, refused: InvalidInput) -> Iterator[Failure]:
    """What is not as expected where the facts are refused."""
    reasons = " ".join(f"{each.message} {each.help or ''}".strip() for each in refused.diagnostics)
    expectation = test.expect.get("refused")
    if expectation is None:
        yield Failure(test.at, "facts", "the facts can be used", f"they are refused: {reasons}")
        return
    for words in expectation.expected:
        if words not in reasons:
            at = expectation.place(words)
            yield Failure(at, "refused", f"the reasons hold “{words}”", f"they are: {reasons}")


def not_refused(test: PolicyTest) -> Failure:
    """The failure of a test whose facts should have been refused."""
    return Failure(test.expect["refused"].at, "refused", "the facts are refused", "they are not")


Comparing = Callable[[Any, Observed], Iterator[Mismatch]]
"""What stands under an expectation, and what came out -> what differs."""


def _verdicts(expected: Verdict) -> Comparing:
    def compare(rules: list[str], observed: Observed) -> Iterator[Mismatch]:
        for name in rules:
            verdict = observed.decisions.verdicts[name]
            if verdict is not expected:
                words, found = VERDICT_WORDS[expected], VERDICT_WORDS[verdict]
                yield Mismatch(name, f"{name} {words}", f"it {found}", observed.why(name))

    return compare


# -- items ---------------------------------------------------------------------------------------


def _shown(rules: Iterable[str], observed: Observed) -> Iterator[Mismatch]:
    for name in rules:
        if name not in observed.dues:
            yield Mismatch(name, f"{name} is shown", observed.state(name), observed.why(name))


def _not_shown(rules: Iterable[str], observed: Observed) -> Iterator[Mismatch]:
    for name in rules:
        if name in observed.dues:
            rank = observed.shown.index(name) + 1
            yield Mismatch(name, f"{name} is not shown", f"it is shown at rank {rank}", observed.why(name))


def _first(rule: str, observed: Observed) -> Iterator[Mismatch]:
    yield from _shown([rule], observed)
    if rule in observed.dues and observed.shown[0] != rule:
        rank = observed.shown.index(rule) + 1
        found = f"{observed.shown[0]} does, and it comes at rank {rank}"
        yield Mismatch(rule, f"{rule} comes first", found)


def _only(rules: list[str], observed: Observed) -> Iterator[Mismatch]:
    yield from _shown(rules, observed)
    yield from _not_shown((name for name in observed.shown if name not in rules), observed)


def _ranking(rules: list[str], observed: Observed) -> Iterator[Mismatch]:
    yield from list(_only(rules, observed)) or _in_order(observed.shown, rules)


def _order(rules: list[str], observed: Observed) -> Iterator[Mismatch]:
    shown = [name for name in observed.shown if name in rules]
    yield from list(_shown(rules, observed)) or _in_order(shown, rules)


def _in_order(shown: Iterable[str], expected: Iterable[str]) -> Iterator[Mismatch]:
    """The first place at which two orders of the same items differ."""
    for place, (name, other) in enumerate(zip(shown, expected, strict=True), 1):
        if name != other:
            yield Mismatch(other, f"{other} is number {place} of these", f"{name} is")
            return


def _suppressed(rules: Mapping[str, str], observed: Observed) -> Iterator[Mismatch]:
    for name, by in rules.items():
        actual = observed.suppressed.get(name)
        if actual != by:
            because = () if actual else observed.why(name)
            yield Mismatch(name, f"{by} outranks {name}", observed.state(name), because)


def _of_shown(differing: Callable[[str, Any, Observed], Iterator[tuple[str, str]]]) -> Comparing:
    """Of items that must be shown, what differs in what is expected of each."""

    def compare(items: Any, observed: Observed) -> Iterator[Mismatch]:
        for name in items:
            yield from _shown([name], observed)
            if name in observed.dues:
                expected = items[name] if isinstance(items, Mapping) else None
                yield from (Mismatch(name, *words) for words in differing(name, expected, observed))

    return compare


def _text(name: str, phrases: Iterable[str], observed: Observed) -> Iterator[tuple[str, str]]:
    text = observed.text(name)
    for words in phrases:
        if words not in text:
            yield f"{name} says “{words}”", f"it says: {text}"


def _due(name: str, expected: str | None, observed: Observed) -> Iterator[tuple[str, str]]:
    due = observed.dues[name]
    if (due and due.isoformat()) != expected:
        words = f"is due on {expected}" if expected else "has no due date"
        yield f"{name} {words}", f"it is due on {due}" if due else "it has none"


def _severity(name: str, expected: str, observed: Observed) -> Iterator[tuple[str, str]]:
    severity = observed.severity(name)
    if severity != expected:
        yield f"{name} is {expected}", f"it is {severity}"


def _provisional(name: str, _expected: None, observed: Observed) -> Iterator[tuple[str, str]]:
    if not any(item.provisional for item in observed.report.advice if item.rule == name):
        yield f"{name} is provisional", "nothing may yet outrank it"


# -- the report and the facts --------------------------------------------------------------------


def _asks(facts: list[str], observed: Observed) -> Iterator[Mismatch]:
    asked = [question.fact for question in observed.report.ask_next]
    if asked[: len(facts) or None] != facts:
        yield Mismatch("", _listed(facts, "nobody"), _listed(asked, "nobody"))


def _banners(kinds: list[str], observed: Observed) -> Iterator[Mismatch]:
    if list(observed.banners) != kinds:
        yield Mismatch("", _listed(kinds, "none"), _listed(observed.banners, "none"))


def _values(
    expected: Mapping[str, Any], observed: Observed, *, or_absent: bool = False
) -> Iterator[Mismatch]:
    values, absent, facts = observed.decisions.values, observed.decisions.absent, observed.policies.facts
    for name, written in expected.items():
        if (parameter := observed.policies.parameters.get(name)) is not None:
            yield from _parameter(parameter, written, observed)
            continue
        found = ABSENT if name in absent else values.get(name)
        finding = facts[name].origin == "finding"
        if finding and written == NOT_APPLICABLE:
            value: Any = ABSENT
        else:
            literal = written is None or (or_absent and written == ABSENT)
            value = written if literal else typed(written, facts[name])[0]
        if found != value or isinstance(found, bool) != isinstance(value, bool):
            because = tuple(observed.why_finding(name)) if finding else _inputs(name, observed)
            shown = NOT_APPLICABLE if finding and found == ABSENT else found
            expected_words, found_words = (_plain(each).replace("_", " ") for each in (written, shown))
            yield Mismatch(name, f"{name} is {expected_words}", f"it is {found_words}", because)


def _parameter(parameter: Parameter, written: Any, observed: Observed) -> Iterator[Mismatch]:
    """The value of a parameter for the applicant: on the day that dates it, and for their key."""
    values, absent = observed.decisions.values, observed.decisions.absent
    inputs = tuple(name for name in (parameter.dated_by, parameter.by) if name is not None)
    found: Any = None
    if not absent.isdisjoint(inputs):
        found = ABSENT
    elif all(name in values for name in inputs):
        day: Any = values[parameter.dated_by]
        found = parameter.value_on(day, None if parameter.by is None else values[parameter.by])
    literal = written is None or written == ABSENT
    if found != (written if literal else typed(written, parameter_as_fact(parameter, parameter.name))[0]):
        because = tuple(Cause(f"`{name}` is {observed.words[name]}") for name in inputs)
        name = parameter.name
        yield Mismatch(name, f"{name} is {_plain(written)}", f"it is {_plain(found)}", because)


def _inputs(name: str, observed: Observed) -> tuple[Cause, ...]:
    """What a fact is worked out from."""
    inputs = observed.policies.dependencies.inputs.get(name, ())
    return tuple(Cause(f"`{given.partition('@')[0]}` is {observed.words[given]}") for given in inputs)


def _plain(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_plain, value))}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    return "unknown" if value is None else as_written(value)


def _listed(names: Iterable[str], none: str) -> str:
    return ", ".join(names) or none


_COMPARISONS: Final[Mapping[str, Comparing]] = {
    "holds": _verdicts(HOLDS),
    "fails": _verdicts(FAILS),
    "unknown": _verdicts(UNKNOWN),
    "shown": _shown,
    "not_shown": _not_shown,
    "only": _only,
    "first": _first,
    "ranking": _ranking,
    "order": _order,
    "suppressed": _suppressed,
    "provisional": _of_shown(_provisional),
    "text": _of_shown(_text),
    "due": _of_shown(_due),
    "severity": _of_shown(_severity),
    "bands": _values,
    "findings": _values,
    "values": partial(_values, or_absent=True),
    "asks": _asks,
    "banners": _banners,
}
