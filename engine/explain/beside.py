"""What is told beside explanations: near edges, and what is certain."""

from __future__ import annotations

from engine.advisor import Advisor, Case
from engine.evaluate import FAILS
from engine.explain.explainer import Explained
from engine.explain.telling import Beside
from engine.whatif.certain import Certainty
from engine.whatif.near import near_edges
from engine.whatif.whatif import Explorer


def beside(explained: Explained, case: Case, advisor: Advisor) -> Beside:
    """The near edges of a case, and of the rules that do not fail whether they are certain."""
    names = [each.rule for each in explained.rules if each.verdict is not FAILS]
    return Beside(near_edges(case, Explorer(advisor)), Certainty(advisor).of_rules(names, case))
