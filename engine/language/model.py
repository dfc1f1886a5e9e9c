"""What the advisors wrote, as frozen values; every node keeps its place in the file.

Operands are literals as written until `resolve` gives them the type of the fact they meet.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any as AnyType
from typing import Final, Generic, Literal, TypeVar, get_args

from engine.base.diagnostic import Location
from engine.base.record import record
from engine.language.field_words import UNDECLARED, FieldWords, Formats
from engine.language.operators import Operator

NUMBER_LIMIT: Final = 10**9
"""Numbers without a declared range lie within plus and minus this."""
EARLIEST_DATE: Final = date(1900, 1, 1)
LATEST_DATE: Final = date(2199, 12, 31)
"""Dates without a declared range lie between these."""

Scalar = bool | int | Decimal | str | date
"""One value of a fact. Numbers are int or Decimal, never float."""

Value = Scalar | tuple[Scalar, ...]
"""A scalar, or the sorted-as-given tuple of a list fact."""

Rounding = Literal["up", "down", "half-even"]
"""The way to a step: to the next higher one, the next lower one, or the nearest, of two the even one."""

FactType = Literal["boolean", "integer", "number", "enum", "date", "text", "list"]


@record
class FactReference:
    """`{fact: name}` on the right side of a test."""

    fact: str
    at: Location


@record
class ParameterReference:
    """`{parameter: name, on: fact}`; without `on`, the parameter's own `dated_by` decides the date."""

    parameter: str
    on: str | None
    at: Location


Operand = Scalar | FactReference | ParameterReference | tuple["Operand", ...]


@record
class Comparison:
    """One fact, one operator, one right side. `one_of`, `none_of` and `between` hold a tuple."""

    __test__ = False  # pytest: a policy's test, not one of ours

    fact: str
    operator: Operator
    operand: Operand
    at: Location

    @property
    def against(self) -> str | None:
        """The fact on the right side; None where there is a value."""
        return self.operand.fact if isinstance(self.operand, FactReference) else None


@record
class AllOf:
    """Holds when every part holds; an empty one always holds."""

    parts: tuple[Condition, ...]
    at: Location


@record
class AnyOf:
    """Holds when one part holds."""

    parts: tuple[Condition, ...]
    at: Location


@record
class Not:
    """Holds when its part fails."""

    part: Condition
    at: Location


Condition = Comparison | AllOf | AnyOf | Not


@record
class Citation:
    """`source#anchor`."""

    source: str
    anchor: str
    at: Location


@record
class ChangeNote:
    """What changed in a version: the day of its release, what and why, who released and who approved it."""

    version: str
    date: date
    note: str
    by: str | None
    approved_by: str | None


FileKind = Literal["policy", "vocabulary", "sources", "ranking", "calendar", "phrases"]
KINDS: Final[tuple[FileKind, ...]] = get_args(FileKind)
"""What a file of a policy folder may be; its key of this name says what it is."""


@record
class FileVersion:
    """What every released file carries: its kind and id, version, status and the days it is for.

    `effective_until` is inclusive. `digest` is the SHA-256 of the file's text, its lines ending in `\\n`;
    `path` is relative to the policy folder. `changes` come newest first. A draft that takes part, for a
    trial, is `tried`. `language` is the version of the policy language that it is written in.
    """

    kind: FileKind
    id: str
    title: str
    version: str
    status: Literal["draft", "tried", "active", "retired"]
    effective_from: date
    effective_until: date | None
    review_by: date | None
    path: str
    digest: str
    at: Location
    owner: str | None = None
    required: bool = False
    changes: tuple[ChangeNote, ...] = ()
    language: int = 1

    @property
    def note(self) -> ChangeNote | None:
        """What `changes` says of this version."""
        return next((note for note in self.changes[:1] if note.version == self.version), None)

    def released_on(self, day: date) -> bool:
        """Whether this version was released on a day."""
        return self.note is not None and self.note.date == day


KeyedValues = Mapping[str, Value]
"""The values of a parameter on a day, by those of the enum that it is keyed by."""


@record
class Parameter:
    """A number, a date, or a list, with a history: `values` are (first day, value), sorted.

    With `by`, an enum fact, there is a value for each of its values. `in_order`: the days are written so.
    """

    name: str
    dated_by: str
    values: tuple[tuple[date, Value | KeyedValues], ...]
    unit: str | None
    title: str | None
    tier: str | None
    cites: tuple[Citation, ...]
    checked_on: date | None
    at: Location
    in_order: bool = True
    by: str | None = None

    def value_on(self, day: date, key: AnyType = None) -> Value | KeyedValues | None:
        """The value on a day, of a keyed one for a key (None: for all); None before the first."""
        current = None
        for first_day, value in self.values:
            if first_day > day:
                break
            current = value
        return current.get(key) if isinstance(current, Mapping) and key is not None else current

    @cached_property
    def every_value(self) -> tuple[Value, ...]:
        """The values of all days and all keys."""
        on_days = (value for _, value in self.values)
        return tuple(
            each for value in on_days for each in (value.values() if isinstance(value, Mapping) else (value,))
        )


@record
class BandRange:
    """One named range of a band: the conjunction of its bounds (`at_least`, `at_most`, `above`, `below`)."""

    name: str
    title: str | None
    bounds: tuple[tuple[Operator, Operand], ...]
    at: Location


@record
class Band:
    """One fact sorted into exclusive ranges; becomes an enum fact of the band's name."""

    name: str
    title: str | None
    of: str
    ranges: tuple[BandRange, ...]
    at: Location


Said = TypeVar("Said")
"""What a variant says: a text as written (`str`), one split at its placeholders, a day."""

Day = str | date | None
"""When something is due: the fact that is the day, the day, or None for no day."""


@record
class Variant(Generic[Said]):
    """One of several things to say, of which the first whose `when` holds is said.

    The last has no `when`; what is always the same is one such variant.
    """

    when: Condition | None
    say: Said
    at: Location


@record
class Step(Generic[Said]):
    """One thing to do, left out unless its `when` holds; it may be due by a day of its own."""

    say: tuple[Variant[Said], ...]
    when: Condition | None
    due: tuple[Variant[Day], ...]
    at: Location


@record
class Advice(Generic[Said]):
    """What a rule says when it holds. A `heading` is shown in place of the title; `due` may be empty."""

    heading: tuple[Variant[Said], ...]
    text: tuple[Variant[Said], ...]
    steps: tuple[Step[Said], ...]
    category: str
    severity: str
    due: tuple[Variant[Day], ...]
    at: Location
    category_at: Location | None = None
    severity_at: Location | None = None

    @cached_property
    def texts(self) -> tuple[Said, ...]:
        """All that may be said, in order."""
        said = (self.heading, self.text, *(step.say for step in self.steps))
        return tuple(variant.say for variants in said for variant in variants)

    @cached_property
    def days(self) -> tuple[Day, ...]:
        """All days by which something may be due."""
        return tuple(day.say for due in (self.due, *(step.due for step in self.steps)) for day in due)

    @cached_property
    def choices(self) -> tuple[Condition, ...]:
        """The conditions by which it is chosen what is said."""
        said = (self.heading, self.text, *(step.say for step in self.steps))
        chosen = [variant.when for variants in said for variant in variants]
        chosen += [day.when for due in (self.due, *(step.due for step in self.steps)) for day in due]
        chosen += [step.when for step in self.steps]
        return tuple(when for when in chosen if when is not None)


@record
class Rule:
    """One rule; `when` already has the policy's `applies_to` as its first conjunct.

    `formerly` are the full names it had in earlier versions. `applies_to` is that conjunct by itself, of a
    rule that concludes, in version 2 of the language.
    """

    id: str
    policy: str
    title: str
    when: Condition
    conclude: tuple[tuple[str, Location], ...]
    advise: Advice[str] | None
    supersedes: tuple[tuple[str, Location], ...]
    silences: tuple[tuple[str, Location], ...]
    tier: str
    cites: tuple[Citation, ...]
    why: str | None
    at: Location
    tier_at: Location | None = None
    incompatible_rules: tuple[tuple[str, Location], ...] = ()
    incompatible_categories: tuple[tuple[str, Location], ...] = ()
    formerly: tuple[tuple[str, Location], ...] = ()
    applies_to: Condition | None = None

    @property
    def name(self) -> str:
        """Full name, `policy/rule`."""
        return f"{self.policy}/{self.id}"


@record
class Policy:
    """One policy file."""

    file_version: FileVersion
    parameters: tuple[Parameter, ...]
    bands: tuple[Band, ...]
    rules: tuple[Rule, ...]
    tables: tuple[DecisionTable, ...] = ()


HitPolicy = Literal[
    "unique", "any", "first", "collect", "collect sum", "collect min", "collect max", "collect count"
]

CellMark = Literal["any", "not known", "absent"]
"""What a cell says that tests no value: `-`, `?` and `absent`."""


@record
class DecisionRow:
    """A row of a decision table: a cell for each input, and what it gives for each output (None: nothing).

    A cell that tests a value is a condition on the fact of its column.
    """

    id: str
    when: tuple[Condition | CellMark, ...]
    then: tuple[Operand | None, ...]
    cites: tuple[Citation, ...]
    why: str | None
    at: Location
    then_at: tuple[Location, ...]


@record
class DecisionTable:
    """A decision table that gives facts (`outputs`) or concludes findings (`conclusions`).

    `otherwise` is what it gives where no row applies; without it, nothing. `applies_to` is that of the policy
    of a table that concludes. A `complete` one has a row for whatever values its inputs may have. Rows that
    stand in a file of their own do so in `rows_file`, the text of which has the `rows_digest` once released.
    """

    name: str
    title: str
    hit: HitPolicy
    inputs: tuple[tuple[str, Location], ...]
    outputs: tuple[Fact, ...]
    conclusions: tuple[tuple[str, Location], ...]
    rows: tuple[DecisionRow, ...]
    otherwise: tuple[Operand | None, ...] | None
    tier: str | None
    cites: tuple[Citation, ...]
    why: str | None
    at: Location
    applies_to: Condition | None = None
    complete: bool = False
    rows_file: str | None = None
    rows_digest: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The facts that the columns test."""
        return tuple(name for name, _ in self.inputs)


@record
class Changeable:
    """How somebody may be advised to change an improvable fact.

    `to` are the values that may be brought about (of a boolean or an enum; none: any). `cost` is that of a
    small step, of the size that the fact calls `near`, or of any change where there are no sizes. Where
    `unless` holds, it can no longer be changed; after a change, what it `requires` must hold. A change adds
    an item, not known yet, to the lists `adds_to`. The cost is that of the parameter `cost_from`, if one is
    named.
    """

    to: tuple[Scalar, ...]
    cost: Decimal
    unless: Condition | None
    requires: Condition | None
    adds_to: tuple[str, ...]
    at: Location
    cost_from: ParameterReference | str | None = None


@record
class Fact:
    """A declared fact. `origin` tells who gives it a value: the applicant, a function, a band …

    `low` and `high` bound numbers and dates, both included; `step` is the precision (1, 0.1, 0.01 …)
    of a number. `values` maps each value of an enum to its label; `item_type` is a list's. `formats` is how
    the vocabulary says that values are written. What is `near` is said by the parameter `near_from`, if any;
    when resolved, by the fact that stands for it.
    """

    name: str
    title: str
    type: FactType
    origin: Literal["given", "derived", "calendar", "band", "finding"]
    at: Location
    low: int | Decimal | date | None = None
    high: int | Decimal | date | None = None
    step: Decimal = Decimal(1)
    unit: str | None = None
    values: tuple[tuple[str, str], ...] = ()
    item_type: Literal["boolean", "integer", "number", "enum", "date", "text"] | None = None
    question: str | None = None
    mutability: Literal["immutable", "improvable", "time"] | None = None
    better: Literal["higher", "lower"] | None = None
    near: Decimal | None = None
    private: bool = False
    distinct: bool = False
    changeable: Changeable | None = None
    formats: Formats | None = None
    near_from: ParameterReference | str | None = None

    @cached_property
    def value_type(self) -> str:
        """The type of its values, of a list's items."""
        return str(self.item_type) if self.type == "list" else self.type

    @property
    def unit_to_add(self) -> str:
        """The unit, with a blank before it, where a value in words does not show it."""
        shown = self.unit is None or (self.formats is not None and self.formats.units)
        return "" if shown else f" {self.unit}"

    @cached_property
    def value_names(self) -> frozenset[str]:
        """The values of an enum, without their labels."""
        return frozenset(name for name, _ in self.values)

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """The values of an enum with their labels."""
        return dict(self.values)

    def takes(self, value: AnyType) -> bool:
        """Whether a boolean, a whole number or an enum's text is a possible value."""
        if self.type == "enum":
            return value in self.value_names
        return self.type == "boolean" or self.limits[0] <= value <= self.limits[1]

    @cached_property
    def limits(self) -> tuple[AnyType, AnyType]:
        """The lowest and highest possible value, of a number or a date, or of a list's items."""
        dated = self.value_type == "date"
        lowest, highest = (EARLIEST_DATE, LATEST_DATE) if dated else (-NUMBER_LIMIT, NUMBER_LIMIT)
        return (lowest if self.low is None else self.low, highest if self.high is None else self.high)


@record
class Call:
    """A derived fact's function with its arguments, as names (`str`), numbers and dates.

    `items` are positional (a list was written), `named` are `key: value` pairs, until `resolve` makes items
    of them; until then parameters are references. A condition stands in `condition` (function `truth`), the
    `way` of a function that rounds by itself.
    """

    function: str
    items: tuple[Scalar, ...]
    named: tuple[tuple[str, AnyType], ...]
    condition: Condition | None
    at: Location
    way: Rounding | None = None


@record
class Derived:
    """How a derived fact comes about. `only_when`: where it fails the fact is absent."""

    fact: str
    call: Call
    only_when: Condition | None
    at: Location


@record
class Implication:
    """What follows by logic. `then` pairs a fact with its value; None stands for *absent*."""

    id: str
    when: Condition
    then: tuple[tuple[str, Value | None, Location], ...]
    why: str | None
    at: Location


@record
class Consistency:
    """Facts for which `when` holds are refused with `message`."""

    id: str
    when: Condition
    message: str
    at: Location


@record
class Finding:
    """A named conclusion that other rules use as a fact."""

    name: str
    title: str
    polarity: Literal["better", "worse", "neutral"]
    at: Location


@record
class Exclusive:
    """Findings of which no two are ever true together."""

    id: str
    findings: tuple[tuple[str, Location], ...]
    why: str | None
    at: Location


@record
class Vocabulary:
    """The facts of the field, and what holds among them."""

    file_version: FileVersion
    facts: tuple[Fact, ...]
    derived: tuple[Derived, ...]
    parameters: tuple[Parameter, ...]
    implications: tuple[Implication, ...]
    consistency: tuple[Consistency, ...]
    findings: tuple[Finding, ...]
    words: FieldWords = UNDECLARED
    exclusive: tuple[Exclusive, ...] = ()
    tables: tuple[DecisionTable, ...] = ()


@record
class Source:
    """Where guidance comes from; `short` is its title in short; `anchors` maps one to (title, section)."""

    id: str
    title: str
    publisher: str
    kind: str
    retrieved: date
    checked_on: date
    address: str | None
    short: str
    anchors: Mapping[str, tuple[str, str | None]]
    at: Location


@record
class Sources:
    """sources.yaml."""

    file_version: FileVersion
    sources: tuple[Source, ...]

    @cached_property
    def by_id(self) -> Mapping[str, Source]:
        """The sources by their ids."""
        return {source.id: source for source in self.sources}


@record
class Calendar:
    """calendar.yaml: dates of each season. `seasons` maps the key fact's value, as text, to fact -> date.

    A season that is listed without dates is "not published"; a fact that is missing is unknown.
    """

    file_version: FileVersion
    keyed_by: str
    facts: tuple[Fact, ...]
    seasons: tuple[tuple[str, tuple[tuple[str, date], ...], Location], ...]


@record
class Ranking:
    """ranking.yaml: the orders in which advice is ranked, each name with its label."""

    file_version: FileVersion
    severities: tuple[tuple[str, str], ...]
    tiers: tuple[tuple[str, str], ...]
    categories: tuple[tuple[str, str], ...]
    sort: tuple[Literal["severity", "due", "tier", "category", "rule"], ...]
    headline: tuple[tuple[str, Location], ...]


@record
class Phrase:
    """A text that several rules say, by its name; it may hold placeholders, but no phrase."""

    name: str
    text: str
    at: Location


@record
class Phrases:
    """A file of phrases."""

    file_version: FileVersion
    phrases: tuple[Phrase, ...]


PolicyDocument = Policy | Vocabulary | Sources | Calendar | Ranking | Phrases


@record
class Release:
    """A line of `releases.lock`: a version that was released, and the SHA-256 of its text."""

    kind: str
    id: str
    version: str
    digest: str
    at: Location


@record
class Policies:
    """Everything read from a policy folder, all versions; `digest` is over all files read.

    `released` is what `releases.lock` says; None where there is no such file.
    """

    documents: tuple[PolicyDocument, ...]
    digest: str
    broken: tuple[str, ...] = ()
    released: tuple[Release, ...] | None = None
