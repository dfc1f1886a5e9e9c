"""Policy tests: facts in, expectations on the report out, for advisors to write beside their policies.

A side tool: it takes what the main job makes and changes nothing of it. A test file is `tests/*.yaml` of a
policy folder (`schemas/tests.schema.json`). A misspelt rule or expectation is a problem of the test file,
never a pass.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from engine import schema
from engine.advisor import Advisor
from engine.decide import Decisions
from engine.diagnostic import Diagnostic, Location, Refused, did_you_mean
from engine.evaluate import FAILS, HOLDS, UNKNOWN, Verdict, compile_reasons
from engine.facts import Facts, facts_from_source, read_facts
from engine.folder import list_files
from engine.load import resolve_files
from engine.model import Test, Value
from engine.needs import Needs
from engine.policyset import PolicySet
from engine.record import record, replace
from engine.report import Item, Report
from engine.source import Pointer, Source, read_bytes, read_document, read_yaml
from engine.texts import Words
from engine.values import parse_date
from engine.words import said, test_in_words


@record
class PolicyTest:
    """One case of a test file."""

    name: str
    file: str
    at: Location
    as_of: date
    facts: Facts | Refused
    expect: Mapping[str, Any]


@record
class Outcome:
    """How a test came out: `failures` are empty when it passed."""

    test: PolicyTest
    failures: tuple[str, ...]
    verdicts: Mapping[str, Verdict]
    shown: tuple[Item, ...]


class PolicyTests:
    """The tests of a policy folder, read and checked. Raises Refused with every problem."""

    def __init__(self, folder: Path, today: date) -> None:
        self._folder = folder
        self._files = list_files(folder)
        self._today = today
        self._advisor_on = cache(self._make_advisor)
        self._sets: list[PolicySet] = []
        self.tests = self._read()

    def _make_advisor(self, day: date) -> Advisor:
        return Advisor(replace(self._set_of(day), as_of=day))

    def _set_of(self, day: date) -> PolicySet:
        """The policy set of a day; days on which the same files are in force share one."""
        for known in self._sets:
            begun = known.since is None or known.since <= day
            if begun and (known.changes_on is None or day < known.changes_on):
                return known
        self._sets.append(resolve_files(self._files, day))
        return self._sets[-1]

    def policies(self, day: date) -> PolicySet:
        """The policy set of a day. Raises Refused."""
        return self._advisor_on(day).policies

    def run(self, test: PolicyTest) -> Outcome:
        """One test, run."""
        refused = test.expect.get("refused")
        if isinstance(test.facts, Refused):
            return _refused(test, test.facts, refused)
        advisor = self._advisor_on(test.as_of)
        try:
            report, decisions = advisor.report(test.facts), advisor.decisions(test.facts)
        except Refused as problem:
            return _refused(test, problem, refused)
        if refused is not None:
            return Outcome(test, ("The facts are not refused.",), decisions.verdicts, report.advice)
        comparison = _Comparison(advisor.policies, report, decisions)
        failures = tuple(
            failure for key, wanted in test.expect.items() for failure in comparison.check(key, wanted)
        )
        return Outcome(test, failures, decisions.verdicts, report.advice)

    # -- reading ---------------------------------------------------------------------------------

    def _read(self) -> tuple[PolicyTest, ...]:
        problems: list[Diagnostic] = []
        found: list[PolicyTest] = []
        for path in sorted((self._folder / "tests").glob("*.yaml")):
            try:
                found.extend(self._read_file(path, problems))
            except Refused as refused:
                problems.extend(refused.diagnostics)
        if problems:
            raise Refused(problems)
        return tuple(found)

    def _read_file(self, path: Path, problems: list[Diagnostic]) -> Iterator[PolicyTest]:
        shown = path.as_posix()
        source = read_yaml(read_bytes(path, shown), shown)
        shape = [diagnostic for _, diagnostic in schema.check_shape(source, "tests")]
        if shape:
            raise Refused(shape)
        seen: dict[str, Location] = {}
        for index, case in enumerate(source.data["cases"]):
            at = source.at(("cases", index))
            if case["name"] in seen:
                message = f"Two tests are called `{case['name']}`."
                problems.append(
                    source.diagnose("duplicate-test", message, at, f"The other: {seen[case['name']]}")
                )
            seen[case["name"]] = at
            day = self._day(case, source, index, problems)
            if day is None:
                continue
            policies = self.policies(day)
            problems.extend(_unknown_names(source, ("cases", index, "expect"), policies))
            facts = self._facts(case, source, index, policies, problems)
            if facts is not None:
                yield PolicyTest(case["name"], shown, at, day, facts, case["expect"])

    def _day(
        self, case: Mapping[str, Any], source: Source, index: int, problems: list[Diagnostic]
    ) -> date | None:
        text = case.get("as_of") or (case.get("facts") or {}).get("as_of")
        if text is None and "facts_file" in case:
            data = self._facts_source(case, source, index).data
            text = data.get("as_of") if isinstance(data, dict) else None
        if text is None:
            return self._today
        found = parse_date(text)
        if found is None:
            at = source.at(("cases", index))
            problems.append(source.diagnose("not-a-date", f"`{text}` is not a date of the calendar.", at))
        return found

    def _facts_source(self, case: Mapping[str, Any], source: Source, index: int) -> Source:
        path = Path(source.path).parent / case["facts_file"]
        try:
            return read_document(read_bytes(path, path.as_posix()), path.as_posix())
        except Refused as refused:
            at = source.at(("cases", index, "facts_file"))
            told = [
                source.diagnose(found.code, found.message, at, str(found.at)) for found in refused.diagnostics
            ]
            raise Refused(told) from None

    def _facts(
        self,
        case: Mapping[str, Any],
        source: Source,
        index: int,
        policies: PolicySet,
        problems: list[Diagnostic],
    ) -> Facts | Refused | None:
        if ("facts" in case) == ("facts_file" in case):
            at = source.at(("cases", index))
            problems.append(source.diagnose("test-facts", "A test has either `facts` or `facts_file`.", at))
            return None
        try:
            if "facts_file" in case:
                return facts_from_source(self._facts_source(case, source, index), policies.facts)
            pointer: Pointer = ("cases", index, "facts")
            return read_facts(
                case["facts"],
                policies.facts,
                path=source.path,
                locate=lambda inner, name: source.at((*pointer, *inner), key=name),
            )
        except Refused as refused:
            if "refused" in case["expect"]:
                return refused
            problems.extend(refused.diagnostics)
            return None


_RULE_KEYS = ("holds", "fails", "unknown", "shown", "not_shown", "ranking", "order", "provisional")
_FACT_KEYS = ("bands", "findings", "values", "asks")


def _unknown_names(source: Source, pointer: Pointer, policies: PolicySet) -> Iterator[Diagnostic]:
    """Rules and facts that an expectation names and nothing declares."""
    expect: Any = source.data
    for part in pointer:
        expect = expect[part]
    rules = {rule.name for rule in policies.rules}
    for key, wanted in expect.items():
        here = (*pointer, key)
        names: list[tuple[str, Location, str]] = []
        if key in _RULE_KEYS:
            names += [(name, source.at((*here, index)), "rule") for index, name in enumerate(wanted)]
        elif key == "first":
            names.append((wanted, source.at(here), "rule"))
        elif key in ("text", "due", "suppressed"):
            names += [(name, source.at((*here, name), key=True), "rule") for name in wanted]
            if key == "suppressed":
                names += [(by, source.at((*here, name)), "rule") for name, by in wanted.items()]
        elif key == "asks":
            names += [(name, source.at((*here, index)), "fact") for index, name in enumerate(wanted)]
        elif key in _FACT_KEYS:
            names += [(name, source.at((*here, name), key=True), "fact") for name in wanted]
        for name, at, kind in names:
            known = rules if kind == "rule" else {known for known in policies.facts if "@" not in known}
            if name not in known:
                message = f"There is no {kind} `{name}` in force on {policies.as_of}."
                yield source.diagnose(f"unknown-{kind}", message, at, did_you_mean(name, known))


def _refused(test: PolicyTest, refused: Refused, wanted: list[str] | None) -> Outcome:
    said = " ".join(f"{found.message} {found.help or ''}" for found in refused.diagnostics)
    if wanted is None:
        return Outcome(test, (f"The facts are refused: {said}",), {}, ())
    missing = [words for words in wanted if words not in said]
    failures = tuple(f"“{words}” is not among the reasons: {said}" for words in missing)
    return Outcome(test, failures, {}, ())


class _Comparison:
    """Expectations against what came out, and why it came out so."""

    def __init__(self, policies: PolicySet, report: Report, decisions: Decisions) -> None:
        self._policies = policies
        self._report = report
        self._decisions = decisions
        self._shown = [item.rule for item in report.advice]
        self._items = {item.rule: item for item in report.advice}
        self._rules = {rule.name: rule for rule in policies.rules}

    def check(self, key: str, wanted: Any) -> Iterator[str]:
        """What is not as wanted, in words."""
        match key:
            case "holds" | "fails" | "unknown":
                verdict = {"holds": HOLDS, "fails": FAILS, "unknown": UNKNOWN}[key]
                for name in wanted:
                    if self._decisions.verdicts[name] is not verdict:
                        yield f"{name} should be {verdict.name}; {self._why(name)}"
            case "shown" | "first":
                for name in [wanted] if key == "first" else wanted:
                    if name not in self._items:
                        yield f"{name} should be shown; {self._why(name)}"
                if key == "first" and self._shown[:1] != [wanted]:
                    yield f"{wanted} should come first; first is {', '.join(self._shown[:1]) or 'nothing'}"
            case "not_shown":
                yield from (f"{name} should not be shown" for name in wanted if name in self._items)
            case "ranking":
                yield from self._ranking(wanted)
            case "order":
                found = [name for name in self._shown if name in wanted]
                if found != list(wanted):
                    yield f"order: expected {', '.join(wanted)}; found {', '.join(found) or 'none of them'}"
            case "text":
                yield from self._texts(wanted)
            case _:
                yield from self._tables(key, wanted)

    def _ranking(self, wanted: list[str]) -> Iterator[str]:
        missing = [name for name in wanted if name not in self._items]
        extra = [name for name in self._shown if name not in wanted]
        yield from (f"{name} should be shown; {self._why(name)}" for name in missing)
        yield from (f"{name} is shown at rank {self._items[name].rank}, and should not be" for name in extra)
        if not missing and not extra and self._shown != list(wanted):
            rank, (found, expected) = next(
                (number, pair)
                for number, pair in enumerate(zip(self._shown, wanted, strict=True), 1)
                if pair[0] != pair[1]
            )
            yield f"rank {rank}: expected {expected}; found {found}"

    def _texts(self, wanted: Mapping[str, list[str]]) -> Iterator[str]:
        for name, phrases in wanted.items():
            item = self._items.get(name)
            if item is None:
                yield f"{name} should be shown; {self._why(name)}"
                continue
            said = " ".join((item.title, item.text, *item.steps))
            yield from (f"{name} does not say “{words}”: {said}" for words in phrases if words not in said)

    def _tables(self, key: str, wanted: Any) -> Iterator[str]:
        report, values = self._report, self._decisions.values
        if key in ("banners", "asks"):
            found_list = [banner.kind for banner in report.banners]
            if key == "asks":
                found_list = [question.fact for question in report.ask_next][: len(wanted) or None]
            if found_list != list(wanted):
                yield f"{key}: expected {', '.join(wanted)}; found {', '.join(found_list) or 'none'}"
            return
        if key == "provisional":
            marked = {item.rule for item in report.advice if item.provisional}
            yield from (f"{name} should be provisional" for name in wanted if name not in marked)
            return
        tables: Mapping[str, Mapping[str, Any]] = {
            "bands": dict(report.bands),
            "findings": dict(report.findings),
            "suppressed": {entry.rule: entry.by for entry in report.suppressed},
            "due": {item.rule: item.due and item.due.isoformat() for item in report.advice},
            "values": {name: self._value(name, values) for name in (wanted if key == "values" else ())},
        }
        found = tables[key]
        for name, expected in wanted.items():
            if key in ("suppressed", "due") and name not in found:
                place = "suppressed" if key == "suppressed" else "shown"
                yield f"{name} should be {place}; {self._why(name)}"
            elif found[name] != expected:
                yield f"{key}: {name} should be {_shown(expected)}; it is {_shown(found[name])}"

    def _value(self, name: str, values: Mapping[str, Value]) -> Any:
        return "absent" if name in self._decisions.absent else _plain(values.get(name))

    def _why(self, name: str) -> str:
        """Why a rule came out as it did."""
        verdict, values = self._decisions.verdicts[name], self._decisions.values
        if verdict is UNKNOWN:
            needs = Needs(self._policies).of_rule(name, self._decisions)
            return f"it is UNKNOWN, for want of {', '.join(needs) or 'an answer that nobody can give now'}"
        if verdict is HOLDS and name not in self._items:
            by = next((entry.by for entry in self._report.suppressed if entry.rule == name), None)
            return f"it HOLDS, and is outranked by {by}" if by else "it HOLDS, and gives no advice"
        words = Words(values, self._policies.facts)

        def tell(test: Test, held: bool) -> str:
            told = said(test_in_words(test, self._policies.facts), words)
            return f"`{test.fact}` {told}: {'holds' if held else 'does not hold'}, it is {words[test.fact]}"

        reasons = compile_reasons(self._rules[name].when, tell)(values, verdict is HOLDS)
        return f"it {verdict.name}, because " + ("; ".join(reasons) or "it has no condition")


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "unknown" if value is None else str(value)
