"""A file of the right shape into the model.

An item (a rule, a fact, a band …) in which a problem was found is left out and its name is remembered,
so that the rest of the folder can still be checked without following errors.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, get_args

from engine import model
from engine.diagnostic import Diagnostic, Location
from engine.model import All, Condition, Not, Operand, Operator, Test
from engine.record import record
from engine.source import Pointer, Source
from engine.values import parse_date

_OPERATORS = frozenset(get_args(Operator))


@record
class Parsed:
    """A file's model (None when its head is unusable), the names left out, and the problems found."""

    document: model.Document | None
    broken: tuple[str, ...]
    problems: tuple[Diagnostic, ...]


def parse(source: Source, kind: str, content: bytes, wrong: tuple[Pointer, ...]) -> Parsed:
    """The model of a file. `wrong` are the pointers at which its shape is not right."""
    parser = _Parser(source, wrong)
    edition = parser.edition(kind, hashlib.sha256(content).hexdigest())
    if edition is None:
        return Parsed(None, ("*",), tuple(parser.problems))
    document: model.Document
    match kind:
        case "policy":
            document = parser.policy(edition)
        case "vocabulary":
            document = parser.vocabulary(edition)
        case "sources":
            document = parser.sources(edition)
        case "calendar":
            document = parser.calendar(edition)
        case _:
            document = parser.ranking(edition)
    return Parsed(document, tuple(parser.broken), tuple(parser.problems))


class _Malformed(Exception):
    """The item being read cannot be used; the problem is already noted."""


class _Parser:
    def __init__(self, source: Source, wrong: tuple[Pointer, ...]) -> None:
        self.source = source
        self.data: dict[str, Any] = source.data
        self.wrong = frozenset(pointer[:length] for pointer in wrong for length in range(len(pointer) + 1))
        self.wrong_exactly = frozenset(wrong)
        self.problems: list[Diagnostic] = []
        self.broken: list[str] = []

    # -- places and items ------------------------------------------------------------------------

    def at(self, *pointer: str | int) -> Location:
        return self.source.at(pointer)

    def key_at(self, *pointer: str | int) -> Location:
        return self.source.at(pointer, key=True)

    def read_date(self, *pointer: str | int, key: bool = False) -> date:
        text = pointer[-1] if key else self.get(*pointer)
        found = parse_date(text)
        if found is None:
            where = self.source.at(pointer, key=key)
            message = f"`{text}` is not a date of the calendar."
            self.problems.append(
                self.source.diagnose(
                    "not-a-date", message, where, "Write year-month-day, such as 2026-09-23."
                )
            )
            raise _Malformed
        return found

    def optional_date(self, *pointer: str | int) -> date | None:
        return self.read_date(*pointer) if self.get(*pointer) is not None else None

    def get(self, *pointer: str | int) -> Any:
        value: Any = self.data
        for part in pointer:
            if isinstance(value, Mapping) and part not in value:
                return None
            value = value[part]
        return value

    def usable(self, *pointer: str | int) -> bool:
        return pointer not in self.wrong

    def entries(self, *pointer: str) -> Iterator[str]:
        """The names in a mapping whose entries can be read; the others are noted as broken."""
        if pointer in self.wrong_exactly:
            self.broken.append("*")
            return
        for name in self.get(*pointer) or {}:
            if self.usable(*pointer, name):
                yield name
            else:
                self.broken.append(name)

    def indexes(self, *pointer: str) -> Iterator[int]:
        if pointer in self.wrong_exactly:
            self.broken.append("*")
            return
        for index, entry in enumerate(self.get(*pointer) or ()):
            if self.usable(*pointer, index):
                yield index
            elif isinstance(entry, dict) and isinstance(entry.get("id"), str):
                self.broken.append(f"{self.data.get('policy')}/{entry['id']}")

    def collect(self, read: Any, *pointer: str) -> tuple[Any, ...]:
        """Every readable entry of a mapping or list, read; a malformed one is noted as broken."""
        value = self.get(*pointer)
        keys: Iterator[Any] = self.indexes(*pointer) if isinstance(value, list) else self.entries(*pointer)
        found = []
        for key in keys:
            try:
                found.append(read(key))
            except _Malformed:
                self.broken.append(str(key) if isinstance(key, str) else "*")
        return tuple(found)

    # -- heads -----------------------------------------------------------------------------------

    def edition(self, kind: str, digest: str) -> model.Edition | None:
        head = (
            "advise_language",
            kind,
            "title",
            "version",
            "status",
            "effective",
            "review_by",
            "required",
            "owner",
        )
        if () in self.wrong_exactly or any(not self.usable(key) for key in head):
            return None
        try:
            edition = model.Edition(
                kind=kind,  # type: ignore[arg-type]  # one of the schema's kinds, checked by the caller
                id=self.data[kind],
                title=self.data["title"],
                version=self.data["version"],
                status=self.data["status"],
                effective_from=self.read_date("effective", "from"),
                effective_until=self.optional_date("effective", "until"),
                review_by=self.optional_date("review_by"),
                path=self.source.path,
                digest=digest,
                at=self.key_at(kind),
                owner=self.data.get("owner"),
                required=self.data.get("required", False),
            )
        except _Malformed:
            return None
        if edition.effective_until and edition.effective_until < edition.effective_from:
            message = "`until` lies before `from`."
            self.problems.append(
                self.source.diagnose("dates-reversed", message, self.at("effective", "until"))
            )
        return edition

    # -- conditions ------------------------------------------------------------------------------

    def condition(self, *pointer: str | int) -> Condition:
        """A mapping as a conjunction of its lines."""
        parts = tuple(part for key in self.get(*pointer) for part in self.line(*pointer, key))
        return parts[0] if len(parts) == 1 else All(parts, self.at(*pointer))

    def optional_condition(self, *pointer: str | int) -> Condition | None:
        return self.condition(*pointer) if self.get(*pointer) is not None else None

    def line(self, *pointer: str | int) -> Iterator[Condition]:
        key, value = pointer[-1], self.get(*pointer)
        at = self.key_at(*pointer)
        if key in ("all", "any"):
            parts = tuple(self.condition(*pointer, index) for index in range(len(value)))
            yield (All if key == "all" else model.Any)(parts, at)
        elif key == "not":
            yield Not(self.condition(*pointer), at)
        else:
            yield from self.tests(str(key), at, pointer)

    def tests(self, fact: str, at: Location, pointer: Pointer) -> Iterator[Test]:
        value = self.get(*pointer)
        if isinstance(value, list):
            yield Test(fact, "one_of", tuple(value), at)
        elif isinstance(value, dict):
            for operator in value:
                yield Test(fact, operator, self.operand(*pointer, operator), self.key_at(*pointer, operator))
        else:
            yield Test(fact, "is", value, at)

    def operand(self, *pointer: str | int) -> Operand:
        value = self.get(*pointer)
        if isinstance(value, list):
            return tuple(self.operand(*pointer, index) for index in range(len(value)))
        if not isinstance(value, dict):
            literal: Operand = value
            return literal
        at = self.at(*pointer)
        keys = set(value)
        if keys == {"fact"}:
            return model.FactReference(value["fact"], at)
        if keys in ({"parameter"}, {"parameter", "on"}):
            return model.ParameterReference(value["parameter"], value.get("on"), at)
        message = "The right side names neither one fact nor one parameter."
        help_text = "Write `{fact: name}`, `{parameter: name}` or `{parameter: name, on: fact}`."
        self.problems.append(self.source.diagnose("malformed-operand", message, at, help_text))
        raise _Malformed

    # -- policies --------------------------------------------------------------------------------

    def policy(self, edition: model.Edition) -> model.Policy:
        applies_to: tuple[Condition, ...] = ()
        if "applies_to" in self.data:
            if not self.usable("applies_to"):
                self.broken.append("*")
            else:
                try:
                    applies_to = (self.condition("applies_to"),)
                except _Malformed:
                    self.broken.append("*")
        return model.Policy(
            edition,
            self.collect(self.parameter, "parameters"),
            self.collect(self.band, "bands"),
            self.collect(lambda index: self.rule(edition.id, applies_to, index), "rules"),
        )

    def parameter(self, name: str) -> model.Parameter:
        here = ("parameters", name)
        values = [
            (
                self.read_date(*here, "values", day, key=True),
                self.parameter_value(self.get(*here, "values", day)),
            )
            for day in self.get(*here, "values")
        ]
        return model.Parameter(
            name=name,
            dated_by=self.get(*here, "dated_by") or "as_of",
            values=tuple(sorted(values, key=lambda pair: pair[0])),
            unit=self.get(*here, "unit"),
            title=self.get(*here, "title"),
            tier=self.get(*here, "tier"),
            cites=self.citations(*here, "cites"),
            checked_on=self.optional_date(*here, "checked_on"),
            at=self.key_at(*here),
        )

    @staticmethod
    def parameter_value(value: Any) -> model.Scalar:
        return parse_date(value) or value

    def band(self, name: str) -> model.Band:
        here = ("bands", name)
        ranges = tuple(
            model.BandRange(
                range_name,
                self.get(*here, "ranges", range_name, "title"),
                tuple(
                    (bound, self.operand(*here, "ranges", range_name, bound))
                    for bound in self.get(*here, "ranges", range_name)
                    if bound != "title"
                ),
                self.key_at(*here, "ranges", range_name),
            )
            for range_name in self.get(*here, "ranges")
        )
        return model.Band(name, self.get(*here, "title"), self.get(*here, "of"), ranges, self.key_at(*here))

    def rule(self, policy: str, applies_to: tuple[Condition, ...], index: int) -> model.Rule:
        here = ("rules", index)
        when = self.optional_condition(*here, "when")
        return model.Rule(
            id=self.get(*here, "id"),
            policy=policy,
            title=self.get(*here, "title"),
            when=_conjunction((*applies_to, *((when,) if when else ())), self.at(*here)),
            conclude=self.names(*here, "conclude"),
            advise=self.advice(index) if self.get(*here, "advise") is not None else None,
            supersedes=self.names(*here, "supersedes"),
            silences=self.names(*here, "silences", "categories"),
            tier=self.get(*here, "tier"),
            cites=self.citations(*here, "cites"),
            why=self.get(*here, "why"),
            at=self.at(*here),
        )

    def advice(self, index: int) -> model.Advice:
        here = ("rules", index, "advise")
        due = self.get(*here, "due")
        return model.Advice(
            text=self.get(*here, "text"),
            steps=tuple(self.get(*here, "steps") or ()),
            category=self.get(*here, "category"),
            severity=self.get(*here, "severity"),
            due=self.read_date(*here, "due") if due and due[0].isdigit() else due,
            at=self.key_at(*here),
            due_at=self.at(*here, "due") if due else None,
        )

    def names(self, *pointer: str | int) -> tuple[tuple[str, Location], ...]:
        return tuple((name, self.at(*pointer, index)) for index, name in enumerate(self.get(*pointer) or ()))

    def citations(self, *pointer: str | int) -> tuple[model.Citation, ...]:
        def read(text: str, at: Location) -> model.Citation:
            source, _, anchor = text.partition("#")
            return model.Citation(source, anchor, at)

        return tuple(read(text, at) for text, at in self.names(*pointer))

    # -- vocabulary ------------------------------------------------------------------------------

    def vocabulary(self, edition: model.Edition) -> model.Vocabulary:
        derived = self.collect(self.derived, "derived")
        return model.Vocabulary(
            edition,
            (
                *self.collect(lambda name: self.fact("facts", name, "given"), "facts"),
                *(fact for fact, _ in derived),
            ),
            tuple(how for _, how in derived),
            self.collect(self.parameter, "parameters"),
            self.collect(self.implication, "implications"),
            self.collect(self.consistency, "consistency"),
            self.collect(self.finding, "findings"),
        )

    def fact(self, section: str, name: str, origin: Any) -> model.Fact:
        here = (section, name)

        def get(key: str) -> Any:
            return self.get(*here, key)

        fact_type = get("type")
        kind = get("of") if fact_type == "list" else fact_type
        step = Decimal(str(get("precision") or 1)) if kind == "number" else Decimal(1)
        near = get("near")
        return model.Fact(
            name=name,
            title=get("title"),
            type=fact_type,
            origin=origin,
            at=self.key_at(*here),
            low=self.bound(kind, *here, "range", "at_least"),
            high=self.bound(kind, *here, "range", "at_most"),
            step=step,
            unit=get("unit"),
            values=_labelled(get("values")),
            item_type=get("of"),
            question=get("question"),
            mutability=get("mutability"),
            better=get("better"),
            near=Decimal(str(near)) if near is not None else None,
            private=bool(get("private")),
            distinct=bool(get("distinct")),
            changeable=self.changeable(*here, "changeable"),
        )

    def changeable(self, *pointer: str) -> model.Changeable | None:
        if self.get(*pointer) is None:
            return None
        return model.Changeable(
            tuple(self.get(*pointer, "to") or ()),
            Decimal(str(self.get(*pointer, "cost") or 1)),
            self.optional_condition(*pointer, "unless"),
            self.key_at(*pointer),
        )

    def bound(self, kind: str, *pointer: str | int) -> Any:
        value = self.get(*pointer)
        if value is None or kind == "date":
            return self.optional_date(*pointer)
        if kind in ("integer", "number") and not isinstance(value, str):
            return value
        message = (
            f"`{pointer[-1]}` must be a number, as the fact is."
            if kind in ("integer", "number")
            else "Only numbers and dates have a range."
        )
        self.problems.append(self.source.diagnose("wrong-type", message, self.at(*pointer)))
        raise _Malformed

    def derived(self, name: str) -> tuple[model.Fact, model.Derived]:
        here = ("derived", name)
        call = self.call(*here, "compute")
        only_when = self.optional_condition(*here, "only_when")
        fact = self.fact("derived", name, "derived")
        return fact, model.Derived(name, call, only_when, self.key_at(*here))

    def call(self, *pointer: str | int) -> model.Call:
        function = next(iter(self.get(*pointer)))
        at = self.key_at(*pointer, function)
        arguments = self.get(*pointer, function)
        if function == "truth":
            return model.Call(function, (), (), self.condition(*pointer, function), at)
        if isinstance(arguments, dict):
            named = tuple((key, self.parameter_value(value)) for key, value in arguments.items())
            return model.Call(function, (), named, None, at)
        items = arguments if isinstance(arguments, list) else [arguments]
        return model.Call(function, tuple(map(self.parameter_value, items)), (), None, at)

    def implication(self, index: int) -> model.Implication:
        here = ("implications", index)
        then = tuple(
            (fact, self.implied(value), self.key_at(*here, "then", fact))
            for fact, value in self.get(*here, "then").items()
        )
        return model.Implication(
            self.get(*here, "id"), self.condition(*here, "when"), then, self.get(*here, "why"), self.at(*here)
        )

    @staticmethod
    def implied(value: Any) -> Any:
        if isinstance(value, dict):
            return None
        return tuple(value) if isinstance(value, list) else value

    def consistency(self, index: int) -> model.Consistency:
        here = ("consistency", index)
        return model.Consistency(
            self.get(*here, "id"), self.condition(*here, "when"), self.get(*here, "message"), self.at(*here)
        )

    def finding(self, name: str) -> model.Finding:
        here = ("findings", name)
        return model.Finding(name, self.get(*here, "title"), self.get(*here, "polarity"), self.key_at(*here))

    # -- sources, ranking, calendar --------------------------------------------------------------

    def sources(self, edition: model.Edition) -> model.Sources:
        return model.Sources(edition, self.collect(self.entry, "entries"))

    def entry(self, name: str) -> model.Source:
        here = ("entries", name)
        anchors = {
            anchor: (words["title"], words.get("section"))
            for anchor, words in self.get(*here, "anchors").items()
        }
        return model.Source(
            id=name,
            title=self.get(*here, "title"),
            publisher=self.get(*here, "publisher"),
            kind=self.get(*here, "kind"),
            retrieved=self.read_date(*here, "retrieved"),
            checked_on=self.read_date(*here, "checked_on"),
            address=self.get(*here, "address"),
            short=self.get(*here, "short") or self.get(*here, "title"),
            anchors=anchors,
            at=self.key_at(*here),
        )

    def ranking(self, edition: model.Edition) -> model.Ranking:
        def labels(key: str) -> tuple[tuple[str, str], ...]:
            return tuple((name, self.get(key, name)) for name in self.entries(key))

        sort = (
            tuple(self.get("sort") or ("severity", "due", "tier", "category")) if self.usable("sort") else ()
        )
        return model.Ranking(
            edition,
            labels("severities"),
            labels("tiers"),
            labels("categories"),
            (*(key for key in sort if key != "rule"), "rule"),
            self.names("headline") if self.usable("headline") else (),
        )

    def calendar(self, edition: model.Edition) -> model.Calendar:
        def fact(name: str) -> model.Fact:
            near = self.get("facts", name, "near")
            return model.Fact(
                name=name,
                title=self.get("facts", name, "title"),
                type="date",
                origin="calendar",
                at=self.key_at("facts", name),
                mutability="time",
                near=Decimal(str(near)) if near is not None else None,
            )

        def season(name: str) -> tuple[str, tuple[tuple[str, date], ...], Location]:
            dates = tuple(
                (fact, self.read_date("seasons", name, fact)) for fact in self.get("seasons", name) or ()
            )
            return name, dates, self.key_at("seasons", name)

        keyed_by = self.get("keyed_by") if self.usable("keyed_by") else ""
        return model.Calendar(edition, keyed_by, self.collect(fact, "facts"), self.collect(season, "seasons"))


def _labelled(values: Any) -> tuple[tuple[str, str], ...]:
    if values is None:
        return ()
    if isinstance(values, list):
        return tuple((value, value.replace("_", " ")) for value in values)
    return tuple(values.items())


def _conjunction(parts: tuple[Condition, ...], at: Location) -> Condition:
    """The parts in one flat conjunction: nested ones without a key of their own are merged."""
    flat: list[Condition] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, All) else (part,))
    return flat[0] if len(flat) == 1 else All(tuple(flat), at)
