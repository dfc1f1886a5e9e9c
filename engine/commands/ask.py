"""`advise ask`: which unknown facts matter, in order; and the interview."""

from __future__ import annotations

from datetime import date

import click

from engine.commands.exits import exits
from engine.commands.options import facts_argument, session_options


@click.command("ask")
@facts_argument
@click.option(
    "--interactive", is_flag=True, help="Ask one after another, and save the answers into the file."
)
@session_options
def command(facts: str, interactive: bool, form: str, as_of: date | None, folder: str | None) -> None:
    """Tells which unknown facts to ask for, the most worthwhile first."""
    with exits():
        from engine.analysis.ask import view
        from engine.analysis.ask.order import ask_order
        from engine.analysis.certainty.report_certainty import certainty_of
        from engine.analysis.session import Options, Session
        from engine.commands.printing import print_as

        if interactive:
            from engine.commands.interview import interview_on

            interview_on(facts, as_of, folder)
            return
        session = Session.open(facts, Options(folder, as_of))
        policies, case = session.policies, session.case
        asked = ask_order(case, policies)
        certainty = certainty_of(case.report)
        print_as(
            form,
            lambda: view.outline(asked, case, policies, certainty),
            lambda: view.as_data(asked, case, certainty),
        )
