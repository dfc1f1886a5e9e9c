"""The compiled engines: zen-engine, CLIPS, Cedar, and CEL in Rust and in C++.

Where an engine has a usual form and a faster, less usual one, both are here.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib import import_module
from itertools import compress
from typing import Any

from benchmarks.plain_policy import Applicant, Fire, PlainComparison, PlainPolicy, json_text, texts


def build_zen_columns(policy: PlainPolicy) -> Fire:
    """A decision table as its editor makes it: a column a fact, an empty cell where a rule does not ask."""
    columns = [{"id": fact, "name": fact, "field": fact} for fact in policy.kinds]
    rows = []
    for name, comparisons in policy.rules.items():
        cells = dict.fromkeys(policy.kinds, "")
        cells |= {comparison.fact: _zen_cell(comparison) for comparison in comparisons}
        rows.append(cells | {"_id": name, "rule": json.dumps(name)})
    return _zen_table(columns, rows)


def build_zen_rows(policy: PlainPolicy) -> Fire:
    """A decision table of one column without a field, in which each row has a whole expression."""
    rows = [
        {"_id": name, "condition": " and ".join(map(_zen_expression, comparisons)), "rule": json.dumps(name)}
        for name, comparisons in policy.rules.items()
    ]
    return _zen_table([{"id": "condition", "name": "condition"}], rows)


def _zen_table(columns: Sequence[dict[str, str]], rows: Sequence[dict[str, str]]) -> Fire:
    """Served by the static loader: `create_decision` is slower, for it compiles nothing beforehand."""
    zen = import_module("zen")
    table = {
        "hitPolicy": "collect",
        "inputs": columns,
        "outputs": [{"id": "rule", "name": "rule", "field": "rule"}],
        "rules": rows,
    }
    nodes: list[dict[str, object]] = [
        {"id": "in", "type": "inputNode"},
        {"id": "table", "type": "decisionTableNode", "content": table},
        {"id": "out", "type": "outputNode"},
    ]
    graph = {
        "nodes": [node | {"name": node["id"], "position": {"x": 0, "y": 0}} for node in nodes],
        "edges": [
            {"id": "first", "sourceId": "in", "targetId": "table", "type": "edge"},
            {"id": "second", "sourceId": "table", "targetId": "out", "type": "edge"},
        ],
    }
    engine = zen.ZenEngine({"loader": {"type": "static", "content": {"policy": graph}}})

    def fire(applicant: Applicant) -> set[str]:
        return {row["rule"] for row in engine.language.conditions("policy", applicant)["result"]}

    return fire


def build_zen_list(policy: PlainPolicy) -> Fire:
    """No decision table: one compiled list expression that has the truth of every rule."""
    zen = import_module("zen")
    conditions = (" and ".join(map(_zen_expression, comparisons)) for comparisons in policy.rules.values())
    expression = zen.compile_expression(f"[{', '.join(conditions)}]")
    names = list(policy.rules)

    def fire(applicant: Applicant) -> set[str]:
        return set(compress(names, expression.evaluate(applicant)))

    return fire


def _zen_expression(comparison: PlainComparison) -> str:
    return f"{comparison.fact} {comparison.symbol} {json_text(comparison.right)}"


def _zen_cell(comparison: PlainComparison) -> str:
    match comparison.symbol:
        case "==":
            return json_text(comparison.right)
        case "in":
            return json_text(comparison.right)[1:-1]
        case "!=" | "not in":
            return f"$ {comparison.symbol} {json_text(comparison.right)}"
        case _:
            return f"{comparison.symbol} {json_text(comparison.right)}"


def build_clips(policy: PlainPolicy) -> Fire:
    """One template with a slot a fact, one pattern a rule; the rules gather their numbers in a global.

    A Python function called by each rule, or an asserted fact a rule, are both slower.
    """
    clips = import_module("clips")
    environment = clips.Environment()
    environment.build("(defglobal ?*held* = (create$))")
    environment.build(f"(deftemplate applicant {' '.join(f'(slot {fact})' for fact in policy.kinds)})")
    order = {fact: number for number, fact in enumerate(policy.kinds)}
    for number, comparisons in enumerate(policy.rules.values()):
        slots = " ".join(map(_clips_slot, sorted(comparisons, key=lambda comparison: order[comparison.fact])))
        environment.build(f"(defrule rule-{number} (applicant {slots}) => (bind ?*held* ?*held* {number}))")
    environment.reset()
    template = environment.find_template("applicant")
    held = environment.find_global("held")
    names = list(policy.rules)

    def fire(applicant: Applicant) -> set[str]:
        fact = template.assert_fact(**applicant)
        environment.run()
        numbers = held.value
        held.value = ()
        fact.retract()
        return {names[number] for number in numbers}

    return fire


def _clips_slot(comparison: PlainComparison) -> str:
    fact, right = comparison.fact, comparison.right
    match comparison.symbol:
        case "==":
            constraint = _clips_constant(right)
        case "!=":
            constraint = f"~{_clips_constant(right)}"
        case "in":
            constraint = "|".join(map(_clips_constant, texts(right)))
        case "not in":
            constraint = "&".join(f"~{_clips_constant(value)}" for value in texts(right))
        case symbol:
            constraint = f"?value-of-{fact}&:({symbol} ?value-of-{fact} {right})"
    return f"({fact} {constraint})"


def _clips_constant(value: object) -> str:
    return str(value).upper() if isinstance(value, bool) else json.dumps(value)


def build_cedar(policy: PlainPolicy) -> Fire:
    """A permit a rule, parsed once into a handle; the answer's reasons are the permits that hold."""
    cedar = import_module("cedarpy")
    permits = (
        f"permit(principal, action, resource) when {{ {' && '.join(map(_cedar_expression, comparisons))} }};"
        for comparisons in policy.rules.values()
    )
    policies = cedar.PolicySet.from_str("\n".join(permits))
    entities = cedar.Entities.from_json_str("[]")
    names = {f"policy{number}": name for number, name in enumerate(policy.rules)}
    request = {"principal": 'User::"u"', "action": 'Action::"advise"', "resource": 'Case::"c"'}

    def fire(applicant: Applicant) -> set[str]:
        answer = cedar.is_authorized(request | {"context": applicant}, policies, entities)
        return {names[reason] for reason in answer.diagnostics.reasons}

    return fire


def _cedar_expression(comparison: PlainComparison) -> str:
    fact, right = f"context.{comparison.fact}", json_text(comparison.right)
    match comparison.symbol:
        case "in":
            return f"{right}.contains({fact})"
        case "not in":
            return f"!{right}.contains({fact})"
        case symbol:
            return f"{fact} {symbol} {right}"


def build_cel_rust(policy: PlainPolicy) -> Fire:
    """A program a rule and one context an applicant (with a dict for each program it is 30 times slower)."""
    cel = import_module("cel")
    programs = [
        (name, cel.compile(_cel_expression(comparisons)).execute)
        for name, comparisons in policy.rules.items()
    ]

    def fire(applicant: Applicant) -> set[str]:
        context = cel.Context(applicant)
        return {name for name, execute in programs if execute(context)}

    return fire


def build_cel_rust_list(policy: PlainPolicy) -> Fire:
    """One program: a list of the truth of every rule."""
    cel = import_module("cel")
    program = cel.compile(f"[{', '.join(map(_cel_expression, policy.rules.values()))}]")
    names = list(policy.rules)

    def fire(applicant: Applicant) -> set[str]:
        return set(compress(names, program.execute(cel.Context(applicant))))

    return fire


def build_cel_cpp(policy: PlainPolicy) -> Fire:
    """A checked program a rule and one activation an applicant."""
    environment = _cel_cpp_environment(policy)
    programs = [
        (name, environment.compile(_cel_expression(comparisons)).eval)
        for name, comparisons in policy.rules.items()
    ]

    def fire(applicant: Applicant) -> set[str]:
        activation = environment.Activation(applicant)
        return {name for name, evaluate in programs if evaluate(activation).value()}

    return fire


def build_cel_cpp_lists(policy: PlainPolicy) -> Fire:
    """Few programs, each a list of the truth of 400 rules (an expression may have 100,000 characters)."""
    environment = _cel_cpp_environment(policy)
    names = list(policy.rules)
    programs = []
    for start in range(0, len(names), 400):
        part = names[start : start + 400]
        conditions = ", ".join(_cel_expression(policy.rules[name]) for name in part)
        programs.append((part, environment.compile(f"[{conditions}]")))

    def fire(applicant: Applicant) -> set[str]:
        activation = environment.Activation(applicant)
        held: set[str] = set()
        for part, program in programs:
            held.update(compress(part, program.eval(activation).plain_value()))
        return held

    return fire


def _cel_cpp_environment(policy: PlainPolicy) -> Any:
    cel = import_module("cel_expr_python.cel")
    types = {"boolean": cel.Type.BOOL, "integer": cel.Type.INT, "enum": cel.Type.STRING}
    return cel.NewEnv(variables={fact: types[kind] for fact, kind in policy.kinds.items()})


def _cel_expression(comparisons: Sequence[PlainComparison]) -> str:
    return " && ".join(
        f"!({comparison.fact} in {json_text(comparison.right)})"
        if comparison.symbol == "not in"
        else f"{comparison.fact} {comparison.symbol} {json_text(comparison.right)}"
        for comparison in comparisons
    )
