"""The report as GitHub-flavoured Markdown, which also reads well unrendered.

A paragraph is one line, and every text is escaped: nothing that a policy or a facts file says can
become a heading, a list, a link, an image, a mention or HTML.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from engine.base.counted import counted
from engine.language.report import Item, Report
from engine.language.templates import date_in_words
from engine.rendering import undecided, wording
from engine.rendering.banners import warned
from engine.rendering.neutral import neutral

# An underscore inside a word, as in the names of facts, is only itself.
_SPECIAL = re.compile(r"([\\`*\[\]#~$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9]))")
_STARTS_A_BLOCK = re.compile(r"^(?:([-+])|(\d{1,9})([.)]))(?=\s|$)")
# What GitHub turns into a link or a mention although it is plain text, escaped or not.
_LINKED_UNASKED = re.compile(r"@|://|www\.", re.IGNORECASE)
_WORD = re.compile(r"\S+")
_BACKTICKS = re.compile("`+")


def render(report: Report, *, top: int | None, all_items: bool) -> str:
    """The report, a paragraph a line."""
    report = wording.for_people(neutral(report))
    shown = wording.select(report, top, all_items)
    blocks = [
        *_head(report, all_items),
        *_items(report, shown, all_items),
        *_cannot_tell(report, all_items),
        *_suppressed(report, all_items),
        *(_policies(report) if all_items else ()),
        "---",
        escaped(wording.produced_by(report)),
    ]
    return "\n\n".join(blocks) + "\n"


def escaped(text: str) -> str:
    """One line of text that means itself."""
    return _STARTS_A_BLOCK.sub(r"\2\\\1\3", without_links(wording.one_line(text), _without_syntax))


def without_links(
    text: str, escape: Callable[[str], str], as_code: Callable[[str], str] | None = None
) -> str:
    """The text as `escape` has it; words that would become links or mentions all the same are code."""
    done, parts, as_code = 0, [], as_code or code
    for word in _WORD.finditer(text):
        if _LINKED_UNASKED.search(word[0]):
            parts += [escape(text[done : word.start()]), as_code(word[0])]
            done = word.end()
    return "".join([*parts, escape(text[done:])])


def _without_syntax(text: str) -> str:
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _SPECIAL.sub(r"\\\1", text)


def code(text: str) -> str:
    """One line of text as code."""
    text = wording.one_line(text)
    fence = "`" * (max(map(len, _BACKTICKS.findall(text)), default=0) + 1)
    blank = " " if "`" in text else ""
    return f"{fence}{blank}{text}{blank}{fence}"


def bullets(lines: Iterable[str]) -> str:
    """A list."""
    return "\n".join(f"- {line}" for line in lines)


def _labelled(label: str, text: str) -> str:
    return f"**{escaped(label)}:** {text}"


def _head(report: Report, everything: bool) -> Iterator[str]:
    yield f"# {escaped(wording.title_of(report))}"
    yield f"As of {escaped(date_in_words(report.as_of, report.words.formats))}"
    if report.banners:
        lines = [f"**{wording.WARNINGS_TITLE}**", ""]
        for warning in warned(report.banners, report.words, everything, " (--all lists them)"):
            lines.append(bullets([_labelled(warning.title, escaped(warning.text))]))
            lines += [f"  {bullets([escaped(line)])}" for line in warning.listed if everything]
        yield "\n".join(f"> {line}".rstrip() for line in lines)
    facts = [_labelled(title, escaped(text)) for title, text in wording.headlines(report)]
    if facts:
        yield bullets(facts)


def _items(report: Report, shown: tuple[Item, ...], everything: bool) -> Iterator[str]:
    if not report.advice:
        yield escaped(wording.nothing_holds(report))
    for severity, items in wording.by_severity(shown):
        count = counted(len(items), "item")
        yield f"## {escaped(wording.shaped_label(report.severities, severity))} ({count})"
        for item in items:
            yield from _item(report, item, everything)
    hidden = wording.hidden_in_words(report, len(shown))
    if hidden:
        yield f"**… {escaped(hidden)}**"


def _item(report: Report, item: Item, everything: bool) -> Iterator[str]:
    yield f"### {item.rank}. {escaped(item.shown_title)}"
    due = wording.due_of(item, report)
    if due:
        yield f"**{escaped(str(due))}**"
    yield from map(escaped, wording.paragraphs(item.text))
    if item.steps:
        yield "\n".join(
            f"{number}. {escaped(step)}" for number, step in enumerate(wording.steps(item, report), 1)
        )
    basis = []
    label = wording.label(report.tiers, item.tier)
    for cited in item.cites if everything else item.cites[:1]:
        basis.append(_labelled(label, f"{escaped(wording.passage(cited))} {code(wording.reference(cited))}"))
        label = "See also"
    if len(item.cites) > 1 and not everything:
        basis.append(_labelled("See also", ", ".join(code(wording.reference(c)) for c in item.cites[1:])))
    rule, version, place = wording.rule_place(item)
    basis.append(_labelled("Rule", f"{code(rule)} {escaped(version)}, {code(place)}"))
    if item.provisional:
        basis.append(
            _labelled("Provisional", escaped(wording.provisional_in_words(item.provisional, report)))
        )
    certainty = undecided.certainty_in_words(item) if everything else None
    if certainty:
        basis.append(_labelled("Standing", escaped(certainty)))
    if everything and item.because:
        reasons = "".join(f"\n  - {escaped(wording.because_in_words(because))}" for because in item.because)
        basis.append(f"**{wording.BECAUSE_TITLE}:**{reasons}")
    yield bullets(basis)


def _cannot_tell(report: Report, everything: bool) -> Iterator[str]:
    view = undecided.undecided(report, everything)
    if view is None:
        return
    yield f"## {wording.UNDETERMINED_TITLE}"
    if view.questions:
        yield bullets(map(escaped, view.questions))
    if view.more:
        yield escaped(view.more)
    for text, lines in (*view.paragraphs, (view.summary, view.rules)):
        if text:
            yield escaped(text)
        if lines:
            yield bullets(map(escaped, lines))


def _suppressed(report: Report, everything: bool) -> Iterator[str]:
    if not report.suppressed:
        return
    if everything:
        yield f"## {wording.SUPPRESSED_TITLE}"
        yield bullets([escaped(wording.suppressed_item(item)) for item in report.suppressed])
    else:
        yield escaped(wording.suppressed_in_words(report))


def _policies(report: Report) -> Iterator[str]:
    yield f"## {wording.POLICIES_TITLE}"
    yield bullets([escaped(wording.policy_in_words(policy, report)) for policy in report.in_force])
