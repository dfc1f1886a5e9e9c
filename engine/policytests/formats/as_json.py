"""Results as JSON, for other programs."""

from __future__ import annotations

import json
from typing import Any

from engine.diagnostic import Location
from engine.policytests.compare import Failure
from engine.policytests.coverage import Coverage
from engine.policytests.mutate import Mutation
from engine.policytests.results import TEST_FORMAT, Results
from engine.policytests.run import Outcome


def render(results: Results, _verbose: bool = False) -> str:
    """The results as one JSON object; every test stands in it."""
    found: dict[str, Any] = {
        "test_format": TEST_FORMAT,
        "policies": results.folder,
        "passed": len(results.outcomes) - results.failed,
        "failed": results.failed,
        "tests": [_outcome(outcome) for outcome in results.outcomes],
    }
    if results.coverage is not None:
        found["coverage"] = _coverage(results.coverage)
    if results.mutation is not None:
        found["mutation"] = _mutation(results.mutation)
    if results.threshold is not None:
        found["threshold"] = results.threshold
        found["below"] = list(results.below)
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def _place(at: Location) -> dict[str, Any]:
    return {"path": at.path, "line": at.line, "column": at.column}


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        "name": outcome.test.name,
        "at": _place(outcome.test.at),
        "as_of": outcome.test.as_of.isoformat(),
        "passed": not outcome.failures,
        "failures": [_failure(failure) for failure in outcome.failures],
    }


def _failure(failure: Failure) -> dict[str, Any]:
    return {
        "at": _place(failure.at),
        "expectation": failure.key,
        "expected": failure.expected,
        "found": failure.found,
        "because": [{"said": reason.said, "at": reason.at} for reason in failure.because],
    }


def _coverage(coverage: Coverage) -> dict[str, Any]:
    return {
        "rules": {
            "all": coverage.rules,
            "fired": coverage.rules_fired,
            "percent": round(coverage.rules_percent, 1),
        },
        "conditions": {
            "all": coverage.conditions,
            "seen_both_ways": coverage.conditions_seen,
            "percent": round(coverage.conditions_percent, 1),
        },
        "uncovered": [
            {"at": _place(gap.at), "rule": gap.rule, "condition": gap.condition, "lacks": gap.never}
            for gap in coverage.uncovered
        ],
    }


def _mutation(mutation: Mutation) -> dict[str, Any]:
    return {
        "changes": mutation.counted,
        "noticed": mutation.killed,
        "percent": round(mutation.percent, 1),
        "equivalent": mutation.equivalent,
        "refused": mutation.refused,
        "kinds": {
            kind: {"changes": counted, "noticed": noticed} for kind, counted, noticed in mutation.kinds
        },
        "survivors": [
            {
                "at": _place(survivor.at),
                "rule": survivor.rule,
                "before": survivor.before,
                "after": survivor.after,
            }
            for survivor in mutation.survivors
        ],
    }
