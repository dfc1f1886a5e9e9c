"""Outlines as text: what becomes of wide characters, long names and gaps."""

from __future__ import annotations

from rich.cells import cell_len

from engine.rendering.outline import Line, Outline, Section, Table, as_html, as_markdown, as_text

NAME = "exam-failure/step2-one-attempt-left-both-days-passed"


def test_lines_are_measured_in_columns_not_in_letters() -> None:
    text = as_text(Outline("東" * 50, ("京 " * 50,), (Section("都" * 50, (Line("市" * 50),)),)), 40)
    assert all(cell_len(line) <= 40 for line in text.splitlines())
    assert {letter: text.count(letter) for letter in "東京都市"} == dict.fromkeys("東京都市", 50)


def test_a_name_is_never_broken() -> None:
    section = Section("What it says", (Line(f"see {NAME}, {NAME}"), Table(("a", "b"), ((NAME, NAME),))), NAME)
    text = as_text(Outline("Names", (), (section,)), 40)
    assert text == (
        "Names\n"
        "\n"
        f"{NAME}\n"
        "    What it says\n"
        "  - see\n"
        f"    {NAME},\n"
        f"    {NAME}\n"
        "\n"
        f"  a{' ' * len(NAME)} b\n"
        f"  {NAME}  {NAME}\n"
    )


def test_the_name_of_a_section_is_code() -> None:
    outline = Outline("Names", (), (Section("<It> *says*", (), "a_b/c"),))
    assert as_markdown(outline) == "# Names\n\n## `a_b/c` &lt;It&gt; \\*says\\*\n"
    assert "<h2><code>a_b/c</code> <bdi>&lt;It&gt; *says*</bdi></h2>" in as_html(outline)


def test_one_blank_line_stands_between_a_table_and_what_follows() -> None:
    table = Table(("a", "b"), (("1", "2"),))
    text = as_text(Outline("Two", (), (Section("One", (table,)), Section("Other", (table, table)))), 40)
    assert "\n\n\n" not in text
    assert text.endswith("  1  2\n")
