"""What would change, in plain words (an outline) and as data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from engine.analysis.what_if.outcome import Difference, RuleDifference
from engine.analysis.what_if.what_if import Along, Row, WhatIf
from engine.base.counted import counted
from engine.language.model import Fact, Value
from engine.language.policy_set import PolicySet
from engine.language.report import Item, Report
from engine.language.templates import date_in_words, in_words
from engine.rendering import wording
from engine.rendering.outline import Chart, Line, Outline, Part, Section, Shade, Table
from engine.rendering.pieces import head

MOST_CHART_ROWS: Final = 24
_KINDS: Final = (
    ("gained", "New items"),
    ("lost", "Items that go"),
    ("moved", "Items that move"),
    ("bands", "Ranges"),
    ("findings", "Findings"),
    ("decided", "Now decided"),
    ("undecided", "Can no longer be told"),
)
_OF_FACTS: Final = ("bands", "findings")


def outline(found: WhatIf, policies: PolicySet) -> Outline:
    """What would change with other facts."""
    report = found.before.report
    first = [f"As of {date_in_words(found.after.report.as_of)}"]
    first += [f"If {line}" for line in _changed(found, policies)]
    sections = tuple(_sections(found.difference))
    if not sections:
        first.append("Nothing changes.")
    return Outline(f"What if: {wording.title_of(report)}", tuple(first), sections)


def _changed(found: WhatIf, policies: PolicySet) -> Iterator[str]:
    before, after = found.before.decisions.values, found.after.decisions.values
    for name in found.changes.written:
        fact = policies.facts[name]
        now = in_words(after.get(name), fact)
        yield f"{fact.title} were {now} (it is {in_words(before.get(name), fact)}) [{name}]"


def _sections(difference: Difference) -> Iterator[Section]:
    for kind, title in _KINDS:
        changes: tuple[RuleDifference, ...] = getattr(difference, kind)
        if changes:
            yield Section(f"{title} ({len(changes)})", tuple(map(_line, changes)))


def _line(change: RuleDifference) -> Line:
    words = f"{change.title}: {change.before} → {change.after} [{change.name}]"
    return Line(words, tuple(map(Line, change.because)))


# --- A range


def range_outline(along: Along, policies: PolicySet) -> Outline:
    """What is said along a range of one fact."""
    fact = policies.facts[along.range.fact]
    report = along.case.report
    now = in_words(along.case.decisions.values.get(fact.name), fact)
    low, high = shown_value(along.rows[0].low, fact), shown_value(along.rows[-1].high, fact)
    first = [
        f"As of {date_in_words(report.as_of)}",
        f"{fact.title} [{fact.name}] from {low} to {high}; it is {now}. Exact, for each value between.",
    ]
    if len(along.rows) == 1 and along.rows[0].outcome is not None:
        return Outline(_title(along), (*first, "Nothing changes along it."), ())
    parts: list[Part] = []
    chart = _chart(along, policies)
    if chart is not None:
        parts.append(chart)
    rows = tuple(
        (
            _span(row, fact),
            *(_band_of(row, name, policies) for name in _moving_bands(along, policies)),
            _in_short(row),
        )
        for row in along.rows
    )
    bands = (policies.facts[name].title for name in _moving_bands(along, policies))
    parts.append(Table((fact.title, *bands, "What changes there"), rows))
    sections = [Section("Where something changes", tuple(parts))]
    sections += [
        Section(f"From {shown_value(row.low, fact)}", tuple(_row_lines(row.difference)))
        for row in along.rows
        if row.difference
    ]
    return Outline(_title(along), tuple(first), tuple(sections))


def _title(along: Along) -> str:
    return f"What if: {wording.title_of(along.case.report)}"


def _row_lines(difference: Difference) -> Iterator[Line]:
    for kind, title in _KINDS:
        changes: tuple[RuleDifference, ...] = getattr(difference, kind)
        if changes:
            yield Line(f"{title} ({len(changes)})", tuple(map(_line, changes)))


def shown_value(value: Value, fact: Fact) -> str:
    """A value in words; of a date, the short form."""
    return in_words(value, fact).partition(" (")[0] if fact.type == "date" else in_words(value, fact)


def _span(row: Row, fact: Fact) -> str:
    low, high = shown_value(row.low, fact), shown_value(row.high, fact)
    return low if row.low == row.high else f"{low} to {high}"


def _moving_bands(along: Along, policies: PolicySet) -> list[str]:
    bands = sorted(name for name, fact in policies.facts.items() if fact.origin == "band")
    possible = [row.outcome.decisions.values for row in along.rows if row.outcome is not None]
    return [name for name in bands if len({str(values.get(name)) for values in possible}) > 1]


def _band_of(row: Row, name: str, policies: PolicySet) -> str:
    if row.outcome is None:
        return ""
    return in_words(row.outcome.decisions.values.get(name), policies.facts[name])


def _in_short(row: Row) -> str:
    if row.impossible:
        return f"impossible: {' '.join(row.impossible)}"
    if row.difference is None:
        return f"{counted(len(row.outcome.shown) if row.outcome else 0, 'item')} to begin with"
    difference = row.difference
    signs = (("+", difference.gained), ("−", difference.lost), ("↕", difference.moved))
    counts = [f"{sign}{len(changes)}" for sign, changes in signs if changes]
    titles = [f"{sign} {change.title}" for sign, changes in signs[:2] for change in changes]
    others = [
        counted(len(changes), one, many)
        for changes, one, many in (
            (difference.findings, "finding", "findings"),
            (difference.decided, "rule decided", "rules decided"),
            (difference.undecided, "rule in doubt", "rules in doubt"),
        )
        if changes
    ]
    return "; ".join((" ".join(counts), *titles, *others)).strip("; ") or "nothing that is shown changes"


def _chart(along: Along, policies: PolicySet) -> Chart | None:
    """Which items come and go along the range."""
    possible = [row for row in along.rows if row.outcome is not None]
    if len(along.rows) == 1 or not possible:
        return None
    shown = [set(row.outcome.ranks) for row in possible if row.outcome is not None]
    coming = shown[0].union(*shown) - shown[0].intersection(*shown)
    order = {name: index for index, name in enumerate(rule.name for rule in policies.rules)}
    titles = {rule.name: rule.rule.title for rule in policies.rules}
    first_seen = {
        name: next(index for index, row in enumerate(along.rows) if row.outcome and name in row.outcome.ranks)
        for name in coming
    }
    names = sorted(coming, key=lambda name: (first_seen[name], order[name]))[:MOST_CHART_ROWS]
    if not names:
        return None
    fact = policies.facts[along.range.fact]
    rows = tuple((titles[name], tuple(_shade(name, row) for row in along.rows)) for name in names)
    low, high = shown_value(along.rows[0].low, fact), shown_value(along.rows[-1].high, fact)
    return Chart(low, high, tuple(row.count for row in along.rows), rows)


def _shade(name: str, row: Row) -> Shade:
    if row.outcome is None:
        return "impossible"
    return "on" if name in row.outcome.ranks else "off"


# --- Data


def as_data(found: WhatIf) -> dict[str, Any]:
    """What would change, as plain mappings and sequences."""
    before, after = found.before.decisions.values, found.after.decisions.values
    return {
        **head("what_if", found.before.report),
        "changes": [
            {"fact": name, "before": before.get(name), "after": after.get(name)}
            for name in found.changes.written
        ],
        "before": _told(found.before.report),
        "after": _told(found.after.report),
        "difference": _difference(found.difference),
    }


def _told(report: Report) -> dict[str, Any]:
    return {"as_of": report.as_of, "facts_digest": report.facts_digest, "advice": rules_of(report.advice)}


def rules_of(items: Iterable[Item]) -> list[str]:
    """The rules of items."""
    return [item.rule for item in items]


def _difference(difference: Difference) -> dict[str, Any]:
    return {
        kind: [_of_fact(each) if kind in _OF_FACTS else _of_rule(each) for each in getattr(difference, kind)]
        for kind, _ in _KINDS
    }


def _of_rule(change: RuleDifference) -> dict[str, Any]:
    """What became of a rule, in words."""
    return {
        "rule": change.name,
        "title": change.title,
        "before": change.before,
        "after": change.after,
        "reasons": change.because,
    }


def _of_fact(change: RuleDifference) -> dict[str, Any]:
    """A range or finding, by its values."""
    return {
        "fact": change.name,
        "title": change.title,
        "before": change.old,
        "after": change.new,
        "reasons": change.because,
    }


def range_as_data(along: Along, bands: Sequence[str]) -> dict[str, Any]:
    """What is said along a range, as plain mappings and sequences."""
    return {
        **head("what_if_range", along.case.report),
        "fact": along.range.fact,
        "value": along.case.decisions.values.get(along.range.fact),
        "rows": [_row(row, bands) for row in along.rows],
    }


def _row(row: Row, bands: Sequence[str]) -> dict[str, Any]:
    found = row.outcome
    return {
        "low": row.low,
        "high": row.high,
        "impossible": row.impossible or None,
        "advice": [name for name, _ in found.shown] if found else None,
        "bands": {name: found.decisions.values.get(name) for name in bands} if found else None,
        "difference": _difference(row.difference) if row.difference else None,
    }
