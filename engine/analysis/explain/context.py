"""What is told beside explanations: near edges, and what is certain."""

from __future__ import annotations

from engine.advising.advisor import Advisor, Case
from engine.analysis.certainty.case_split import CaseSplit
from engine.analysis.explain.explainer import Explained
from engine.analysis.explain.view import ExplanationContext
from engine.analysis.what_if.sensitivity import sensitivity
from engine.analysis.what_if.what_if import Explorer
from engine.language.conditions import FAILS


def explanation_context(explained: Explained, case: Case, advisor: Advisor) -> ExplanationContext:
    """The near edges of a case, and of the rules that do not fail whether they are certain."""
    names = [each.rule for each in explained.rules if each.verdict is not FAILS]
    return ExplanationContext(sensitivity(case, Explorer(advisor)), CaseSplit(advisor).of_rules(names, case))
