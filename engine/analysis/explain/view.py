"""Explanations in plain words (an outline) and as data."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final

from engine.analysis.explain.explainer import Branch, Explained, Explanation
from engine.analysis.explain.provenance import Origin, Reason, because, wanted_in_words
from engine.analysis.what_if.sensitivity import Threshold, threshold_in_words
from engine.base.record import record
from engine.language.conditions import HOLDS, UNKNOWN, Verdict
from engine.language.report import Certainty
from engine.language.templates import date_in_words
from engine.rendering import wording
from engine.rendering.outline import Line, Outline, Section, parts_as_html
from engine.rendering.pieces import cited, head, point


@record
class ExplanationContext:
    """What explanations may tell besides: near edges, and whether what holds is certain, by rule."""

    edges: tuple[Threshold, ...]
    certainty: Mapping[str, Certainty]


NOTHING: Final = ExplanationContext((), {})
_CERTAINTY: Final[Mapping[Certainty, str]] = {
    "certain": "Certain: it holds whatever the missing answers are.",
    "possible": "Possible: that it holds whatever the missing answers are is not shown.",
    "impossible": "Impossible: no answer could make it hold.",
    "missing": "It speaks of what is missing, so it may go when that is answered.",
}
_VERDICTS: Mapping[Verdict, str] = {verdict: verdict.name for verdict in Verdict}
_MARKS: Mapping[str, str] = {"HOLDS": "✓", "FAILS": "✗", "UNKNOWN": "?"}


def outline(
    explained: Explained, trees: Mapping[str, Branch] | None = None, beside: ExplanationContext = NOTHING
) -> Outline:
    """The explanations for people; with trees, those in place of the ways from facts to advice."""
    report = explained.report
    title = f"Why: {wording.title_of(report)}"
    sections = tuple(
        Section(
            heading(each),
            tuple(_tree_lines(each, trees[each.rule]) if trees else lines(each, explained, beside)),
        )
        for each in explained.rules
    )
    first = [f"As of {date_in_words(report.as_of)}"]
    near = tuple(_edge_lines(beside.edges, {each.rule for each in explained.rules}))
    if near:
        sections = (Section("Near an edge: what a small change would flip", near), *sections)
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
        found = edge.difference
        told = [Line(f"{each.title}: {each.before} → {each.after}") for each in found.bands]
        told += [Line(f"would go: {each.title}") for each in found.lost if each.name in rules]
        told += [Line(f"would come: {each.title}") for each in found.gained if each.name in rules or rules]
        if told:
            yield Line(threshold_in_words(edge), tuple(told))


def lines(
    explanation: Explanation, explained: Explained, beside: ExplanationContext = NOTHING
) -> Iterator[Line]:
    """The whole way from facts to advice, or why there is none."""
    yield Line(_result(explanation))
    certainty = beside.certainty.get(explanation.rule)
    if certainty is not None:
        yield Line(_CERTAINTY[certainty])
    if explanation.verdict is HOLDS:
        reasons = [Line(because(reason)) for reason in explanation.because]
        yield Line("It holds because" if reasons else "It always holds.", tuple(reasons))
    else:
        yield from _not_holding(explanation, explained)
    if explanation.facts:
        yield Line("The facts behind it", tuple(_fact_lines(explanation.facts, explained.facts)), folded=True)
    for edge in beside.edges:
        if any(
            change.name == explanation.rule for change in (*edge.difference.lost, *edge.difference.gained)
        ):
            yield Line(
                f"Near an edge: {'goes' if explanation.rank else 'comes'} with {threshold_in_words(edge)}"
            )
    for neighbour in explanation.neighbours:
        side = "after" if neighbour.before else "before"
        yield Line(f"It stands {side} {neighbour.rank}. {neighbour.title} ({neighbour.words})")
    if explanation.outranks:
        replaced = tuple(Line(f"{each.title} ({each.rule}): {each.reason}") for each in explanation.outranks)
        yield Line("It outranks", replaced)
    if explanation.why:
        yield Line(f"Why the rule is as it is: {explanation.why}")
    yield Line(_rests_on(explanation))


def unfolded(explained: Explained, beside: ExplanationContext = NOTHING) -> dict[str, tuple[str, ...]]:
    """For each rule the lines of HTML to which its item on the report's page unfolds."""
    return {each.rule: tuple(parts_as_html(lines(each, explained, beside))) for each in explained.rules}


def _result(explanation: Explanation) -> str:
    match explanation.result:
        case "shown":
            return f"Shown at rank {explanation.rank}."
        case "outranked":
            by = explanation.by
            return (
                f"It holds, and is not shown: {by.reason} ({by.rule})."
                if by
                else "It holds, and is not shown."
            )
        case "concludes":
            return "It holds. It gives no advice; it draws conclusions that other rules use."
        case "undecided":
            moot = f" {explanation.moot} would outrank it anyway." if explanation.moot else ""
            return f"It cannot be decided.{moot}"
    return "It does not hold."


def _not_holding(explanation: Explanation, explained: Explained) -> Iterator[Line]:
    lacks = explanation.minimal_unmet
    if lacks is None:
        yield Line("Nothing could make it hold: its condition contradicts itself.")
    elif lacks:
        open_ones = [pair for pair in lacks if pair[0].value is None]
        failed = [pair for pair in lacks if pair[0].value is not None]
        if failed:
            yield Line("What keeps it from holding", tuple(_wanted(failed)))
        if open_ones:
            yield Line(
                "What is not known, or has no answer, and would have to be so", tuple(_wanted(open_ones))
            )
    if explanation.missing:
        titles = dict(explained.report.fact_titles)
        asked = ", ".join(f"{titles.get(fact, fact)} ({fact})" for fact in explanation.missing)
        yield Line(f"It needs: {asked}")
    elif explanation.verdict is UNKNOWN:
        yield Line("No answer decides it today.")


def _wanted(lacks: Iterable[tuple[Reason, bool]]) -> Iterator[Line]:
    return (Line(wanted_in_words(reason, holds)) for reason, holds in lacks)


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
    name = _VERDICTS[branch.verdict]
    return Line(f"{_MARKS[name]} {branch.words}: {name}", tuple(map(_branch_line, branch.parts)))


# --- Data


def as_data(
    explained: Explained, trees: Mapping[str, Branch] | None = None, beside: ExplanationContext = NOTHING
) -> dict[str, Any]:
    """The explanations as plain mappings and sequences; dates and Decimals still as such."""
    return {
        **head("explain", explained.report),
        "rules": [
            {
                **_rule(each, trees[each.rule] if trees else None),
                "standing": beside.certainty.get(each.rule),
            }
            for each in explained.rules
        ],
        "facts": {name: _origin(origin) for name, origin in explained.facts.items()},
        "near": [_edge(edge) for edge in beside.edges],
    }


def _rule(each: Explanation, tree: Branch | None) -> dict[str, Any]:
    return {
        "rule": each.rule,
        "version": each.version,
        "at": {"path": each.path, "line": each.line},
        "title": each.title,
        "verdict": _VERDICTS[each.verdict],
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
    found = edge.difference
    return {
        "fact": edge.fact,
        "value": edge.value,
        "distance": edge.distance,
        "higher": edge.higher,
        "gained": [change.name for change in found.gained],
        "lost": [change.name for change in found.lost],
        "bands": {change.name: change.new for change in found.bands},
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
        "verdict": _VERDICTS[branch.verdict],
        "parts": [_branch(part) for part in branch.parts],
    }
