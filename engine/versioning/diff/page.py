"""A comparison as one page that needs nothing else, with a picture of whom it reaches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from typing import Final

from engine.base.counted import counted
from engine.rendering.html_page import page
from engine.rendering.neutral import neutral_text
from engine.versioning.diff.changes import PolicyChange
from engine.versioning.diff.cohort import Affected, Person
from engine.versioning.diff.effect_text import effect_in_words, reach
from engine.versioning.diff.view import (
    DiffResult,
    affected_summary,
    grouped,
    heading,
    in_short,
    item_in_words,
    named,
    place,
    summary,
)

_CSS: Final = """
table { border-collapse: collapse; width: 100%; font-size: .875rem; margin: 0 0 1rem; }
th, td { text-align: left; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--line);
  vertical-align: top; }
th.number, td.number { text-align: right; font-variant-numeric: tabular-nums; }
.change { margin: 0 0 .9rem; padding: .8rem 1rem; background: var(--paper); border: 1px solid var(--line);
  border-radius: 6px; }
.change h3 { padding: 0; text-indent: 0; }
.was, .is { margin: .15rem 0 .15rem 1rem; }
.was::before { content: "before  "; color: var(--quiet); }
.is::before { content: "now  "; color: var(--quiet); }
.effect { font-weight: 600; }
svg { width: 100%; height: auto; background: var(--paper); border: 1px solid var(--line);
  border-radius: 6px; }
svg text { font: 12px system-ui, sans-serif; fill: #1d2329; }
.gained { fill: #17603f; }
.lost { fill: #a11212; }
.changed { fill: #8a5300; }
"""
_MOST_BARS: Final = 30
_FEW: Final = 200
"""So many people stand on the page unless everybody is asked for."""


def as_html(compared: DiffResult, *, everybody: bool) -> str:
    """The whole page."""
    title = heading(compared)
    body = (
        f"<header><h1>{_said(title)}</h1><p>{_said(summary(compared))}</p></header>",
        "<main>",
        *(_reach(compared.affected) if compared.affected is not None else ()),
        *_changes(compared.changes),
        *(_people(compared.affected, everybody) if compared.affected is not None else ()),
        "</main>",
    )
    return page(neutral_text(title).replace("\n", " "), body, _CSS)


def _said(text: str) -> str:
    return escape(neutral_text(text).replace("\n", " "))


def _reach(affected: Affected) -> Iterator[str]:
    yield "<section><h2>For whom</h2>"
    yield f"<p>{_said(affected_summary(affected))}</p>"
    rows = affected.by_rule()
    if rows:
        yield from _picture(rows[:_MOST_BARS])
        if len(rows) > _MOST_BARS:
            yield f"<p>… and {counted(len(rows) - _MOST_BARS, 'item')} that fewer people see otherwise.</p>"
        cells = ((f"<code>{_said(rule)}</code>", *counts) for rule, *counts in rows)
        yield from _table(("item", "gained", "lost", "changed"), cells)
        reasons = ((_said(in_short(change)), count) for change, count in affected.by_change())
        yield from _table(("because of", "people"), reasons)
    yield "</section>"


def _picture(rows: list[tuple[str, int, int, int]]) -> Iterator[str]:
    """Bars: to the right who gains an item, or keeps it in another form; to the left who loses it."""
    height, middle, half = 22, 530, 210
    most = max(1, *(max(gained + changed, lost) for _, gained, lost, changed in rows))
    told = "; ".join(
        f"{rule}: {gained} gained, {lost} lost, {changed} changed" for rule, gained, lost, changed in rows
    )
    total = height * (len(rows) + 2)
    yield f'<svg viewBox="0 0 760 {total}" role="img" aria-label="{_said(told)}">'
    for place_, (class_, name) in enumerate((("lost", "lost"), ("gained", "gained"), ("changed", "changed"))):
        left = middle - 120 + 90 * place_
        yield f'<rect class="{class_}" x="{left}" y="6" width="10" height="10"/>'
        yield f'<text x="{left + 14}" y="15">{name}</text>'
    for number, (rule, gained, lost, changed) in enumerate(rows, 1):
        top = height * number + 6
        yield f'<text x="8" y="{top + 12}">{_said(rule if len(rule) <= 44 else f"{rule[:43]}…")}</text>'
        start: float = middle
        for class_, count in (("gained", gained), ("changed", changed)):
            width = half * count / most
            if count:
                yield f'<rect class="{class_}" x="{start:.1f}" y="{top}" width="{width:.1f}" height="15"/>'
            start += width
        if gained or changed:
            said = "+".join(str(count) for count in (gained, changed) if count)
            yield f'<text x="{min(start + 4, 740):.1f}" y="{top + 12}">{said}</text>'
        if lost:
            width = half * lost / most
            yield f'<rect class="lost" x="{middle - width:.1f}" y="{top}" width="{width:.1f}" height="15"/>'
            yield f'<text x="{middle - width - 4:.1f}" y="{top + 12}" text-anchor="end">{lost}</text>'
    yield f'<line x1="{middle}" y1="{height}" x2="{middle}" y2="{total - height + 4}" stroke="#525c66"/>'
    yield "</svg>"


def _table(head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> Iterator[str]:
    first, *rest = head
    numbers = "".join(f'<th class="number">{name}</th>' for name in rest)
    yield f"<table><thead><tr><th>{first}</th>{numbers}</tr></thead>"
    yield "<tbody>"
    for name, *counts in rows:
        numbers = "".join(f'<td class="number">{count:,}</td>' for count in counts)
        yield f"<tr><td>{name}</td>{numbers}</tr>"
    yield "</tbody></table>"


def _changes(changes: tuple[PolicyChange, ...]) -> Iterator[str]:
    last = ""
    for title, subject, own in grouped(changes):
        if title != last:
            yield from (("</section>",) if last else ())
            yield f"<section><h2>{title}</h2>"
            last = title
        yield f'<div class="change"><h3><code>{_said(subject)}</code></h3>'
        for change in own:
            effect = f' <span class="effect">{effect_in_words(change)}</span>' if change.effect else ""
            at = f" <code>{_said(place(change.at))}</code>" if change.at else ""
            yield f"<p>{_said(change.what)}{effect}{at}</p>"
            yield from ((f'<p class="was">{_said(change.old)}</p>',) if change.old else ())
            yield from ((f'<p class="is">{_said(change.new)}</p>',) if change.new else ())
            yield from (f"<p>{_said(line)}</p>" for line in (*change.detail, *reach(change)))
        yield "</div>"
    yield from (("</section>",) if last else ())


def _people(affected: Affected, everybody: bool) -> Iterator[str]:
    if not affected.people:
        return
    yield "<section><h2>Person by person</h2>"
    people = affected.people if everybody else affected.people[:_FEW]
    for person in people:
        yield from _person(person)
    if len(people) < len(affected.people):
        yield f"<p>… and {len(affected.people) - len(people):,} more.</p>"
    yield "</section>"


def _person(person: Person) -> Iterator[str]:
    yield f"<details><summary>{_said(named(person))}</summary><ul>"
    if person.refused:
        yield f"<li>{_said(person.refused)}</li>"
    for change, why in zip(person.changes, person.why, strict=True):
        reasons = "".join(f"<li>because of {_said(in_short(reason))}</li>" for reason in why)
        yield f"<li>{_said(item_in_words(change))}{f'<ul>{reasons}</ul>' if reasons else ''}</li>"
    yield "</ul></details>"
