"""What side tools say: a title and sections of lines, tables and drawings, as text, Markdown and HTML.

Every text is made neutral here and means itself: nothing that a policy or a facts file says can steer a
terminal or become markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import Final, Literal

from rich.cells import cell_len

from engine.base.record import record
from engine.rendering import wording
from engine.rendering.as_html import html_text
from engine.rendering.as_markdown import bullets, code, escaped
from engine.rendering.as_text import NARROWEST, WIDEST, wrapped
from engine.rendering.html_page import page
from engine.rendering.neutral import neutral_text

_CHART_COLUMNS: Final = 60
_LABEL_LETTERS: Final = 46
"""So many fit beside a drawing."""

Shade = Literal["on", "off", "impossible"]
_MARKS: Final[dict[Shade, str]] = {"on": "█", "off": "·", "impossible": "×"}
_FILLS: Final[dict[Shade, str]] = {"on": "#1f4e8c", "off": "#e3e8ee", "impossible": "#b0b7be"}
_SHADE_WORDS: Final[dict[Shade, str]] = {"on": "shown", "off": "not shown", "impossible": "impossible"}


class Name(str):
    """A text that is a name, as it stands in a file."""


@record
class Line:
    """A sentence, where that stands, and what belongs under it.

    In HTML it unfolds, if `folded`; in Markdown a line of a section is a heading of its own, if `heading`.
    """

    text: str
    within: tuple[Line, ...] = ()
    folded: bool = False
    at: str = ""
    heading: bool = False


@record
class Table:
    """Rows of cells below a head; of `numbers`, all cells but the first of a row are such."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: bool = False


@record
class Chart:
    """Rows of stretches, drawn to one scale: `widths` are their lengths, and each row shades them all."""

    low: str
    high: str
    widths: tuple[int, ...]
    rows: tuple[tuple[str, tuple[Shade, ...]], ...]


@record
class Bars:
    """For each name how many gain, lose and change: a picture beside a table of them, in HTML only."""

    rows: tuple[tuple[str, int, int, int], ...]


Block = Line | Table | Chart | Bars


@record
class Section:
    """Parts under a title; a `name` stands before it, as it stands in a file."""

    title: str
    parts: tuple[Block, ...]
    name: str = ""


@record
class Outline:
    """A page: its title, what is said first, its sections."""

    title: str
    first: tuple[str, ...]
    sections: tuple[Section, ...]


# --- Text


def as_text(outline: Outline, width: int) -> str:
    """The outline in lines of at most `width` columns (but never under 40 or over 120); no name is broken."""
    width = min(max(width, NARROWEST), WIDEST)
    lines = [
        *_wrapped(outline.title, width),
        *(line for text in outline.first for line in _wrapped(text, width)),
    ]
    for section in outline.sections:
        name, indent = (f"{section.name}  ", "    ") if section.name else ("", "")
        lines += ["", *_wrapped(f"{name}{section.title}", width, "", indent)]
        for part in section.parts:
            match part:
                case Line():
                    lines += _line_as_text(part, width, "  ")
                case Table():
                    lines += ["", *_table_as_text(part, width), ""]
                case Chart():
                    lines += ["", *_chart_as_text(part, width), ""]
    return re.sub("\n{3,}", "\n\n", "\n".join(lines)).rstrip("\n") + "\n"


def _wrapped(text: str, width: int, lead: str = "", indent: str = "") -> list[str]:
    first, *more = wrapped(wording.one_line(neutral_text(text)), width - len(indent), whole_names=True)
    return [(lead + first).rstrip(), *(indent + line for line in more)]


def _line_as_text(line: Line, width: int, margin: str) -> Iterator[str]:
    at = f"  {line.at}" if line.at else ""
    yield from _wrapped(f"{line.text}{at}", width, f"{margin}- ", f"{margin}  ")
    for inner in line.within:
        yield from _line_as_text(inner, width, f"{margin}    "[: width // 2])


def _table_as_text(table: Table, width: int) -> Iterator[str]:
    """Columns as wide as they need; the last takes what is left, and wraps."""
    rows = [tuple(wording.one_line(neutral_text(cell)) for cell in row) for row in (table.head, *table.rows)]
    if table.numbers:
        widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
        for name, *numbers in rows:
            cells = (number.rjust(wide) for number, wide in zip(numbers, widths[1:], strict=True))
            yield "  ".join((f"  {name}{' ' * (widths[0] - cell_len(name))}", *cells))
        return
    widths = [max(cell_len(row[index]) for row in rows) for index in range(len(table.head) - 1)]
    before = sum(widths) + 2 * len(widths) + 2
    last = max(width - before, 20)
    for row in rows:
        lead = "  " + "".join(
            cell + " " * (wide - cell_len(cell) + 2) for cell, wide in zip(row, widths, strict=False)
        )
        for line in wrapped(row[-1], last, whole_names=True):
            yield (lead + line).rstrip()
            lead = " " * before


def _chart_as_text(chart: Chart, width: int) -> Iterator[str]:
    label_width = min(max((cell_len(label) for label, _ in chart.rows), default=0), width // 2)
    columns = _columns(chart.widths, max(10, min(_CHART_COLUMNS, width - label_width - 6)))
    total = sum(columns)
    gap = max(1, total - cell_len(chart.low) - cell_len(chart.high))
    yield f"  {' ' * label_width}  {chart.low}{' ' * gap}{chart.high}"
    for label, shades in chart.rows:
        name = wording.one_line(neutral_text(label))
        name = name if cell_len(name) <= label_width else name[: label_width - 1] + "…"
        bar = "".join(_MARKS[shade] * wide for shade, wide in zip(shades, columns, strict=True))
        yield f"  {name}{' ' * (label_width - cell_len(name))}  {bar}"
    used: list[Shade] = sorted(
        {shade for _, shades in chart.rows for shade in shades}, key=list(_MARKS).index
    )
    yield f"  {' ' * label_width}  {', '.join(f'{_MARKS[shade]} {_SHADE_WORDS[shade]}' for shade in used)}"


def _columns(widths: Sequence[int], available: int) -> list[int]:
    """So many columns for each stretch, one at least, about in proportion."""
    total = sum(widths)
    if total <= available:
        return list(widths)
    return [max(1, wide * available // total) for wide in widths]


# --- Markdown


def as_markdown(outline: Outline) -> str:
    """The outline as GitHub-flavoured Markdown."""
    blocks = [f"# {_plain(outline.title)}", *map(_plain, outline.first)]
    for section in outline.sections:
        name = f"{_plain(Name(section.name))} " if section.name else ""
        blocks.append(f"## {name}{_plain(section.title)}")
        lines: list[str] = []
        for part in section.parts:
            if isinstance(part, Line) and not part.heading:
                lines += _line_as_markdown(part, "")
                continue
            if lines:
                blocks.append("\n".join(lines))
                lines = []
            if isinstance(part, Line):
                blocks.append(f"### {_plain(part.text)}")
                lines = [text for inner in part.within for text in _line_as_markdown(inner, "")]
            elif isinstance(part, Table):
                blocks.append(_table_as_markdown(part))
            elif isinstance(part, Chart):
                blocks.append(_chart_as_markdown(part))
        if lines:
            blocks.append("\n".join(lines))
    return "\n\n".join(blocks) + "\n"


def _plain(text: str) -> str:
    return (code if isinstance(text, Name) else escaped)(neutral_text(text))


def _line_as_markdown(line: Line, margin: str) -> Iterator[str]:
    at = f" ({code(neutral_text(line.at))})" if line.at else ""
    yield f"{margin}{bullets([f'{_plain(line.text)}{at}'])}"
    for inner in line.within:
        yield from _line_as_markdown(inner, f"{margin}  ")


def _table_as_markdown(table: Table) -> str:
    head, *rows = [[_plain(cell).replace("|", "\\|") for cell in row] for row in (table.head, *table.rows)]
    rule = ["---", *("---:" if table.numbers else "---" for _ in head[1:])]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *rows))


def _chart_as_markdown(chart: Chart) -> str:
    lines = (code(line) for line in _chart_as_text(chart, 100))
    return "  \n".join(lines)


# --- HTML


def as_html(outline: Outline) -> str:
    """The outline as one page that needs nothing else."""
    body = ["<header>", f"<h1>{_safe(outline.title)}</h1>"]
    body += [f"<p>{_safe(text)}</p>" for text in outline.first]
    body += ["</header>", "<main>"]
    for section in outline.sections:
        name = f"{_named(section.name)} " if section.name else ""
        title = f"<h2>{name}{_safe(section.title)}</h2>"
        body += ["<section>", title, *parts_as_html(section.parts), "</section>"]
    return page(neutral_text(outline.title), (*body, "</main>"))


def _safe(text: str) -> str:
    return _named(text) if isinstance(text, Name) else html_text(neutral_text(text))


def _named(text: str) -> str:
    return f"<code>{escape(wording.one_line(neutral_text(text)))}</code>"


def parts_as_html(parts: Iterable[Block]) -> Iterator[str]:
    """Parts as lines of HTML."""
    lines: list[Line] = []
    for part in parts:
        if isinstance(part, Line):
            lines.append(part)
            continue
        yield from _lines_as_html(lines)
        lines = []
        match part:
            case Table():
                yield from _table_as_html(part)
            case Chart():
                yield from _chart_as_html(part)
            case Bars():
                yield from _bars_as_html(part)
    yield from _lines_as_html(lines)


def _lines_as_html(lines: Sequence[Line]) -> Iterator[str]:
    if not lines:
        return
    yield "<ul>"
    for line in lines:
        text = f"{_safe(line.text)} {_named(line.at)}" if line.at else _safe(line.text)
        if line.folded:
            yield f'<li dir="auto"><details><summary>{text}</summary>'
            yield from _lines_as_html(line.within)
            yield "</details></li>"
        else:
            yield f'<li dir="auto">{text}'
            yield from _lines_as_html(line.within)
            yield "</li>"
    yield "</ul>"


def _table_as_html(table: Table) -> Iterator[str]:
    right = ' align="right"' if table.numbers else ""

    def cells(tag: str, row: Sequence[str]) -> str:
        start = f'{tag} dir="auto"' if tag == "td" else tag
        return f"<{start}>{_safe(row[0])}</{tag}>" + "".join(
            f"<{start}{right}>{_safe(cell)}</{tag}>" for cell in row[1:]
        )

    yield f'<table class="told"><thead><tr>{cells("th", table.head)}</tr></thead><tbody>'
    for row in table.rows:
        yield f"<tr>{cells('td', row)}</tr>"
    yield "</tbody></table>"


def _shortened(label: str) -> str:
    return label if len(label) <= _LABEL_LETTERS else label[: _LABEL_LETTERS - 1].rstrip() + "…"


def _chart_as_html(chart: Chart) -> Iterator[str]:
    """The chart as a drawing in the page, with its words for those who do not see it."""
    columns = _columns(chart.widths, 400)
    height, label = 18, 290
    total = max(sum(columns), 1)
    yield (
        f'<svg role="img" viewBox="0 0 {label + 420} {height * (len(chart.rows) + 2) + 4}" width="100%" '
        f'font-size="11"><title>{escape(neutral_text(f"From {chart.low} to {chart.high}"))}</title>'
    )
    yield f'<text x="{label}" y="12">{escape(neutral_text(chart.low))}</text>'
    yield f'<text x="{label + 400}" y="12" text-anchor="end">{escape(neutral_text(chart.high))}</text>'
    for number, (name, shades) in enumerate(chart.rows, 1):
        y, x = number * height, float(label)
        yield f'<text x="0" y="{y + 13}">{escape(_shortened(neutral_text(name)))}</text>'
        for shade, wide in zip(shades, columns, strict=True):
            long = wide * 400 / total
            words = f"{name}: {_SHADE_WORDS[shade]}"
            yield (
                f'<rect x="{x:.1f}" y="{y + 2}" width="{long:.1f}" height="{height - 4}" '
                f'fill="{_FILLS[shade]}"><title>{escape(neutral_text(words))}</title></rect>'
            )
            x += long
    used = {shade for _, shades in chart.rows for shade in shades}
    y, x = (len(chart.rows) + 1) * height, float(label)
    for shade in (shade for shade in _FILLS if shade in used):
        yield f'<rect x="{x:.1f}" y="{y + 4}" width="10" height="10" fill="{_FILLS[shade]}"/>'
        yield f'<text x="{x + 14:.1f}" y="{y + 13}">{_SHADE_WORDS[shade]}</text>'
        x += 90
    yield "</svg>"


_BAR_FILLS: Final = {"gained": "#17603f", "changed": "#8a5300", "lost": "#a11212"}


def _bars_as_html(bars: Bars) -> Iterator[str]:
    """To the right who gains an item, or keeps it in another form; to the left who loses it."""
    height, middle, half = 22, 530, 210
    most = max(1, *(max(gained + changed, lost) for _, gained, lost, changed in bars.rows))
    total = height * (len(bars.rows) + 2)
    words = "; ".join(
        f"{name}: {gained} gained, {lost} lost, {changed} changed"
        for name, gained, lost, changed in bars.rows
    )

    def bar(kind: str, x: float, y: int, width: float, tall: int = 15) -> str:
        size = f'width="{width:.1f}" height="{tall}"'
        return f'<rect class="{kind}" fill="{_BAR_FILLS[kind]}" x="{x:.1f}" y="{y}" {size}/>'

    yield f'<svg role="img" viewBox="0 0 760 {total}" width="100%" font-size="12">'
    yield f"<title>{escape(neutral_text(words))}</title>"
    for place, kind in enumerate(("lost", "gained", "changed")):
        left = middle - 120 + 90 * place
        yield f'{bar(kind, left, 6, 10, 10)}<text x="{left + 14}" y="15">{kind}</text>'
    for number, (name, gained, lost, changed) in enumerate(bars.rows, 1):
        top, right = height * number + 6, float(middle)
        yield f'<text x="8" y="{top + 12}">{escape(_shortened(neutral_text(name)))}</text>'
        for kind, count in (("gained", gained), ("changed", changed)):
            if count:
                yield bar(kind, right, top, half * count / most)
            right += half * count / most
        if gained or changed:
            counts = "+".join(str(count) for count in (gained, changed) if count)
            yield f'<text x="{min(right + 4, 740):.1f}" y="{top + 12}">{counts}</text>'
        if lost:
            width = half * lost / most
            yield bar("lost", middle - width, top, width)
            yield f'<text x="{middle - width - 4:.1f}" y="{top + 12}" text-anchor="end">{lost}</text>'
    yield f'<line x1="{middle}" y1="{height}" x2="{middle}" y2="{total - height + 4}" stroke="#525c66"/>'
    yield "</svg>"
