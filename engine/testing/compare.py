"""Expectations against what came out: each failure says what was expected, what was found, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any, Final

from engine.base.diagnostic import InvalidInput, Location
from engine.base.record import record
from engine.language.conditions import FAILS, HOLDS, UNKNOWN
from engine.language.values import typed
from engine.testing.expectations import ABSENT
from engine.testing.observed import VERDICT_WORDS, Observed, Reason
from engine.testing.read import Expectation, PolicyTest


@record
class Failure:
    """One thing that is not as expected: `at` is its place in the test file, `key` the expectation."""

    at: Location
    key: str
    expected: str
    found: str
    because: tuple[Reason, ...] = ()


def failures_of(test: PolicyTest, observed: Observed) -> Iterator[Failure]:
    """Everything that is not as the test expects."""
    for key, expectation in test.expect.items():
        yield from _COMPARISONS[key](key, expectation, observed)


def refused_failures(test: PolicyTest, refused: InvalidInput) -> Iterator[Failure]:
    """What is not as expected where the facts are refused."""
    said = " ".join(f"{found.message} {found.help or ''}".strip() for found in refused.diagnostics)
    expectation = test.expect.get("refused")
    if expectation is None:
        yield Failure(test.at, "facts", "the facts can be used", f"they are refused: {said}")
        return
    for words in expectation.wanted:
        if words not in said:
            yield Failure(
                expectation.place(words), "refused", f"the reasons hold “{words}”", f"they are: {said}"
            )


def not_refused(test: PolicyTest) -> Failure:
    """The failure of a test whose facts should have been refused."""
    return Failure(test.expect["refused"].at, "refused", "the facts are refused", "they are not")


def _verdicts(key: str, expectation: Expectation, observed: Observed) -> Iterator[Failure]:
    wanted = {"holds": HOLDS, "fails": FAILS, "unknown": UNKNOWN}[key]
    for name in expectation.wanted:
        found = observed.decisions.verdicts[name]
        if found is not wanted:
            yield Failure(
                expectation.place(name),
                key,
                f"{name} {VERDICT_WORDS[wanted]}",
                f"it {VERDICT_WORDS[found]}",
                observed.why(name),
            )


def _shown(key: str, expectation: Expectation, observed: Observed) -> Iterator[Failure]:
    wanted = [expectation.wanted] if key == "first" else expectation.wanted
    for name in wanted:
        if name not in observed.dues:
            yield _should_be_shown(key, name, expectation, observed)


def _should_be_shown(key: str, name: str, expectation: Expectation, observed: Observed) -> Failure:
    return Failure(expectation.place(name), key, f"{name} is shown", observed.state(name), observed.why(name))


def _should_not_be_shown(key: str, name: str, at: Location, observed: Observed) -> Failure:
    rank = observed.shown.index(name) + 1
    return Failure(at, key, f"{name} is not shown", f"it is shown at rank {rank}", observed.why(name))


def _not_shown(key: str, expectation: Expectation, observed: Observed) -> Iterator[Failure]:
    for name in expectation.wanted:
        if name in observed.dues:
            yield _should_not_be_shown(key, name, expectation.place(name), observed)


def _first(key: str, expectation: Expectation, observed: Observed) -> Iterator[Failure]:
    wanted = expectation.wanted
    if wanted not in observed.dues:
        yield _should_be_shown(key, wanted, expectation, observed)
    elif observed.shown[0] != wanted:
        rank = observed.shown.index(wanted) + 1
        found = f"{observed.shown[0]} does, and it comes at rank {rank}"
        yield Failure(expectation.at, key, f"{wanted} comes first", found)


def _only(key: str, expectation: Expectation, observed: Observed) -> Iterator[Failure]:
    yield from _shown(key, expectation, observed)
    for name in observed.shown:
        if name not in expectation.wanted:
            yield _should_not_be_shown(key, name, expectation.at, observed)


def _ranking(key: str, expectation: Expectation, observed: Observed) -> Iterator[Failure]:
    different = list(_only(key, expectation, observed))
    yield from different
    if not different:
        yield from _in_order(key, observed.shown, expectation)


def _order(key: str, expectation: Expectation, observed: Observed) -> Iterator[Failure]:
    missing = list(_shown(key, expectation, observed))
    yield from missing
    if not missing:
        yield from _in_order(
            key, [name for name in observed.shown if name in expectation.wanted], expectation
        )


def _in_order(key: str, found: Iterable[str], expectation: Expectation) -> Iterator[Failure]:
    """The first place at which two orders of the same items differ."""
    for place, (name, wanted) in enumerate(zip(found, expectation.wanted, strict=True), 1):
        if name != wanted:
            yield Failure(
                expectation.place(wanted), key, f"{wanted} is number {place} of these", f"{name} is"
            )
            return


def _suppressed(key: str, expectation: Expectation, observed: Observed) -> Iterator[Failure]:
    for name, by in expectation.wanted.items():
        found = observed.suppressed.get(name)
        if found != by:
            because = () if found else observed.why(name)
            yield Failure(
                expectation.place(name), key, f"{by} outranks {name}", observed.state(name), because
            )


def _text(key: str, expectation: Expectation, observed: Observed) -> Iterator[Failure]:
    for name, phrases in expectation.wanted.items():
        if name not in observed.dues:
            yield _should_be_shown(key, name, expectation, observed)
            continue
        said = observed.text(name)
        for words in phrases:
            if words not in said:
                yield Failure(expectation.place(name), key, f"{name} says “{words}”", f"it says: {said}")


def _due(key: str, expectation: Expectation, observed: Observed) -> Iterator[Failure]:
    for name, wanted in expectation.wanted.items():
        if name not in observed.dues:
            yield _should_be_shown(key, name, expectation, observed)
            continue
        due = observed.dues[name]
        if (due and due.isoformat()) != wanted:
            expected = f"{name} is due on {wanted}" if wanted else f"{name} has no due date"
            yield Failure(
                expectation.place(name), key, expected, f"it is due on {due}" if due else "it has none"
            )


def _severity(key: str, expectation: Expectation, observed: Observed) -> Iterator[Failure]:
    for name, wanted in expectation.wanted.items():
        if name not in observed.dues:
            yield _should_be_shown(key, name, expectation, observed)
        elif (found := observed.severity(name)) != wanted:
            yield Failure(expectation.place(name), key, f"{name} is {wanted}", f"it is {found}")


def _provisional(key: str, expectation: Expectation, observed: Observed) -> Iterator[Failure]:
    marked = {item.rule for item in observed.report.advice if item.provisional}
    for name in expectation.wanted:
        if name not in observed.dues:
            yield _should_be_shown(key, name, expectation, observed)
        elif name not in marked:
            yield Failure(
                expectation.place(name), key, f"{name} is provisional", "nothing may yet outrank it"
            )


def _asks(key: str, expectation: Expectation, observed: Observed) -> Iterator[Failure]:
    wanted = expectation.wanted
    found = [question.fact for question in observed.report.ask_next]
    if found[: len(wanted) or None] != wanted:
        yield Failure(expectation.at, key, _listed(wanted, "nobody"), _listed(found, "nobody"))


def _banners(key: str, expectation: Expectation, observed: Observed) -> Iterator[Failure]:
    if list(observed.banners) != expectation.wanted:
        yield Failure(
            expectation.at, key, _listed(expectation.wanted, "none"), _listed(observed.banners, "none")
        )


def _values(key: str, expectation: Expectation, observed: Observed) -> Iterator[Failure]:
    values, absent, facts = observed.decisions.values, observed.decisions.absent, observed.policies.facts
    for name, wanted in expectation.wanted.items():
        found = ABSENT if name in absent else values.get(name)
        meant = (
            wanted
            if wanted is None or (key == "values" and wanted == ABSENT)
            else typed(wanted, facts[name])[0]
        )
        if found != meant or isinstance(found, bool) != isinstance(meant, bool):
            because = (
                tuple(observed.why_finding(name))
                if facts[name].origin == "finding"
                else _inputs(name, observed)
            )
            yield Failure(
                expectation.place(name), key, f"{name} is {_plain(wanted)}", f"it is {_plain(found)}", because
            )


def _inputs(name: str, observed: Observed) -> tuple[Reason, ...]:
    """What a fact is worked out from."""
    inputs = observed.policies.dependencies.inputs.get(name, ())
    return tuple(Reason(f"`{given.partition('@')[0]}` is {observed.words[given]}") for given in inputs)


def _plain(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_plain, value))}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    return "unknown" if value is None else str(value)


def _listed(names: Iterable[str], none: str) -> str:
    return ", ".join(names) or none


Comparing = Callable[[str, Expectation, Observed], Iterator[Failure]]
_COMPARISONS: Final[Mapping[str, Comparing]] = {
    "holds": _verdicts,
    "fails": _verdicts,
    "unknown": _verdicts,
    "shown": _shown,
    "not_shown": _not_shown,
    "only": _only,
    "first": _first,
    "ranking": _ranking,
    "order": _order,
    "suppressed": _suppressed,
    "provisional": _provisional,
    "text": _text,
    "due": _due,
    "severity": _severity,
    "bands": _values,
    "findings": _values,
    "values": _values,
    "asks": _asks,
    "banners": _banners,
}
