"""Explanations in plain words (an outline) and as data."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final

from engine.analysis.explain.explainer import Branch, Explained, Explanation
from engine.analysis.explain.provenance import Origin, Reason, because, wanted_in_words
from engine.analysis.what_if.sensitivity import Threshold, threshold_in_words
from engine.language.conditions import FAILS, HOLDS, UNKNOWN, Verdict
from engine.language.report import Certainty
from engine.language.templates import date_in_words
from engine.rendering import wording
from engine.rendering.outline import Line, Outline, Section, parts_as_html
from engine.rendering.pieces import cited, head, point

_CERTAINTY: Final[Mapping[Certainty, str]] = {
    "certain": "Certain: it holds whatever the missing answers are.",
    "possible": "Possible: that it holds whatever the missing answers are is not shown.",
    "impossible": "Impossible: no answer could make it hold.",
    "missing": "It speaks of what is missing, so it may go when that is answered.",
}
_MARKS: Final[Mapping[Verdict, str]] = {HOLDS: "✓", FAILS: "✗", UNKNOWN: "?"}


def outline(explained: Explained, trees: Mapping[str, Branch] | None = None) -> Outline:
    """The explanations for people; with trees, those in place of the ways from facts to advice."""
    report = explained.report
    title = f"Why: {wording.title_of(report)}"
    sections = tuple(
        Section(
            heading(each), tuple(_tree_lines(each, trees[each.rule]) if trees else lines(each, explained))
        )
        for each in explained.rules
    )
    first = [f"As of {date_in_words(report.as_of, report.words.formats)}"]
    near = tuple(_edge_lines(explained.edges, {each.rule for each in explained.rules}))
    if near:
        edge = Section("Near an edge: what a small change would flip", near)
        # Of one rule its verdict comes first; of a whole report, what may flip in it.
        sections = (*sections, edge) if len(sections) == 1 else (edge, *sections)
    if not sections:
        first.append(wording.nothing_holds(report))
    return Outline(title, tuple(first), sections)


def heading(explanation: Explanation) -> str:
    """What the explanation is about."""
    rank = f"{explanation.rank}. " if explanation.rank is not None else ""
    return f"{rank}{explanation.title} ({explanation.rule})"


def _edge_lines(edges: Iterable[Threshold], rules: Collection[str]) -> Iterator[Line]:
    """The edges at which a range changes, or one of these rules' items comes or goes."""
    for edge in edges:
        difference = edge.difference
        changes = [f"{each.title}: {each.before} → {each.after}" for each in difference.bands]
        changes += [f"would go: {each.title}" for each in difference.lost if each.name in rules]
        changes += [f"would come: {each.title}" for each in difference.gained if rules]
        if changes:
            yield Line(threshold_in_words(edge), tuple(map(Line, changes)))


def lines(explanation: Explanation, explained: Explained) -> Iterator[Line]:
    """The whole way from facts to advice, or why there is none."""
    yield Line(_result(explanation))
    if explanation.certainty is not None:
        yield Line(_CERTAINTY[explanation.certainty])
    if explanation.verdict is HOLDS:
        reasons = [Line(because(reason)) for reason in explanation.because]
        yield Line("It holds because" if reasons else "It always holds.", tuple(reasons))
    else:
        yield from _not_holding(explanation, explained)
    if explanation.facts:
        yield Line("The facts behind it", tuple(_fact_lines(explanation.facts, explained.facts)), folded=True)
    for edge in explained.edges:
        if explanation.rule in {each.name for each in (*edge.difference.lost, *edge.difference.gained)}:
            change = "goes" if explanation.rank else "comes"
            yield Line(f"Near an edge: {change} with {threshold_in_words(edge)}")
    for neighbour in explanation.neighbours:
        side = "after" if neighbour.before else "before"
        yield Line(f"It stands {side} {neighbour.rank}. {neighbour.title} ({neighbour.words})")
    if explanation.outranks:
        replaced = tuple(Line(f"{each.title} ({each.rule}): {each.reason}") for each in explanation.outranks)
        yield Line("It outranks", replaced)
    if explanation.why:
        yield Line(f"Why the rule is as it is: {explanation.why}")
    yield Line(_rests_on(explanation))


def unfolded(explained: Explained) -> dict[str, tuple[str, ...]]:
    """For each rule the lines of HTML to which its item on the report's page unfolds."""
    return {each.rule: tuple(parts_as_html(lines(each, explained))) for each in explained.rules}


def _result(explanation: Explanation) -> str:
    match explanation.result:
        case "shown":
            return f"Shown at rank {explanation.rank}."
        case "outranked":
            by = explanation.by
            return f"It holds, and is not shown{f': {by.reason} ({by.rule})' if by else ''}."
        case "concludes":
            return "It holds. It gives no advice; it draws conclusions that other rules use."
        case "undecided":
            moot = f" {explanation.moot} would outrank it anyway." if explanation.moot else ""
            return f"It cannot be decided.{moot}"
    return "It does not hold."


def _not_holding(explanation: Explanation, explained: Explained) -> Iterator[Line]:
    unmet = explanation.minimal_unmet
    if unmet is None:
        yield Line("Nothing could make it hold: its condition contradicts itself.")
    else:
        failing = tuple(_unmet_lines(pair for pair in unmet if pair[0].value is not None))
        unknown = tuple(_unmet_lines(pair for pair in unmet if pair[0].value is None))
        if failing:
            yield Line("What keeps it from holding", failing)
        if unknown:
            yield Line("What is not known, or has no answer, and would have to be so", unknown)
    if explanation.missing:
        yield Line(f"It needs: {wording.facts_in_words(explanation.missing, explained.report)}")
    elif explanation.verdict is UNKNOWN:
        yield Line("No answer decides it today.")


def _unmet_lines(unmet: Iterable[tuple[Reason, bool]]) -> Iterator[Line]:
    return (Line(wanted_in_words(reason, holds)) for reason, holds in unmet)


def _fact_lines(names: Iterable[str], facts: Mapping[str, Origin]) -> Iterator[Line]:
    for name in names:
        origin = facts[name]
        place = f" at {origin.at}" if origin.how == "given" else ""
        yield Line(f"{origin.title}: {origin.text} — {origin.how}{place} [{name}]")


def _rests_on(explanation: Explanation) -> str:
    place = f"{explanation.path}:{explanation.line}"
    passages = wording.references(explanation.cites)
    return f"Rule {explanation.rule} {explanation.version}, {place}. {explanation.tier}: {passages}"


def _tree_lines(explanation: Explanation, tree: Branch) -> Iterator[Line]:
    yield Line(_result(explanation))
    yield _branch_line(tree)
    yield Line(_rests_on(explanation))


def _branch_line(branch: Branch) -> Line:
    words = f"{_MARKS[branch.verdict]} {branch.words}: {branch.verdict.name}"
    return Line(words, tuple(map(_branch_line, branch.parts)))


# --- Data


def as_data(explained: Explained, trees: Mapping[str, Branch] | None = None) -> dict[str, Any]:
    """The explanations as plain mappings and sequences; dates and Decimals still as such."""
    return {
        **head("explain", explained.report),
        "rules": [
            {
                **_rule(each, trees[each.rule] if trees else None),
                "standing": each.certainty,
            }
            for each in explained.rules
        ],
        "facts": {name: _origin(origin) for name, origin in explained.facts.items()},
        "near": [_edge(edge) for edge in explained.edges],
    }


def _rule(each: Explanation, tree: Branch | None) -> dict[str, Any]:
    return {
        "rule": each.rule,
        "version": each.version,
        "at": {"path": each.path, "line": each.line},
        "title": each.title,
        "verdict": each.verdict.name,
        "result": each.result,
        "rank": each.rank,
        "suppressed": each.by and {"by": each.by.rule, "reason": each.by.reason},
        "moot": each.moot,
        "because": [_reason(reason) for reason in each.because],
        "lacking": None
        if each.minimal_unmet is None
        else [{**_reason(reason), "must_hold": holds} for reason, holds in each.minimal_unmet],
        "needs": each.missing,
        "neighbours": [
            {"rank": other.rank, "rule": other.rule, "key": other.key, "reason": other.words}
            for other in each.neighbours
        ],
        "outranks": [{"rule": other.rule, "reason": other.reason} for other in each.outranks],
        "facts": each.facts,
        "cites": cited(each.cites),
        "tree": tree and _branch(tree),
    }


def _edge(edge: Threshold) -> dict[str, Any]:
    difference = edge.difference
    return {
        "fact": edge.fact,
        "value": edge.value,
        "distance": edge.distance,
        "higher": edge.higher,
        "gained": [change.name for change in difference.gained],
        "lost": [change.name for change in difference.lost],
        "bands": {change.name: change.new for change in difference.bands},
    }


def _reason(reason: Reason) -> dict[str, Any]:
    return {
        "fact": reason.fact,
        "value": reason.value,
        "test": reason.test,
        "holds": reason.holds,
        "against": reason.against,
    }


def _origin(origin: Origin) -> dict[str, Any]:
    return {
        "title": origin.title,
        "kind": origin.kind,
        "value": origin.value,
        "how": origin.how,
        "inputs": origin.inputs,
        "at": point(origin.at),
        "rules": origin.rules,
    }


def _branch(branch: Branch) -> dict[str, Any]:
    return {
        "condition": branch.words,
        "verdict": branch.verdict.name,
        "parts": [_branch(part) for part in branch.parts],
    }
