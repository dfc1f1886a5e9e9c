"""What would be said today to somebody whose report is on record, and why it differs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from engine.advising.decide import Decisions
from engine.advising.missing_facts import MissingFacts
from engine.analysis.session import Options, Session
from engine.audit.replay import Replayed
from engine.language.condition_text import test_in_words, test_text
from engine.language.conditions import HOLDS, UNKNOWN, compile_reasons
from engine.language.model import Comparison
from engine.language.policy_set import PolicySet
from engine.language.templates import Words
from engine.loading.folder import list_files
from engine.loading.former_names import renamed
from engine.rendering.outline import Line, Outline, Section
from engine.versioning.report_diff import ItemChange, compare


def today_outline(replayed: Replayed, folder: str | None, day: date) -> Outline:
    """The recorded facts on the policies of a day, compared with what was said. Raises InvalidInput."""
    session = Session.open(replayed.recorded.facts(), Options(folder, day))
    policies = session.policies
    changes = compare(replayed.report, session.report, renamed(list_files(session.folder)))
    title = f"Record {replayed.recorded.entry.id}: said for {replayed.report.as_of}, compared with {day}"
    sections = []
    for change in changes:
        why = tuple(map(Line, _why(change, session.case.decisions, policies)))
        sections.append(Section(f"{_KINDS[change.kind]}: {change.title} ({change.rule})", why))
    same = () if changes else ("The same advice.",)
    return Outline(title, (*_basis(replayed.policies, policies), *same), tuple(sections))


_KINDS = {"lost": "Not said any more", "gained": "Said now", "changed": "Said otherwise"}


def _basis(before: PolicySet, now: PolicySet) -> Iterator[str]:
    """The files that are not what they were."""
    old = {(file_version.kind, file_version.id): file_version for file_version in before.file_versions}
    new = {(file_version.kind, file_version.id): file_version for file_version in now.file_versions}
    for key in sorted({*old, *new}):
        was, is_ = old.get(key), new.get(key)
        name = key[1] if key[0] == "policy" else f"{key[0]}:{key[1]}"
        if was is None and is_ is not None:
            yield f"{name} {is_.version} is in force now, and was not"
        elif is_ is None and was is not None:
            yield f"{name} {was.version} is not in force any more"
        elif was is not None and is_ is not None and was.digest != is_.digest:
            same = " (same version, edited)" if was.version == is_.version else ""
            yield f"{name} {was.version} → {is_.version}{same}"


def _why(change: ItemChange, decisions: Decisions, policies: PolicySet) -> Iterator[str]:
    if change.kind == "changed":
        for name in change.fields:
            if name in ("severity", "category", "tier", "due", "overdue", "title"):
                yield f"{name}: {getattr(change.old, name)} → {getattr(change.new, name)}"
            else:
                yield f"{name} changed"
        return
    rule = policies.by_name.get(change.rule)
    if rule is None:
        yield "There is no such rule in force now."
        return
    if change.instead is not None and change.instead != "undetermined":
        yield f"It is outranked by {change.instead}."
        return
    verdict = decisions.verdicts[change.rule]
    if verdict is UNKNOWN:
        needs = MissingFacts(policies).of_rule(change.rule, decisions)
        yield f"It cannot be told, for want of {', '.join(needs) or 'an answer that nobody can give now'}."
        return
    words = Words(decisions.values, policies.facts)

    def reason(test: Comparison, held: bool) -> str:
        demand = test_text(test_in_words(test, policies.facts), words)
        title = policies.facts[test.fact].title
        return f"{title} {demand}: {'yes' if held else 'no'}, it is {words[test.fact]}"

    yield from compile_reasons(rule.when, reason)(decisions.values, verdict is HOLDS)
