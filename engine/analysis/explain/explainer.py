"""Why each item of a report is there, and why any rule is or is not: from the facts to the advice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from engine.advising.advisor import Case
from engine.analysis.explain.minimal_unmet import minimal_unmet
from engine.analysis.explain.provenance import Origin, Provenance, Reason, Traced, named_in
from engine.base.diagnostic import CommandLine, InvalidInput, did_you_mean
from engine.base.record import record
from engine.language.citation import cited_passage
from engine.language.condition_text import test_in_words, test_text
from engine.language.conditions import FAILS, HOLDS, UNKNOWN, Verdict, undecided_facts, verdict_of
from engine.language.model import AllOf, AnyOf, Comparison, Condition, Not
from engine.language.policy_set import PolicySet, ResolvedRule
from engine.language.report import CitedPassage, Item, Report
from engine.language.templates import date_in_words
from engine.rendering.wording import label, position

Result = Literal["shown", "outranked", "concludes", "fails", "undecided"]


@record
class Branch:
    """A condition with its verdict: `words` is `all of`, `one of`, `not`, or a test with the value it met."""

    words: str
    verdict: Verdict
    parts: tuple[Branch, ...]


@record
class Neighbour:
    """The item before or after, and the key of ranking.yaml that decided between the two, in words."""

    rank: int
    rule: str
    title: str
    before: bool
    key: str
    words: str


@record
class OutrankedBy:
    """A rule on the other side of `supersedes` or `silences`, and the reason in words."""

    rule: str
    title: str
    reason: str


@record
class Explanation:
    """Why a rule came out as it did for one applicant.

    `because` are the tests that made it hold or fail. `minimal_unmet` is the smallest set of tests that would
    have to come out otherwise for it to hold, each with whether it must hold (None: nothing could make it
    hold). `missing` are the given facts that would decide it. `facts` are all it rests on, each before what
    it came from. `moot` is a shown rule that would outrank it even if it held.
    """

    rule: str
    title: str
    version: str
    path: str
    line: int
    tier: str
    why: str | None
    cites: tuple[CitedPassage, ...]
    verdict: Verdict
    result: Result
    rank: int | None
    by: OutrankedBy | None
    moot: str | None
    because: tuple[Reason, ...]
    minimal_unmet: tuple[tuple[Reason, bool], ...] | None
    missing: tuple[str, ...]
    neighbours: tuple[Neighbour, ...]
    outranks: tuple[OutrankedBy, ...]
    facts: tuple[str, ...]


@record
class Explained:
    """Explanations with the facts they rest on, and the report they explain."""

    report: Report
    rules: tuple[Explanation, ...]
    facts: Mapping[str, Origin]


class Explainer:
    """Explains cases of one policy set."""

    def __init__(self, policies: PolicySet) -> None:
        self._policies = policies
        self._origins = Provenance(policies)
        self._rules = {rule.name: rule for rule in policies.rules}
        self._editions = {
            file_version.id: file_version
            for file_version in policies.file_versions
            if file_version.kind == "policy"
        }

    def items(self, case: Case) -> Explained:
        """Every shown item, explained."""
        return self._explained([item.rule for item in case.report.advice], case)

    def rule(self, name: str, case: Case) -> Explained:
        """One rule, by its full name or, where only one has it, its id. Raises InvalidInput for another."""
        return self._explained([self.named(name)], case)

    def tree(self, name: str, case: Case) -> Branch:
        """A rule's condition, each part with its verdict. Raises InvalidInput for an unknown rule."""
        return self._branch(self._rules[self.named(name)].when, case, self._origins.of(case))

    def named(self, name: str) -> str:
        """The full name of a rule in force. Raises InvalidInput, with a suggestion, when there is none."""
        if name in self._rules:
            return name
        ending = [known for known in self._rules if known.endswith(f"/{name}")]
        if len(ending) == 1:
            return ending[0]
        message = f"There is no rule `{name[:100]}` in force on {self._policies.as_of}."
        if ending:
            message = f"More than one rule is called `{name}`."
            help_text: str | None = f"Write one of {', '.join(sorted(ending))}."
        else:
            ids = {known.partition("/")[2]: known for known in self._rules}
            help_text = did_you_mean(name, [*self._rules, *ids]) or "`advise rules` lists the rules."
        raise InvalidInput.error("unknown-rule", message, CommandLine("RULE"), help_text)

    def _explained(self, names: Iterable[str], case: Case) -> Explained:
        traced = self._origins.of(case)
        outranking = _Outranking(case.report)
        found = tuple(self._explain(self._rules[name], case, traced, outranking) for name in names)
        facts = {fact: traced[fact] for each in found for fact in each.facts}
        return Explained(case.report, found, facts)

    def _explain(
        self, rule: ResolvedRule, case: Case, traced: Traced, outranking: _Outranking
    ) -> Explanation:
        values, words = case.decisions.values, traced.words
        verdict = case.decisions.verdicts[rule.name]
        told = self._origins.told(rule.when, verdict is HOLDS, case, words) if verdict is not UNKNOWN else []
        lacks = self._minimal_unmet(rule, case, traced) if verdict is not HOLDS else ()
        undecided = outranking.undecided.get(rule.name)
        item = outranking.items.get(rule.name)
        suppressed = outranking.suppressed.get(rule.name)
        looked_at = named_in([*told, *(reason for reason, _ in lacks or ())])
        if verdict is UNKNOWN:
            looked_at = tuple(dict.fromkeys((*looked_at, *undecided_facts(rule.when, values))))
        file_version = self._editions[rule.rule.policy]
        return Explanation(
            rule=rule.name,
            title=rule.rule.title,
            version=file_version.version,
            path=file_version.path,
            line=rule.rule.at.line,
            tier=label(self._policies.ranking.tiers, rule.rule.tier),
            why=rule.rule.why,
            cites=item.cites if item else self._cited(rule),
            verdict=verdict,
            result=_result(verdict, rule, shown=item is not None),
            rank=item.rank if item else None,
            by=suppressed,
            moot=undecided.moot if undecided else None,
            because=tuple(told),
            minimal_unmet=lacks,
            missing=undecided.needs if undecided else (),
            neighbours=_neighbours(item, case.report) if item else (),
            outranks=outranking.by.get(rule.name, ()),
            facts=traced.behind((*looked_at, *([rule.due] if isinstance(rule.due, str) else []))),
        )

    def _minimal_unmet(
        self, rule: ResolvedRule, case: Case, traced: Traced
    ) -> tuple[tuple[Reason, bool], ...] | None:
        values = case.decisions.values
        wanted = minimal_unmet(rule.when, values)
        if wanted is None:
            return None
        return tuple(
            (
                self._origins.reason(each.test, verdict_of(each.test, values) is HOLDS, values, traced.words),
                each.holds,
            )
            for each in wanted
        )

    def _cited(self, rule: ResolvedRule) -> tuple[CitedPassage, ...]:
        return tuple(cited_passage(citation, self._policies) for citation in rule.rule.cites)

    def _branch(self, condition: Condition, case: Case, traced: Traced) -> Branch:
        verdict = verdict_of(condition, case.decisions.values)
        match condition:
            case Not(part):
                return Branch("not", verdict, (self._branch(part, case, traced),))
            case AllOf(parts) | AnyOf(parts):
                words = "all of" if isinstance(condition, AllOf) else "one of"
                return Branch(words, verdict, tuple(self._branch(part, case, traced) for part in parts))
            case Comparison():
                facts, words_of = self._policies.facts, traced.words
                told = test_text(test_in_words(condition, facts), words_of)
                met = words_of[condition.fact]
                return Branch(f"{facts[condition.fact].title} {told} ({met})", verdict, ())


def _result(verdict: Verdict, rule: ResolvedRule, *, shown: bool) -> Result:
    if verdict is FAILS:
        return "fails"
    if verdict is UNKNOWN:
        return "undecided"
    if shown:
        return "shown"
    return "outranked" if rule.rule.advise is not None else "concludes"


class _Outranking:
    """What a report says of its items, by rule."""

    def __init__(self, report: Report) -> None:
        self.items = {item.rule: item for item in report.advice}
        self.undecided = {entry.rule: entry for entry in report.undetermined}
        self.suppressed: dict[str, OutrankedBy] = {}
        self.by: dict[str, tuple[OutrankedBy, ...]] = {}
        for entry in report.suppressed:
            title = self.items[entry.by].title if entry.by in self.items else entry.by
            self.suppressed[entry.rule] = OutrankedBy(entry.by, title, entry.reason)
            target = OutrankedBy(entry.rule, entry.title, entry.reason)
            self.by[entry.by] = (*self.by.get(entry.by, ()), target)


def _neighbours(item: Item, report: Report) -> tuple[Neighbour, ...]:
    index = item.rank - 1
    found = []
    if index:
        found.append(_neighbour(report.advice[index - 1], item, report, before=True))
    if index + 1 < len(report.advice):
        found.append(_neighbour(item, report.advice[index + 1], report, before=False))
    return tuple(found)


def _neighbour(first: Item, second: Item, report: Report, *, before: bool) -> Neighbour:
    key = next((key for key in report.sort if getattr(first, key) != getattr(second, key)), "rule")
    other = first if before else second
    return Neighbour(other.rank, other.rule, other.title, before, key, _decided(key, first, second, report))


def _decided(key: str, first: Item, second: Item, report: Report) -> str:
    """Why the one stands before the other, in words."""
    orders = {"severity": report.severities, "tier": report.tiers, "category": report.categories}
    if key in orders:
        names = orders[key]
        one, other = getattr(first, key), getattr(second, key)
        assert position(names, one) < position(names, other)
        return f"{key}: {label(names, one)} comes before {label(names, other)}"
    if key == "due":
        assert first.due is not None
        later = f"is due later, {date_in_words(second.due)}" if second.due else "has no day"
        return f"due: {date_in_words(first.due)}, while the other {later}"
    return f"all else equal, by name: {first.rule} before {second.rule}"
