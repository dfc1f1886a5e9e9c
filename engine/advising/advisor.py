"""From one applicant's facts to the report, on one policy set."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Literal

from engine.advising.decide import Compiler, Decider, Decisions
from engine.advising.derive import Derivation, DerivedFacts, Rederivation
from engine.advising.exclusive import ExclusiveFindings
from engine.advising.freshness import banners, season_banner
from engine.advising.items import ItemWriter
from engine.advising.missing_facts import MissingFacts
from engine.advising.precedence import Precedence
from engine.base.record import record
from engine.base.version import VERSION
from engine.language import report as reports
from engine.language.conditions import UNKNOWN, possible
from engine.language.facts import Facts
from engine.language.policy_set import PolicySet
from engine.language.templates import Words
from engine.loading.lockfile import spoken_name

EngineChoice = Literal["durable-rules", "evaluator"]


@record
class Case:
    """One applicant's facts, what followed from them, what was decided, and the report that tells of it."""

    facts: Facts
    derived: DerivedFacts
    decisions: Decisions
    report: reports.Report


def available_compiler() -> tuple[Compiler | None, str]:
    """durable-rules where it can be imported, else none; and the name of what decides."""
    from engine.advising.durable import network

    if not network.AVAILABLE:
        return None, "evaluator"
    return network.Network, f"{network.VERSION} + evaluator"


class Advisor:
    """A policy set, compiled once, giving reports to as many applicants and threads as wanted."""

    def __init__(self, policies: PolicySet, *, engine: EngineChoice = "durable-rules") -> None:
        compiler, self._engine_name = (
            available_compiler() if engine == "durable-rules" else (None, "evaluator")
        )
        self.policies = policies
        self._derivation = Derivation(policies)
        self.exclusive = ExclusiveFindings(policies)
        """What refuses facts of which findings are concluded that exclude each other."""
        self._decider = Decider(policies, compiler)
        self._needs = MissingFacts(policies)
        self._rules = policies.by_name
        self._writers = {
            rule.name: ItemWriter(rule, policies) for rule in policies.rules if rule.rule.advise is not None
        }
        self._outranking = Precedence(policies, self._writers)
        self._banners = banners(policies, policies.as_of, policies.lapsed)
        self._in_force = tuple(
            reports.PolicyInForce(
                spoken_name(file_version),
                file_version.version,
                file_version.path,
                f"sha256:{file_version.digest}",
                file_version.effective_from,
                file_version.effective_until,
            )
            for file_version in policies.file_versions
        )
        self._labels = [name for name, fact in policies.facts.items() if fact.private]
        self.bands = sorted(name for name, fact in policies.facts.items() if fact.origin == "band")
        self._findings = sorted(name for name, fact in policies.facts.items() if fact.origin == "finding")
        self._position = {name: index for index, name in enumerate(policies.facts)}

    def report(self, facts: Facts) -> reports.Report:
        """The report. Raises InvalidInput for contradictory facts, InternalError if the engines disagree."""
        return self.case(facts).report

    def derive(self, facts: Facts, day: date | None = None) -> DerivedFacts:
        """What follows from the facts, on another day perhaps. Raises Contradicted for contradictory ones."""
        derived = self._derivation.derive(facts, day or self.policies.as_of)
        self.exclusive.refuse(derived, facts)
        return derived

    def rederivation(self, facts: Iterable[str]) -> Rederivation:
        """What of the derived facts rests on some given ones."""
        return Rederivation(self._derivation, facts)

    def decide(self, derived: DerivedFacts) -> Decisions:
        """Every rule decided. Raises InternalError when the engines disagree."""
        return self._decider.decide(derived)

    def shown(self, decisions: Decisions) -> tuple[tuple[tuple[str, date | None], ...], Mapping[str, str]]:
        """The rules shown, ranked, each with when it is due; the suppressed ones, each with by which."""
        holding = decisions.holding & self._writers.keys()
        suppressors = self._outranking.suppressors(holding)
        ranked = self._ranked(holding - suppressors.keys(), decisions)
        return tuple((writer.name, due) for writer, due in ranked), suppressors

    def _ranked(self, shown: Iterable[str], decisions: Decisions) -> list[tuple[ItemWriter, date | None]]:
        """The rules shown, ranked, each with when it is due."""
        dated = [(writer, writer.due(decisions.values)) for writer in (self._writers[name] for name in shown)]
        dated.sort(key=lambda pair: pair[0].sort_key(pair[1]))
        return dated

    def case(self, facts: Facts) -> Case:
        """The report with all that it was made from. Raises as `report` does."""
        derived = self._derivation.derive(facts, self.policies.as_of)
        decisions = self.decide(derived)
        self.exclusive.refuse_decided(decisions, derived, facts)
        return Case(facts, derived, decisions, self._report(facts, derived, decisions))

    def _report(self, facts: Facts, derived: DerivedFacts, decisions: Decisions) -> reports.Report:
        policies, values = self.policies, decisions.values
        words = Words(values, policies.facts)
        holding = decisions.holding & self._writers.keys()
        suppressors = self._outranking.suppressors(holding)
        advice = self._advice(holding - suppressors.keys(), decisions, words)
        undetermined = self._undetermined(decisions, holding, suppressors)
        leading = {need for item in advice if item.provisional for need in item.provisional.needs}
        return reports.Report(
            as_of=policies.as_of,
            applicant=next((str(values[name]) for name in self._labels if name in values), None),
            facts_digest=facts.digest,
            policies_digest=f"sha256:{policies.digest}",
            in_force=self._in_force,
            banners=self._banners
            if derived.season_published
            else (*self._banners, season_banner(policies, derived.values)),
            headline=tuple(
                reports.Headline(name, policies.facts[name].title, values.get(name), words[name])
                for name, _ in policies.ranking.headline
                if name not in decisions.absent
            ),
            bands=tuple((name, values.get(name)) for name in self.bands),  # type: ignore[misc]  # a band is text
            findings=tuple((name, values.get(name)) for name in self._findings),  # type: ignore[misc]  # a boolean
            advice=advice,
            undetermined=undetermined,
            ask_next=self._questions(leading, undetermined),
            suppressed=self._outranking.suppressed_items(suppressors),
            not_applicable=tuple(name for name in self._findings if name in decisions.absent),
            fact_titles=self._titles(leading, undetermined),
            sort=policies.ranking.sort,
            severities=policies.ranking.severities,
            tiers=policies.ranking.tiers,
            categories=policies.ranking.categories,
            tool=f"advise {VERSION}",
            engine=self._engine_name,
            python=f"{sys.version_info.major}.{sys.version_info.minor}",
            words=policies.words,
        )

    def _advice(self, shown: Iterable[str], decisions: Decisions, words: Words) -> tuple[reports.Item, ...]:
        """The shown items, ranked."""
        return tuple(
            [
                writer.write(rank, due, decisions.values, words, self._provisional(writer.name, decisions))
                for rank, (writer, due) in enumerate(self._ranked(shown, decisions), 1)
            ]
        )

    def _provisional(self, name: str, decisions: Decisions) -> reports.Provisional | None:
        for rule in self._outranking.above(name):
            if decisions.verdicts[rule] is UNKNOWN:
                needs = self._needs.of_rule(rule, decisions)
                if needs and self._can_hold(rule, decisions):
                    silences = self._outranking.silences(rule)
                    return reports.Provisional(rule, self._rules[rule].rule.title, needs, silences)
        return None

    def _can_hold(self, rule: str, decisions: Decisions) -> bool:
        """Whether an answer could yet make an undecided rule hold; an absent fact can rule that out."""
        return possible(self._rules[rule].when, decisions.values, decisions.absent)

    def _undetermined(
        self, decisions: Decisions, holding: frozenset[str], suppressed: Mapping[str, str]
    ) -> tuple[reports.Undetermined, ...]:
        """The rules that are UNKNOWN: those that advise by their rank, then those that only conclude."""
        unknown = decisions.unknown
        advising = [name for name in unknown if name in self._writers]
        advising.sort(key=lambda name: self._writers[name].sort_key(None))
        moot = {name: self._outranking.suppressor(name, holding, suppressed) for name in advising}
        waiting = [name for name in advising if moot[name] is None and self._can_hold(name, decisions)]
        mattering = {*waiting, *self._needs.concluding_rules(waiting, decisions)}
        concluding = sorted(name for name in unknown if name not in self._writers)
        return tuple(
            reports.Undetermined(
                name,
                self._rules[name].rule.title,
                self._needs.of_rule(name, decisions),
                moot.get(name),
                name in mattering,
            )
            for name in (*advising, *concluding)
        )

    def _questions(
        self, leading: set[str], undetermined: Iterable[reports.Undetermined]
    ) -> tuple[reports.Question, ...]:
        """Facts to ask for: those on which a shown item's place depends, then those that decide most."""
        decides: dict[str, int] = {}
        for rule in undetermined:
            if rule.matters and rule.rule in self._writers:
                for need in rule.needs:
                    decides[need] = decides.get(need, 0) + 1
        asked = sorted(
            {*decides, *leading},
            key=lambda name: (name not in leading, -decides.get(name, 0), self._position[name]),
        )
        facts = self.policies.facts
        return tuple(
            reports.Question(name, facts[name].question or "", decides.get(name, 0)) for name in asked
        )

    def _titles(
        self, leading: set[str], undetermined: Iterable[reports.Undetermined]
    ) -> tuple[tuple[str, str], ...]:
        needed = leading.union(*(rule.needs for rule in undetermined))
        return tuple((name, self.policies.facts[name].title) for name in sorted(needed))
