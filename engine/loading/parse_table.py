"""Decision tables as they are written, into the model."""

from __future__ import annotations

import re
from typing import Any, Final, get_args

from engine.base.counted import counted
from engine.language import model
from engine.language.model import AllOf, CellMark, Comparison, Condition, Operand
from engine.language.operators import Operator
from engine.language.tables import conclusion_fact
from engine.loading.node import Node, UnusableEntry
from engine.loading.parse_condition import operand
from engine.loading.parse_vocabulary import citations, declared_fact
from engine.loading.table_cell import text_cell
from engine.loading.table_file import rows_of_file

_COLLECTS_FINDINGS: Final = ("unique", "any", "first", "collect")


def table(node: Node, applies_to: Condition | None = None) -> model.DecisionTable:
    """A table under its name. Raises UnusableEntry; what it would have given is then remembered as broken."""
    try:
        return _table(node, applies_to)
    except UnusableEntry:
        given = node["outputs"].value
        node.context.broken += [*(given if isinstance(given, dict) else ()), *_findings(node)]
        raise


def _findings(node: Node) -> list[str]:
    named = node["conclusions"].value
    return [conclusion_fact(node.name, each) for each in named] if isinstance(named, list) else []


def _table(node: Node, applies_to: Condition | None) -> model.DecisionTable:
    outputs = tuple(declared_fact(output, "derived") for output in node["outputs"])
    conclusions = node["conclusions"].names()
    hit: model.HitPolicy = node["hit"].value or "unique"
    if bool(outputs) == bool(conclusions):
        message = f"Table `{node.name}` must have either `outputs` or `conclusions`."
        help_text = "`outputs:` declares the facts that it gives, `conclusions:` lists findings."
        raise node.error("table-gives", message, help_text, node.key_at)
    if conclusions:
        _check_conclusions(node, hit)
    columns = tuple(name for name, _ in node["inputs"].names())
    counts = len(columns), len(outputs or conclusions)
    gives = tuple(output.name for output in outputs) or tuple(name for name, _ in conclusions)
    if isinstance(node["rows"].value, str):
        rows = rows_of_file(node, columns, gives)
    else:
        rows = tuple(_row(row, columns, counts) for row in node["rows"])
    otherwise = node["otherwise"]
    if otherwise.present:
        _check_count(otherwise, "otherwise", counts[1], "output")
    return model.DecisionTable(
        name=node.name,
        title=node["title"].value,
        hit=hit,
        inputs=node["inputs"].names(),
        outputs=outputs,
        conclusions=conclusions,
        rows=rows,
        otherwise=tuple(map(_given, otherwise)) if otherwise.present else None,
        tier=node["tier"].value,
        cites=citations(node["cites"]),
        why=node["why"].value,
        at=node.key_at,
        rows_file=node["rows"].value if isinstance(node["rows"].value, str) else None,
        rows_digest=node["rows_digest"].value,
        applies_to=applies_to if conclusions else None,
    )


def _check_conclusions(node: Node, hit: str) -> None:
    if "policy" not in node.context.source.data:
        message = f"Table `{node.name}` concludes findings, which only a policy may."
        raise node.error("table-gives", message, "Put it in a policy file.", node.key_at)
    if hit not in _COLLECTS_FINDINGS:
        message = f"Findings cannot be gathered by `{hit}`."
        help_text = f"Write one of {', '.join(_COLLECTS_FINDINGS)}."
        raise node.error("table-gives", message, help_text, node["hit"].at)
    if not node["tier"].present:
        message = f"Table `{node.name}` concludes findings, so it needs a `tier`."
        raise node.error("missing-key", message, "Add `tier:`, as rules have it.", node.key_at)


def rules_of(table: model.DecisionTable, policy: str) -> tuple[model.Rule, ...]:
    """The rules by which a table concludes its findings, one each: what its rows say stands as a fact."""
    table_id = _as_id(table.name)
    cites = dict.fromkeys((*table.cites, *(each for row in table.rows for each in row.cites)))
    rules = []
    for finding, at in table.conclusions:
        test = Comparison(conclusion_fact(table.name, finding), "is", True, table.at)
        parts = table.applies_to.parts if isinstance(table.applies_to, AllOf) else (table.applies_to,)
        conditions = (*(part for part in parts if part is not None), test)
        rules.append(
            model.Rule(
                id=table_id if len(table.conclusions) == 1 else f"{table_id}-{_as_id(finding)}",
                policy=policy,
                title=table.title if len(table.conclusions) == 1 else f"{table.title}: {finding}",
                when=test if len(conditions) == 1 else AllOf(conditions, table.at),
                conclude=((finding, at),),
                advise=None,
                supersedes=(),
                silences=(),
                tier=table.tier or "",
                cites=tuple(cites),
                why=table.why,
                at=table.at,
            )
        )
    return tuple(rules)


def _as_id(name: str) -> str:
    return re.sub("[._]+", "-", name)


def _row(node: Node, columns: tuple[str, ...], counts: tuple[int, int]) -> model.DecisionRow:
    _check_count(node["when"], "when", counts[0], "input")
    _check_count(node["then"], "then", counts[1], "output")
    cells = zip(columns, node["when"], strict=True)
    return model.DecisionRow(
        id=node["id"].value,
        when=tuple(cell(column, each) for column, each in cells),
        then=tuple(map(_given, node["then"])),
        cites=citations(node["cites"]),
        why=node["why"].value,
        at=node.at,
        then_at=tuple(each.at for each in node["then"]),
    )


def _check_count(node: Node, name: str, needed: int, what: str) -> None:
    has = len(node.value)
    if has != needed:
        message = f"`{name}` has {counted(has, 'cell')}; the table has {counted(needed, what)}."
        raise node.error("row-cells", message, f"Write one cell for each {what}.")


def cell(column: str, node: Node) -> Condition | CellMark:
    """A cell as a condition on the fact of its column, or as what else it says. Raises UnusableEntry."""
    value, at = node.value, node.at
    if value == {"": None}:  # which is how YAML reads a bare question mark in brackets
        return "not known"
    if isinstance(value, dict):
        tests = tuple(Comparison(column, _operator(right), operand(right), right.key_at) for right in node)
        return tests[0] if len(tests) == 1 else AllOf(tests, at)
    if isinstance(value, list):
        return Comparison(column, "one_of", tuple(value), at)
    return text_cell(column, value, at) if isinstance(value, str) else Comparison(column, "is", value, at)


def _operator(node: Node) -> Any:
    known = get_args(Operator)
    if node.name not in known or node.name == "known":
        message = f"`{node.name}` is nothing that a cell can say."
        help_text = f"Write one of {', '.join(each for each in known if each != 'known')}."
        raise node.error("unknown-key", message, help_text, node.key_at)
    return node.name


def _given(node: Node) -> Operand | None:
    if node.value in ("absent", "-"):
        return None
    return operand(node)
