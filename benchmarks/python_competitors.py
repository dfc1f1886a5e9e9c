"""The engines written in Python: JSON-logic, business-rules and rule-engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from benchmarks.plain_policy import Applicant, Fire, Plain, PlainComparison, PlainPolicy, json_text, texts


def build_json_logic(policy: PlainPolicy) -> Fire:
    """A JSON-logic tree a rule (one list of all trees takes as long)."""
    apply = import_module("json_logic").jsonLogic
    rules = [
        (name, {"and": [_json_logic_test(comparison) for comparison in comparisons]})
        for name, comparisons in policy.rules.items()
    ]

    def fire(applicant: Applicant) -> set[str]:
        return {name for name, rule in rules if apply(rule, applicant)}

    return fire


def _json_logic_test(comparison: PlainComparison) -> dict[str, object]:
    variable = {"var": comparison.fact}
    match comparison.symbol:
        case "==" | "!=":
            return {f"{comparison.symbol}=": [variable, comparison.right]}
        case "in":
            return {"in": [variable, list(texts(comparison.right))]}
        case "not in":
            return {"!": [{"in": [variable, list(texts(comparison.right))]}]}
        case symbol:
            return {symbol: [variable, comparison.right]}


def build_business_rules(policy: PlainPolicy) -> Fire:
    """Variables and one action as methods, the rules as its JSON; `run_all` runs them."""
    base = import_module("business_rules.variables")
    actions_base = import_module("business_rules.actions")
    run_all = import_module("business_rules").run_all
    decorators = {
        "boolean": base.boolean_rule_variable,
        "integer": base.numeric_rule_variable,
        "enum": base.string_rule_variable,
    }

    def variable(fact: str) -> Callable[[Any], Plain]:
        def value(self: Any) -> Plain:
            return self.values[fact]  # type: ignore[no-any-return]  # no types published

        value.__name__ = fact
        decorated: Callable[[Any], Plain] = decorators[policy.kinds[fact]](value)
        return decorated

    variables_of = type("Variables", (base.BaseVariables,), {fact: variable(fact) for fact in policy.kinds})

    def hold(self: Any, rule: str) -> None:
        self.held.add(rule)

    hold = actions_base.rule_action(params={"rule": "text"})(hold)
    actions_of = type("Actions", (actions_base.BaseActions,), {"hold": hold})
    rules = [
        {
            "conditions": {"all": [_business_test(comparison, policy) for comparison in comparisons]},
            "actions": [{"name": "hold", "params": {"rule": name}}],
        }
        for name, comparisons in policy.rules.items()
    ]

    def fire(applicant: Applicant) -> set[str]:
        variables: Any = variables_of()
        actions: Any = actions_of()
        variables.values, actions.held = applicant, set()
        run_all(rules, variables, actions)
        held: set[str] = actions.held
        return held

    return fire


_BUSINESS_OPERATORS = {
    "==": "equal_to", ">=": "greater_than_or_equal_to", ">": "greater_than",
    "<=": "less_than_or_equal_to", "<": "less_than",
}  # fmt: skip


def _business_test(comparison: PlainComparison, policy: PlainPolicy) -> dict[str, object]:
    """Its texts know no *differs*: that becomes a choice of the other values."""
    fact, symbol, right = comparison.fact, comparison.symbol, comparison.right
    if isinstance(right, bool):
        operator = "is_true" if right == (symbol == "==") else "is_false"
        return {"name": fact, "operator": operator, "value": None}
    wanted: Sequence[Plain]
    match symbol:
        case "!=" | "not in":
            excluded = texts(right) if isinstance(right, tuple) else (right,)
            wanted = [value for value in policy.choices[fact] if value not in excluded]
        case "in":
            wanted = texts(right)
        case _:
            return {"name": fact, "operator": _BUSINESS_OPERATORS[symbol], "value": right}
    return {"any": [{"name": fact, "operator": "equal_to", "value": value} for value in wanted]}


def build_rule_engine(policy: PlainPolicy) -> Fire:
    """A compiled rule object a rule."""
    rule_engine = import_module("rule_engine")
    rules = [
        (name, rule_engine.Rule(" and ".join(map(_rule_engine_expression, comparisons))))
        for name, comparisons in policy.rules.items()
    ]

    def fire(applicant: Applicant) -> set[str]:
        return {name for name, rule in rules if rule.matches(applicant)}

    return fire


def _rule_engine_expression(comparison: PlainComparison) -> str:
    text = f"{comparison.fact} {comparison.symbol.removeprefix('not ')} {json_text(comparison.right)}"
    return f"not ({text})" if comparison.symbol == "not in" else text
