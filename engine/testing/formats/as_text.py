"""Results for a person at a terminal: failures first, then what the tests do not look at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from engine.base.counted import counted
from engine.testing.compare import Failure
from engine.testing.coverage import Coverage, Uncovered
from engine.testing.mutants import MutantKind
from engine.testing.mutate import Mutation
from engine.testing.results import Results


def render(results: Results, verbose: bool = False) -> str:
    """The results as text; with `verbose`, tests that passed are named too."""
    return "".join(f"{line}\n" for line in _lines(results, verbose))


def _lines(results: Results, verbose: bool) -> Iterator[str]:
    for outcome in results.outcomes:
        for failure in outcome.failures:
            yield f"{failure.at}: FAILED: {outcome.test.name}"
            yield from format_failure(failure)
        if verbose and not outcome.failures:
            yield f"{outcome.test.at}: passed: {outcome.test.name}"
    yield f"{results.folder}: {len(results.outcomes) - results.failed} passed, {results.failed} failed"
    if results.coverage is not None:
        yield from _coverage(results.coverage, results.folder)
    if results.mutation is not None:
        yield from _mutation(results.mutation, results.folder)
    yield from results.below


def format_failure(failure: Failure) -> Iterator[str]:
    """What was expected, what was found, and why, each on its line."""
    yield f"  {failure.key + ':':<12} {failure.expected}"
    yield f"  {'found:':<12} {failure.found}"
    for reason in failure.because:
        yield f"  {'because:':<12} {reason}"


def _coverage(coverage: Coverage, folder: str) -> Iterator[str]:
    yield (
        f"coverage: {coverage.rules_percent:.1f} % of rules fired "
        f"({coverage.rules_fired} of {coverage.rules}), "
        f"{coverage.conditions_percent:.1f} % of conditions seen both ways "
        f"({coverage.conditions_seen} of {coverage.conditions})"
    )
    for gap in coverage.uncovered:
        yield f"  {folder}/{gap.at}: {format_gap(gap)}"


def format_gap(gap: Uncovered) -> str:
    """What no test looks at, in words."""
    return f"{gap.rule}: `{gap.condition}` is {gap.never}" if gap.condition else f"{gap.rule} {gap.never}"


_KINDS: Final[Mapping[MutantKind, str]] = {
    "rule": "rules",
    "band": "bands",
    "parameter": "parameters",
    "table": "tables",
    "derived": "derived facts",
    "implication": "implications",
    "consistency": "consistency rules",
}


def _mutation(mutation: Mutation, folder: str) -> Iterator[str]:
    yield (
        f"mutation: {mutation.percent:.1f} % of changes noticed ({mutation.killed} of {mutation.counted}); "
        f"{counted(mutation.equivalent, 'is', 'are')} shown to change nothing, "
        f"{counted(mutation.refused, 'is', 'are')} refused when the policies are read"
    )
    if len(mutation.kinds) > 1:
        shares = (f"{_KINDS[kind]} {noticed} of {made}" for kind, made, noticed in mutation.kinds)
        yield f"  by what is changed: {', '.join(shares)}"
    for survivor in mutation.survivors:
        yield f"  {folder}/{survivor.at}: no test notices {survivor.change}"
