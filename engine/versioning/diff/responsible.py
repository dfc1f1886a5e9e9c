"""Which changes of the policies make one applicant's advice differ.

Followed backwards from the item: its rule's own change, where that alone turns the verdict; else the facts it
looks at that came out otherwise, and what they are made from; else the rule that outranks it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from engine.advising.decide import Decisions
from engine.base.record import record
from engine.language.conditions import Evaluator, compile_condition
from engine.language.model import Value
from engine.language.policy_set import PolicySet
from engine.language.report import Report
from engine.versioning.diff.changes import PolicyChange, renames
from engine.versioning.diff.revisions import Revision
from engine.versioning.report_diff import ItemChange

_MISSING = object()


_Trail = Iterator["PolicyChange | _Trail"]
"""Changes, and trails to follow before going on: chains may be long, so no trail follows another itself."""


@record
class Applicant:
    """One applicant as they come out on one side."""

    report: Report
    decisions: Decisions


class Responsible:
    """Two sides and what differs between them, ready to be asked about many applicants."""

    def __init__(self, old: Revision, new: Revision, changes: Iterable[PolicyChange]) -> None:
        self._old = _Rules(old.policy_set)
        self._new = _Rules(new.policy_set)
        self._former = {present: former for former, present in renames(old, new).items()}
        self._of: dict[tuple[str, str], list[PolicyChange]] = {}
        for change in changes:
            key = change.subject.rpartition(" ")[2] if change.about == "calendar" else change.subject
            self._of.setdefault((change.about, key), []).append(change)

    def for_item(self, change: ItemChange, old: Applicant, new: Applicant) -> tuple[PolicyChange, ...]:
        """The changes behind one item's, those of its own rule first; none when none is found."""
        asked = _Question(self, old, new)
        return tuple(dict.fromkeys(_followed(self._changes(change, asked, old, new))))

    def _changes(self, change: ItemChange, asked: _Question, old: Applicant, new: Applicant) -> _Trail:
        if change.kind == "changed":
            yield from self._of_fields(change, asked)
            return
        found = list(_followed(asked.verdict(change.rule)))
        yield from found
        if not found:  # it holds on both sides, so another rule is in its way on one of them
            side = new if change.kind == "lost" else old
            name = change.rule if change.kind == "lost" else self._former.get(change.rule, change.rule)
            for hidden in side.report.suppressed:
                if hidden.rule == name:
                    yield from self.about("rule", hidden.by, ("supersedes", "silences"))
                    yield asked.verdict(hidden.by)
            yield from self.about("rule", change.rule, ("category", "severity"))

    def _of_fields(self, change: ItemChange, asked: _Question) -> _Trail:
        fields = {"overdue": "due"}
        wanted = {fields.get(name, name) for name in change.fields}
        own = list(self.about("rule", change.rule, wanted))
        yield from own
        if wanted & {"text", "steps", "due"} and not own:
            rule = self._new.by_name.get(change.rule)
            for fact in rule.shown if rule else ():
                yield asked.fact(fact)
        if "provisional" in wanted:
            for item in (change.old, change.new):
                if item is not None and item.provisional is not None:
                    yield from self.about("rule", item.provisional.rule, None)
                    yield asked.verdict(item.provisional.rule)
        if "cites" in wanted:
            for item in (change.old, change.new):
                for cited in item.cites if item else ():
                    yield from self.about("source", f"{cited.source}#{cited.anchor}", None)
                    yield from self.about("source", cited.source, None)

    def about(self, about: str, subject: str, whats: Iterable[str] | None) -> Iterator[PolicyChange]:
        """The changes about something, in these respects (None: in any)."""
        for change in self._of.get((about, subject), ()):
            if whats is None or change.what in whats:
                yield change


class _Question:
    """What made one applicant's verdicts and facts differ; each is followed once."""

    def __init__(self, responsible: Responsible, old: Applicant, new: Applicant) -> None:
        self._all = responsible
        self._old, self._new = old.decisions, new.decisions
        self._seen: set[str] = set()

    def verdict(self, name: str) -> _Trail:
        """The changes that make a rule come out otherwise; none where it does not."""
        if name in self._seen:
            return
        self._seen.add(name)
        everything = self._all
        former = everything._former.get(name, name)
        was, is_ = everything._old.by_name.get(former), everything._new.by_name.get(name)
        if was is None or is_ is None:
            yield from everything.about("rule", name, ("added", "removed"))
            return
        before, after = self._old.verdicts[former], self._new.verdicts[name]
        if before == after:
            return
        own = list(everything.about("rule", name, ("condition",)))
        on_old_values = everything._new.verdict(name, self._old.values)
        if own and on_old_values != before:
            yield from own
            if on_old_values == after:
                return
        for fact in dict.fromkeys((*was.tested, *is_.tested)):
            yield self.fact(fact)

    def fact(self, name: str) -> _Trail:
        """The changes that give a fact another value; none where it has the same."""
        if name in self._seen or self._same(name):
            return
        self._seen.add(name)
        everything = self._all
        plain = name.partition("@")[0]
        for about in ("band", "parameter", "fact", "calendar", "finding"):
            yield from everything.about(about, plain, None)
        for rules in (everything._old, everything._new):
            if name in rules.policies.concluding:
                for rule in rules.policies.concluding[name]:
                    yield self.verdict(rule.name)
            else:
                for below in rules.policies.dependencies.inputs.get(name, ()):
                    yield self.fact(below)

    def _same(self, name: str) -> bool:
        before: object = self._old.values.get(name, _MISSING)
        after: object = self._new.values.get(name, _MISSING)
        return before == after and (name in self._old.absent) == (name in self._new.absent)


class _Rules:
    """The rules of a side by name and by finding, compiled when they are asked for."""

    def __init__(self, policies: PolicySet) -> None:
        self.policies = policies
        self.by_name = policies.by_name
        self._compiled: dict[str, Evaluator] = {}

    def verdict(self, name: str, values: Mapping[str, Value]) -> int:
        """How a rule would come out on these values."""
        compiled = self._compiled.get(name)
        if compiled is None:
            compiled = self._compiled[name] = compile_condition(self.by_name[name].when)
        return compiled(values)


def _followed(trail: _Trail) -> Iterator[PolicyChange]:
    pending = [trail]
    while pending:
        step = next(pending[-1], None)
        if step is None:
            pending.pop()
        elif isinstance(step, PolicyChange):
            yield step
        else:
            pending.append(step)
