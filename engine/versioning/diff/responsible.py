"""Which changes of the policies make one applicant's advice differ.

Followed backwards from the item: its rule's own change, where that alone turns the verdict; else the facts it
looks at that came out otherwise, and what they are made from; else the rule that outranks it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.advising.advisor import Case
from engine.language.conditions import verdict_of
from engine.language.policy_set import Tabled
from engine.versioning.diff.changes import PolicyChange, renames
from engine.versioning.diff.revisions import Revision
from engine.versioning.report_diff import ItemChange

_MISSING = object()


_Trail = Iterator["PolicyChange | _Trail"]
"""Changes, and trails to follow before going on: chains may be long, so no trail follows another itself."""


class Responsible:
    """Two sides and what differs between them, ready to be asked about many applicants."""

    def __init__(self, old: Revision, new: Revision, changes: Iterable[PolicyChange]) -> None:
        self._old, self._new = old.policy_set, new.policy_set
        self._former = {present: former for former, present in renames(old, new).items()}
        self._of: dict[tuple[str, str], list[PolicyChange]] = {}
        for change in changes:
            key = change.subject.rpartition(" ")[2] if change.about == "calendar" else change.subject
            self._of.setdefault((change.about, key), []).append(change)

    def for_item(self, change: ItemChange, old: Case, new: Case) -> tuple[PolicyChange, ...]:
        """The changes behind one item's, those of its own rule first; none when none is found."""
        question = _Question(self, old, new)
        return tuple(dict.fromkeys(_followed(self._changes(change, question, old, new))))

    def _changes(self, change: ItemChange, question: _Question, old: Case, new: Case) -> _Trail:
        if change.kind == "changed":
            yield from self._of_fields(change, question)
            return
        own = list(_followed(question.verdict(change.rule)))
        yield from own
        if not own:  # it holds on both sides, so another rule is in its way on one of them
            side = new if change.kind == "lost" else old
            name = change.rule if change.kind == "lost" else self._former.get(change.rule, change.rule)
            for hidden in side.report.suppressed:
                if hidden.rule == name:
                    yield from self.about("rule", hidden.by, ("supersedes", "silences"))
                    yield question.verdict(hidden.by)
            yield from self.about("rule", change.rule, ("category", "severity"))

    def _of_fields(self, change: ItemChange, question: _Question) -> _Trail:
        fields = {"overdue": "due"}
        respects = {fields.get(name, name) for name in change.fields}
        own = list(self.about("rule", change.rule, respects))
        yield from own
        if respects & {"text", "steps", "due"} and not own:
            rule = self._new.by_name.get(change.rule)
            for fact in rule.shown if rule else ():
                yield question.fact(fact)
        if "provisional" in respects:
            for item in (change.old, change.new):
                if item is not None and item.provisional is not None:
                    yield from self.about("rule", item.provisional.rule, None)
                    yield question.verdict(item.provisional.rule)
        if "cites" in respects:
            for item in (change.old, change.new):
                for cited in item.cites if item else ():
                    yield from self.about("source", f"{cited.source}#{cited.anchor}", None)
                    yield from self.about("source", cited.source, None)

    def about(self, about: str, subject: str, whats: Iterable[str] | None) -> Iterator[PolicyChange]:
        """The changes about something, in these respects (None: in any)."""
        for change in self._of.get((about, subject), ()):
            if whats is None or change.what in whats:
                yield change

    def tables_giving(self, fact: str) -> frozenset[str]:
        """The decision tables that give a fact on either side."""
        steps = (side.steps.get(fact) for side in (self._old, self._new))
        return frozenset(step.table.name for step in steps if isinstance(step, Tabled))


class _Question:
    """What made one applicant's verdicts and facts differ; each is followed once."""

    def __init__(self, responsible: Responsible, old: Case, new: Case) -> None:
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
        on_old_values = verdict_of(is_.when, self._old.values) if own else before
        if on_old_values != before:
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
        for table in everything.tables_giving(name):
            yield from everything.about("table", table, None)
        for side in (everything._old, everything._new):
            if name in side.concluding:
                for rule in side.concluding[name]:
                    yield self.verdict(rule.name)
            else:
                for below in side.dependencies.inputs.get(name, ()):
                    yield self.fact(below)

    def _same(self, name: str) -> bool:
        before: object = self._old.values.get(name, _MISSING)
        after: object = self._new.values.get(name, _MISSING)
        return before == after and (name in self._old.absent) == (name in self._new.absent)


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
