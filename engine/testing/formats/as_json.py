"""Results as JSON, for other programs."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from engine.rendering.as_json import json_text
from engine.rendering.pieces import point
from engine.testing.compare import Failure
from engine.testing.coverage import Coverage
from engine.testing.mutate import Mutation
from engine.testing.results import TEST_FORMAT, Results
from engine.testing.run import PolicyTestOutcome


def render(results: Results, _verbose: bool = False) -> str:
    """The results as one JSON object; every test stands in it."""
    whole: dict[str, Any] = {
        "test_format": TEST_FORMAT,
        "folder": results.folder,
        "passed": len(results.outcomes) - results.failed,
        "failed": results.failed,
        "tests": [_outcome(outcome) for outcome in results.outcomes],
        "coverage": results.coverage and _coverage(results.coverage),
        "mutation": results.mutation and _mutation(results.mutation),
        "threshold": None if results.threshold is None else Decimal(str(results.threshold)),
        "below": results.below,
    }
    return json_text(whole)


def _outcome(outcome: PolicyTestOutcome) -> dict[str, Any]:
    return {
        "name": outcome.test.name,
        "at": point(outcome.test.at),
        "as_of": outcome.test.as_of,
        "passed": not outcome.failures,
        "failures": [_failure(failure) for failure in outcome.failures],
    }


def _failure(failure: Failure) -> dict[str, Any]:
    return {
        "at": point(failure.at),
        "expectation": failure.key,
        "expected": failure.expected,
        "found": failure.found,
        "reasons": [{"text": each.text, "at": each.at and point(each.at)} for each in failure.because],
    }


def _tenths(percent: float) -> Decimal:
    return Decimal(f"{percent:.1f}")


def _coverage(coverage: Coverage) -> dict[str, Any]:
    return {
        "rules": {
            "all": coverage.rules,
            "fired": coverage.rules_fired,
            "percent": _tenths(coverage.rules_percent),
        },
        "conditions": {
            "all": coverage.conditions,
            "seen_both_ways": coverage.conditions_seen,
            "percent": _tenths(coverage.conditions_percent),
        },
        "uncovered": [
            {"at": point(gap.at), "rule": gap.rule, "condition": gap.condition, "lacks": gap.never}
            for gap in coverage.uncovered
        ],
    }


def _mutation(mutation: Mutation) -> dict[str, Any]:
    return {
        "changes": mutation.counted,
        "noticed": mutation.killed,
        "percent": _tenths(mutation.percent),
        "equivalent": mutation.equivalent,
        "refused": mutation.refused,
        "kinds": {
            kind: {"changes": counted, "noticed": noticed} for kind, counted, noticed in mutation.kinds
        },
        "survivors": [
            {
                "at": point(survivor.at),
                "subject": survivor.rule,
                "before": survivor.before,
                "after": survivor.after,
            }
            for survivor in mutation.survivors
        ],
    }
