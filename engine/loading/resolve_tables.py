"""Decision tables: cells and outputs get the types of their facts, and what is wrong with them is noted."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from engine.base.diagnostic import Location
from engine.base.numbers import JSON_NUMBER, number_from
from engine.base.record import replace
from engine.language.conditions import facts_of
from engine.language.functions import FUNCTIONS
from engine.language.model import (
    AnyOf,
    CellMark,
    Comparison,
    Condition,
    DecisionRow,
    DecisionTable,
    Fact,
    FactReference,
    Finding,
    Operand,
    ParameterReference,
    Scalar,
    Source,
)
from engine.language.operators import ORDERED
from engine.language.policy_set import (
    Banded,
    Computation,
    Computed,
    Implied,
    ParameterValue,
    ResolvedConsistency,
    Tabled,
)
from engine.language.tables import TRUTH, conclusion_fact
from engine.language.values import typed, value_fix
from engine.loading.resolve_rules import check_citations
from engine.loading.scope import Scope, resolve_condition, resolve_operand
from engine.loading.table_cases import TableCases
from engine.loading.table_overlaps import SureOverlaps

_NUMBERS = frozenset({"integer", "number"})


def table_as_facts(table: DecisionTable, findings: Mapping[str, Finding]) -> tuple[Fact, ...]:
    """The facts that a table gives: its outputs, or for each finding whether a row concludes it."""
    if table.outputs:
        return table.outputs
    facts = []
    for name, at in table.conclusions:
        title = findings[name].title if name in findings else name
        own = conclusion_fact(table.name, name)
        facts.append(Fact(own, f"{table.title}: {title}", "boolean", "derived", at))
    return tuple(facts)


def resolve_table(table: DecisionTable, names: Scope, sources: Mapping[str, Source]) -> tuple[Tabled, ...]:
    """The computations of what a table gives; none when a problem was found (and noted)."""
    before = len(names.problems)
    columns = [_column(name, at, names) for name, at in table.inputs]
    outputs = _outputs(table, names)
    _check_gathered(table, outputs, names)
    check_row_ids(table, names)
    check_citations(table.cites, sources, names)
    for row in table.rows:
        check_citations(row.cites, sources, names)
    if any(column is None for column in columns):
        return ()
    rows = tuple(_row(row, columns, table, outputs, names) for row in table.rows)  # type: ignore[arg-type]  # None is excluded
    otherwise = table.otherwise
    if otherwise is not None:
        cells = zip(otherwise, outputs, strict=True)
        otherwise = tuple(_outcome(each, output, table, table.at, names) for each, output in cells)
    elif table.conclusions:
        otherwise = (False,) * len(outputs)
    if len(names.problems) > before:
        return ()
    resolved = replace(table, rows=rows, otherwise=otherwise)
    return tuple(Tabled(output.name, resolved, place) for place, output in enumerate(outputs))


def _column(name: str, at: Location, names: Scope) -> Fact | None:
    fact = names.fact(name, at)
    if fact is not None and fact.origin == "finding":
        message = f"`{name}` is a finding: it is known only after the rules have fired."
        names.error("finding-too-early", message, at, "Use the facts that it rests on.")
        return None
    return fact


def _outputs(table: DecisionTable, names: Scope) -> tuple[Fact, ...]:
    if table.outputs:
        return table.outputs
    return tuple(names.facts[conclusion_fact(table.name, name)] for name, _ in table.conclusions)


def _check_gathered(table: DecisionTable, outputs: Iterable[Fact], names: Scope) -> None:
    """Notes outputs of a type that the hit policy cannot gather."""
    for output in outputs:
        is_list = output.type == "list"
        match table.hit:
            case "collect" if not table.conclusions and not is_list:
                wrong, help_text = "gathers a list", "Declare it as `type: list`, with `of:`."
            case "collect sum" if output.type not in _NUMBERS:
                wrong, help_text = "adds numbers up", "Declare it as integer or number."
            case "collect min" | "collect max" if output.type not in ORDERED:
                wrong, help_text = "compares what has an order", "Declare it as a number or a date."
            case "collect count" if output.type != "integer":
                wrong, help_text = "counts rows", "Declare it as `type: integer`."
            case _:
                continue
        message = f"`hit: {table.hit}` {wrong}; `{output.name}` is declared as {output.type}."
        names.error("type-mismatch", message, output.at, help_text)


def check_row_ids(table: DecisionTable, names: Scope) -> None:
    """Notes rows that share an id."""
    seen: dict[str, DecisionRow] = {}
    for row in table.rows:
        if row.id in seen:
            message = f"Two rows of `{table.name}` have the id `{row.id}`."
            help_text = f"The other is at {seen[row.id].at}."
            names.error("duplicate-row", message, row.at, help_text)
        seen.setdefault(row.id, row)


def _row(
    row: DecisionRow, columns: list[Fact], table: DecisionTable, outputs: tuple[Fact, ...], names: Scope
) -> DecisionRow:
    from_file = table.rows_file is not None
    when = tuple(_cell(cell, fact, names, from_file) for cell, fact in zip(row.when, columns, strict=True))
    cells = zip(row.then, outputs, row.then_at, strict=True)
    then = tuple(_given(each, output, table, at, names) for each, output, at in cells)
    return replace(row, when=when, then=then)


def _cell(cell: Condition | CellMark, fact: Fact, names: Scope, from_file: bool) -> Condition | CellMark:
    """The cell with typed operands; `any` where it cannot be used, which is noted."""
    if isinstance(cell, str):
        return cell
    resolved = resolve_condition(written_cell(cell, fact, from_file), names)
    if resolved is None:
        return "any"
    for name in facts_of(resolved):
        if names.facts[name].origin == "finding":
            message = f"`{name}` is a finding: it is known only after the rules have fired."
            names.error("finding-too-early", message, resolved.at, "Use the facts that it rests on.")
    return resolved


def written_cell(cell: Condition, fact: Fact, from_file: bool) -> Condition:
    """A cell that tests a value as a condition says it: of a list, that it includes the value.

    In a file all is text: operands are read as their fact says.
    """
    if from_file and isinstance(cell, Comparison):
        cell = replace(cell, operand=_read_as(cell.operand, fact))
    if fact.type == "list" and isinstance(cell, Comparison) and cell.operator in ("is", "one_of"):
        items = cell.operand if isinstance(cell.operand, tuple) else (cell.operand,)
        tests = tuple(Comparison(cell.fact, "includes", item, cell.at) for item in items)
        return tests[0] if len(tests) == 1 else AnyOf(tests, cell.at)
    return cell


def _read_as(operand: Operand, fact: Fact) -> Operand:
    if isinstance(operand, tuple):
        return tuple(_read_as(each, fact) for each in operand)
    if not isinstance(operand, str):
        return operand
    if fact.value_type in _NUMBERS and JSON_NUMBER.fullmatch(operand):
        return number_from(operand)
    if fact.value_type == "boolean":
        return TRUTH.get(operand.lower(), operand)
    return operand


def _given(
    operand: Operand | None, output: Fact, table: DecisionTable, at: Location, names: Scope
) -> Operand | None:
    """What a row gives for an output, with its type; None for nothing, and where it cannot be used."""
    if table.hit == "collect count" and operand is not None:
        return operand if isinstance(operand, (bool, int, str)) else True  # one row is one, whatever it says
    return _outcome(operand, output, table, at, names, item=table.hit == "collect" and output.type == "list")


def _outcome(
    operand: Operand | None,
    output: Fact,
    table: DecisionTable,
    at: Location,
    names: Scope,
    *,
    item: bool = False,
) -> Operand | None:
    """What is given for an output (an `item` of a list): a value of its type, or a fact that has one."""
    if operand is None:
        return False if table.conclusions else None
    if isinstance(operand, (FactReference, ParameterReference)):
        reference = resolve_operand(operand, output, at, names)
        if isinstance(reference, FactReference) and names.facts[reference.fact].origin == "finding":
            message = f"`{reference.fact}` is a finding: it is known only after the rules have fired."
            names.error("finding-too-early", message, at, "Use the facts that it rests on.")
        return reference
    if table.rows_file is not None:
        operand = _read_as(operand, output)
    value, problem = typed(operand, output, item=item)
    if problem is not None:
        names.error("type-mismatch", problem[0], at, problem[1], fix=value_fix(operand, output))
    return value


def settle_tables(
    computations: tuple[Computation, ...], consistency: Iterable[ResolvedConsistency], names: Scope
) -> tuple[Computation, ...]:
    """The computations in their order, each table told whether it is complete.

    Rows that may not both apply and surely can are noted.
    """
    sure = SureOverlaps(computations, consistency, names)
    absent: set[str] = set()
    settled: list[Computation] = []
    known: dict[int, DecisionTable] = {}
    for step in computations:
        if isinstance(step, Tabled):
            table = known.get(id(step.table))
            if table is None:
                cases = TableCases(step.table, names.facts, absent)
                table = known[id(step.table)] = replace(step.table, complete=cases.gap() == ())
                _check_cells(table, cases, names)
                sure.check(table, cases)
            step = replace(step, table=table)
        if may_be_absent(step, absent, names.facts):
            absent.add(step.fact)
        settled.append(step)
    return tuple(settled)


def _check_cells(table: DecisionTable, cases: TableCases, names: Scope) -> None:
    """Notes cells that hold for no value that their fact can have."""
    for place, name in enumerate(table.columns):
        for row in cases.never(place):
            message = f"Row `{row.id}` of `{table.name}` never applies: "
            cell = row.when[place]
            if cell == "absent":
                message += f"`{name}` is never absent."
                help_text = "Write `?` where it is not known."
            else:
                message += f"`{name}` has no value that this cell allows."
                help_text = "Mend the cell, or remove the row."
            at = row.at if isinstance(cell, str) else cell.at
            names.error("cell-never-holds", message, at, help_text)


def may_be_absent(step: Computation, absent: Collection[str], facts: Mapping[str, Fact]) -> bool:
    """Whether a computation may leave its fact without a value, where these facts may be without one."""
    match step:
        case Implied(_, by):
            return any(value is None for _, value in by)
        case Computed(_, call, only_when):
            if only_when is not None:
                return True
            if call.condition is not None:
                return False
            arguments = [isinstance(item, str) and item in absent for item in call.items]
            function = FUNCTIONS[call.function]
            if not function.aggregate:
                return function.partial or any(arguments)
            lists = call.function != "first_known" and any(_is_list(item, facts) for item in call.items)
            return all(arguments) or lists
        case Banded(_, of, _):
            return of in absent
        case ParameterValue(_, _, on):
            return on in absent
        case Tabled(_, table, output):
            given = [row.then[output] for row in table.rows]
            if table.otherwise is not None:
                given.append(table.otherwise[output])
            named = any(isinstance(each, FactReference) and each.fact in absent for each in given)
            settles = table.otherwise is not None or table.complete or table.hit in _NEVER_WITHOUT
            return named or not settles or (None in given and table.hit not in _NEVER_WITHOUT)


def _is_list(item: Scalar, facts: Mapping[str, Fact]) -> bool:
    return isinstance(item, str) and facts[item].type == "list"


_NEVER_WITHOUT = ("collect", "collect count")
"""What these gather of nothing is something."""
