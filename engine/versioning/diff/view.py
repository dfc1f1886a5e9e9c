"""A comparison as text, JSON and Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.base.counted import counted
from engine.base.diagnostic import Location
from engine.base.record import record
from engine.rendering import pieces
from engine.rendering.as_json import json_text
from engine.rendering.neutral import neutral_text
from engine.versioning.diff.changes import PolicyChange
from engine.versioning.diff.cohort import Affected, Person
from engine.versioning.diff.effect_text import effect_in_words, reach
from engine.versioning.diff.revisions import Revision
from engine.versioning.report_diff import ItemChange

FEW = 20
"""So many people are named, where not all are asked for."""


@record
class DiffResult:
    """Two sides, what differs between them, and, with a cohort, for whom."""

    old: Revision
    new: Revision
    changes: tuple[PolicyChange, ...]
    affected: Affected | None


HEADINGS = {
    "file": "Files", "rule": "Rules", "parameter": "Parameters", "band": "Bands", "fact": "Facts",
    "finding": "Findings", "check": "Consistency rules", "source": "Sources", "ranking": "Ranking",
    "calendar": "Calendar",
}  # fmt: skip


def heading(compared: DiffResult) -> str:
    """What is compared, in one line."""
    days = {compared.old.policy_set.as_of, compared.new.policy_set.as_of}
    if len(days) == 1:
        return f"{compared.old.label} → {compared.new.label}, as of {days.pop()}"
    old, new = (f"{side.label} (as of {side.policy_set.as_of})" for side in (compared.old, compared.new))
    return f"{old} → {new}"


def grouped(changes: tuple[PolicyChange, ...]) -> Iterator[tuple[str, str, list[PolicyChange]]]:
    """Changes by what they are about and by subject, as (heading, subject, changes)."""
    for about, title in HEADINGS.items():
        found: dict[str, list[PolicyChange]] = {}
        for change in changes:
            if change.about == about:
                found.setdefault(change.subject, []).append(change)
        yield from ((title, subject, own) for subject, own in found.items())


def place(at: Location | None) -> str:
    """`file:line`, for reading."""
    return f"{neutral_text(at.path)}:{at.line}" if at else ""


def in_short(change: PolicyChange) -> str:
    """A change in one line, with its place."""
    effect = f", {effect_in_words(change)}" if change.effect else ""
    at = f" ({place(change.at)})" if change.at else ""
    return f"{change.subject}: {change.what}{effect}{at}"


def unproved(compared: DiffResult) -> int:
    """Of how many rules it is not proved what they come to."""
    own = {change.subject for change in compared.changes if change.proved is False}
    return len(own | {each.rule for change in compared.changes for each in change.through if not each.proved})


def summary(compared: DiffResult) -> str:
    """How much differs."""
    changes = compared.changes
    if all(change.effect == "same" for change in changes):
        written = f" {counted(len(changes), 'condition')} written otherwise." if changes else ""
        return f"No difference in meaning.{written}"
    rules = {change.subject for change in changes if change.about == "rule"}
    own = f"{counted(len(rules), 'rule')} changed" if rules else "no rule itself changed"
    reached = {each.rule for change in changes for each in change.through if each.effect != "same"} - rules
    more = f"; {counted(len(reached), 'rule')} reached through what changed" if reached else ""
    return f"{counted(len(changes), 'change')}; {own}{more}."


# -- text --------------------------------------------------------------------------------------------


def as_text(compared: DiffResult, *, everybody: bool) -> str:
    """For a terminal."""
    lines = [heading(compared)]
    last = ""
    for title, subject, changes in grouped(compared.changes):
        if title != last:
            lines += ["", title]
            last = title
        lines.append(f"  {subject}")
        lines += [f"    {line}" for change in changes for line in _change_lines(change)]
    lines += ["", summary(compared)]
    if compared.affected is not None:
        lines += ["", *_affected_lines(compared.affected, everybody=everybody)]
    return "\n".join(lines) + "\n"


def _change_lines(change: PolicyChange) -> Iterator[str]:
    effect = f" {effect_in_words(change)}" if change.effect else ""
    at = f"  {place(change.at)}" if change.at else ""
    old, new = (
        neutral_text(value).replace("\n", " ") if value else value for value in (change.old, change.new)
    )
    if old is not None and new is not None and len(old) + len(new) < 70:
        yield f"{change.what}{effect}: {old} → {new}{at}"
    else:
        yield f"{change.what}{effect}{at}"
        yield from (f"  {sign} {value}" for sign, value in (("-", old), ("+", new)) if value)
    yield from (f"  {neutral_text(line)}" for line in (*change.detail, *reach(change)))


def affected_summary(affected: Affected) -> str:
    """How many people's advice changes."""
    changed = sum(person.refused is None for person in affected.people)
    refused = len(affected.people) - changed
    told = f"The advice of {changed:,} of {counted(affected.count, 'applicant')} changes."
    return told + (f" The facts of {refused:,} cannot be used on one side or both." if refused else "")


def _affected_lines(affected: Affected, *, everybody: bool) -> Iterator[str]:
    yield affected_summary(affected)
    rows = affected.by_rule()
    if rows:
        yield ""
        width = max(len(rule) for rule, *_ in rows)
        yield f"  {'item':{width}}  {'gained':>8}  {'lost':>8}  {'changed':>8}"
        yield from (f"  {rule:{width}}  {one:>8,}  {two:>8,}  {three:>8,}" for rule, one, two, three in rows)
    reasons = affected.by_change()
    if reasons:
        yield ""
        yield "  Because of"
        yield from (
            f"    {counted(number, 'person', 'people')}: {in_short(change)}" for change, number in reasons
        )
    people = affected.people if everybody else affected.people[:FEW]
    if people:
        yield ""
    for person in people:
        yield f"  {neutral_text(named(person))}"
        yield from (f"    {line}" for line in _person_lines(person))
    if len(people) < len(affected.people):
        yield f"  … and {len(affected.people) - len(people):,} more: --everybody, or --format json."


def named(person: Person) -> str:
    """A person by label and line."""
    return f"{person.label or 'no label'} (line {person.line})"


def _person_lines(person: Person) -> Iterator[str]:
    if person.refused:
        yield neutral_text(person.refused)
    for change, why in zip(person.changes, person.why, strict=True):
        yield f"{item_in_words(change)}"
        yield from (f"  because of {in_short(reason)}" for reason in why)


def item_in_words(change: ItemChange) -> str:
    """What became of an item."""
    title = neutral_text(change.title)
    if change.kind == "changed":
        told = [
            f"{name}: {getattr(change.old, name)} → {getattr(change.new, name)}"
            if name in ("severity", "category", "tier", "due")
            else name
            for name in change.fields
        ]
        return f"~ {title} ({change.rule}): {', '.join(told)}"
    instead = ""
    if change.instead:
        instead = (
            ", cannot be told now" if change.instead == "undetermined" else f", outranked by {change.instead}"
        )
    return f"{'+' if change.kind == 'gained' else '-'} {title} ({change.rule}{instead})"


# -- JSON --------------------------------------------------------------------------------------------


def as_json(compared: DiffResult) -> str:
    """Everything, as data."""
    numbers = {change: number for number, change in enumerate(compared.changes)}
    return json_text(
        {
            "diff_format": 1,
            "before": _side(compared.old),
            "after": _side(compared.new),
            "changes": [_change(change) for change in compared.changes],
            "cohort": compared.affected and _cohort(compared.affected, numbers),
        }
    )


def _side(side: Revision) -> dict[str, Any]:
    return {
        "label": side.label,
        "as_of": side.policy_set.as_of,
        "policies": {"digest": f"sha256:{side.policy_set.digest}"},
        "only": side.only,
    }


def _change(change: PolicyChange) -> dict[str, Any]:
    return {
        "about": change.about,
        "subject": change.subject,
        "what": change.what,
        "effect": change.effect,
        "proved": change.proved,
        "before": change.old,
        "after": change.new,
        "at_before": change.at_old and pieces.place(change.at_old),
        "at_after": change.at_new and pieces.place(change.at_new),
        "detail": change.detail,
        "through": [
            {"rule": each.rule, "effect": each.effect, "proved": each.proved} for each in change.through
        ],
    }


def _cohort(affected: Affected, numbers: Mapping[PolicyChange, int]) -> dict[str, Any]:
    return {
        "applicants": affected.count,
        "changed": sum(person.refused is None for person in affected.people),
        "by_rule": [
            {"rule": rule, "gained": gained, "lost": lost, "changed": changed}
            for rule, gained, lost, changed in affected.by_rule()
        ],
        "by_change": [
            {"change": numbers[change], "applicants": count} for change, count in affected.by_change()
        ],
        "people": [_person(person, numbers) for person in affected.people],
    }


def _person(person: Person, numbers: Mapping[PolicyChange, int]) -> dict[str, Any]:
    return {
        "line": person.line,
        "applicant": person.label,
        "refused": person.refused,
        "items": [
            {
                "rule": change.rule,
                "title": change.title,
                "kind": change.kind,
                "fields": change.fields,
                "by": None if change.instead == "undetermined" else change.instead,
                "undetermined": change.instead == "undetermined",
                "changes": [numbers[reason] for reason in why],
            }
            for change, why in zip(person.changes, person.why, strict=True)
        ],
    }


# -- Markdown ----------------------------------------------------------------------------------------


def as_markdown(compared: DiffResult, *, everybody: bool) -> str:
    """For a review: a pull request, a page."""
    lines = [f"# {_plain(heading(compared))}", "", summary(compared)]
    if compared.affected is not None:
        lines += ["", f"**{affected_summary(compared.affected)}**"]
    last = ""
    for title, subject, changes in grouped(compared.changes):
        if title != last:
            lines += ["", f"## {title}"]
            last = title
        lines += ["", f"### `{subject}`", ""]
        for change in changes:
            effect = f" **{effect_in_words(change)}**" if change.effect else ""
            at = f" (`{place(change.at)}`)" if change.at else ""
            lines.append(f"- {change.what}{effect}{at}")
            lines += [f"  - before: {_plain(change.old)}"] if change.old else []
            lines += [f"  - now: {_plain(change.new)}"] if change.new else []
            lines += [f"  - {_plain(line)}" for line in (*change.detail, *reach(change))]
    if compared.affected is not None:
        lines += _affected_markdown(compared.affected, everybody=everybody)
    return "\n".join(lines) + "\n"


def _affected_markdown(affected: Affected, *, everybody: bool) -> Iterator[str]:
    rows = affected.by_rule()
    if not affected.people:
        return
    yield from ("", "## For whom", "")
    if rows:
        yield from ("| item | gained | lost | changed |", "|---|---:|---:|---:|")
        yield from (
            f"| `{rule}` | {gained:,} | {lost:,} | {changed:,} |" for rule, gained, lost, changed in rows
        )
        yield from ("", "| because of | people |", "|---|---:|")
        yield from (f"| {_plain(in_short(change))} | {number:,} |" for change, number in affected.by_change())
        yield ""
    people = affected.people if everybody else affected.people[:FEW]
    for person in people:
        yield f"- {_plain(named(person))}"
        yield from (f"  - {_plain(line.strip())}" for line in _person_lines(person))
    if len(people) < len(affected.people):
        yield f"- … and {len(affected.people) - len(people):,} more"


def _plain(text: str) -> str:
    """A text that means itself in Markdown."""
    from engine.rendering.as_markdown import escaped

    return escaped(neutral_text(text).replace("\n", " "))
