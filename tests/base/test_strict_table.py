"""Tables as text: read as meant, or refused at line and column, with all that is wrong at once."""

from __future__ import annotations

import io
import time
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from engine.base.diagnostic import InvalidInput
from engine.base.diagnostics import Diagnostics
from engine.base.strict_table import MOST_PROBLEMS, Column, InputTable

COLUMNS = {
    "here": Column("boolean"),
    "score": Column("number"),
    "id": Column("text"),
    "day": Column("date"),
    "days": Column("text", several=True),
    "visits": Column("date", several=True),
    "sums": Column("number", several=True),
}


def read(content: str | bytes) -> dict[int, Mapping[str, Any]]:
    """What each line gives, by its number."""
    lines = io.BytesIO(content.encode() if isinstance(content, str) else content)
    with Diagnostics() as problems:
        return {row.line: row.values for row in InputTable(lines, "t.csv", problems).rows(COLUMNS)}


def refused(content: str | bytes) -> list[str]:
    """`line:column code` of each problem."""
    with pytest.raises(InvalidInput) as found:
        read(content)
    return [f"{each.location.line}:{each.location.column} {each.code}" for each in found.value.diagnostics]


@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("before", ["", "\ufeff"])
def test_commas_semicolons_and_tabs_are_told_apart(mark: str, end: str, before: str) -> None:
    lines = ["here,score,id", "yes,7.5,0417", "FALSE,-3,", ",,", "no,1e3,No"]
    text = before + end.join(lines).replace(",", mark)
    assert read(text) == {
        2: {"here": True, "score": Decimal("7.5"), "id": "0417"},
        3: {"here": False, "score": -3},
        5: {"here": False, "score": 1000, "id": "No"},
    }
    assert read(text + end) == read(text)


def test_quotation_marks() -> None:
    text = (
        'id,days,"score"\n"a, b" , "2026-01-02;2026-02-03" ,"8"\n"say ""yes""",[],\n" x ", a ; b ,\n"",x,1\n'
    )
    assert read(text) == {
        2: {"id": "a, b", "days": ["2026-01-02", "2026-02-03"], "score": 8},
        3: {"id": 'say "yes"', "days": []},
        4: {"id": " x ", "days": ["a", "b"]},
        5: {"days": ["x"], "score": 1},
    }
    assert read('id;days\n"a;b";"c;d"\n') == {2: {"id": "a;b", "days": ["c", "d"]}}
    assert read("score\n1\n") == {2: {"score": 1}}


def test_text_is_composed_as_everywhere() -> None:
    assert read("id,Rene\u0301\nRene\u0301,x\n") == {2: {"id": "Ren\u00e9", "Ren\u00e9": "x"}}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", ["1:1 empty-table"]),
        ("\n\n", ["1:1 empty-table"]),
        ("id,score\n", ["1:1 empty-table"]),
        ("id,score\n,\n\n", ["1:1 empty-table"]),
        ("id,score,id\na,1,b\n", ["1:10 table-head"]),
        ("id,Rene\u0301,Ren\u00e9\na,1,b\n", ["1:10 table-head"]),
        ("id,,score,\na,1,2,\n", ["1:4 table-head", "1:11 table-head"]),
        ("id,score;here\na,1;yes\n", ["1:9 table-head"]),
        ('"id,score\na,1\n', ["1:1 table-head"]),
        ("id,score\na\na,1,2\nb,2\n", ["2:1 table-row", "3:1 table-row"]),
        ('id,score\n"a,1\nb"",2\n', ["2:1 table-row", "3:2 table-row"]),
        ('id,score\n"a"b,1\n', ["2:4 table-row"]),
        (
            "here,score\nmaybe,07\n1,x\n",
            ["2:1 table-cell", "2:7 table-cell", "3:1 table-cell", "3:3 table-cell"],
        ),
        ("score;sums\n7,5;1;2\n", ["2:1 table-row"]),
        ("score\n+5\n.5\n1_000\n0x1F\nNaN\n1e9999\n", [f"{line}:1 table-cell" for line in range(2, 8)]),
        ("days\na;;b\n;\na;\n", ["2:1 table-cell", "3:1 table-cell", "4:1 table-cell"]),
        ("sums\n1;x\n", ["2:1 table-cell"]),
        (
            "id,day\na,03/02/2026\nb,2026-02-30\nc,2026-02-03\nd,3.2.2026\ne,2026-02-03 00:00:00\nf,46056\n",
            ["2:3 table-cell", "3:3 table-cell", "5:3 table-cell", "6:3 table-cell", "7:3 table-cell"],
        ),
        ("id,visits\na,2026-02-03;03/02/2026\n", ["2:3 table-cell"]),
        ("id|score\na|1\n", ["1:3 table-head"]),
        ("id | score\na|1\n", ["1:3 table-head"]),
        ("id   score\na    1\n", ["1:3 table-head"]),
        ('"id" "score"\n"a" "1"\n', ["1:5 table-head"]),
        ("id\na\u2028b\nc\vd\ne\rf\n", [f"{line}:2 unseen-line-break" for line in range(2, 5)]),
        ("id\na\0b\nc\x1bd\n", ["2:2 table-row", "3:2 table-row"]),
        (b"id\na\nRen\xe9\n", ["3:4 not-utf8"]),
        (b"\xff\xfei\0d\0\n\0", ["1:1 not-utf8"]),
        ("i\0d\na\0\n", ["1:2 table-row"]),
        ("id\rscore\ra\r1\r", ["1:3 unseen-line-break"]),
        ("id\n" + "a\0\n" * 1_000, [*(f"{line}:2 table-row" for line in range(2, 102)), "102:1 table-row"]),
    ],
)
def test_what_is_no_table(content: str | bytes, expected: list[str]) -> None:
    assert refused(content) == expected


def test_a_problem_tells_what_to_write() -> None:
    with pytest.raises(InvalidInput) as found:
        read("here;score\nvielleicht;7,5\nyes;7;5\n")
    assert [(each.message, each.help) for each in found.value.diagnostics] == [
        ("`here`: `vielleicht` is neither yes nor no.", "Write yes or no (or true or false)."),
        ("`score`: `7,5` is no number.", "Write digits, with a point before decimals: 7.5."),
        (
            "This line has 3 cells; the first line names 2 columns.",
            "A cell that holds a semicolon stands in quotation marks.",
        ),
    ]


def test_a_date_is_never_guessed_and_kept_as_its_text() -> None:
    assert read("day,visits\n2026-02-03,2026-02-03;2026-03-02\n") == {
        2: {"day": "2026-02-03", "visits": ["2026-02-03", "2026-03-02"]}
    }
    with pytest.raises(InvalidInput) as found:
        read("day\n03/02/2026\n2026/2/3\n")
    assert [(each.message, each.help) for each in found.value.diagnostics] == [
        (
            "`day`: `03/02/2026` is no date, year-month-day.",
            "Write YYYY-MM-DD, such as 2026-09-23; a spreadsheet can format the whole column so.",
        ),
        ("`day`: `2026/2/3` is no date, year-month-day.", "Write 2026-02-03."),
    ]


@pytest.mark.parametrize(
    ("head", "parted_by"), [("id|score", "bars (`|`)"), ("id  score", "blanks"), ("id score", "blanks")]
)
def test_names_parted_by_something_else(head: str, parted_by: str) -> None:
    with pytest.raises(InvalidInput) as found:
        read(f"{head}\n")
    (told,) = found.value.diagnostics
    assert (
        told.message == f"The names seem to be parted by {parted_by}; a table has commas, semicolons or tabs."
    )
    assert told.help == "Save it as CSV, or put one of these between all cells."


def test_a_cell_is_found_again() -> None:
    with Diagnostics() as problems:
        table = InputTable(io.BytesIO(b'id,score,here\n"a, b" ,  7 ,yes\n'), "t.csv", problems)
        (row,) = table.rows(COLUMNS)
    assert [str(row.at(name)) for name in (*table.names, "other")] == [
        "t.csv:2:1", "t.csv:2:11", "t.csv:2:14", "t.csv:2:1",
    ]  # fmt: skip
    assert str(table.head_at("here")) == "t.csv:1:10"


def test_a_table_is_read_a_line_at_a_time_and_given_up_after_many_problems() -> None:
    given = 0

    def lines() -> Any:
        nonlocal given
        yield b"score\n"
        while True:
            given += 1
            yield b"1\n" if given < 3 else b"x\n"

    problems = Diagnostics()
    rows = InputTable(lines(), "t.csv", problems).rows(COLUMNS)
    assert (next(rows).line, next(rows).line, given) == (2, 3, 2)
    assert list(rows) == []
    assert len(problems) == MOST_PROBLEMS + 1
    assert given == MOST_PROBLEMS + 3


def test_a_line_of_many_cells_is_read_at_once() -> None:
    begun = time.process_time()
    assert refused("id\n" + '"a",' * 100_000) == ["2:1 table-row"]
    assert refused("id\n" + '"a""' * 100_000) == ["2:6 table-row"]
    assert time.process_time() - begun < 15
