"""For a comment on a pull request, or a job's summary: a table by severity, with what to write instead."""

from __future__ import annotations

import re

from engine.base.diagnostic import Diagnostic
from engine.checking.check import Checked
from engine.checking.formats.outcome import allowed, details, outcome
from engine.rendering.as_markdown import without_links


def render(checked: Checked) -> str:
    """All that was found, as Markdown."""
    parts = ["# Policy check\n", f"{_plain(outcome(checked))}\n"]
    for severity, title in (("error", "Errors"), ("warning", "Warnings"), ("note", "Notes")):
        rows = [diagnostic for diagnostic in checked.diagnostics if diagnostic.severity == severity]
        if rows:
            parts.append(f"## {title}\n\n| place | problem | what to write | code |\n|---|---|---|---|\n")
            parts[-1] += "".join(map(_row, rows))
    if checked.unfinished:
        lines = [
            f"- {_plain(left.about)}: {_plain(left.reason)} (`{left.code}`)\n" for left in checked.unfinished
        ]
        parts.append("## Not settled\n\n" + "".join(lines))
    if checked.suppressed:
        lines = [
            f"- {_code(str(each.diagnostic.at))}: {_plain(each.diagnostic.message)} {_plain(each.reason)} "
            f"(`{each.diagnostic.code}`)\n"
            for each in checked.suppressed
        ]
        parts.append(
            f"<details><summary>{allowed(checked)} allowed</summary>\n\n{''.join(lines)}\n</details>\n"
        )
    return "\n".join(parts)


def _row(diagnostic: Diagnostic) -> str:
    problem, instead = " ".join([diagnostic.message, *details(diagnostic)]), diagnostic.help or ""
    return f"| {_code(str(diagnostic.at))} | {_plain(problem)} | {_plain(instead)} | `{diagnostic.code}` |\n"


def _plain(text: str) -> str:
    """Text in one line of a table: what stands in backticks is code, and nothing else is markup."""
    pieces = re.split(r"(`[^`\n]+`)", text)
    return "".join(
        _code(piece[1:-1]) if index % 2 else _unlinked(piece) for index, piece in enumerate(pieces)
    )


def _unlinked(text: str) -> str:
    return without_links(text, _escaped, _code)


def _escaped(text: str) -> str:
    text = re.sub(r"([\\`*_\[\]|#~])", r"\\\1", text)
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"\r\n|\r|\n", "<br>", text)


def _code(text: str) -> str:
    line = re.sub(r"\s+", " ", text).replace("|", "\\|")
    if "`" not in line:
        return f"`{line}`"
    fence = "`" * (max(map(len, re.findall("`+", line))) + 1)
    return f"{fence} {line} {fence}"
