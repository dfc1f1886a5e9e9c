"""What every rendering says, in the same words: dates, places, citations, counts. No layout."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby

from engine.base.counted import counted
from engine.base.record import record, replace
from engine.language.condition_text import statement
from engine.language.field_words import FieldWords
from engine.language.report import (
    Banner,
    Because,
    CitedPassage,
    Item,
    PolicyInForce,
    Provisional,
    Report,
    Suppressed,
)
from engine.language.templates import date_in_words

ITEMS_AT_FIRST = 25

WARNINGS_TITLE = "Read first"
UNDETERMINED_TITLE = "Cannot tell yet"
SUPPRESSED_TITLE = "Outranked by other items"
POLICIES_TITLE = "Policies in force"
BECAUSE_TITLE = "Why this applies"

_SHAPES = "■▲◆●○"
_BANNER_TITLES = {
    "draft": "Draft",
    "lapsed": "Policy not in force",
    "source": "Source",
    "provisional": "All of this may change",
    "stale": "Past its review date",
    "unreleased": "Not as released",
}

_BETWEEN_PARAGRAPHS = r"\n[ \t]*\n\s*"


def one_line(text: str) -> str:
    """A text with its line breaks turned into blanks."""
    text = text.strip()
    return " ".join(filter(None, map(str.strip, text.split("\n")))) if "\n" in text else text


def steps(item: Item, report: Report) -> tuple[str, ...]:
    """The steps, each with the day by which it is due."""
    written = report.words.formats.day
    return tuple(f"{step} (By {written(due)}.)" if due else step for step, due in item.dated_steps)


def paragraphs(text: str) -> tuple[str, ...]:
    """A text's paragraphs, which blank lines part."""
    return tuple(one_line(part) for part in re.split(_BETWEEN_PARAGRAPHS, text.strip()) if part.strip())


# --- Numbers, dates, values


def distance(day: date, as_of: date) -> str:
    """How far a day is from the day of the report: `in 20 days`, `today`, `passed 3 days ago`."""
    days = (day - as_of).days
    if days == 0:
        return "today"
    if days > 0:
        return "tomorrow" if days == 1 else f"in {days} days"
    return "passed yesterday" if days == -1 else f"passed {-days} days ago"


def headlines(report: Report) -> list[tuple[str, str]]:
    """The facts at the head of the report, the unknown ones together in a last line."""
    known = [
        (one_line(fact.title), one_line(fact.text)) for fact in report.headline if fact.value is not None
    ]
    unknown = [one_line(fact.title) for fact in report.headline if fact.value is None]
    return [*known, ("Not known", ", ".join(unknown))] if unknown else known


def short_digest(digest: str) -> str:
    """Enough of a digest to tell two apart."""
    return one_line(digest).removeprefix("sha256:")[:12]


# --- Names from ranking.yaml


def label(names: Sequence[tuple[str, str]], name: str) -> str:
    """The words a person reads for a severity, tier or category."""
    return one_line(dict(names).get(name, name))


def position(names: Sequence[tuple[str, str]], name: str) -> int:
    """Where a name stands in its order, counted from 0; behind the last when it is not in it."""
    return next((at for at, (known, _) in enumerate(names) if known == name), len(names))


def shaped_label(names: Sequence[tuple[str, str]], name: str) -> str:
    """A severity's words behind a shape of its own, which tells it apart without colour."""
    return f"{shape(names, name)} {label(names, name)}"


def shape(names: Sequence[tuple[str, str]], name: str) -> str:
    """The shape of a severity: the first is a full square, the fifth an empty circle."""
    at = position(names, name)
    return _SHAPES[at] if at < len(_SHAPES) else "·"


# --- Items


@record
class DueInWords:
    """When an item is due: `mark`, `date` and `distance` are words, `past` whether the day is over."""

    mark: str
    day: date
    date: str
    distance: str
    past: bool

    def __str__(self) -> str:
        return f"{self.mark}: {self.date}, {self.distance}"


def due_of(item: Item, report: Report) -> DueInWords | None:
    """When an item is due, seen from the day of the report."""
    if item.due is None:
        return None
    past = item.due < report.as_of
    mark = "OVERDUE" if item.overdue else "Passed" if past else "Due"
    written = date_in_words(item.due, report.words.formats)
    return DueInWords(mark, item.due, written, distance(item.due, report.as_of), past or item.overdue)


def passage(cited: CitedPassage) -> str:
    """`Information booklet, Reexamination, Waiting periods`: source, section, passage."""
    parts = (cited.source_title, cited.section, cited.title)
    return ", ".join(dict.fromkeys(one_line(part) for part in parts if part))


def passage_in_short(cited: CitedPassage) -> str:
    """`Booklet, Reexamination`: source in short and section, or passage where there is no section."""
    return f"{one_line(cited.source_short)}, {one_line(cited.section or cited.title)}"


def reference(cited: CitedPassage) -> str:
    """`source#anchor`, as a policy file writes it."""
    return one_line(cited.name)


def references(cites: Iterable[CitedPassage]) -> str:
    """`source#anchor, source#anchor`."""
    return ", ".join(map(reference, cites))


def rule_place(item: Item) -> tuple[str, str, str]:
    """A rule's full name, the version of its policy, and where it stands."""
    return one_line(item.rule), one_line(item.version), f"{one_line(item.path)}:{item.line}"


def provisional_in_words(provisional: Provisional, report: Report) -> str:
    """Why an item may yet change."""
    needs = facts_in_words(provisional.needs, report)
    return f"may be replaced by “{one_line(provisional.title)}” ({one_line(provisional.rule)}); needs {needs}"


def because_in_words(because: Because) -> str:
    """One deciding test and the value it met, which is not said twice.

    `Practice score is below 228: it is 221`, `Step 2 CK is passed`, `A failure on any exam: no`, `Fee: 275`.
    """
    title, test, value = map(one_line, (because.title, because.test, because.text))
    if isinstance(because.value, bool) and test in ("is yes", "is no"):
        return statement(title, f"is {value}")
    if because.holds and test == "is known":
        return f"{title}: {value}"
    actual = () if because.value is None or test == f"is {value}" else (f"it is {value}",)
    outcome = ", ".join(actual if because.holds else ("no", *actual))
    return f"{title} {test}: {outcome}" if outcome else f"{title} {test}"


def facts_in_words(names: Iterable[str], report: Report) -> str:
    """Facts in a row, by their titles and names."""
    titles = dict(report.fact_titles)
    return ", ".join(f"{one_line(titles.get(name, name))} ({one_line(name)})" for name in names)


def banner_title(kind: str, words: FieldWords) -> str:
    """What kind of warning a banner is."""
    if kind == "season":
        return one_line(words.period.capital)
    return _BANNER_TITLES.get(kind) or one_line(kind).replace("_", " ").capitalize()


def policy_in_words(policy: PolicyInForce, report: Report) -> str:
    """A file the report rests on, and the days it is for."""
    written = report.words.formats.short_day
    until = f" until {written(policy.effective_until)}" if policy.effective_until else ""
    name = f"{one_line(policy.policy)} {one_line(policy.version)}"
    return f"{name}, from {written(policy.effective_from)}{until} ({one_line(policy.path)})"


def suppressed_item(suppressed: Suppressed) -> str:
    """An item that another outranks, and why."""
    words = (
        f"{one_line(suppressed.title)} ({one_line(suppressed.rule)}): outranked by {one_line(suppressed.by)}"
    )
    return f"{words}. {one_line(suppressed.reason)}"


# --- The parts of a report


def for_people(report: Report) -> Report:
    """The report without what people are not shown; data keeps it.

    Where an item leaves no room for others, nothing is said of them, nor of what else is undecided. Where
    such an item may yet come, that is said once, at the top, instead of beside every item.
    """
    silenced = any(entry.silenced for entry in report.suppressed)
    needs = dict.fromkeys(
        need
        for item in report.advice
        if item.provisional and item.provisional.silences
        for need in item.provisional.needs
    )
    note = f"It depends on answers still missing: {facts_in_words(needs, report)}."
    return replace(
        report,
        banners=(*report.banners, Banner("provisional", note)) if needs else report.banners,
        advice=tuple(
            item._replace(provisional=None) if item.provisional and item.provisional.silences else item
            for item in report.advice
        ),
        suppressed=tuple(entry for entry in report.suppressed if not entry.silenced),
        undetermined=tuple(rule for rule in report.undetermined if rule.matters or not silenced),
    )


def nothing_holds(report: Report) -> str:
    """What to say when there is no advice."""
    if report.ask_next:
        return "Nothing can be said yet. Please answer these questions first."
    untold = sum(rule.matters for rule in report.undetermined)
    if untold:  # no answer decides them: a number has no value on this day, say
        return f"No rule is known to hold; of {counted(untold, 'rule')} it cannot be told (--all lists them)."
    return "No rule holds for these facts."


def title_of(report: Report) -> str:
    """The report's title."""
    return f"Advice for {one_line(report.applicant)}" if report.applicant else "Advice"


def select(report: Report, top: int | None, all_items: bool) -> tuple[Item, ...]:
    """The items to show, in the report's order."""
    if top is not None:
        return report.advice[: max(top, 0)]
    return report.advice if all_items else report.advice[:ITEMS_AT_FIRST]


def by_severity(items: Iterable[Item]) -> list[tuple[str, list[Item]]]:
    """Items in the report's order, each run of one severity together."""
    return [(severity, list(run)) for severity, run in groupby(items, key=lambda item: item.severity)]


def hidden_in_words(report: Report, shown: int) -> str | None:
    """What is not shown, by severity, and how to see it."""
    hidden = report.advice[shown:]
    if not hidden:
        return None
    counts = ", ".join(
        f"{len(run)} {label(report.severities, severity)}" for severity, run in by_severity(hidden)
    )
    return f"{len(hidden)} more: --all ({counts})"


def suppressed_in_words(report: Report) -> str:
    """How many items others outrank."""
    count = counted(len(report.suppressed), "item is", "items are")
    return f"{count} outranked by others (--all lists them)."


def produced_by(report: Report) -> str:
    """What made the report, from what."""
    made = (
        report.tool,
        f"engine {report.engine}",
        f"Python {report.python}",
        f"policies {short_digest(report.policies_digest)}",
        f"facts {short_digest(report.facts_digest)}",
    )
    return " · ".join(map(one_line, made))
