"""A report of every kind of content: overdue, provisional, inferred, outranked, undetermined, unknown."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from engine.language.model import Value
from engine.language.report import (
    Banner,
    Because,
    CitedPassage,
    Headline,
    Item,
    PolicyInForce,
    Provisional,
    Question,
    Report,
    Suppressed,
    Undetermined,
)

GUIDE = ("Step Score Strategy for Non-US Citizen IMGs", "step-guide")
BOOKLET = ("ECFMG information booklet", "ecfmg-booklet")


def passage(source: tuple[str, str], anchor: str, title: str, section: str | None) -> CitedPassage:
    return CitedPassage(source[1], anchor, title, section, source[0], source[0].split()[0])


def because(fact: str, value: Value | None, test: str, holds: bool) -> Because:
    words = {True: "yes", False: "no", None: "not known"}
    text = words[value] if value is None or isinstance(value, bool) else str(value)
    if isinstance(value, tuple):
        text = ", ".join(map(str, value))
    return Because(fact, fact.rpartition(".")[2].replace("_", " ").capitalize(), value, text, test, holds)


WAITING = passage(BOOKLET, "reexamination", "Waiting periods between attempts", "Reexamination")
RETAKE = passage(GUIDE, "pitfall.retake-wait", "Six to eight weeks before a retake", "Common Pitfalls")
READINESS = passage(GUIDE, "pitfall.retake-readiness", "Practice scores above the target", "Common Pitfalls")
BACKUP = passage(GUIDE, "programs.backup", "Categorical programs as a backup", None)


def advice(rule: str, line: int, title: str, severity: str, **more: object) -> Item:
    plain = Item(
        rank=0,
        rule=rule,
        version="1.2.0",
        path=f"{rule.split('/')[0]}.yaml",
        line=line,
        title=title,
        text="",
        steps=(),
        severity=severity,
        category="retake",
        tier="guide",
        due=None,
        overdue=False,
        cites=(READINESS,),
        because=(),
        provisional=None,
        standing="certain",
    )
    return plain._replace(**more)  # type: ignore[arg-type]  # the names are Item's own


ITEMS = (
    advice(
        "retake-timing/planned-before-permitted",
        48,
        "Move the sitting of 20 September",
        "critical",
        text="The failed sitting was on 2026-08-10 (10 August 2026), the third within twelve months. The "
        "attempt rules do not permit another before 2026-10-02 (2 October 2026).\n\n"
        "That is a rule, not an opinion: a sitting before that day is refused.",
        steps=(
            "Move the booking to a day on or after 2026-10-02 (2 October 2026).",
            "Ask the testing service whether the eligibility period covers the new day; do so in writing.",
        ),
        tier="official",
        due=date(2026, 8, 21),
        overdue=True,
        cites=(WAITING, RETAKE),
        because=(
            because("step2_ck.planned_date", date(2026, 9, 20), "before 2026-10-02", True),
            because("step2_ck.attempt_dates", (date(2025, 11, 3), date(2026, 8, 10)), "given", True),
        ),
    ),
    advice(
        "retake-timing/advised-window",
        73,
        "Prepare for six to eight weeks before the retake",
        "critical",
        text="It is hard to read a result like this one. The guide asks for six to eight weeks of targeted "
        "preparation: from 2026-10-13 (13 October 2026) if it begins today.",
        due=date(2026, 9, 20),
        cites=(RETAKE,),
        because=(because("step2_ck.status", "failed", "is failed", True),),
        provisional=Provisional(
            "retake-timing/postpone-the-cycle",
            "Think about the next cycle",
            ("study.weeks_since_setback", "visa.need"),
            False,
        ),
        standing="possible",
    ),
    advice(
        "failure-handling/tell-ready-from-hopeful",
        120,
        "Know that you are ready before you book",
        "important",
        text="A practice score of 221 is above the passing score of 218, but not clearly: one practice "
        "score is an estimate of roughly plus or minus 10 points.",
        steps=("Take two full-length practice exams in one sitting each, strictly timed.",),
        tier="inference",
        due=date(2026, 9, 1),
        category="preparation",
        because=(
            because("practice.score", 221, "below 228", True),
            because("practice.percent", None, "known", False),
            because("experience.us_clinical_months", Decimal("1.50"), "below 3", True),
        ),
        standing="missing",
    ),
    advice(
        "program-list/backup",
        31,
        "Plan categorical applications beside Med-Peds",
        "important",
        text="Consider 25 to 60 categorical applications in internal medicine or pediatrics.",
        cites=(BACKUP,),
        category="program-list",
        due=date(2026, 9, 2),
    ),
    *(
        advice(
            f"context/note-{number:02}",
            10 * number,
            f"Note number {number}",
            "note",
            category="context",
            text="Programs differ; no single cut-off exists.",
        )
        for number in range(1, 26)
    ),
)

SAMPLE = Report(
    as_of=date(2026, 9, 1),
    applicant="case-d",
    facts_digest="sha256:" + "5e" * 32,
    policies_digest="sha256:" + "a1b2" * 16,
    in_force=(
        PolicyInForce(
            "retake-timing", "1.2.0", "retake-timing.yaml", "sha256:" + "0f" * 32, date(2026, 6, 3), None
        ),
        PolicyInForce(
            "score-bands",
            "1.1.0",
            "archive/score-bands-1.1.0.yaml",
            "sha256:" + "1f" * 32,
            date(2025, 6, 3),
            date(2027, 3, 31),
        ),
    ),
    banners=(
        Banner(
            "stale",
            "score-bands 1.1.0 was to be reviewed by 2026-08-01 (1 August 2026); it may be out of date.",
        ),
        Banner("season", "No dates are published for the 2028 season."),
    ),
    headline=(
        Headline("step2_ck.band", "Step 2 CK band", None, ""),
        Headline("step2_ck.attempts", "Step 2 CK attempts", 3, "3"),
        Headline("application.days_until_submission", "Days until the application is submitted", 1, "1 day"),
    ),
    bands=(("step2_ck.band", None),),
    findings=(("profile.low_score", True), ("profile.improving", None)),
    advice=tuple(item._replace(rank=rank) for rank, item in enumerate(ITEMS, 1)),
    undetermined=(
        Undetermined(
            "program-list/visa-filter",
            "List only programs that sponsor the visa",
            ("visa.need",),
            None,
            True,
            "certain",
        ),
        Undetermined(
            "retake-timing/postpone-the-cycle",
            "Postpone the cycle",
            ("visa.need", "step1.status"),
            None,
            True,
            "possible",
        ),
        Undetermined(
            "visa/ask-again", "Ask again", ("visa.need",), "retake-timing/advised-window", False, "possible"
        ),
    ),
    ask_next=(
        Question("visa.need", "Which visa does the applicant need?", 2),
        Question("step1.status", "How does Step 1 stand?", 1),
        *(
            Question(f"letters.kind_{n}", f"How many letters of kind {n} are in hand?", 1)
            for n in range(1, 6)
        ),
    ),
    suppressed=(
        Suppressed(
            "score-bands/very-low",
            "Very low band",
            "retake-timing/planned-before-permitted",
            "A date that breaks a rule comes before the reading of a score.",
            False,
        ),
    ),
    fact_titles=(("study.weeks_since_setback", "Weeks of preparation"), ("visa.need", "Visa needed")),
    sort=("severity", "due", "tier", "category", "rule"),
    severities=(
        ("stop", "Stop"),
        ("critical", "Critical"),
        ("important", "Important"),
        ("recommended", "Recommended"),
        ("note", "Notes"),
    ),
    tiers=(("official", "Official rule"), ("guide", "Guide"), ("inference", "Our inference")),
    categories=(
        ("retake", "Retake"),
        ("preparation", "Preparation"),
        ("program-list", "Program list"),
        ("context", "Context"),
    ),
    tool="advise 0.1.0",
    engine="durable-rules 2.0.28 + evaluator",
    python="3.11",
)
