"""The whole guidance as one page of Markdown, for people who never open YAML."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from engine.language.condition_text import statement, test_in_words, test_text
from engine.language.conditions import tests_of
from engine.language.model import (
    Advice,
    AllOf,
    AnyOf,
    Band,
    CellMark,
    Comparison,
    Condition,
    Day,
    DecisionTable,
    FactReference,
    FileVersion,
    Not,
    Operand,
    Parameter,
    Said,
    Variant,
)
from engine.language.policy_set import Banded, PlacedText, PolicySet, ResolvedRule, SeasonDates, Tabled
from engine.language.templates import Words, in_words
from engine.language.values import dated_value_in_words
from engine.rendering.as_markdown import code, without_links

_SPECIAL = re.compile(r"[\\*_`<>|#]|\](?=[(\[:])")
"""What is markup; brackets alone are none: `[title]` is what is filled in."""
REFUSED = "Facts that are refused"


def guidance(policies: PolicySet) -> str:
    """Every policy in force with its numbers, bands and rules, conditions in words, passages named.

    The seasons' days and what is refused follow at the end.
    """
    page = _Page(policies)
    return "\n".join(page.lines()).rstrip() + "\n"


class _Titles(Words):
    """In place of an applicant's value the title of the fact; a parameter of the day by its value."""

    def __init__(self, policies: PolicySet) -> None:
        super().__init__({}, policies.facts)
        self._policies = policies

    def __missing__(self, name: str) -> str:
        parameter, _, on = name.partition("@")
        if on == "as_of":
            fact = self._facts[name]
            value = self._policies.parameters[parameter].value_on(self._policies.as_of)
            if value is None:
                return "not known"
            if fact.formats is None or isinstance(value, Mapping):
                return dated_value_in_words(value)
            return in_words(value, fact)
        return f"[{self._facts[name].title}]"


class _Page:
    def __init__(self, policies: PolicySet) -> None:
        self._policies = policies
        self._titles = _Titles(policies)
        self._severities = dict(policies.ranking.severities)
        self._tiers = dict(policies.ranking.tiers)
        self._categories = dict(policies.ranking.categories)

    def lines(self) -> Iterator[str]:
        """The page, line by line."""
        policies = self._policies.policy_files.values()
        yield "# The guidance, rule by rule"
        yield ""
        yield "Made from the policy files by `advise rules --format markdown`; edit those, not this page."
        whom = _plain(self._policies.words.subject.one)
        yield f"A rule advises when all its conditions hold; [brackets] are filled in for each {whom}."
        yield ""
        yield from (f"- [{_plain(file_version.title)}](#{file_version.id})" for file_version in policies)
        if self._policies.calendar is not None:
            yield f"- [{_plain(self._policies.calendar.title)}](#calendar)"
        if self._policies.consistency:
            yield f"- [{REFUSED}](#refused)"
        for file_version in policies:
            yield from self._policy(file_version)
        vocabulary = next(each for each in self._policies.file_versions if each.kind == "vocabulary")
        if tables := list(self._tables(vocabulary.path)):
            yield from _heading("tables", vocabulary.title)
            yield from tables[1:]
        if self._policies.calendar is not None:
            yield from self._calendar(self._policies.calendar)
        if self._policies.consistency:
            yield from self._refusals()

    def _calendar(self, calendar: SeasonDates) -> Iterator[str]:
        yield from _heading("calendar", calendar.title)
        yield f"| {self._title(calendar.keyed_by)} | {' | '.join(map(self._title, calendar.facts))} |"
        yield "|---" * (len(calendar.facts) + 1) + "|"
        for season, days in calendar.seasons.items():
            cells = [str(days.get(fact, "not known")) for fact in calendar.facts]
            shown = cells if days else ["not published"] * len(cells)
            yield f"| {_plain(str(season))} | {' | '.join(shown)} |"

    def _refusals(self) -> Iterator[str]:
        yield from _heading("refused", REFUSED)
        yield "No advice is given on facts that cannot be true together; this is what is said instead."
        yield ""
        for consistency in self._policies.consistency:
            yield f"- {self._text(consistency.message)} (`{consistency.rule.id}`)"

    def _policy(self, file_version: FileVersion) -> Iterator[str]:
        yield from _heading(file_version.id, file_version.title)
        until = f" until {file_version.effective_until}" if file_version.effective_until else ""
        review = f"; to be reviewed by {file_version.review_by}" if file_version.review_by else ""
        days = f"in force from {file_version.effective_from}{until}{review}"
        yield f"{_code(file_version.path)}, version {file_version.version}, {days}."
        yield from self._parameters(file_version)
        yield from self._bands(file_version)
        yield from self._tables(file_version.path)
        for rule in sorted(self._policies.rules, key=lambda rule: rule.rule.at.line):
            if rule.rule.policy == file_version.id:
                yield from self._rule(rule)

    def _parameters(self, file_version: FileVersion) -> Iterator[str]:
        parameters = [
            each for each in self._policies.parameters.values() if each.at.path == file_version.path
        ]
        if not parameters:
            return
        yield ""
        yield "| number | value | what it is | checked | rests on |"
        yield "|---|---|---|---|---|"
        for parameter in sorted(parameters, key=lambda parameter: parameter.at.line):
            cites = ", ".join(f"`{citation.source}#{citation.anchor}`" for citation in parameter.cites)
            title = _plain(parameter.title or parameter.name.replace("_", " "))
            tier = _plain(self._tiers[parameter.tier]) if parameter.tier else ""
            checked = parameter.checked_on or ""
            yield f"| {title} | {self._history(parameter)} | {tier} | {checked} | {cites} |"

    def _history(self, parameter: Parameter) -> str:
        unit = f" {_plain(parameter.unit)}" if parameter.unit else ""
        values = reversed(parameter.values)
        shown = [f"{_plain(dated_value_in_words(value))}{unit} from {day}" for day, value in values]
        dated = "" if parameter.dated_by == "as_of" else f", by {self._title(parameter.dated_by)}"
        keyed = "" if parameter.by is None else f", for each {self._title(parameter.by)}"
        return "; ".join(shown) + dated + keyed

    def _bands(self, file_version: FileVersion) -> Iterator[str]:
        for step in self._policies.computations:
            if isinstance(step, Banded) and step.band.at.path == file_version.path:
                yield ""
                yield f"**{_plain(self._policies.facts[step.fact].title)}** sorts {self._title(step.of)}:"
                yield ""
                yield from self._ranges(step.band, step)

    def _ranges(self, band: Band, step: Banded) -> Iterator[str]:
        for piece, (_, condition) in zip(band.ranges, step.ranges, strict=True):
            tests = condition.parts if isinstance(condition, AllOf) else (condition,)
            bounds = " and ".join(self._test(test) for test in tests if isinstance(test, Comparison))
            yield f"- {_plain(piece.title or piece.name.replace('_', ' '))}: {bounds or 'always'}"

    def _tables(self, path: str) -> Iterator[str]:
        steps = (step for step in self._policies.computations if isinstance(step, Tabled))
        tables = {step.table.name: step.table for step in steps}
        for table in tables.values():
            if table.at.path == path:
                yield ""
                yield f"**{_plain(table.title)}** ({table.hit}):"
                yield ""
                yield from self._rows(table)

    def _rows(self, table: DecisionTable) -> Iterator[str]:
        given = [_plain(output.title) for output in table.outputs]
        given += [self._title(finding) for finding, _ in table.conclusions]
        heads = ["row", *map(self._title, table.columns), *given, "rests on"]
        yield f"| {' | '.join(heads)} |"
        yield f"|{'---|' * len(heads)}"
        for row in table.rows:
            cells = [f"`{row.id}`", *map(self._cell, row.when), *map(self._given, row.then)]
            cites = ", ".join(f"`{citation.source}#{citation.anchor}`" for citation in row.cites)
            yield f"| {' | '.join([*cells, cites])} |"
        if table.otherwise is not None and not table.conclusions:
            cells = ["otherwise", *[""] * len(table.columns), *map(self._given, table.otherwise)]
            yield f"| {' | '.join([*cells, ''])} |"

    def _cell(self, cell: Condition | CellMark) -> str:
        if isinstance(cell, str):
            return "" if cell == "any" else cell
        joined = " or " if isinstance(cell, AnyOf) else " and "
        return joined.join(map(self._test, tests_of(cell)))

    def _given(self, operand: Operand | None) -> str:
        if isinstance(operand, FactReference):
            return self._title(operand.fact)
        if operand is None:
            return "nothing"
        return _plain("yes" if operand is True else "no" if operand is False else str(operand))

    def _rule(self, resolved: ResolvedRule) -> Iterator[str]:
        rule = resolved.rule
        yield ""
        yield f"### {_plain(rule.title)}"
        yield ""
        marks = [self._tiers[rule.tier]]
        if rule.advise is not None:
            marks = [self._severities[rule.advise.severity], self._categories[rule.advise.category], *marks]
        yield f"`{resolved.name}` · {' · '.join(map(_plain, marks))}"
        yield ""
        yield "When:"
        yield ""
        yield from self._condition(resolved.when, 0)
        if resolved.advice is not None:
            yield ""
            yield from self._advice(resolved.advice)
        yield ""
        yield from self._rest(resolved)

    def _advice(self, advice: Advice[PlacedText]) -> Iterator[str]:
        """The heading, the text and the steps, each variant with when it is said."""
        for part, variants in (("Heading", advice.heading), ("Text", advice.text)):
            if len(variants) == 1:
                lead = f"{part}: " if part == "Heading" else ""
                yield f"> {lead}{self._text(variants[0].say)}"
            for line in self._variants(variants, self._text) if len(variants) > 1 else ():
                yield f"> - {part}, {line}"
        if advice.steps:
            yield ">"
        for number, step in enumerate(advice.steps, 1):
            said = [*self._variants(step.say, self._text)]
            when = f" (when {self._in_words(step.when)})" if step.when is not None else ""
            due = f" (due: {', '.join(self._variants(step.due, self._day))})" if step.due else ""
            yield f"> {number}. {said[0] if len(said) == 1 else ''}{when}{due}".rstrip()
            yield from (f">    - {line}" for line in said if len(said) > 1)

    def _variants(self, variants: tuple[Variant[Said], ...], write: Callable[[Said], str]) -> Iterator[str]:
        for variant in variants:
            when = f"when {self._in_words(variant.when)}: " if variant.when is not None else "otherwise: "
            yield f"{when if len(variants) > 1 else ''}{write(variant.say)}"

    def _day(self, day: Day) -> str:
        return "no day" if day is None else self._title(day) if isinstance(day, str) else str(day)

    def _in_words(self, condition: Condition) -> str:
        match condition:
            case Not(part):
                return f"not ({self._in_words(part)})"
            case AllOf(parts):
                return " and ".join(map(self._in_words, parts)) or "always"
            case AnyOf(parts):
                return f"({' or '.join(map(self._in_words, parts))})"
            case Comparison():
                return statement(self._title(condition.fact), self._test(condition))

    def _rest(self, resolved: ResolvedRule) -> Iterator[str]:
        rule = resolved.rule
        if resolved.advice is not None and resolved.advice.due:
            yield f"- Due: {'; '.join(self._variants(resolved.advice.due, self._day))}"
        if rule.conclude:
            yield f"- Concludes: {', '.join(self._title(finding) for finding, _ in rule.conclude)}"
        if rule.silences:
            categories = ", ".join(_plain(self._categories[name]) for name, _ in rule.silences)
            yield f"- Silences all advice on: {categories}"
        for target, _ in rule.supersedes:
            if target in self._policies.by_name:
                title = self._policies.by_name[target].rule.title
                yield f"- Takes the place of: {_plain(title)} (`{target}`)"
        for number, citation in enumerate(rule.cites):
            source = self._policies.sources[citation.source]
            title, section = source.anchors[citation.anchor]
            where = f", {_plain(section)}" if section else ""
            label = "Rests on" if number == 0 else "See also"
            reference = f"`{citation.source}#{citation.anchor}`"
            yield f"- {label}: {_plain(source.title)}{where}: {_plain(title)} ({reference})"
        if rule.why:
            yield f"- Why: {_plain(' '.join(rule.why.split()))}"

    def _condition(self, condition: Condition, depth: int) -> Iterator[str]:
        indent = "  " * depth
        match condition:
            case AllOf(parts):
                if not parts:
                    yield f"{indent}- always"
                elif depth:
                    yield f"{indent}- all of these:"
                for part in parts:
                    yield from self._condition(part, depth + 1 if depth else 0)
            case AnyOf(parts):
                yield f"{indent}- one of these:"
                for part in parts:
                    yield from self._condition(part, depth + 1)
            case Not(part):
                yield f"{indent}- not:"
                yield from self._condition(part, depth + 1)
            case Comparison():
                yield f"{indent}- {statement(self._title(condition.fact), self._test(condition))}"

    def _test(self, test: Comparison) -> str:
        return _plain(test_text(test_in_words(test, self._policies.facts), self._titles))

    def _title(self, fact: str) -> str:
        return _plain(self._policies.facts[fact].title)

    def _text(self, text: PlacedText) -> str:
        parts = (self._titles[part] if index % 2 else part for index, part in enumerate(text.parts))
        return _plain(" ".join("".join(parts).split()))


def _heading(anchor: str, title: str) -> Iterator[str]:
    yield ""
    yield f'<a id="{anchor}"></a>'
    yield ""
    yield f"## {_plain(title)}"
    yield ""


def _plain(text: str) -> str:
    """Text that Markdown shows as it stands."""
    return without_links(" ".join(text.split()), _escaped, _code)


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\g<0>", text)


def _code(text: str) -> str:
    return code(text).replace("|", "\\|")
