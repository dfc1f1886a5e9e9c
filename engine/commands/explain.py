"""`advise explain`: why each item is there, or why a rule is or is not."""

from __future__ import annotations

from datetime import date

import click

from engine.commands.exits import exits
from engine.commands.options import facts_argument, session_options


@click.command("explain")
@facts_argument
@click.argument("rule", required=False)
@click.option("--tree", is_flag=True, help="Each condition with its verdict.")
@session_options
def command(
    facts: str, rule: str | None, tree: bool, form: str, as_of: date | None, folder: str | None
) -> None:
    """Tells why each item of a report is there; with RULE, why that rule holds, or what it lacks."""
    with exits():
        from engine.analysis.explain.explainer import Explainer, with_context
        from engine.analysis.explain.view import as_data, outline
        from engine.analysis.session import Options, Session
        from engine.commands.printing import print_as

        session = Session.open(facts, Options(folder, as_of))
        explainer, case = Explainer(session.policies), session.case
        explained = explainer.items(case) if rule is None else explainer.rule(rule, case)
        trees = {each.rule: explainer.tree(each.rule, case) for each in explained.rules} if tree else None
        complete = with_context(explained, case, session.advisor)
        print_as(form, lambda: outline(complete, trees), lambda: as_data(complete, trees))
