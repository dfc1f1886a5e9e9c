"""The four renderings of one report: golden files, widths, hostile text."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import unicodedata
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from hashlib import sha256
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pytest
from markdown_it import MarkdownIt

from engine.language.field_words import UNDECLARED
from engine.language.report import Banner, BannerSubject, Because, Certainty, Report
from engine.rendering import render_html, render_json, render_markdown, render_text, undecided, wording
from engine.rendering.banners import warned
from engine.rendering.neutral import neutral
from tests.support.output_schemas import problems, schema
from tests.support.sample_report import SAMPLE

Golden = Callable[[str, str], None]
HOSTILE_TEXT = (
    "[bold red]x[/bold red] \x1b[31mred\x1b[0m\x9b2J\x07\x00 <script>alert(1)</script><img src=x onerror=y> "
    "&lt; [click](javascript:alert(1)) ![i](http://e.example/i.png) <http://e.example> https://e.example "
    "WWW.e.example mail@e.example @somebody \u202egnp.exe\u2066 \u200b\ufeff \ud800 `code` ``two`` **b** _u_ "
    "~~s~~ $m$ \"q\" 'r' 漢字かな交じり文 e\u0301 a\u200db\u200dc \U0001f469\u200d\U0001f469\u200d\U0001f467 "
    + "W" * 150
    + "漢" * 70
    + "\r\n\n# heading\n- item\n1. one\n    code\u2028---\t| a | b |\n[x]: http://e.example\n\n"
)
HOSTILE = neutral(replace(SAMPLE, advice=SAMPLE.advice[:3]), lambda _text: HOSTILE_TEXT)
EMPTY = replace(
    SAMPLE,
    applicant=None,
    in_force=(),
    banners=(),
    headline=(),
    bands=(),
    findings=(),
    advice=(),
    undetermined=(),
    ask_next=(),
    suppressed=(),
)
REPORTS = pytest.mark.parametrize("report", [SAMPLE, HOSTILE, EMPTY], ids=["sample", "hostile", "empty"])
SGR = re.compile(r"\x1b\[[0-9;]*m")


def columns(line: str) -> int:
    """Display width, measured by other means than the renderer's."""
    return sum(
        0 if unicodedata.category(c) in ("Mn", "Me", "Cf") else 1 + (unicodedata.east_asian_width(c) in "WF")
        for c in line
    )


@pytest.mark.parametrize("width", [60, 80, 100])
def test_text_is_as_agreed(golden: Golden, width: int) -> None:
    golden(f"render/text-{width}.txt", render_text(SAMPLE, width=width))


def test_other_views_are_as_agreed(golden: Golden) -> None:
    golden("render/text-all.txt", render_text(SAMPLE, all_items=True))
    golden("render/text-top-3.txt", render_text(SAMPLE, top=3))
    golden("render/text-colour.txt", render_text(SAMPLE, top=3, colour=True))
    golden("render/text-empty.txt", render_text(EMPTY))
    golden("render/report.md", render_markdown(SAMPLE))
    golden("render/report-all.md", render_markdown(SAMPLE, all_items=True))
    golden("render/report.html", render_html(SAMPLE))
    golden("render/report.json", render_json(SAMPLE))


def overdue(number: int, by: str = "2027-02-01") -> Banner:
    name = f"Policy {number}"
    text = f"{name} (`p{number}` 1.0.0) was due for review by {by}. Check before relying on it."
    about = BannerSubject(name, f"p{number} 1.0.0", f"due by {by}")
    return Banner("stale", text, "policy files to check before they are relied on", (about,))


def test_like_warnings_are_one_sentence_for_people_and_each_by_itself_in_data() -> None:
    season = SAMPLE.banners[1]
    many = replace(SAMPLE, banners=(overdue(1), season, *map(overdue, range(2, 8))))
    head = "Past its review date: 7 policy files to check before they are relied on, all due by 2027-02-01:"
    first = f"{head} Policy 1; Policy 2; Policy 3; and 4 more"

    def words(text: str) -> str:
        text = re.sub(r"</?(?:strong|bdi|time)\b[^>]*>|\*", "", text)
        return " ".join(re.sub(r"<[^>]*>|[║\\>]", " ", text).split())

    text = words(render_text(many, width=120)).replace("PAST ITS REVIEW DATE", "Past its review date")
    assert f"{first} (--all lists them). ! SEASON: {season.text}" in text
    assert "Policy 4" not in text
    assert f"{first} (--all lists them). - Season:" in words(render_markdown(many))
    page = words(render_html(many))
    assert f"{first}. All 7 Policy 1 (p1 1.0.0) Policy 2 (p2 1.0.0) Policy 3 (p3 1.0.0)" in page
    listed = " ".join(f"- Policy {number} (p{number} 1.0.0)" for number in range(1, 8))
    assert f"{head.upper()[:20]}: {head[22:]} {listed} ! SEASON:" in words(
        render_text(many, width=120, all_items=True)
    )
    assert f"{head} {listed} - Season:" in words(render_markdown(many, all_items=True))
    assert [banner["text"] for banner in json.loads(render_json(many))["banners"]] == [
        banner.text for banner in many.banners
    ]


def test_a_warning_names_all_where_one_more_would_fit_and_tells_the_days_that_differ() -> None:
    four = warned(map(overdue, range(4)), UNDECLARED, everything=False)
    assert len(four) == 1
    assert four[0].text.endswith(", all due by 2027-02-01: Policy 0; Policy 1; Policy 2; Policy 3.")
    assert not four[0].listed
    two = warned([overdue(1), overdue(2, "2027-03-01")], UNDECLARED, everything=False)
    assert two[0].text.endswith("relied on: Policy 1, due by 2027-02-01; Policy 2, due by 2027-03-01.")
    assert warned([overdue(1)], UNDECLARED, everything=True)[0].text == overdue(1).text


@REPORTS
@pytest.mark.parametrize("width", [*range(40, 130, 7), 60, 80, 100, 120])
def test_no_line_is_wider_than_asked(report: Report, width: int) -> None:
    for line in render_text(report, width=width, all_items=True).splitlines():
        assert columns(line) <= width, line
        assert line == line.rstrip()


@REPORTS
def test_colour_only_adds_codes(report: Report) -> None:
    plain = render_text(report)
    coloured = render_text(report, colour=True)
    assert SGR.sub("", coloured) == plain
    assert coloured != plain
    assert "\x1b" not in plain


@pytest.mark.parametrize("render", [render_text, render_markdown, render_html], ids=lambda f: f.__name__)
def test_hostile_text_has_no_power(render: Callable[[Report], str]) -> None:
    output = render(HOSTILE)
    output.encode()
    harmful = {c for c in output if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")} - {"\n"}
    assert not harmful
    assert not set(output) & set("\u202e\u2066\u200b\ufeff")
    assert "[bold red]" in output.replace("\\", "")
    assert "gnp.exe" in output


@pytest.mark.parametrize("unit", ["a", "@", " ", "\n", "`", "_", "#", "<", "a\n ", "a_", "1. ", "漢"])
@pytest.mark.parametrize("render", [render_text, render_markdown, render_html], ids=lambda f: f.__name__)
def test_long_texts_take_no_more_than_their_length(render: Callable[[Report], str], unit: str) -> None:
    """Every text of the report is 20,000 letters long: what tries each part of it anew would take minutes."""
    grown = unit * (20_000 // len(unit))
    output = render(neutral(replace(SAMPLE, advice=SAMPLE.advice[:2]), lambda _text: f"x{grown}y@z"))
    assert len(output) > 20_000 or not grown.strip()


@REPORTS
def test_markdown_holds_no_link_image_or_html(report: Report) -> None:
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    tokens = parser.parse(render_markdown(report, all_items=True))
    inline = [child for token in tokens for child in token.children or ()]
    assert {t.type for t in inline} <= {"text", "text_special", "code_inline", "strong_open", "strong_close"}
    assert not {t.type for t in tokens} & {"html_block", "code_block", "fence", "table_open"}
    headings = [token for token in tokens if token.type == "heading_open"]
    runs = len(wording.by_severity(report.advice))
    others = sum(map(bool, (report.undetermined, report.suppressed))) + 1
    assert len(headings) == 1 + runs + len(report.advice) + others
    # Outside code, nothing is left that GitHub would link by itself.
    assert not any(mark in t.content for t in inline if t.type == "text" for mark in ("://", "WWW.", "@"))


class Page(HTMLParser):
    """Elements of a page, with a check that each is closed where it should be."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@REPORTS
def test_page_is_whole_and_self_contained(report: Report) -> None:
    text = render_html(report)
    page = Page(text)
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"script", "img", "link", "iframe", "object", "form", "svg", "base"}
    names = {name for _, attributes in page.elements for name in attributes}
    assert not {name for name in names if name.startswith("on")} | names & {"src", "style", "srcset"}
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {a["href"] for _, a in page.elements if "href" in a} <= {f"#{name}" for name in ids}
    assert ("html", {"lang": "en"}) in page.elements
    levels = [int(tag[1]) for tag in (tag for tag, _ in page.elements) if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    style = text[text.index("<style>") + 7 : text.index("</style>")]
    assert f"style-src 'sha256-{b64encode(sha256(style.encode()).digest()).decode()}'" in text
    assert "default-src 'none'" in text
    assert not re.search(r"url\(|@import", style)


def test_json_keeps_the_schema_and_the_values() -> None:
    output = render_json(SAMPLE)
    data = json.loads(output, parse_float=Decimal)
    assert problems("report", json.loads(output)) == []
    assert list(data) == schema("report")["required"]
    assert list(data["advice"][0]) == schema("report")["$defs"]["item"]["required"]
    assert [item["rank"] for item in data["advice"]] == list(range(1, 30))
    assert str(data["advice"][2]["because"][2]["value"]) == "1.50"
    keys = [
        (r["severity"], r["due"] or "9999", r["tier"], r["category"], r["rule"])
        for r in (item["ranked_by"] for item in data["advice"])
    ]
    assert keys == sorted(keys)


def test_json_is_safe_to_print_and_loses_nothing() -> None:
    output = render_json(HOSTILE)
    output.encode()
    assert json.loads(output)["advice"][0]["text"] == HOSTILE_TEXT
    assert not {c for c in output if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")} - {"\n"}
    assert "\u202e" not in output
    assert "漢字" in output


def test_json_numbers_have_no_exponent() -> None:
    values = (Decimal("1E+2"), Decimal("1E-7"), Decimal("0.10"), 10**18, True, "é")
    head = replace(SAMPLE.headline[0], value=values)
    output = render_json(replace(SAMPLE, headline=(head,)))
    written = output[output.index('"value": [') : output.index("]", output.index('"value": ['))]
    assert written.split()[2:] == ["100,", "0.0000001,", "0.10,", "1000000000000000000,", "true,", '"é"']
    with pytest.raises(ValueError, match="no JSON number"):
        render_json(replace(SAMPLE, headline=(replace(head, value=Decimal("NaN")),)))


def test_items_keep_the_reports_order() -> None:
    mixed = replace(SAMPLE, advice=(SAMPLE.advice[4], SAMPLE.advice[0], SAMPLE.advice[5]))
    for output in (render_text(mixed), render_markdown(mixed), render_html(mixed)):
        places = [output.index(item.rule) for item in mixed.advice]
        assert places == sorted(places)


def test_what_is_left_out_is_counted() -> None:
    assert "… 4 more: --all (4 Notes)" in render_text(SAMPLE)
    assert "… 27 more: --all (2 Important, 25 Notes)" in render_text(SAMPLE, top=2)
    assert " more: " not in render_text(SAMPLE, all_items=True) + render_text(SAMPLE, top=29)


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 9, 1), "today"),
        (date(2026, 9, 2), "tomorrow"),
        (date(2027, 9, 1), "in 365 days"),
        (date(2026, 8, 31), "passed yesterday"),
        (date(2026, 8, 30), "passed 2 days ago"),
    ],
)
def test_distance_is_seen_from_the_reports_day(day: date, words: str) -> None:
    assert wording.distance(day, date(2026, 9, 1)) == words


def test_json_does_not_load_rich() -> None:
    program = (
        "import sys, engine.rendering.as_json; sys.exit('rich' in {m.split('.')[0] for m in sys.modules})"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_where_a_rule_leaves_no_room_people_are_shown_nothing_of_the_rest() -> None:
    (hidden,) = SAMPLE.suppressed
    report = replace(SAMPLE, suppressed=(replace(hidden, silenced=True),))
    for text in (
        render_text(report, all_items=True),
        render_markdown(report, all_items=True),
        render_html(report),
    ):
        assert "Very low band" not in text
        assert "Ask again" not in text  # undecided, and it would change nothing
        assert "outranked" not in text
    assert "score-bands/very-low" in render_json(report)


def test_that_everything_may_change_is_said_once_at_the_top() -> None:
    first, second, *rest = SAMPLE.advice
    assert second.provisional is not None
    stop = replace(second.provisional, silences=True)
    items = tuple(item._replace(provisional=stop) for item in (first, second, *rest))
    for text in (
        render_text(replace(SAMPLE, advice=items)),
        render_markdown(replace(SAMPLE, advice=items)),
        render_html(replace(SAMPLE, advice=items)),
    ):
        assert text.upper().count("ALL OF THIS MAY CHANGE") == 1
        assert "Think about the next cycle" not in text


def test_without_advice_the_questions_come_first() -> None:
    assert SAMPLE.ask_next
    asking = render_text(replace(SAMPLE, advice=()))
    assert "Nothing can be said yet. Please answer these questions first." in asking
    untold = render_text(replace(SAMPLE, advice=(), ask_next=()))
    assert "No rule is known to hold; of " in untold  # no answer decides them, and that is not hidden
    assert "it cannot be told (--all lists them)." in untold.replace("\n", " ")
    nothing = replace(SAMPLE, advice=(), ask_next=(), undetermined=())
    assert "No rule holds for these facts." in render_text(nothing)


def test_an_undecided_item_that_is_certain_is_named_by_its_title_in_every_view() -> None:
    for text in (render_text(SAMPLE), render_markdown(SAMPLE), render_html(SAMPLE)):
        assert "1 more item holds whatever the missing answers are:" in text
        assert "List only programs that sponsor the visa (program-list/visa-filter)" in text
    assert "Postpone the cycle (retake-timing/postpone-the-cycle): possible, needs" in render_text(
        SAMPLE, all_items=True, width=120
    )


def standing(*standings: Certainty | None) -> Report:
    items = tuple(
        item._replace(standing=each, provisional=None)
        for item, each in zip(SAMPLE.advice, standings, strict=False)
    )
    return replace(SAMPLE, advice=items)


STANDINGS: list[tuple[Report, str | None]] = [
    (
        SAMPLE,
        "27 of 29 items hold whatever the missing answers are; numbers 2 and 3 may change with them.",
    ),
    (standing("certain", "certain"), "All 2 items hold whatever the missing answers are."),
    (standing("certain"), "The item above holds whatever the missing answers are."),
    (standing("missing", "possible"), "Every item above may change with the missing answers."),
    (
        standing("certain", "missing", "possible", "possible", "certain", "possible"),
        (
            "2 of 6 items hold whatever the missing answers are: numbers 1 and 5. "
            "The others may change with them."
        ),
    ),
    (
        standing(*["certain"] * 3, *["possible"] * 3, "certain", "missing"),
        "4 of 8 items hold whatever the missing answers are; numbers 4 to 6 and 8 may change with them.",
    ),
    (standing(None, None), None),
    (replace(standing("certain"), ask_next=(), undetermined=()), None),
    (
        replace(standing("missing"), ask_next=(), undetermined=()),
        "The item above may change with the missing answers.",
    ),
    (
        replace(standing("certain", "missing"), banners=(Banner("provisional", "It depends."),)),
        (
            "Unless an answer named at the top silences all other advice, "
            "1 of 2 items holds whatever the missing answers are; number 2 may change with them."
        ),
    ),
]


@pytest.mark.parametrize(("report", "words"), STANDINGS)
def test_which_items_hold_whatever_the_answers_are(report: Report, words: str | None) -> None:
    assert undecided.items_in_words(report) == words


def test_of_a_report_that_is_not_complete_nothing_is_said_of_standing() -> None:
    report = replace(
        SAMPLE,
        advice=tuple(item._replace(standing=None) for item in SAMPLE.advice),
        undetermined=tuple(replace(rule, standing=None) for rule in SAMPLE.undetermined),
    )
    for text in (render_text(report, all_items=True), render_markdown(report), render_html(report)):
        assert not re.search("whatever|possible|certain|Certainty", text)


@pytest.mark.parametrize(
    ("value", "text", "test", "holds", "words"),
    [
        (221, "221", "is below 228", True, "Score is below 228: it is 221"),
        (230, "230", "is below 228", False, "Score is below 228: no, it is 230"),
        (221, "221", "is 221", True, "Score is 221"),
        ("failed", "failed", "is passed", False, "Score is passed: no, it is failed"),
        (False, "no", "is no", True, "Score: no"),
        (False, "no", "is yes", False, "Score: no"),
        ("no", "no", "is yes", False, "Score is yes: no, it is no"),
        (221, "221", "is known", True, "Score: 221"),
        (221, "221", "is not known", False, "Score is not known: no, it is 221"),
        (None, "not known", "is not known", True, "Score is not known"),
        (None, "not known", "is known", False, "Score is known: no"),
    ],
)
def test_a_reason_says_its_value_once(value: Any, text: str, test: str, holds: bool, words: str) -> None:
    assert wording.because_in_words(Because("score", "Score", value, text, test, holds)) == words
