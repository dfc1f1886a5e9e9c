"""The interview of `advise ask --interactive` and `advise new`, from a file and back into it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from engine.base.counted import counted
from engine.base.diagnostic import CommandLine, InvalidInput, Location
from engine.commands.printing import tell

if TYPE_CHECKING:
    from engine.advising.advisor import Advisor
    from engine.analysis.ask.interview import Interview
    from engine.language.facts import Facts
    from engine.language.model import Value


def interview_on(facts: str, as_of: date | None, folder: str | None) -> None:
    """Asks what a facts file lacks, and saves the answers into it. Raises InvalidInput."""
    from engine.analysis.session import Options, Session

    path = Path(facts)
    if facts == "-":
        message = "An interview needs a file to save the answers in."
        raise InvalidInput.error(
            "no-file-to-save", message, CommandLine("--interactive"), "Name a facts file."
        )
    session = Session.open(facts, Options(folder, as_of))
    before = path.read_bytes()
    _run(path, before, session.advisor, session.facts, {})


def interview_from_nothing(facts: str, as_of: date | None, folder: str | None) -> None:
    """Asks for everything that matters, and writes a new facts file. Raises InvalidInput."""
    from engine.advising.advisor import Advisor
    from engine.language.facts import read_facts
    from engine.loading.folder import find_folder
    from engine.loading.load import load

    path, day = Path(facts), as_of or date.today()
    if path.exists():
        message = "There is such a file already; nothing is written over it."
        help_text = f"Write advise ask {facts} --interactive to go on with it."
        raise InvalidInput.error("file-exists", message, Location(facts), help_text)
    policies = load(find_folder(folder), day)
    _run(path, None, Advisor(policies), read_facts({}, policies.facts, path=facts), {"as_of": day})


def _run(path: Path, before: bytes | None, advisor: Advisor, facts: Facts, first: dict[str, Value]) -> None:
    from engine.analysis.ask.interview import Interview
    from engine.analysis.ask.saving import save

    prompt = _prompting()
    ended = prompt(Interview(advisor, facts, first), tell)
    answered = len(ended.answers) - len(first)
    if answered or before is None:
        save(path, ended.answers, before)
        tell(f"{counted(answered, 'answer')} saved in {path}.")
    if ended.question is None and not ended.skipped:
        tell("Nothing is left to ask: no answer would change the advice.")


def _prompting() -> Callable[[Interview, Callable[[str], None]], Interview]:
    """The asking at a terminal. Raises InvalidInput where there is none, or questionary is not installed."""
    if not sys.stdin.isatty():
        message = "An interview needs a terminal."
        help_text = "Without one, `advise ask FACTS` lists the questions."
        raise InvalidInput.error("no-terminal", message, CommandLine("--interactive"), help_text)
    try:
        from engine.analysis.ask.prompts import interview
    except ImportError:
        message = "An interview needs the package questionary."
        help_text = "Install it: pip install 'advise[ask]'"
        raise InvalidInput.error("not-installed", message, CommandLine("--interactive"), help_text) from None
    return interview
