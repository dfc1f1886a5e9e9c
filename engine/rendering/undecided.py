"""What every rendering says of what cannot be told yet: questions, undecided rules, what holds anyway."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.base.counted import counted
from engine.base.record import record
from engine.language.report import Item, Question, Report, Undetermined
from engine.rendering.wording import facts_in_words, one_line

QUESTIONS_AT_FIRST = 5

_CERTAINTY: Mapping[str | None, str] = {
    "certain": "certain, whatever the answers are",
    "possible": "possible",
    "impossible": "not possible, whatever the answers are",
    "missing": "possible as long as something stays unknown",
}
"""How an undecided item stands."""


@record
class Undecided:
    """What is said of what cannot be told yet, in this order.

    `more` says that there are more questions than are shown. Each paragraph has the lines listed below it.
    `summary` says how many rules wait for facts, and `rules` are these; "" and none: nothing.
    """

    questions: tuple[str, ...]
    more: str
    paragraphs: tuple[tuple[str, tuple[str, ...]], ...]
    summary: str
    rules: tuple[str, ...]


def undecided(report: Report, everything: bool) -> Undecided | None:
    """What is said of a report in which something is undecided. Rules are listed only with `everything`."""
    shown = report.ask_next if everything else report.ask_next[:QUESTIONS_AT_FIRST]
    more = len(report.ask_next) - len(shown)
    certain = tuple(rule for rule in report.undetermined if rule.matters and rule.standing == "certain")
    left_open = tuple(rule for rule in report.undetermined if rule not in certain)
    holding = counted(len(certain), "more item holds", "more items hold")
    paragraphs = (
        (items_in_words(report), ()),
        (f"{holding} whatever the missing answers are:" if certain else None, tuple(map(_item, certain))),
    )
    view = Undecided(
        tuple(map(_question, shown)),
        f"… {counted(more, 'more question')} (--all, or: advise ask)" if more else "",
        tuple((text, lines) for text, lines in paragraphs if text),
        _summary(left_open, listed=everything),
        tuple(_rule(rule, report) for rule in left_open) if everything else (),
    )
    return view if view.questions or view.paragraphs or view.summary else None


def _question(question: Question) -> str:
    """A question, the fact it is about, and how much of the advice waits for its answer."""
    waiting = f", {counted(question.decides, 'item waits', 'items wait')} for it" if question.decides else ""
    return f"{one_line(question.question)} ({one_line(question.fact)}{waiting})"


def _item(rule: Undetermined) -> str:
    """An undecided item: its title and its rule, for its text may name what is not known."""
    return f"{one_line(rule.title)} ({one_line(rule.rule)})"


def _rule(rule: Undetermined, report: Report) -> str:
    """A rule that waits for facts, or why nothing need be asked for it."""
    parts = [_CERTAINTY.get(rule.standing, "")]
    if rule.standing != "impossible":
        needs = f"needs {facts_in_words(rule.needs, report)}"
        parts.append(needs if rule.needs else "no answer decides it today")
    words = f"{_item(rule)}: {', '.join(filter(None, parts))}"
    if rule.moot is not None:
        return f"{words}; would change nothing while {one_line(rule.moot)} applies"
    return words if rule.matters else f"{words}; no advice waits for it"


def _summary(rules: tuple[Undetermined, ...], listed: bool) -> str:
    """How many rules wait for facts; those that change nothing are counted only where they are listed."""
    waiting = [rule for rule in rules if rule.matters and rule.needs]
    others = len(rules) - len(waiting)
    if not (waiting or (listed and others)):
        return ""
    words = f"{counted(len(waiting), 'rule')} cannot be decided with what is known"
    if not listed:
        complete = any(rule.standing is not None for rule in waiting)
        they = "they" if len(waiting) > 1 else "it"
        possible = f"; what {they} would say is possible, not certain" if complete else ""
        return f"{words}{possible} (--all lists them)."
    return (
        f"{words}, and {others} for which no answer would change anything today:" if others else f"{words}:"
    )


def items_in_words(report: Report) -> str | None:
    """Which of the shown items hold whatever the missing answers are; None where no answer matters.

    An item that another may yet replace is one that may change.
    """
    complete = [item for item in report.advice if item.standing is not None]
    firm = [item.rank for item in complete if item.standing == "certain" and item.provisional is None]
    loose = [item.rank for item in complete if item.rank not in firm]
    if not loose and not (firm and (report.ask_next or any(rule.matters for rule in report.undetermined))):
        return None
    if not firm:
        each = "Every item above" if len(loose) > 1 else "The item above"
        return f"{each} may change with the missing answers."
    silenced = any(banner.kind == "provisional" for banner in report.banners)
    unless = "Unless an answer named at the top silences all other advice, " if silenced else ""
    if not loose:
        every = f"{unless}all {len(firm)} items hold" if len(firm) > 1 else f"{unless}the item above holds"
        return f"{every[0].upper()}{every[1:]} whatever the missing answers are."
    share = f"{unless}{len(firm)} of {len(complete)} items {'holds' if len(firm) == 1 else 'hold'}"
    if len(firm) < len(loose):
        ranks = _ranks_in_words(firm)
        return f"{share} whatever the missing answers are: {ranks}. The others may change with them."
    ranks = _ranks_in_words(loose)
    return f"{share} whatever the missing answers are; {ranks} may change with them."


def _ranks_in_words(ranks: Sequence[int]) -> str:
    """`number 4`, `numbers 2, 4 to 7 and 9`."""
    runs: list[list[int]] = []
    for rank in ranks:
        if runs and rank == runs[-1][-1] + 1:
            runs[-1].append(rank)
        else:
            runs.append([rank])
    runs_in_words = [
        part
        for run in runs
        for part in ([f"{run[0]} to {run[-1]}"] if len(run) > 2 else [str(rank) for rank in run])
    ]
    listed = " and ".join(filter(None, (", ".join(runs_in_words[:-1]), runs_in_words[-1])))
    return f"number{'s' if len(ranks) > 1 else ''} {listed}"


def certainty_in_words(item: Item) -> str | None:
    """Why an item may change with the missing answers; None for one that holds whatever they are."""
    if item.standing == "missing":
        return "speaks of what is missing, so it may go when that is answered"
    if item.standing == "possible":
        return "rests on what is missing; not shown to hold whatever the answers are"
    return None
