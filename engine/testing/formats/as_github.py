"""Results as annotations of a pull request on GitHub: workflow commands, one a line."""

from __future__ import annotations

from collections.abc import Iterator

from engine.base.diagnostic import Location
from engine.base.record import replace
from engine.rendering.github import command
from engine.testing.formats.as_text import format_failure, format_gap
from engine.testing.results import Results


def render(results: Results, _verbose: bool = False) -> str:
    """An error for each failure, a warning for each line that the tests do not look at, and a summary."""
    return "".join(f"{line}\n" for line in _lines(results))


def _lines(results: Results) -> Iterator[str]:
    for outcome in results.outcomes:
        for failure in outcome.failures:
            yield _annotation(
                "error", failure.at, f"Policy test: {outcome.test.name}", "\n".join(format_failure(failure))
            )

    def here(at: Location) -> Location:
        return replace(at, path=f"{results.folder}/{at.path}")

    for gap in results.coverage.uncovered if results.coverage else ():
        yield _annotation("warning", here(gap.at), "Not covered by a policy test", format_gap(gap))
    for survivor in results.mutation.survivors if results.mutation else ():
        message = f"No test notices {survivor.change}"
        yield _annotation("warning", here(survivor.at), "No policy test notices a change", message)
    yield f"{results.folder}: {len(results.outcomes) - results.failed} passed, {results.failed} failed"
    yield from results.below


def _annotation(level: str, at: Location, title: str, message: str) -> str:
    return command(level, {"file": at.path, "line": at.line, "col": at.column, "title": title}, message)
