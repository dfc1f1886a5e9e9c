"""What the files of a folder, in all their versions, name besides what they declare."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from engine.base.record import record
from engine.language.conditions import tests_of
from engine.language.model import (
    Band,
    Calendar,
    Condition,
    DecisionRow,
    DecisionTable,
    FactReference,
    Operand,
    Parameter,
    ParameterReference,
    Phrases,
    Policies,
    Policy,
    PolicyDocument,
    Ranking,
    Rule,
    Vocabulary,
)

_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")


@record
class Uses:
    """The facts and parameters that something looks at or shows, and the passages that something cites."""

    names: frozenset[str]
    citations: frozenset[tuple[str, str]]

    @property
    def phrases(self) -> frozenset[str]:
        """The phrases that something says."""
        said = (name.partition(":") for name in self.names)
        return frozenset(name.strip() for what, colon, name in said if colon and what.strip() == "phrase")

    @property
    def sources(self) -> frozenset[str]:
        """The sources that are cited, for whatever passage."""
        return frozenset(source for source, _ in self.citations)


def uses_of(policies: Policies) -> Uses:
    """What is used anywhere: in former versions, which may be asked for, and in drafts, which may come."""
    names = {"as_of"}
    citations: set[tuple[str, str]] = set()
    for document in policies.documents:
        names.update(_names_in(document))
        for entry in _citing(document):
            citations.update((citation.source, citation.anchor) for citation in entry.cites)
    return Uses(frozenset(names), frozenset(citations))


def _citing(document: PolicyDocument) -> Iterator[Rule | Parameter | DecisionTable | DecisionRow]:
    if isinstance(document, Policy):
        yield from document.rules
    if isinstance(document, Policy | Vocabulary):
        yield from document.parameters
        for table in document.tables:
            yield table
            yield from table.rows


def _names_in(document: PolicyDocument) -> Iterator[str]:
    if isinstance(document, Policy | Vocabulary):
        for table in document.tables:
            yield from _in_table(table)
    match document:
        case Policy():
            for rule in document.rules:
                yield from _in_rule(rule)
            for band in document.bands:
                yield from _in_band(band)
            yield from _in_parameters(document.parameters)
        case Vocabulary():
            yield from _in_vocabulary(document)
        case Calendar():
            yield document.keyed_by
        case Phrases():
            yield from _in_prose(phrase.text for phrase in document.phrases)
        case Ranking():
            yield from (name for name, _ in document.headline)


def _in_rule(rule: Rule) -> Iterator[str]:
    yield from _in_condition(rule.when)
    if rule.advise is not None:
        yield from _in_prose(rule.advise.texts)
        for condition in rule.advise.choices:
            yield from _in_condition(condition)
        yield from (day for day in rule.advise.days if isinstance(day, str))


def _in_band(band: Band) -> Iterator[str]:
    yield band.of
    for piece in band.ranges:
        for _, operand in piece.bounds:
            yield from _in_operand(operand)


def _in_table(table: DecisionTable) -> Iterator[str]:
    yield from table.columns
    for row in table.rows:
        for cell in row.when:
            if not isinstance(cell, str):
                yield from _in_condition(cell)
        for operand in row.then:
            yield from _in_operand(operand)
    for operand in table.otherwise or ():
        yield from _in_operand(operand)


def _in_vocabulary(vocabulary: Vocabulary) -> Iterator[str]:
    for fact in vocabulary.facts:
        for reference in (fact.near_from, fact.changeable and fact.changeable.cost_from):
            if isinstance(reference, ParameterReference):
                yield from _in_operand(reference)
    for derived in vocabulary.derived:
        arguments = (*derived.call.items, *(value for _, value in derived.call.named))
        for argument in arguments:
            yield from (argument,) if isinstance(argument, str) else _in_operand(argument)
        for condition in (derived.call.condition, derived.only_when):
            if condition is not None:
                yield from _in_condition(condition)
    for implication in vocabulary.implications:
        yield from _in_condition(implication.when)
    for rule in vocabulary.consistency:
        yield from _in_condition(rule.when)
        yield from _in_prose([rule.message])
    yield from _in_parameters(vocabulary.parameters)


def _in_parameters(parameters: Iterable[Parameter]) -> Iterator[str]:
    for parameter in parameters:
        yield parameter.dated_by
        if parameter.by is not None:
            yield parameter.by


def _in_condition(condition: Condition) -> Iterator[str]:
    for test in tests_of(condition):
        yield test.fact
        yield from _in_operand(test.operand)


def _in_operand(operand: Operand | None) -> Iterator[str]:
    match operand:
        case FactReference(name):
            yield name
        case ParameterReference(name, on):
            yield name
            if on is not None:
                yield on
        case tuple():
            for part in operand:
                yield from _in_operand(part)


def _in_prose(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        yield from (name.strip() for name in _PLACEHOLDER.findall(text))
