"""`python -m benchmarks.explain`: explaining, asking and what-if against a report; and how few questions do.

Times are ratios of processor time (what else the machine does falls on neither): each task runs right beside
one report on the same applicant, the order changing, and the median is told. The applicants are the shipped
examples, and for `ask` ones of whom little is known.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from random import Random
from statistics import mean, median

import click

from benchmarks.applicants import complete_applicant
from engine.advising.advisor import Advisor, Case
from engine.analysis.ask.order import ask_order
from engine.analysis.certainty.report_certainty import ReportCertainty
from engine.analysis.explain.explainer import Explainer
from engine.analysis.session import read_facts_file
from engine.analysis.what_if.change import read_changes
from engine.analysis.what_if.sensitivity import sensitivity
from engine.analysis.what_if.what_if import Explorer
from engine.base.dates import parse_date
from engine.base.diagnostic import InvalidInput
from engine.base.record import replace
from engine.language.facts import Facts, facts_from_source, read_facts, with_changes
from engine.language.model import Value
from engine.language.policy_set import PolicySet
from engine.loading.folder import shipped_folder
from engine.loading.load import load

DAY = date(2026, 9, 10)
EVERYBODY: Mapping[str, Value] = {
    "applicant.category": "non_us_img",
    "applicant.target_specialty": "med_peds",
}
ENOUGH = 0.9
"""Of the items that are shown in the end, so many are to be settled."""

LIMITS = {"explain all items": 3, "completing the report": 10, "ask": 10, "what-if range": 20}
RANGES = (
    "step2_ck.score=200..260",
    "experience.us_clinical_months=0..12",
    "application.submission_date=2026-09-01..2026-12-31",
    "practice.score=180..260",
)

Choose = Callable[[Case, set[str]], str | None]


def examples() -> Iterator[tuple[Advisor, Facts]]:
    """The shipped examples, each with what advises on its day."""
    loaded = load(shipped_folder(), DAY)
    for path in sorted((Path(__file__).parent.parent / "examples").glob("*.json")):
        source = read_facts_file(str(path))
        policies = replace(loaded, as_of=parse_date(source.data["as_of"]) or DAY)
        yield Advisor(policies), facts_from_source(source, policies.facts)


def ratio_to_a_report(task: Callable[[], object], report: Callable[[], object], rounds: int) -> float:
    """How many times as long as a report a task takes, in turns."""
    ratios = []
    task(), report()
    for number in range(rounds):
        gc.collect()
        gc.disable()
        times = {}
        for name, run in [("task", task), ("report", report)][:: 1 if number % 2 else -1]:
            start = time.process_time_ns()
            run()
            times[name] = time.process_time_ns() - start
        gc.enable()
        ratios.append(times["task"] / times["report"])
    return median(ratios)


def times(rounds: int) -> dict[str, list[float]]:
    """For each task the ratios on every example."""
    found: dict[str, list[float]] = {}

    def note(name: str, task: Callable[[], object], report: Callable[[], object]) -> None:
        found.setdefault(name, []).append(ratio_to_a_report(task, report, rounds))

    for advisor, facts in examples():
        case, explainer, explorer = advisor.case(facts), Explainer(advisor.policies), Explorer(advisor)
        report = partial(advisor.report, facts)
        note("explain all items", partial(explainer.items, case), report)
        note("completing the report", partial(ReportCertainty(advisor).completed, case), report)
        note("near edges", partial(sensitivity, case, explorer), report)
        for text in RANGES:
            over = read_changes([text], [], advisor.policies).range
            assert over is not None
            note("what-if range", partial(explorer.along, case.facts, case.derived, over), report)
    policies = load(shipped_folder(), DAY)
    advisor = Advisor(policies)
    certainty = ReportCertainty(advisor)
    for known in ({}, EVERYBODY, {**EVERYBODY, "step2_ck.status": "failed"}):
        facts = with_changes(read_facts({}, policies.facts), known, str)
        case = advisor.case(facts)
        note("completing the report", partial(certainty.completed, case), partial(advisor.report, facts))
        note("ask", partial(_ask, certainty, policies, facts), partial(advisor.report, facts))
    return found


def _ask(certainty: ReportCertainty, policies: PolicySet, facts: Facts) -> object:
    """All that `advise ask` works out: the order, and what is certain."""
    return ask_order(certainty.case(facts), policies)


# --- Questions


def questions(applicants: int, seed: int) -> dict[str, list[int]]:
    """For each order how many questions each applicant is asked until enough is settled."""
    policies = load(shipped_folder(), DAY)
    advisor = Advisor(policies, engine="evaluator")
    random = Random(seed)
    names = [
        name
        for name, fact in policies.facts.items()
        if fact.origin == "given" and not fact.private and name != "as_of"
    ]
    found: dict[str, list[int]] = {"advise ask": [], "vocabulary order": [], "random order": []}
    for number in range(applicants):
        full = complete_applicant(advisor, random, EVERYBODY)
        shuffled = random.sample(names, len(names))
        orders: Mapping[str, Choose] = {
            "advise ask": partial(_most_worthwhile, policies),
            "vocabulary order": partial(_first_open, names),
            "random order": partial(_first_open, shuffled),
        }
        for name, choose in orders.items():
            found[name].append(_asked_until_settled(advisor, full, choose))
        print(f"applicant {number + 1} of {applicants}", file=sys.stderr)
    return found


def _most_worthwhile(policies: PolicySet, case: Case, asked: set[str]) -> str | None:
    return next((each.fact for each in ask_order(case, policies) if each.fact not in asked), None)


def _first_open(order: Sequence[str], case: Case, asked: set[str]) -> str | None:
    values, absent = case.decisions.values, case.decisions.absent
    return next(
        (name for name in order if name not in asked and name not in values and name not in absent), None
    )


def _asked_until_settled(advisor: Advisor, full: Facts, choose: Choose) -> int:
    final = {item.rule for item in advisor.report(full).advice}
    facts, asked = with_changes(full, dict.fromkeys(full.values), str), set[str]()
    while True:
        case = advisor.case(facts)
        shown = {item.rule for item in case.report.advice}
        if len(shown & final) >= ENOUGH * len(final):
            return len(asked)
        name = choose(case, asked)
        if name is None:
            return len(asked)
        asked.add(name)
        # An answer may contradict what is known while another is missing; then it is taken up with that one.
        for each in sorted(asked & full.values.keys() - facts.values.keys()):
            tried = with_changes(facts, {each: full.values[each]}, str)
            try:
                advisor.derive(tried)
            except InvalidInput:
                continue
            facts = tried


@click.command()
@click.option("--rounds", default=15, show_default=True)
@click.option("--applicants", default=20, show_default=True, help="For the questions; 0 leaves them out.")
@click.option("--seed", default=1, show_default=True)
def main(rounds: int, applicants: int, seed: int) -> None:
    """Prints two Markdown tables; exit 1 when a ratio is over its limit."""
    found = times(rounds)
    print("| task | times a report, median | most | limit |\n| --- | ---: | ---: | ---: |")
    over = False
    for name, ratios in found.items():
        limit = LIMITS.get(name)
        over |= limit is not None and max(ratios) > limit
        print(f"| {name} | {median(ratios):.1f} | {max(ratios):.1f} | {limit or ''} |")
    if applicants:
        print(f"\n| order | questions until {ENOUGH:.0%} of the items stand, mean | least | most |")
        print("| --- | ---: | ---: | ---: |")
        for name, numbers in questions(applicants, seed).items():
            print(f"| {name} | {mean(numbers):.1f} | {min(numbers)} | {max(numbers)} |")
    if over:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
