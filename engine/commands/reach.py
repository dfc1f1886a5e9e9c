"""`advise reach`: the least change of facts that brings something about."""

from __future__ import annotations

from datetime import date

import click

from engine.commands.exits import exits
from engine.commands.options import facts_argument, session_options


@click.command("reach")
@facts_argument
@click.argument("goal")
@click.option(
    "--stop", is_flag=True, help="That the goal be so no longer; it is enough that this cannot be told."
)
@session_options
def command(facts: str, goal: str, stop: bool, form: str, as_of: date | None, folder: str | None) -> None:
    """Tells the least changes by which GOAL comes about: a rule that holds, range=value or finding=true."""
    with exits():
        from engine.analysis.explain.explainer import Explainer
        from engine.analysis.recourse import view
        from engine.analysis.recourse.goal import goal_of
        from engine.analysis.recourse.recourse import Recourse
        from engine.analysis.session import Options, Session
        from engine.commands.printing import print_as

        session = Session.open(facts, Options(folder, as_of))
        policies = session.policies
        aim = goal_of(goal, policies, Explainer(policies).named, stop=stop)
        ways = Recourse(session.advisor).reach(session.case, aim)
        print_as(form, lambda: view.outline(ways, policies), lambda: view.as_data(ways))
