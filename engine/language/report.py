"""The report: ranked advice as pure data (`schemas/report.schema.json`)."""

from __future__ import annotations

from datetime import date
from typing import Literal, NamedTuple

from engine.base.record import record
from engine.language.field_words import UNDECLARED, FieldWords
from engine.language.model import Value

Certainty = Literal["certain", "possible", "impossible", "missing"]
"""How certain a rule is while facts are missing.

`certain`: it holds whatever the missing answers are; `possible`: that is not shown; `impossible`: no answer
makes it hold; `missing`: it speaks of something that is not known, so an answer may undo it.
"""


@record
class PolicyInForce:
    """A file the report rests on; `path` is relative to the policy folder."""

    policy: str
    version: str
    path: str
    digest: str
    effective_from: date
    effective_until: date | None


@record
class BannerSubject:
    """What a banner is about: its title, its name in the policies, and a note (`due by 2027-02-01`)."""

    title: str
    name: str
    note: str


@record
class Banner:
    """A warning on the whole report: `kind` is stale, lapsed, season, source, draft or unreleased.

    `several` and `about` let people read banners of one kind as one sentence: `several` follows a number,
    as in "18 policy files to check before they are relied on". Both are empty where there is only one.
    """

    kind: str
    text: str
    several: str = ""
    about: tuple[BannerSubject, ...] = ()


@record
class Headline:
    """A fact at the head of the report, unless absent: `value` is None when unknown, `text` is for people."""

    fact: str
    title: str
    value: Value | None
    text: str


@record
class CitedPassage:
    """A passage of a source, with what a reader needs to find it; `source_short` is the source in short."""

    source: str
    anchor: str
    title: str
    section: str | None
    source_title: str
    source_short: str

    @property
    def name(self) -> str:
        """How policies and the command line name it: `source#anchor`."""
        return f"{self.source}#{self.anchor}"


class Because(NamedTuple):
    """One deciding test: `test` is the test in words, `holds` whether it held, `text` the value in words.

    A named tuple, for it is by far the most frequent part of a report.
    """

    fact: str
    title: str
    value: Value | None
    text: str
    test: str
    holds: bool


@record
class Provisional:
    """A rule that might yet outrank the item (`silences`: or all advice), and the facts that would decide."""

    rule: str
    title: str
    needs: tuple[str, ...]
    silences: bool


class Chosen(NamedTuple):
    """Of a part of an item that has variants (`text`, `heading`, `due`, `step 2`) the one that is said.

    `number` counts them as written, from 1; 0 is a step left out. `because` are the tests that chose it:
    those by which it holds, and by which each before it fails.
    """

    part: str
    number: int
    because: tuple[Because, ...]


class Item(NamedTuple):
    """One piece of advice. `path` and `line` are where its rule stands, relative to the policy folder.

    `heading` is shown in place of the title where there is one; `step_dues` are the days by which steps
    are due, none where no step has one. `standing` is None in a report that is not complete. A named tuple,
    as Because is.
    """

    rank: int
    rule: str
    version: str
    path: str
    line: int
    title: str
    text: str
    steps: tuple[str, ...]
    severity: str
    category: str
    tier: str
    due: date | None
    overdue: bool
    cites: tuple[CitedPassage, ...]
    because: tuple[Because, ...]
    provisional: Provisional | None
    standing: Certainty | None = None
    heading: str | None = None
    step_dues: tuple[date | None, ...] = ()
    chosen: tuple[Chosen, ...] = ()

    @property
    def shown_title(self) -> str:
        """What stands at its head."""
        return self.heading or self.title

    @property
    def dated_steps(self) -> tuple[tuple[str, date | None], ...]:
        """Each step with the day by which it is due."""
        return tuple(zip(self.steps, self.step_dues or [None] * len(self.steps), strict=True))


@record
class Undetermined:
    """A rule that cannot be decided, and the given facts that would decide it.

    `needs` is empty when no answer could help today, for what it waits for is absent. `moot` is a shown
    rule that would suppress its advice anyway. `matters` is false for a moot rule, and for one that only
    concludes findings on which no advice waits. `standing` is None in a report that is not complete, and of
    a rule that gives no advice.
    """

    rule: str
    title: str
    needs: tuple[str, ...]
    moot: str | None
    matters: bool
    standing: Certainty | None = None


@record
class Question:
    """A fact to ask for: `decides` counts the undetermined rules that need it."""

    fact: str
    question: str
    decides: int


@record
class Suppressed:
    """An item that another outranks: `by` is a shown rule, `reason` is for people.

    `silenced` tells that the shown rule leaves no room for it: people are then shown nothing of it.
    """

    rule: str
    title: str
    by: str
    reason: str
    silenced: bool


@record
class Report:
    """Everything that is said to one applicant on one day.

    `bands` and `findings` map names to values, None where unknown; of those that are `not_applicable`, too.
    `fact_titles` names the facts that somebody is asked for. `severities`, `tiers` and `categories` are
    names, in their order, with the words a person reads; `sort` are the keys by which advice is ranked.
    """

    as_of: date
    applicant: str | None
    facts_digest: str
    policies_digest: str
    in_force: tuple[PolicyInForce, ...]
    banners: tuple[Banner, ...]
    headline: tuple[Headline, ...]
    bands: tuple[tuple[str, str | None], ...]
    findings: tuple[tuple[str, bool | None], ...]
    advice: tuple[Item, ...]
    undetermined: tuple[Undetermined, ...]
    ask_next: tuple[Question, ...]
    suppressed: tuple[Suppressed, ...]
    fact_titles: tuple[tuple[str, str], ...]
    sort: tuple[str, ...]
    severities: tuple[tuple[str, str], ...]
    tiers: tuple[tuple[str, str], ...]
    categories: tuple[tuple[str, str], ...]
    tool: str
    engine: str
    python: str
    words: FieldWords = UNDECLARED
    not_applicable: tuple[str, ...] = ()
