"""Why each item of a report is there, and why any rule is or is not: from the facts to the advice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from engine.advising.advisor import Advisor, Case
from engine.analysis.certainty.case_split import CaseSplit
from engine.analysis.certainty.report_certainty import certainty_of
from engine.analysis.explain.provenance import CaseProvenance, Origin, Provenance, Reason, Unmet, named_in
from engine.analysis.what_if.sensitivity import Threshold, sensitivity
from engine.analysis.what_if.what_if import Explorer
from engine.base.diagnostic import CommandLine
from engine.base.record import record, replace
from engine.language.citation import cited_passage
from engine.language.conditions import FAILS, HOLDS, UNKNOWN, Verdict, undecided_facts, verdict_of
from engine.language.model import AllOf, AnyOf, Comparison, Condition, Not
from engine.language.policy_set import PolicySet, ResolvedRule
from engine.language.report import Certainty, CitedPassage, Item, Report
from engine.language.rule_names import rule_in_force
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
    minimal_unmet: Unmet | None
    missing: tuple[str, ...]
    neighbours: tuple[Neighbour, ...]
    outranks: tuple[OutrankedBy, ...]
    facts: tuple[str, ...]
    certainty: Certainty | None = None


@record
class Explained:
    """Explanations with the facts they rest on, and the report they explain.

    `edges` and how certain each rule is are there once `with_context` has added them.
    """

    report: Report
    rules: tuple[Explanation, ...]
    facts: Mapping[str, Origin]
    edges: tuple[Threshold, ...] = ()


def with_context(explained: Explained, case: Case, advisor: Advisor) -> Explained:
    """The explanations of a complete case with its near edges, and how certain is what does not fail."""
    certainty = certainty_of(case.report)
    others = [
        each.rule for each in explained.rules if each.verdict is not FAILS and each.rule not in certainty
    ]
    if others:
        certainty |= CaseSplit(advisor).of_rules(others, case)
    rules = tuple(replace(each, certainty=certainty.get(each.rule)) for each in explained.rules)
    return replace(explained, rules=rules, edges=sensitivity(case, Explorer(advisor)))


class Explainer:
    """Explains cases of one policy set."""

    def __init__(self, policies: PolicySet) -> None:
        self._policies = policies
        self._rules = policies.by_name
        self._provenance = Provenance(policies)

    def items(self, case: Case) -> Explained:
        """Every shown item, explained."""
        return self._explained([item.rule for item in case.report.advice], case)

    def rule(self, name: str, case: Case) -> Explained:
        """One rule, by its full name or, where only one has it, its id. Raises InvalidInput for another."""
        return self._explained([self.named(name)], case)

    def tree(self, name: str, case: Case) -> Branch:
        """A rule's condition, each part with its verdict. Raises InvalidInput for an unknown rule."""
        return self._branch(self._rules[self.named(name)].when, case, self._provenance.of(case))

    def named(self, name: str) -> str:
        """The full name of a rule in force. Raises InvalidInput, with a suggestion, when there is none."""
        return rule_in_force(name, self._policies, CommandLine("RULE"))

    def _explained(self, names: Iterable[str], case: Case) -> Explained:
        provenance, outranking = self._provenance.of(case), _Outranking(case.report)
        rules = tuple(self._explain(self._rules[name], case, provenance, outranking) for name in names)
        facts = {fact: provenance.origin(fact) for each in rules for fact in each.facts}
        return Explained(case.report, rules, facts)

    def _explain(
        self, rule: ResolvedRule, case: Case, provenance: CaseProvenance, outranking: _Outranking
    ) -> Explanation:
        verdict = case.decisions.verdicts[rule.name]
        reasons = provenance.reasons(rule.when, verdict is HOLDS) if verdict is not UNKNOWN else []
        unmet = provenance.unmet(rule.when) if verdict is not HOLDS else ()
        undecided = outranking.undecided.get(rule.name)
        item = outranking.items.get(rule.name)
        looked_at = named_in([*reasons, *(reason for reason, _ in unmet or ())])
        if verdict is UNKNOWN:
            looked_at = (*looked_at, *undecided_facts(rule.when, case.decisions.values))
        file_version = self._policies.policy_files[rule.rule.policy]
        return Explanation(
            rule=rule.name,
            title=rule.rule.title,
            version=file_version.version,
            path=file_version.path,
            line=rule.rule.at.line,
            tier=label(self._policies.ranking.tiers, rule.rule.tier),
            why=rule.rule.why,
            cites=item.cites
            if item
            else tuple(cited_passage(each, self._policies) for each in rule.rule.cites),
            verdict=verdict,
            result=_result(verdict, rule, shown=item is not None),
            rank=item.rank if item else None,
            by=outranking.suppressed.get(rule.name),
            moot=undecided.moot if undecided else None,
            because=tuple(reasons),
            minimal_unmet=unmet,
            missing=undecided.needs if undecided else (),
            neighbours=_neighbours(item, case.report) if item else (),
            outranks=outranking.by.get(rule.name, ()),
            facts=provenance.behind((*looked_at, *rule.chosen_by, *rule.due_facts)),
        )

    def _branch(self, condition: Condition, case: Case, provenance: CaseProvenance) -> Branch:
        verdict = verdict_of(condition, case.decisions.values)
        match condition:
            case Not(part):
                return Branch("not", verdict, (self._branch(part, case, provenance),))
            case AllOf(parts) | AnyOf(parts):
                words = "all of" if isinstance(condition, AllOf) else "one of"
                return Branch(words, verdict, tuple(self._branch(part, case, provenance) for part in parts))
            case Comparison():
                reason = provenance.reason(condition)
                return Branch(f"{reason.title} {reason.test} ({reason.text})", verdict, ())


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
    before, after = report.advice[: item.rank - 1][-1:], report.advice[item.rank :][:1]
    return (
        *(_neighbour(other, item, report, before=True) for other in before),
        *(_neighbour(item, other, report, before=False) for other in after),
    )


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
        formats = report.words.formats
        later = f"is due later, {date_in_words(second.due, formats)}" if second.due else "has no day"
        return f"due: {date_in_words(first.due, formats)}, while the other {later}"
    return f"all else equal, by name: {first.rule} before {second.rule}"
