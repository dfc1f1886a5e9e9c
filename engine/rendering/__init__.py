"""One report, four ways to read it: text for a terminal, Markdown, a web page, JSON.

Every function is pure and returns the whole output, ending in a newline. Each format is loaded when
it is first asked for, so that JSON never pays for rich. Side tools have an `outline`, which is written as
text, Markdown or HTML, and share `as_json`, `as_markdown`, `banners`, `github`, `neutral`, `pieces` and
`wording`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.language.report import Report


def render_text(
    report: Report, *, top: int | None = None, all_items: bool = False, width: int = 80, colour: bool = False
) -> str:
    """The report for a terminal or a printer, `width` columns wide."""
    from engine.rendering import as_text

    return as_text.render(report, top=top, all_items=all_items, width=width, colour=colour)


def render_markdown(report: Report, *, top: int | None = None, all_items: bool = False) -> str:
    """The report as GitHub-flavoured Markdown."""
    from engine.rendering import as_markdown

    return as_markdown.render(report, top=top, all_items=all_items)


def render_html(report: Report, unfolded: Mapping[str, Sequence[str]] | None = None) -> str:
    """The whole report as one self-contained page; `unfolded` has the lines that a rule's item unfolds."""
    from engine.rendering import as_html

    return as_html.render(report, unfolded)


def render_json(report: Report) -> str:
    """The whole report as data (`schemas/report.schema.json`)."""
    from engine.rendering import as_json

    return as_json.render(report)
