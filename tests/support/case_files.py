"""Case files: policies and facts in, reports and diagnostics out. Each YAML file in `tests/cases` is one.

A case names a policy folder of `tests/fields` (`field`), may put text in place of its files (`files`, null
removes one) or edit them (`edit`: file -> [[old, new], …], each `old` found exactly once), gives `facts`
(nested, or as the text of a file under `facts_text`), and a day (`as_of`). It expects either `problems` (each
`path:line:column code`, complete and in order; or `marked`: `«code»` in the files or `facts_text` marks each
place) with `says`, texts that must stand among the messages and suggestions; or `warnings`, the same of what
`advise check` warns of, where `tests` are policy tests beside the `files`, and a code in `besides` may be
among them anywhere; or parts of the report, each complete:

    advice: [rule, …]                 shown items, ranked
    verdicts: {rule: HOLDS}           (only those named)
    suppressed: {rule: by}
    provisional: {rule: [by, need, …]}
    undetermined: {rule: [need, …]}   (only those not moot)
    moot: {rule: by}
    in_doubt: [rule, …]               (both of these, in their order)
    ask_next: [fact, …]
    bands, findings: {name: value}    (null: unknown)
    headline: {fact: text}
    values: {fact: value}             (only those named; null: unknown; "absent")
    banners: [kind, …]
    texts: {rule: text}               (only those named)
    steps: {rule: [text, …]}          (only those named)
    dues: {rule: date}                (only those named; null: undated)
    headings: {rule: text}            (only those named; null: none)
    step_dues: {rule: [date, …]}      (only those named; null: undated)
    chosen: {rule: {part: [variant, "fact test → yes", …]}}   (only those named)
    overdue: [rule, …]
    because: {rule: ["fact test → yes", …]}     (only those named; "no" for a test that did not hold)
    says: [words, …]                  (each must stand in a banner or a reason)

A case with `runs: [{…}, …]` is one test for each: the case's own keys, with those of the run in their place.

Where places do not matter, the field `allotment` takes shorter forms. `policy` is the body of a policy `p`:
its head is added, and to each rule the title, tier, citation and (without one) advice or conclusion that it
lacks. `more` adds facts and sections to the vocabulary. Both are written in the `language` (left out: 1).
`conditions: {HOLDS: [condition, …], FAILS: …,
UNKNOWN: …}` makes a rule of each condition and expects that verdict of it.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from engine.advising.advisor import Advisor
from engine.advising.decide import Decisions
from engine.analysis.certainty.report_certainty import ReportCertainty
from engine.base.plain_text import ARCHIVED
from engine.base.read import PolicyFile, read_document, read_yaml
from engine.language.facts import Facts, facts_from_source
from engine.language.policy_set import PolicySet
from engine.language.report import Because, Report
from engine.loading.folder import list_files
from engine.loading.load import resolve_files

TESTS = Path(__file__).parent.parent
EXPECTATIONS = set(
    """
    problems warnings says advice verdicts suppressed provisional undetermined moot in_doubt ask_next bands
    findings values banners headline texts steps dues headings step_dues chosen
    overdue because conditions proofs witnesses
    """.split()  # noqa: SIM905  # sixteen lines otherwise
)
KEYS = (
    EXPECTATIONS
    | {"about", "field", "files", "edit", "policy", "more", "facts", "facts_text", "as_of"}
    | {
        "tests",
        "besides",
        "language",
    }
)


@dataclass(frozen=True)
class Case:
    path: Path
    data: dict[str, Any]
    id: str

    def expects(self) -> dict[str, Any]:
        return {key: self.data[key] for key in self.data if key in EXPECTATIONS}


def all_cases() -> list[Case]:
    return [case for path in sorted((TESTS / "cases").rglob("*.yaml")) for case in load_cases(path)]


def load_cases(path: Path) -> list[Case]:
    """The tests of a file: the case, or each of its runs."""
    data = read_yaml(path.read_bytes(), path.name, ARCHIVED).data  # some hold what is refused
    name = path.relative_to(TESTS / "cases").with_suffix("").as_posix()
    runs = data.pop("runs", None)
    if runs is None:
        return [_case(path, data, name)]
    return [_case(path, {**data, **run}, f"{name}:{number}") for number, run in enumerate(runs, 1)]


def _case(path: Path, data: dict[str, Any], name: str) -> Case:
    unknown = set(data) - KEYS
    assert not unknown, f"{path}: unknown keys {unknown}"
    assert set(data) & EXPECTATIONS, f"{name} expects nothing"
    return Case(path, data, name)


def policy_files(case: Mapping[str, Any]) -> tuple[PolicyFile, ...]:
    return tuple(PolicyFile(name, unmarked(name, text)[0]) for name, text in sorted(_texts(case).items()))


def files_of_tests(case: Mapping[str, Any]) -> tuple[PolicyFile, ...]:
    """The policy tests of a case."""
    tests = sorted((case.get("tests") or {}).items())
    return tuple(PolicyFile(name, unmarked(name, text)[0]) for name, text in tests)


def _texts(case: Mapping[str, Any]) -> dict[str, str]:
    """The files of a case, marks and all."""
    files = {file.path: file.content.decode() for file in list_files(TESTS / "fields" / case["field"])}
    for name, text in (case.get("files") or {}).items():
        if text is None:
            del files[name]
        else:
            files[name] = text
    if "policy" in case or "conditions" in case:
        files["p.yaml"] = _policy_text(case)
    if "language" in case:
        written = "advise_language: 1"
        files["vocabulary.yaml"] = files["vocabulary.yaml"].replace(
            written, f"{written[:-1]}{case['language']}"
        )
    if "more" in case:
        files["vocabulary.yaml"] = _with_more(files["vocabulary.yaml"], case["more"])
    for name, edits in (case.get("edit") or {}).items():
        for old, new in edits:
            assert files[name].count(old) == 1, f"`{old}` is not found exactly once in {name}"
            files[name] = files[name].replace(old, new)
    return files


_MARK = re.compile("«([a-z0-9-]+)»")


def unmarked(path: str, text: str) -> tuple[bytes, list[str]]:
    """A text without its marks, and the problems that they mark."""
    marks: list[str] = []
    parts = _MARK.split(text)
    plain = parts[0]
    for code, following in zip(parts[1::2], parts[2::2], strict=True):
        line, column = plain.count("\n") + 1, len(plain) - plain.rfind("\n")
        marks.append(f"{path}:{line}:{column} {code}")
        plain += following
    return plain.encode(), marks


def expected_problems(case: Mapping[str, Any]) -> list[str]:
    """The problems (or warnings, or what is proved) that a case expects, in order."""
    expected = next(case[key] for key in ("problems", "warnings", "proofs") if key in case)
    if expected != "marked":
        return list(expected)
    texts = {**_texts(case), **(case.get("tests") or {}), "facts.json": case.get("facts_text", "")}
    found = [problem for path, text in texts.items() for problem in unmarked(path, text)[1]]
    assert found, "nothing is marked"
    return sorted(found, key=_order)


def _order(problem: str) -> tuple[str, int, int, str]:
    place, code = problem.split(" ")
    path, line, column = place.split(":")
    return path, int(line), int(column), code


POLICY_HEAD = {
    "advise_language": 1,
    "policy": "p",
    "title": "P",
    "version": "1.0.0",
    "status": "active",
    "effective": {"from": "2020-01-01"},
}


def _policy_text(case: Mapping[str, Any]) -> str:
    body = dict(case.get("policy") or {})
    head = {**POLICY_HEAD, "advise_language": case.get("language", 1)}
    rules = [{"title": rule["id"], **rule} for rule in body.pop("rules", [])]
    for verdict, conditions in (case.get("conditions") or {}).items():
        rules += [{"id": _condition_id(verdict, n), "when": when} for n, when in enumerate(conditions)]
    rules = [{"title": "T", "tier": "custom", "cites": ["statutes#plots"], **rule} for rule in rules]
    for rule in rules:
        if "advise" in rule:
            rule["advise"] = {"text": "Do it.", "category": "plot", "severity": "soon", **rule["advise"]}
        elif "conclude" not in rule:
            rule["conclude"] = ["note.seen"]
    return "\n".join(f"{key}: {_flow(value)}" for key, value in {**head, **body, "rules": rules}.items())


def _condition_id(verdict: str, number: int) -> str:
    return f"{verdict.lower()}-{number}"


def _with_more(vocabulary: str, more: Mapping[str, Any]) -> str:
    sections = dict(more)
    facts = {
        name: {"title": name, "question": "?", **fact} for name, fact in sections.pop("facts", {}).items()
    }
    written = "\n".join(f"  {name}: {_flow(fact)}" for name, fact in facts.items())
    text = vocabulary.replace("  # more facts", written)
    return text.replace(
        "# more sections", "\n".join(f"{key}: {_flow(value)}" for key, value in sections.items())
    )


def _flow(value: Any) -> str:
    """A value on one line, in the part of YAML that is JSON."""
    return json.dumps(value, ensure_ascii=False, default=float)


@functools.lru_cache(maxsize=64)
def _set_of(files: tuple[PolicyFile, ...], day: date) -> PolicySet:
    return resolve_files(files, day)


def load_set(case: Mapping[str, Any]) -> PolicySet:
    return _set_of(policy_files(case), date.fromisoformat(case["as_of"]))


def case_facts(case: Mapping[str, Any], policy_set: PolicySet) -> Facts:
    text = case["facts_text"] if "facts_text" in case else json.dumps(case.get("facts") or {}, default=float)
    content, _ = unmarked("facts.json", text)
    return facts_from_source(read_document(content, "facts.json"), policy_set.facts)


def run(case: Mapping[str, Any]) -> tuple[Report, Decisions]:
    """The complete report on a case, and the decisions behind it. Raises InvalidInput."""
    policy_set = load_set(case)
    advisor = Advisor(policy_set)
    facts = case_facts(case, policy_set)
    completed = ReportCertainty(advisor).case(facts)
    return completed.report, completed.decisions


def observed(report: Report, decisions: Decisions, expected: Mapping[str, Any]) -> dict[str, Any]:
    """What a case expects, as it is."""
    items = {item.rule: item for item in report.advice}
    texts = {item.rule: item.text for item in report.advice}
    said = "\n".join(
        [*(banner.text for banner in report.banners), *(each.reason for each in report.suppressed)]
    )
    everything: dict[str, Any] = {
        "advice": [item.rule for item in report.advice],
        "verdicts": {rule: decisions.verdicts[rule].name for rule in expected.get("verdicts") or {}},
        "suppressed": {entry.rule: entry.by for entry in report.suppressed},
        "provisional": {
            item.rule: [item.provisional.rule, *item.provisional.needs]
            for item in report.advice
            if item.provisional
        },
        "undetermined": {
            entry.rule: list(entry.needs) for entry in report.undetermined if entry.moot is None
        },
        "moot": {entry.rule: entry.moot for entry in report.undetermined if entry.moot is not None},
        "in_doubt": [entry.rule for entry in report.undetermined],
        "ask_next": [question.fact for question in report.ask_next],
        "bands": dict(report.bands),
        "findings": dict(report.findings),
        "values": {fact: _value(fact, decisions) for fact in expected.get("values") or {}},
        "headline": {head.fact: head.text for head in report.headline},
        "banners": [banner.kind for banner in report.banners],
        "texts": {rule: texts.get(rule) for rule in expected.get("texts") or {}},
        "steps": {rule: list(items[rule].steps) for rule in expected.get("steps") or {}},
        "headings": {rule: items[rule].heading for rule in expected.get("headings") or {}},
        "step_dues": {
            rule: [_plain(due) for due in items[rule].step_dues] for rule in expected.get("step_dues") or {}
        },
        "chosen": {
            rule: {
                each.part: [each.number, *(_reason_line(reason) for reason in each.because)]
                for each in items[rule].chosen
            }
            for rule in expected.get("chosen") or {}
        },
        "dues": {rule: _plain(items[rule].due) for rule in expected.get("dues") or {}},
        "overdue": [item.rule for item in report.advice if item.overdue],
        "because": {
            rule: [_reason_line(why) for why in items[rule].because] for rule in expected.get("because") or {}
        },
        "conditions": _observed_conditions(expected.get("conditions") or {}, decisions),
        "says": [words for words in expected.get("says") or () if words in said],
    }
    return {key: everything[key] for key in expected}


def _reason_line(why: Because) -> str:
    return f"{why.fact} {why.test} → {'yes' if why.holds else 'no'}"


def _observed_conditions(expected: Mapping[str, Any], decisions: Decisions) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {verdict: [] for verdict in expected}
    for verdict, conditions in expected.items():
        for number, condition in enumerate(conditions):
            name = decisions.verdicts[f"p/{_condition_id(verdict, number)}"].name
            found.setdefault(name, []).append(condition)
    return found


def _value(fact: str, decisions: Decisions) -> Any:
    if fact in decisions.absent:
        return "absent"
    value = decisions.values.get(fact)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return _plain(value)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
