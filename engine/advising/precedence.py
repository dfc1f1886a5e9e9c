"""Which items suppress which: advice moves, verdicts never change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.advising.items import ItemWriter
from engine.base.toposort import order
from engine.language.policy_set import PolicySet
from engine.language.report import Suppressed


class Precedence:
    """The `supersedes` and `silences` of a policy set."""

    def __init__(self, policies: PolicySet, writers: Mapping[str, ItemWriter]) -> None:
        self._how = {target: dict(by) for target, by in policies.outranking.items()}
        self._writers = writers
        self._categories = dict(policies.ranking.categories)
        # The strongest first: a silencing rule, then by severity, then by name.
        self._above = {target: sorted(by, key=self._strength) for target, by in self._how.items()}
        # Each after the rules above it. `supersedes` has no circle, and nothing outranks a silencing rule.
        self._downwards = tuple(name for name in order(self._above) if name in self._above)

    def _strength(self, name: str) -> tuple[bool, int, str]:
        writer = self._writers[name]
        return not writer.resolved.rule.silences, writer.severity, name

    def above(self, name: str) -> Iterable[str]:
        """The rules that would suppress this one, the strongest first."""
        return self._above.get(name, ())

    def suppressors(self, holding: Iterable[str]) -> dict[str, str]:
        """Suppressed rule -> the shown rule that suppresses it, for the rules that hold."""
        held = frozenset(holding)
        suppressors: dict[str, str] = {}
        for name in self._downwards:
            if name in held and (by := self.suppressor(name, held, suppressors)) is not None:
                suppressors[name] = by
        return suppressors

    def suppressor(self, name: str, holding: frozenset[str], suppressed: Mapping[str, str]) -> str | None:
        """The shown rule that suppresses this one: a suppressor that is itself suppressed is followed up."""
        holding_above = [by for by in self.above(name) if by in holding]
        if not holding_above:
            return None
        shown = next((by for by in holding_above if by not in suppressed), None)
        return shown if shown is not None else suppressed[holding_above[0]]

    def silences(self, name: str) -> bool:
        """Whether a rule silences whole categories."""
        return bool(self._writers[name].resolved.rule.silences)

    def suppressed_items(self, suppressors: Mapping[str, str]) -> tuple[Suppressed, ...]:
        """The suppressed items, with the reason in words."""
        return tuple(
            Suppressed(
                name, self._writers[name].resolved.rule.title, by, self._reason(name, by), self.silences(by)
            )
            for name, by in sorted(suppressors.items())
        )

    def _reason(self, name: str, by: str) -> str:
        title = self._writers[by].resolved.rule.title
        advice = self._writers[name].resolved.rule.advise
        match self._how[name].get(by):
            case "supersedes":
                return f"“{title}” takes its place"
            case "silences" if advice is not None:
                return f"“{title}” leaves no room for advice on {self._categories[advice.category]}"
        return f"“{title}” takes the place of what would replace it"
