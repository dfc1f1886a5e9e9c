"""The report for a terminal or a printer.

Rich measures (wide and combining characters) and colours; the lines are put together here, so that no
line ends in blanks or is wider than asked for. Rich's console takes longer to import than the whole page
to set, so only a coloured page loads it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from rich.cells import cell_len, chop_cells

from engine.base.counted import counted
from engine.language.report import Item, Report
from engine.language.templates import date_in_words
from engine.rendering import undecided, wording
from engine.rendering.banners import warned
from engine.rendering.neutral import neutral, neutral_text

NARROWEST = 40
WIDEST = 120
_LEVEL_STYLES = ("bold red", "bold magenta", "bold yellow", "bold cyan", "bold")
_WARNING = "bold yellow"
_PAST = "bold red"
_QUIET = "dim"
_LONGEST_LABEL = 16
# Terminals do not agree on how wide joined emoji are; unjoined, each is as wide as it is measured.
_JOINERS = {0x200D: None, 0xFE0E: None, 0xFE0F: None}


def render(report: Report, *, top: int | None, all_items: bool, width: int, colour: bool) -> str:
    """The report as lines of at most `width` columns (but never under 40 or over 120)."""
    report = wording.for_people(neutral(report, _measurable))
    page = _Page(min(max(width, NARROWEST), WIDEST))
    _head(page, report, all_items)
    _items(page, report, wording.select(report, top, all_items), all_items)
    _cannot_tell(page, report, all_items)
    _suppressed(page, report, all_items)
    if all_items:
        _policies(page, report)
    page.rule()
    page.put(wording.produced_by(report), style=_QUIET)
    return page.printed() if colour else page.plain()


def _measurable(text: str) -> str:
    text = neutral_text(text)
    return text if text.isascii() else text.translate(_JOINERS)


StyledLine = tuple[tuple[str, str], ...]
"""Pieces of text, each with its style."""


def wrapped(text: str, width: int, *, whole_names: bool = False) -> Iterator[str]:
    """The text in lines of at most `width` columns, broken at blanks, or within words longer than a line.

    With `whole_names` no word of ASCII is broken, since it may be a name or a path to copy.
    """
    if text.isascii() and len(text) <= width:
        yield text.rstrip()
        return
    line, used = "", 0
    for word in text.split(" "):
        wide = cell_len(word)
        if line and used + 1 + wide > width:
            yield line.rstrip()
            line, used = "", 0
        elif line:
            line, used = line + " ", used + 1
        if wide > width and not (whole_names and word.isascii()):
            *full, word = chop_cells(word, width)
            yield from full
            wide = cell_len(word)
        line, used = line + word, used + wide
    yield line.rstrip()


@dataclass(frozen=True, slots=True)
class _Page:
    """Lines being set, each `margin` blanks from the left."""

    width: int
    margin: int = 0
    lines: list[StyledLine] = field(default_factory=list)

    def within(self, margin: int) -> _Page:
        """The same page, set further in."""
        return replace(self, margin=self.margin + margin)

    def put(self, text: str, lead: str = "", *, style: str = "", lead_style: str = "") -> None:
        """Wrap a text; its first line begins with `lead`, the others as far in as that."""
        indent = cell_len(lead)
        for line in wrapped(text, self.width - self.margin - indent):
            self.lines.append(((" " * self.margin, ""), (lead, lead_style), (line, style)))
            lead, lead_style = " " * indent, ""

    def labelled(self, label: str, text: str, column: int, style: str = "bold") -> None:
        """A text beside its label; a label wider than the column stands above it."""
        if cell_len(label) > column - 2:
            self.put(label, style=style)
            label = ""
        self.put(text, label + " " * (column - cell_len(label)), lead_style=style)

    def gap(self) -> None:
        """One empty line, never two."""
        if self.lines and self.lines[-1]:
            self.lines.append(())

    def rule(self, title: str = "", note: str = "", style: str = _QUIET) -> None:
        """A line across the page, with a title at its left and a note at its right."""
        self.gap()
        title, note = (f"{title} " if title else ""), (f" {note}" if note else "")
        dashes = self.width - cell_len(title) - cell_len(note)
        if dashes < 3:
            self.put(title + note, style=style)
        else:
            self.lines.append(((title, style), ("─" * dashes, _QUIET), (note, _QUIET)))

    def plain(self) -> str:
        """The page as one string."""
        return "".join(f"{_plain(line).rstrip()}\n" for line in self.lines)

    def printed(self) -> str:
        """The page as one string, with the codes that colour a terminal."""
        from io import StringIO

        from rich.console import Console
        from rich.text import Text

        # An empty environment and no real file: what is printed depends on the arguments only.
        console = Console(
            file=StringIO(),
            force_terminal=True,
            color_system="standard",
            legacy_windows=False,
            width=WIDEST,
            _environ={},
        )
        with console.capture() as capture:
            console.print(Text("\n").join(Text.assemble(*line) for line in self.lines), soft_wrap=True)
        return capture.get()


def _plain(line: StyledLine) -> str:
    return "".join(text for text, _ in line)


def _head(page: _Page, report: Report, everything: bool) -> None:
    page.put(wording.title_of(report), style="bold")
    page.put(f"As of {date_in_words(report.as_of, report.words.formats)}")
    _banners(page, report, everything)
    page.gap()
    facts = wording.headlines(report)
    column = _column((title for title, _ in facts), page.width * 3 // 5)
    for title, text in facts:
        page.labelled(title, text, column, style="")


def _column(labels: Iterable[str], widest: int) -> int:
    return min(max(map(cell_len, labels), default=0), widest) + 2


def _banners(page: _Page, report: Report, everything: bool) -> None:
    if not report.banners:
        return
    page.gap()
    inside = replace(page, width=page.width - 4, margin=0, lines=[])
    for warning in warned(report.banners, report.words, everything, " (--all lists them)"):
        inside.put(f"{warning.title.upper()}: {warning.text}", "! ", lead_style=_WARNING)
        for listed in warning.listed if everything else ():
            inside.within(2).put(listed, "- ")
    across = page.width - 2
    title = f"═ {wording.WARNINGS_TITLE.upper()} "
    page.lines.append(((f"╔{title}{'═' * (across - len(title))}╗", _WARNING),))
    for line in inside.lines:
        padding = " " * (inside.width - cell_len(_plain(line)))
        page.lines.append((("║ ", _WARNING), *line, (padding, ""), (" ║", _WARNING)))
    page.lines.append(((f"╚{'═' * across}╝", _WARNING),))


def _items(page: _Page, report: Report, shown: tuple[Item, ...], everything: bool) -> None:
    if not report.advice:
        page.rule()
        page.put(wording.nothing_holds(report))
    digits = len(str(max((item.rank for item in shown), default=1)))
    labels = [cell_len(wording.label(report.tiers, tier)) for tier, _ in report.tiers]
    column = min(max(len("Provisional"), *labels), _LONGEST_LABEL) + 2
    for severity, items in wording.by_severity(shown):
        level = wording.position(report.severities, severity)
        title = wording.shaped_label(report.severities, severity).upper()
        style = _LEVEL_STYLES[min(level, len(_LEVEL_STYLES) - 1)]
        page.rule(title, counted(len(items), "item"), style)
        for item in items:
            page.gap()
            page.put(
                wording.one_line(item.shown_title), f"{item.rank:>{digits}}. ", style="bold", lead_style=style
            )
            _item(page.within(digits + 2), report, item, column, everything)
    hidden = wording.hidden_in_words(report, len(shown))
    if hidden:
        page.gap()
        page.put(hidden, "… ", style="bold")


def _item(page: _Page, report: Report, item: Item, column: int, everything: bool) -> None:
    due = wording.due_of(item, report)
    if due:
        page.put(str(due), style=_PAST if due.past else "bold")
    for number, paragraph in enumerate(wording.paragraphs(item.text)):
        if number:
            page.gap()
        page.put(paragraph)
    for number, step in enumerate(wording.steps(item, report), 1):
        page.within(2).put(wording.one_line(step), f"{number}) ".rjust(len(str(len(item.steps))) + 2))
    tier = wording.label(report.tiers, item.tier)
    rule, version, place = wording.rule_place(item)
    for cited in item.cites if everything else item.cites[:1]:
        passage = wording.passage(cited) if everything else wording.passage_in_short(cited)
        page.labelled(tier, f"{passage} [{wording.reference(cited)}]", column)
        tier = "See also"
    if len(item.cites) > 1 and not everything:
        page.labelled("See also", wording.references(item.cites[1:]), column)
    page.labelled("Rule", f"{rule} {version}, {place}", column)
    if item.provisional:
        page.labelled("Provisional", wording.provisional_in_words(item.provisional, report), column)
    certainty = undecided.certainty_in_words(item) if everything else None
    if certainty:
        page.labelled("Standing", certainty, column)
    if everything:
        label = "Because"
        for because in item.because:
            page.labelled(label, wording.because_in_words(because), column)
            label = ""


def _cannot_tell(page: _Page, report: Report, everything: bool) -> None:
    view = undecided.undecided(report, everything)
    if view is None:
        return
    page.rule(f"? {wording.UNDETERMINED_TITLE.upper()}", style="bold")
    page.gap()
    for question in view.questions:
        page.put(question, "• ")
    if view.more:
        page.put(view.more)
    for text, lines in (*view.paragraphs, (view.summary, view.rules)):
        if text:
            page.gap()
            page.put(text)
        for line in lines:
            page.put(line, "- ")


def _suppressed(page: _Page, report: Report, everything: bool) -> None:
    if not report.suppressed:
        return
    if not everything:
        page.gap()
        page.put(wording.suppressed_in_words(report))
        return
    page.rule(wording.SUPPRESSED_TITLE.upper(), counted(len(report.suppressed), "item"), style="bold")
    page.gap()
    for suppressed in report.suppressed:
        page.put(wording.suppressed_item(suppressed), "- ")


def _policies(page: _Page, report: Report) -> None:
    page.rule(wording.POLICIES_TITLE.upper(), style="bold")
    page.gap()
    for policy in report.in_force:
        page.put(wording.policy_in_words(policy, report), "- ")
