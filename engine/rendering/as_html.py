"""The report as one page of HTML."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape

from engine.base.counted import counted
from engine.language.report import CitedPassage, Item, Report
from engine.language.templates import date_in_words
from engine.rendering import undecided, wording
from engine.rendering.banners import BannerText, warned
from engine.rendering.html_page import page
from engine.rendering.neutral import neutral

_DAY = re.compile(r"\b[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])\b")
_LAST_LEVEL = 4
_LAST_TIER = 2


Unfolded = Mapping[str, Sequence[str]]
"""Rule -> lines of HTML that tell more of its item than its reasons do."""


def render(report: Report, unfolded: Unfolded | None = None) -> str:
    """The whole report; reasons (or what is given), undetermined rules and outranked items unfold."""
    report = wording.for_people(neutral(report))
    body = (
        *_head(report),
        "<main>",
        *_items(report, unfolded),
        *_cannot_tell(report),
        *_suppressed(report),
        "</main>",
        *_foot(report),
    )
    return page(f"{wording.title_of(report)}, {report.words.formats.day_of_title(report.as_of)}", body)


def html_text(text: str) -> str:
    """A text set apart, so that its writing direction cannot reorder what stands around it."""
    return f"<bdi>{_escaped(text)}</bdi>"


def _escaped(text: str) -> str:
    """One line of text that means itself; its dates are marked as such, so that no line breaks in one."""
    return _DAY.sub(r"<time>\g<0></time>", escape(wording.one_line(text)))


def _list(lines: Iterable[str], tag: str = "ul") -> Iterator[str]:
    yield f"<{tag}>"
    yield from (f'<li dir="auto">{line}</li>' for line in lines)
    yield f"</{tag}>"


def _pair(term: str, description: str, term_class: str = "", class_: str = "") -> str:
    term_attribute = f' class="{term_class}"' if term_class else ""
    attribute = f' class="{class_}"' if class_ else ""
    return f"<dt{term_attribute}>{term}</dt><dd{attribute}>{description}</dd>"


def _head(report: Report) -> Iterator[str]:
    yield "<header>"
    yield f"<h1>{html_text(wording.title_of(report))}</h1>"
    day, written = report.as_of.isoformat(), escape(date_in_words(report.as_of, report.words.formats))
    yield f'<p class="as-of">As of <time datetime="{day}">{written}</time></p>'
    if report.banners:
        yield '<section class="warnings" aria-labelledby="warnings">'
        yield f'<h2 id="warnings"><span aria-hidden="true">!</span> {wording.WARNINGS_TITLE}</h2>'
        yield from _list(map(_warning, warned(report.banners, report.words, everything=False)))
        yield "</section>"
    yield '<dl class="facts">'
    for title, text in wording.headlines(report):
        yield _pair(html_text(title), html_text(text))
    yield "</dl>"
    runs = wording.by_severity(report.advice)
    if len(runs) > 1:
        yield '<nav aria-label="Items by severity"><ul>'
        for number, (severity, items) in enumerate(runs, 1):
            shape = wording.shape(report.severities, severity)
            name = f"{html_text(wording.label(report.severities, severity))} {len(items)}"
            level = _level(report, severity)
            yield (
                f'<li><a class="{level}" href="#group-{number}">'
                f'<span aria-hidden="true">{shape}</span> {name}</a></li>'
            )
        yield "</ul></nav>"
    yield "</header>"


def _warning(warning: BannerText) -> str:
    sentence = f"<strong>{escape(warning.title)}:</strong> {html_text(warning.text)}"
    if not warning.listed:
        return sentence
    unfolds = f"<summary>All {len(warning.listed)}</summary>"
    return f"{sentence}<details>{unfolds}{''.join(_list(map(html_text, warning.listed)))}</details>"


def _level(report: Report, severity: str) -> str:
    return f"level-{min(wording.position(report.severities, severity), _LAST_LEVEL)}"


def _items(report: Report, unfolded: Unfolded | None) -> Iterator[str]:
    if not report.advice:
        yield f"<p>{wording.nothing_holds(report)}</p>"
    for number, (severity, items) in enumerate(wording.by_severity(report.advice), 1):
        yield f'<section class="{_level(report, severity)}" aria-labelledby="group-{number}">'
        shaped = f'<span aria-hidden="true">{wording.shape(report.severities, severity)}</span>'
        label = html_text(wording.label(report.severities, severity))
        count = f'<span class="count">{counted(len(items), "item")}</span>'
        yield f'<h2 id="group-{number}">{shaped} {label} {count}</h2>'
        yield '<ol class="items">'
        for item in items:
            yield f'<li value="{item.rank}" id="item-{item.rank}">'
            yield from _item(report, item, (unfolded or {}).get(item.rule))
            yield "</li>"
        yield "</ol>"
        yield "</section>"


def _item(report: Report, item: Item, unfolded: Sequence[str] | None) -> Iterator[str]:
    yield f'<h3><span class="rank">{item.rank}.</span>{html_text(item.shown_title)}</h3>'
    due = wording.due_of(item, report)
    if due:
        yield (
            f'<p class="due{" past" if due.past else ""}"><span class="mark">{due.mark}</span> '
            f'<time datetime="{due.day.isoformat()}">{escape(due.date)}</time>, {due.distance}</p>'
        )
    for paragraph in wording.paragraphs(item.text):
        yield f'<p dir="auto">{_escaped(paragraph)}</p>'
    if item.steps:
        yield from _list(map(_escaped, wording.steps(item, report)), "ol")
    tier = min(wording.position(report.tiers, item.tier), _LAST_TIER)
    label = f"<span>{html_text(wording.label(report.tiers, item.tier))}</span>"
    yield '<dl class="basis">'
    yield from (_pair(label, _cited(cited), f"tier tier-{tier}") for cited in item.cites[:1])
    if len(item.cites) > 1:
        also = (f"<code>{html_text(wording.reference(cited))}</code>" for cited in item.cites[1:])
        yield _pair("See also", ", ".join(also))
    rule, version, place = map(html_text, wording.rule_place(item))
    yield _pair("Rule", f"<code>{rule}</code> {version}, <code>{place}</code>")
    if item.provisional:
        yield _pair("Provisional", html_text(wording.provisional_in_words(item.provisional, report)))
    yield "</dl>"
    reasons = item.because if unfolded is None else ()
    lines = [html_text(wording.because_in_words(because)) for because in reasons]
    lines += [f"See also: {_cited(cited)}" for cited in item.cites[1:]]
    if lines or unfolded is not None:
        yield from _folded(wording.BECAUSE_TITLE, lines, unfolded or ())


def _cited(cited: CitedPassage) -> str:
    return f"{html_text(wording.passage(cited))} <code>{html_text(wording.reference(cited))}</code>"


def _folded(summary: str, lines: Iterable[str], before: Iterable[str] = ()) -> Iterator[str]:
    yield f"<details><summary>{summary}</summary>"
    yield from before
    if lines:
        yield from _list(lines)
    yield "</details>"


def _cannot_tell(report: Report) -> Iterator[str]:
    view = undecided.undecided(report, everything=True)
    if view is None:
        return
    yield '<section aria-labelledby="undetermined">'
    yield (f'<h2 id="undetermined"><span aria-hidden="true">?</span> {wording.UNDETERMINED_TITLE}</h2>')
    if view.questions:
        yield from _list(map(html_text, view.questions))
    for text, lines in view.paragraphs:
        yield f"<p>{html_text(text)}</p>"
        if lines:
            yield from _list(map(html_text, lines))
    if view.rules:
        yield from _folded(view.summary.rstrip(":"), map(html_text, view.rules))
    yield "</section>"


def _suppressed(report: Report) -> Iterator[str]:
    if not report.suppressed:
        return
    yield '<section aria-labelledby="suppressed">'
    yield f'<h2 id="suppressed">{wording.SUPPRESSED_TITLE}</h2>'
    items = (html_text(wording.suppressed_item(item)) for item in report.suppressed)
    yield from _folded(counted(len(report.suppressed), "item"), items)
    yield "</section>"


def _foot(report: Report) -> Iterator[str]:
    yield "<footer>"
    yield f"<p>{html_text(wording.produced_by(report))}</p>"
    yield from _folded(
        wording.POLICIES_TITLE,
        (html_text(wording.policy_in_words(policy, report)) for policy in report.in_force),
    )
    yield "</footer>"
