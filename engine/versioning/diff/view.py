"""A comparison, for reading (an outline) and as data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from engine.base.counted import counted
from engine.base.diagnostic import Location
from engine.base.record import as_dict, record
from engine.language.field_words import Noun
from engine.rendering import pieces
from engine.rendering.outline import Bars, Line, Name, Outline, Section, Table
from engine.versioning.diff.changes import PolicyChange
from engine.versioning.diff.cohort import Affected, Person
from engine.versioning.diff.revisions import Revision
from engine.versioning.report_diff import ItemChange

FEW: Final = 20
FEW_ON_A_PAGE: Final = 200
"""So many people are named, where not all are asked for."""
MOST_BARS: Final = 30
FEW_RULES: Final = 8
"""So many of the rules that a change reaches are named in reading; data has all."""


@record
class DiffResult:
    """Two sides, what differs between them, and, with a cohort, for whom."""

    old: Revision
    new: Revision
    changes: tuple[PolicyChange, ...]
    affected: Affected | None


HEADINGS = {
    "file": "Files", "rule": "Rules", "parameter": "Parameters", "band": "Bands", "table": "Tables",
    "fact": "Facts", "finding": "Findings", "check": "Consistency rules", "source": "Sources",
    "ranking": "Ranking", "calendar": "Calendar", "words": "Words and formats",
}  # fmt: skip


REACHES: Final = (
    ("loosened with it", "loosened", True),
    ("tightened with it", "tightened", True),
    ("changed with it", "changed", True),
    ("changed with it, as far as can be told", "changed", False),
    ("the same with it", "same", True),
)
"""How the rules that a change reaches are named, by effect and by whether that is proved."""


def heading(compared: DiffResult) -> str:
    """What is compared, in one line."""
    days = {compared.old.policy_set.as_of, compared.new.policy_set.as_of}
    if len(days) == 1:
        return f"{compared.old.label} → {compared.new.label}, as of {days.pop()}"
    old, new = (f"{side.label} (as of {side.policy_set.as_of})" for side in (compared.old, compared.new))
    return f"{old} → {new}"


def place(at: Location | None) -> str:
    """`file:line`, for reading."""
    return f"{at.path}:{at.line}" if at else ""


def effect_in_words(change: PolicyChange) -> str:
    """What a change of a condition comes to."""
    return "means the same" if change.effect == "same" else str(change.effect)


def reach(change: PolicyChange) -> Iterator[str]:
    """The rules that a change reaches though they are written as before, a line for each effect."""
    for words, effect, proved in REACHES:
        rules = [each.rule for each in change.through if (each.effect, each.proved) == (effect, proved)]
        if rules:
            more = f" and {len(rules) - FEW_RULES} more" if len(rules) > FEW_RULES else ""
            yield f"{words}: {', '.join(rules[:FEW_RULES])}{more}"


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


# -- reading -----------------------------------------------------------------------------------------


def _folder_read(compared: DiffResult) -> Iterator[str]:
    """The folder of a side that is named as something else: a version, a day, a revision."""
    sides = (compared.old, compared.new)
    folders = dict.fromkeys(side.folder for side in sides if side.label.rstrip("/") != side.folder)
    yield from (f"Policy folder: {folder}" for folder in folders)


def outline(compared: DiffResult, most_people: int | None) -> Outline:
    """The comparison for reading, with so many people at most (None: all)."""
    affected = compared.affected
    first = [*_folder_read(compared), summary(compared)]
    sections = tuple(_changes(compared.changes))
    if affected is not None:
        first += [affected_summary(affected, compared.new.policy_set.words.subject), *left_out(compared)]
        if affected.people:
            people = tuple(_people(affected, most_people))
            sections = (*_for_whom(affected), *sections, Section("Person by person", people))
    return Outline(heading(compared), tuple(first), sections)


def _changes(changes: tuple[PolicyChange, ...]) -> Iterator[Section]:
    """By what they are about, and by subject."""
    for about, title in HEADINGS.items():
        subjects: dict[str, list[Line]] = {}
        for change in changes:
            if change.about == about:
                subjects.setdefault(change.subject, []).append(_change_line(change))
        if subjects:
            lines = (Line(Name(subject), tuple(own), heading=True) for subject, own in subjects.items())
            yield Section(title, tuple(lines))


def _change_line(change: PolicyChange) -> Line:
    effect = f" {effect_in_words(change)}" if change.effect else ""
    notes = tuple(map(Line, (*change.detail, *reach(change))))
    old, new, at = change.old, change.new, place(change.at)
    if old is not None and new is not None and len(old) + len(new) < 70:
        return Line(f"{change.what}{effect}: {old} → {new}", notes, at=at)
    values = tuple(Line(f"{word}: {value}") for word, value in (("before", old), ("now", new)) if value)
    return Line(f"{change.what}{effect}", (*values, *notes), at=at)


def affected_summary(affected: Affected, whom: Noun) -> str:
    """How many people's advice changes; nobody of whom that cannot be told is counted as unchanged."""
    changed, refused = affected.changed, affected.refused
    everybody = counted(affected.count, whom.one, whom.many)
    told = f"{affected.count - refused:,} of {everybody}"
    if refused == affected.count and refused:
        all_refused = counted(refused, whom.one, whom.many)
        return f"Nothing can be told of {all_refused}: no facts can be used on both sides."
    if refused:
        text = f"Of {told} can be told whether the advice changes: that of {changed:,} does."
        return f"{text} The facts of {counted(refused, 'other')} cannot be used on one side or both."
    return f"The advice of {changed:,} of {counted(affected.count, whom.one, whom.many)} changes."


def left_out(compared: DiffResult) -> Iterator[str]:
    """Which facts were left out on a side that does not know them."""
    labels = {"old": compared.old.label, "new": compared.new.label}
    whom = compared.new.policy_set.words.subject
    for each in compared.affected.left_out if compared.affected else ():
        applicants = counted(each.applicants, whom.one, whom.many)
        yield f"{labels[each.side]} does not know {each.fact}, or its value: left out there for {applicants}."


def _for_whom(affected: Affected) -> Iterator[Section]:
    rows = affected.by_rule()
    if rows:
        table = tuple((Name(rule), *(f"{number:,}" for number in numbers)) for rule, *numbers in rows)
        reasons = (
            Line(f"{counted(number, 'person', 'people')} because of {in_short(change)}")
            for change, number in affected.by_change()
        )
        head = ("item", "gained", "lost", "changed")
        yield Section("For whom", (Bars(tuple(rows[:MOST_BARS])), Table(head, table, numbers=True), *reasons))


def _people(affected: Affected, most: int | None) -> Iterator[Line]:
    for person in affected.people[:most]:
        items = (
            Line(item_in_words(change), tuple(Line(f"because of {in_short(reason)}") for reason in why))
            for change, why in zip(person.changes, person.why, strict=True)
        )
        refused = (Line(person.refused),) if person.refused else ()
        label = f"{person.label or 'no label'} (line {person.line})"
        yield Line(label, (*refused, *items), folded=True)
    if most is not None and most < len(affected.people):
        yield Line(f"… and {len(affected.people) - most:,} more: --everybody, or --format json.")


def item_in_words(change: ItemChange) -> str:
    """What became of an item."""
    instead = fields = ""
    if change.kind == "changed":
        differences = [
            f"{name}: {getattr(change.old, name)} → {getattr(change.new, name)}"
            if name in ("severity", "category", "tier", "due")
            else name
            for name in change.fields
        ]
        fields = f": {', '.join(differences)}"
    elif change.instead == "undetermined":
        instead = ", cannot be told now"
    elif change.instead:
        instead = f", outranked by {change.instead}"
    return f"{change.kind}: {change.title} ({change.rule}{instead}){fields}"


# -- data --------------------------------------------------------------------------------------------


def as_data(compared: DiffResult) -> dict[str, Any]:
    """Everything, as plain mappings and sequences."""
    numbers = {change: number for number, change in enumerate(compared.changes)}
    return {
        "diff_format": 1,
        "before": _side(compared.old),
        "after": _side(compared.new),
        "changes": [_change(change) for change in compared.changes],
        "cohort": compared.affected and _cohort(compared.affected, numbers),
    }


def _side(side: Revision) -> dict[str, Any]:
    return {
        "label": side.label,
        "as_of": side.policy_set.as_of,
        "folder": side.folder,
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
        "through": [as_dict(each) for each in change.through],
    }


def _cohort(affected: Affected, numbers: Mapping[PolicyChange, int]) -> dict[str, Any]:
    return {
        "applicants": affected.count,
        "changed": affected.changed,
        "refused": affected.refused,
        "left_out": [
            {
                "fact": each.fact,
                "side": "before" if each.side == "old" else "after",
                "applicants": each.applicants,
            }
            for each in affected.left_out
        ],
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
