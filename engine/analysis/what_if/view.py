"""What would change, in plain words (an outline) and as data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from engine.analysis.what_if.outcome import AdviceDifference, RuleDifference
from engine.analysis.what_if.what_if import Along, Row, WhatIf
from engine.base.counted import counted
from engine.language.model import Fact, Value
from engine.language.policy_set import PolicySet
from engine.language.report import Item, Report
from engine.language.templates import date_in_words, in_words
from engine.rendering import wording
from engine.rendering.outline import Chart, Line, Outline, Section, Shade, Table
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


def outline(compared: WhatIf, policies: PolicySet) -> Outline:
    """What would change with other facts."""
    before, after = compared.before.decisions.values, compared.after.decisions.values
    first = [f"As of {date_in_words(compared.after.report.as_of, compared.after.report.words.formats)}"]
    for name in compared.changes.written:
        fact = policies.facts[name]
        was, now = in_words(before.get(name), fact), in_words(after.get(name), fact)
        first.append(f"If {fact.title} were {now} (it is {was}) [{name}]")
    sections = tuple(Section(title, lines) for title, lines in _kinds(compared.difference))
    if not sections:
        first.append("Nothing changes.")
    return Outline(f"What if: {wording.title_of(compared.before.report)}", tuple(first), sections)


def _kinds(difference: AdviceDifference) -> Iterator[tuple[str, tuple[Line, ...]]]:
    """Each kind of change that there is: its title, and the changes."""
    for kind, title in _KINDS:
        changes: tuple[RuleDifference, ...] = getattr(difference, kind)
        if changes:
            yield f"{title} ({len(changes)})", tuple(map(_line, changes))


def _line(change: RuleDifference) -> Line:
    words = f"{change.title}: {change.before} → {change.after} [{change.name}]"
    return Line(words, tuple(map(Line, change.because)))


# --- A range


def range_outline(along: Along, policies: PolicySet) -> Outline:
    """What is said along a range of one fact."""
    fact = policies.facts[along.range.fact]
    report = along.case.report
    title = f"What if: {wording.title_of(report)}"
    now = in_words(along.case.decisions.values.get(fact.name), fact)
    low, high = shown_value(along.rows[0].low, fact), shown_value(along.rows[-1].high, fact)
    first = (
        f"As of {date_in_words(report.as_of, report.words.formats)}",
        f"{fact.title} [{fact.name}] from {low} to {high}; it is {now}. Exact, for each value between.",
    )
    if len(along.rows) == 1 and along.rows[0].outcome is not None:
        return Outline(title, (*first, "Nothing changes along it."), ())
    bands = [policies.facts[name] for name in _moving_bands(along, policies)]
    rows = tuple(
        (_span(row, fact), *(_band_of(row, band) for band in bands), _in_short(row)) for row in along.rows
    )
    table = Table((fact.title, *(band.title for band in bands), "What changes there"), rows)
    sections = [Section("Where something changes", (*_charts(along, low, high, policies), table))]
    sections += [
        Section(f"From {shown_value(row.low, fact)}", tuple(Line(*each) for each in _kinds(row.difference)))
        for row in along.rows
        if row.difference
    ]
    return Outline(title, first, tuple(sections))


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


def _band_of(row: Row, band: Fact) -> str:
    return in_words(row.outcome.decisions.values.get(band.name), band) if row.outcome else ""


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


def _charts(along: Along, low: str, high: str, policies: PolicySet) -> Iterator[Chart]:
    """Which items come and go along the range; no chart where none does."""
    shown = [set(row.outcome.ranks) for row in along.rows if row.outcome is not None]
    always = set.intersection(*shown) if shown else set()
    # In the order in which they are first shown, then that of the rules.
    names = dict.fromkeys(name for ranks in shown for name in policies.by_name if name in ranks - always)
    if names:
        rows = tuple(
            (policies.by_name[name].rule.title, tuple(_shade(name, row) for row in along.rows))
            for name in [*names][:MOST_CHART_ROWS]
        )
        yield Chart(low, high, tuple(row.count for row in along.rows), rows)


def _shade(name: str, row: Row) -> Shade:
    if row.outcome is None:
        return "impossible"
    return "on" if name in row.outcome.ranks else "off"


# --- Data


def as_data(compared: WhatIf) -> dict[str, Any]:
    """What would change, as plain mappings and sequences."""
    before, after = compared.before.decisions.values, compared.after.decisions.values
    return {
        **head("what_if", compared.before.report),
        "changes": [
            {"fact": name, "before": before.get(name), "after": after.get(name)}
            for name in compared.changes.written
        ],
        "before": _report(compared.before.report),
        "after": _report(compared.after.report),
        "difference": _difference(compared.difference),
    }


def _report(report: Report) -> dict[str, Any]:
    return {"as_of": report.as_of, "facts_digest": report.facts_digest, "advice": rules_of(report.advice)}


def rules_of(items: Iterable[Item]) -> list[str]:
    """The rules of items."""
    return [item.rule for item in items]


def _difference(difference: AdviceDifference) -> dict[str, Any]:
    return {kind: [_change(each, kind) for each in getattr(difference, kind)] for kind, _ in _KINDS}


def _change(change: RuleDifference, kind: str) -> dict[str, Any]:
    """What became of a rule, in words; of a range or a finding, by its values."""
    of_fact = kind in ("bands", "findings")
    return {
        "fact" if of_fact else "rule": change.name,
        "title": change.title,
        "before": change.old if of_fact else change.before,
        "after": change.new if of_fact else change.after,
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
    outcome = row.outcome
    return {
        "low": row.low,
        "high": row.high,
        "impossible": row.impossible or None,
        "advice": list(outcome.ranks) if outcome else None,
        "bands": {name: outcome.decisions.values.get(name) for name in bands} if outcome else None,
        "difference": _difference(row.difference) if row.difference else None,
    }
