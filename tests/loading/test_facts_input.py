"""Facts files that are not what they should be: each is refused quickly, at its place, or read as meant.

What is wrong with facts that can be read stands in the case files (`tests/cases/facts`).
"""

from __future__ import annotations

import json
import os
import subprocess
import time
import tracemalloc
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from engine.analysis.session import Options, Session, read_facts_file
from engine.base.diagnostic import InvalidInput, Location
from engine.base.diagnostic_text import format_diagnostics
from engine.base.read import MAX_BYTES
from engine.language.facts import Facts, facts_from_source, read_facts
from engine.language.policy_set import PolicySet
from engine.loading.folder import list_files
from engine.loading.load import resolve_files
from tests.support.case_files import TESTS
from tests.support.process import WORKSHOP, advise

GOOD = '{"saw": {"trained": true, "test_score": 8.0}}'


@pytest.fixture(scope="module")
def workshop() -> PolicySet:
    from datetime import date

    return resolve_files(list_files(TESTS / "fields" / "workshop"), date(2026, 11, 22))


@pytest.fixture(autouse=True)
def little_work() -> object:
    """Bad input is no reason to keep anybody waiting: a limit that only runaway work reaches.

    The work of this process, not the time by the clock: a busy machine fails no test.
    """
    begun = time.process_time()
    yield
    assert time.process_time() - begun < 30


Read = Callable[..., Facts]


@pytest.fixture
def read(tmp_path: Path, workshop: PolicySet) -> Read:
    """Facts from the bytes of a file of this name."""

    def read_file(content: bytes, name: str = "facts.json") -> Facts:
        path = tmp_path / name
        path.write_bytes(content)
        return facts_from_source(read_facts_file(str(path)), workshop.facts)

    return read_file


def problems(read: Read, content: bytes, name: str = "facts.json") -> list[str]:
    """`line:column code` of each problem; each can be told in text."""
    with pytest.raises(InvalidInput) as refused:
        read(content, name)
    found = refused.value.diagnostics
    assert found
    assert all(problem.message for problem in found)
    assert format_diagnostics(found)
    return [f"{problem.at.line}:{problem.at.column} {problem.code}" for problem in found]


# -- encodings and layout ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["facts.json", "facts.yaml", "facts.yml", "facts", "facts.txt"])
@pytest.mark.parametrize(
    "before",
    [b"", b"\xef\xbb\xbf", b" \t\r\n", b"\xef\xbb\xbf\n "],
    ids=["plain", "bom", "space", "bom-space"],
)
def test_json_is_read_under_any_name(read: Read, name: str, before: bytes) -> None:
    if b"\t" in before and name.endswith((".yaml", ".yml")):
        pytest.skip("YAML does not begin with a tab")
    assert read(before + GOOD.encode(), name).values == {"saw.trained": True, "saw.test_score": 8}


def test_line_ends_and_tabs_in_json(read: Read) -> None:
    for end in ("\n", "\r\n", "\r", "\t", ""):
        text = end.join(("{", '\t"saw":', "{", '"trained"', ":true", "}", "}"))
        assert read(text.encode()).values == {"saw.trained": True}
    text = '{\r\n\t"saw": {\r\n\t\t"trained": "yes"}}'
    assert problems(read, text.encode()) == ["3:14 wrong-value"]
    assert problems(read, text.replace("\r\n", "\r").encode()) == ["3:14 wrong-value"]


def test_json_with_a_byte_order_mark_and_tabs_under_another_name(read: Read) -> None:
    content = b'\xef\xbb\xbf{\n\t"saw": {\n\t\t"trained": true\n\t}\n}'
    assert read(content, "facts.txt").values == {"saw.trained": True}


@pytest.mark.parametrize("name", ["facts.json", "facts.yaml", "facts"])
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1", "cp1252"])
def test_other_encodings(read: Read, name: str, encoding: str) -> None:
    text = '{"member": {"name": "Zoë"}}'
    (found,) = problems(read, text.encode(encoding), name)
    assert found.partition(" ")[2] in ("not-utf8", "not-json", "not-yaml")
    if encoding in ("utf-16", "latin-1"):
        assert found in ("1:1 not-utf8", "1:24 not-utf8")


def test_where_utf8_ends(read: Read) -> None:
    assert problems(read, b'{\n "member": \n  {"name": "\xff"}}') == ["3:13 not-utf8"]
    assert problems(read, b'{"member": {"name": "\xc3') == ["1:22 not-utf8"]
    assert problems(read, b'\xef\xbb\xbf{"a":\r"\xc3\x84\xff"}') == ["2:3 not-utf8"]
    # Overlong, and a surrogate written as three bytes.
    assert problems(read, b'{"a": "\xc0\xaf"}') == ["1:8 not-utf8"]
    assert problems(read, b'{"a": "\xed\xa0\x80"}') == ["1:8 not-utf8"]


def test_columns_count_characters(read: Read) -> None:
    assert problems(read, '{"member": {"name": "ÄÖÜ😀"}, "sow": 1}'.encode()) == ["1:30 unknown-fact"]
    assert problems(read, 'member: {name: "ÄÖÜ😀"}\n"sow": 1'.encode(), "f.yaml") == ["2:1 unknown-fact"]


def test_an_emoji_as_two_escapes_is_whole(read: Read) -> None:
    assert read(b'{"member": {"name": "\\ud83d\\ude00"}}').values == {"member.name": "😀"}
    for half in ("\\ud83d", "\\ude00", "\\ude00\\ud83d"):
        assert problems(read, f'{{"member": {{"name": "{half}"}}}}'.encode()) == ["1:21 not-utf8"]
        assert problems(read, f'member: {{name: "{half}"}}'.encode(), "f.yaml") == ["1:16 not-utf8"]


# -- what is no object of facts ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "name", "expected"),
    [
        (b"", "f.json", "1:1 not-json"),
        (b"\xef\xbb\xbf", "f.json", "1:1 not-json"),
        (b"\n\n  ", "f.json", "3:3 not-json"),
        (b"", "f.yaml", "1:1 not-an-object"),
        (b"# nothing yet\n", "f.yaml", "1:1 not-an-object"),
        (b"---\n...\n", "f.yaml", "2:1 not-an-object"),
        (b"", "f", "1:1 not-an-object"),
        (b"Dear committee\n", "f.txt", "1:1 not-an-object"),
        (b"- saw\n- sow\n", "f.yaml", "1:1 not-an-object"),
        (b"[]", "f", "1:1 not-an-object"),
        (b"{", "f.json", "1:2 not-json"),
        (b"\x00", "f.json", "1:1 not-json"),
        (b"\x00", "f.yaml", "1:1 not-yaml"),
        (b"<html></html>", "f.json", "1:1 not-json"),
        (b"PK\x03\x04", "f.yaml", "1:1 not-utf8"),
        (b"name,score\nAda,8\n", "f.csv", "1:1 not-an-object"),
    ],
)
def test_no_object(read: Read, content: bytes, name: str, expected: str) -> None:
    assert problems(read, content, name) == [expected]


def test_nothing_given_is_no_problem(read: Read) -> None:
    for content, name in ((b"{}", "f.json"), (b"{}", "f.yaml"), (b"{saw: {}}", "f.yaml")):
        assert read(content, name).values == {}


# -- YAML --------------------------------------------------------------------------------------------


def test_yaml_with_comments(read: Read) -> None:
    text = """\
    # After the meeting of 5 January
    member:
      name: "Ada"      # as she spells it
      joined_on: 2026-01-05
      role: member
    saw: {trained: true, test_score: 8.50, accidents: [2026-09-30]}
    """
    values = read(text.encode(), "facts.yaml").values
    assert {name: str(value) for name, value in values.items()} == {
        "member.name": "Ada",
        "member.joined_on": "2026-01-05",
        "member.role": "member",
        "saw.trained": "True",
        "saw.test_score": "8.5",
        "saw.accidents": "(datetime.date(2026, 9, 30),)",
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("saw: {trained: yes}", ["1:16 wrong-value"]),
        ("saw:\n  trained: true\n  trained: false", ["3:3 duplicate-key"]),
        ("saw: &s {trained: true}", ["1:6 yaml-anchor"]),
        ("saw: *s", ["1:6 yaml-alias"]),
        ("saw: !!map {}", ["1:6 yaml-tag"]),
        ("saw: !!python/object/apply:os.system [true]", ["1:6 yaml-tag"]),
        ("saw:\n  <<: {trained: true}", ["2:3 unknown-fact", "2:3 yaml-merge"]),
        ("%YAML 1.1\n---\nsaw: {}", ["1:1 yaml-directive"]),
        ("saw: {}\n---\nsaw: {}", ["2:1 yaml-documents"]),
        ("? [saw]\n: 1", ["1:3 yaml-key"]),
        ("saw:\n\ttrained: true", ["2:1 not-yaml"]),
        ("saw: {trained: true", ["1:20 not-yaml"]),
        ("saw: 'open", ["1:6 not-yaml"]),
        ('saw: "\\UFFFFFFFF"', ["1:7 not-yaml"]),
        ("saw: {test_score: .nan}", ["1:19 wrong-value"]),
        ("saw: {test_score: .inf}", ["1:19 wrong-value"]),
        ("saw: {test_score: 0x08}", ["1:19 wrong-value"]),
        ("saw: {test_score: 1_0}", ["1:19 wrong-value"]),
        ("year: 2026-01-01", ["1:7 wrong-value"]),
        ("member: {joined_on: 2026-01-05T10:00:00}", ["1:21 wrong-value"]),
        ("year: 1e999999999", ["1:7 number-too-long"]),
    ],
)
def test_yaml_strictly(read: Read, text: str, expected: list[str]) -> None:
    found = problems(read, text.encode(), "facts.yaml")
    # What cannot be YAML at all is told alone; the rest is told with everything else.
    assert found == [entry for entry in expected if entry != "2:3 unknown-fact"]


def test_null_in_yaml_is_unknown(read: Read) -> None:
    for nothing in ("", "~", "null"):
        assert read(f"saw:\n  trained: {nothing}\n  test_score: 8\n".encode(), "f.yaml").values == {
            "saw.test_score": 8
        }


def told(read: Read, text: str) -> list[str]:
    """`line:column message help` of each problem of a YAML file."""
    with pytest.raises(InvalidInput) as refused:
        read(text.encode(), "facts.yaml")
    return [
        f"{found.at.line}:{found.at.column} {found.message} {found.help}"
        for found in refused.value.diagnostics
        if isinstance(found.at, Location)
    ]


@pytest.mark.parametrize("number", ["0417", "1e3", "+5", ".5", "5.", "3.10", "1E+3", "00", "-0", "6.02e23"])
def test_a_number_in_place_of_a_text_is_quoted_as_it_was_written(read: Read, number: str) -> None:
    """Another one would be another applicant."""
    advice = f'`member.name` is text; this is {number}. Put it in quotation marks: "{number}".'
    assert told(read, f"member: {{name: {number}}}") == [f"1:16 {advice}"]
    assert read(f'member: {{name: "{number}"}}'.encode(), "f.yaml").values == {"member.name": number}


@pytest.mark.parametrize("text", ["1:30", "1_000", "0x1F", "0o17", "2026-09-23", "yes", "1,5", "12:30:45"])
def test_what_other_programs_read_as_something_else_is_text(read: Read, text: str) -> None:
    quoted = f'"{text}"' if "," in text else text
    assert read(f"member: {{name: {quoted}}}".encode(), "f.yaml").values == {"member.name": text}


def test_numbers_are_shown_as_they_were_written(read: Read) -> None:
    assert told(read, "saw: {test_score: 1e3}\nyear: 02026.5\nmember: {name: True, role: 010}") == [
        "1:19 1e3 is not possible for `saw.test_score`. It lies between 0 and 10 points.",
        "2:7 `year` is a whole number; this is 02026.5. Write 2026, if that is right.",
        "3:16 `member.name` is text; this is true. Put it in quotation marks.",
        "3:28 `member.role` is one of its values; this is 010. It is one of guest, member, keyholder.",
    ]
    assert read(b"saw: {test_score: 07.50}\nyear: +2026", "f.yaml").values == {
        "saw.test_score": Decimal("7.5"),
        "year": 2026,
    }


def test_line_breaks_that_nobody_sees_in_yaml(read: Read) -> None:
    """For YAML a comment ends at them, for the eye it goes on: what follows would be a fact."""
    for unseen in ("\x85", "\u2028", "\u2029"):
        text = f"saw: {{trained: true # not yet: {unseen} , test_score: 8.0\n}}"
        assert problems(read, text.encode(), "f.yaml") == ["1:32 unseen-line-break"]
    assert problems(read, b"saw: # see below:\r  trained: true\n", "f.yaml") == ["1:18 unseen-line-break"]
    assert problems(read, b"saw:\x0b {trained:\x0c true}\n", "f.yaml") == [
        "1:5 unseen-line-break",
        "1:16 unseen-line-break",
    ]
    assert read(b"saw:\r  trained: true\r", "f.yaml").values == {"saw.trained": True}  # an old one
    assert read(b"saw: {trained: true}\r\nyear: 2026\r\n", "f.yaml").values["year"] == 2026
    many = "\u2028" * 1_000
    assert len(problems(read, f"# {many}".encode(), "f.yaml")) == 20


# -- one form of text --------------------------------------------------------------------------------


def test_text_is_the_same_however_it_was_typed(read: Read) -> None:
    """`é` as one character, or as `e` with an accent after it: as JSON, as YAML, quoted or not."""
    composed, apart = "Ren\u00e9", "Rene\u0301"
    contents = [
        (f'{{"member": {{"name": "{apart}"}}}}', "f.json"),
        ('{"member": {"name": "Rene\\u0301"}}', "f.json"),
        (f"member: {{name: {apart}}}", "f.yaml"),
        (f"member: {{name: '{apart}'}}", "f.yaml"),
        (f"member:\n  name: >-\n    {apart}\n", "f.yaml"),
    ]
    given = [read(content.encode(), name) for content, name in contents]
    assert [facts.values for facts in given] == [{"member.name": composed}] * 5
    plain = read(f"member: {{name: {composed}}}".encode(), "f.yaml")
    assert {facts.digest for facts in given} == {plain.digest}
    # A place counts the characters as they stand in the file.
    assert problems(read, f"member: {{name: {apart}, rol: 1}}".encode(), "f.yaml") == ["1:23 unknown-fact"]
    assert problems(read, f'{{"{apart}": 1, "{composed}": 1}}'.encode()) == ["1:14 duplicate-key"]


# -- sizes -------------------------------------------------------------------------------------------


def test_nesting(read: Read) -> None:
    assert problems(read, b"[" * 100_000) == ["1:51 too-deep"]
    assert problems(read, b"[" * 100_000, "f.yaml") == ["1:51 too-deep"]
    assert problems(read, b'{"a":' * 100_000) == ["1:251 too-deep"]
    assert problems(read, b"{a: " * 100_000, "f.yaml")[0].endswith("too-deep")
    assert problems(read, b"- " * 100_000, "f.yaml") == ["1:101 too-deep"]
    assert problems(read, b"? " * 100_000, "f.yaml")[0].endswith("yaml-key")
    assert problems(read, b"[" * 50 + b"]" * 50) == ["1:1 not-an-object"]


def test_an_alias_bomb(read: Read) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 40)]
    found = problems(read, "\n".join(lines).encode(), "bomb.yaml")
    assert {entry.partition(" ")[2] for entry in found} == {"yaml-anchor", "yaml-alias"}


def test_too_many_values(read: Read) -> None:
    assert problems(read, b"[" + b"1," * 30_000 + b"1]") == ["1:40000 too-many-values"]
    assert problems(read, b"- 1\n" * 30_000, "f.yaml") == ["20000:3 too-many-values"]


@pytest.mark.slow
def test_many_unknown_names_are_all_told_in_time(read: Read) -> None:
    data = {f"sow_{n}": {"test_scor": n} for n in range(9_000)}
    assert len(problems(read, json.dumps(data).encode())) == 9_000


def test_long_texts_and_numbers(read: Read) -> None:
    long = "x" * 1_900_000
    assert len(str(read(json.dumps({"member": {"name": long}}).encode()).values["member.name"])) == len(long)
    for text in (f'{{"{long}": 1}}', f'{{"member": {{"role": "{long}"}}}}', f'{{"year": "{long}"}}'):
        with pytest.raises(InvalidInput) as refused:
            read(text.encode())
        assert len(format_diagnostics(refused.value.diagnostics)) < 2_000
    assert problems(read, b'{"year": ' + b"9" * 5_000 + b"}") == ["1:10 number-too-long"]
    assert problems(read, b"year: " + b"9" * 5_000, "f.yaml") == ["1:7 number-too-long"]
    assert problems(read, b'{"year": 0.' + b"1" * 1_000_000 + b"}") == ["1:10 number-too-long"]
    assert problems(read, b'{"year": "' + b"9" * 5_000 + b'"}') == ["1:10 wrong-value"]
    assert problems(read, b"a: {" + b"}" * 300_000, "f.yaml")[0].endswith("not-yaml")
    assert problems(read, b"a: {b" + b": " * 300_000, "f.yaml")[0].endswith(("not-yaml", "yaml-key"))


def test_the_size_limit_is_exact(read: Read) -> None:
    padding = b" " * (MAX_BYTES - len(GOOD))
    assert read(GOOD.encode() + padding).values
    assert problems(read, GOOD.encode() + padding + b" ") == ["1:1 too-large"]


def test_a_hundred_megabytes_are_not_read(tmp_path: Path) -> None:
    path = tmp_path / "large.json"
    with path.open("wb") as stream:
        stream.truncate(100_000_000)
    tracemalloc.start()
    try:
        with pytest.raises(InvalidInput) as refused:
            read_facts_file(str(path))
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert [problem.code for problem in refused.value.diagnostics] == ["too-large"]
    assert most < 10_000_000


def test_an_endless_file() -> None:
    if not Path("/dev/zero").exists():
        pytest.skip("this system has no endless file")
    with pytest.raises(InvalidInput) as refused:
        read_facts_file("/dev/zero")
    assert [problem.code for problem in refused.value.diagnostics] == ["too-large"]
    ended = advise("-", "--policies", WORKSHOP, stdin=b" " * 3_000_000)
    assert ended.code == 2
    assert b"[too-large]" in ended.stderr


def test_what_is_wrong_with_the_text_hides_nothing_else(tmp_path: Path) -> None:
    """Except of what stands at the same place: a number that cannot be read is not also out of range."""
    text = """{"saw": {"trained": true, "trained": "yes", "test_score": 1e-9999}, "sow": 1,
        "member": {"role": "owner", "name": 1e9999, "joined_on": "\\ud800"}}"""
    path = tmp_path / "facts.json"
    path.write_text(text, "utf-8")
    with pytest.raises(InvalidInput) as refused:
        Session.open(str(path), Options(str(WORKSHOP)))
    assert [
        f"{problem.at.line}:{problem.at.column} {problem.code}" for problem in refused.value.diagnostics
    ] == [
        "1:27 duplicate-key",
        "1:38 wrong-value",
        "1:59 number-too-long",
        "1:69 unknown-fact",
        "2:28 wrong-value",
        "2:45 number-too-long",
        "2:66 not-utf8",
    ]


def test_standard_input_with_a_byte_order_mark_is_told_as_json() -> None:
    """As PowerShell pipes a file. In YAML, too, this would be read, and told with other words."""
    ended = advise("-", "--policies", WORKSHOP, stdin=b'\xef\xbb\xbf{"saw": {"trained": yes}}')
    assert ended.code == 2
    assert "`yes` is not a JSON value. [not-json]" in ended.err


# -- what is no file ---------------------------------------------------------------------------------


def code_of(path: str | Path) -> str:
    with pytest.raises(InvalidInput) as refused:
        Session.open(str(path), Options(str(WORKSHOP)))
    (problem,) = refused.value.diagnostics
    assert problem.at.path == str(path)
    return f"{problem.at.line}:{problem.at.column} {problem.code}"


def test_no_file(tmp_path: Path) -> None:
    assert code_of(tmp_path / "missing.json") == "1:1 unreadable"
    assert code_of(tmp_path) == "1:1 unreadable"
    (tmp_path / "facts.json").write_text(GOOD, "utf-8")
    assert code_of(tmp_path / "facts.json" / "inside") == "1:1 unreadable"
    assert code_of("") == "1:1 unreadable"
    assert code_of("x" * 5_000) == "1:1 unreadable"
    assert code_of("nul\0character") == "1:1 unreadable"


def test_a_folder_is_told_what_to_name_instead(tmp_path: Path) -> None:
    def told() -> str:
        with pytest.raises(InvalidInput) as refused:
            Session.open(str(tmp_path), Options(str(WORKSHOP)))
        return format_diagnostics(refused.value.diagnostics)

    assert told() == (
        f"{tmp_path}:1:1: This is a folder; a facts file holds the facts of one case. [unreadable]\n"
        "  → Name the facts file. A policy folder is named with --policies."
    )
    for name in ("b.json", "a.json"):
        (tmp_path / name).write_text(GOOD, "utf-8")
    assert f"→ Name a file in it, such as {tmp_path}/a.json." in told()


@pytest.mark.parametrize("name", ["people.csv", "people.TSV", "people.xlsx"])
def test_a_table_is_told_where_it_belongs(name: str, tmp_path: Path) -> None:
    assert code_of(tmp_path / name) == "1:1 unreadable"
    (tmp_path / name).write_bytes(
        b"PK\x03\x04\xff" if name.endswith("xlsx") else b"saw.trained,year\ntrue,2026\n"
    )
    assert code_of(tmp_path / name) == "1:1 not-an-object"
    with pytest.raises(InvalidInput) as refused:
        Session.open(str(tmp_path / name), Options(str(WORKSHOP)))
    assert "`advise diff OLD NEW --cohort FILE`" in format_diagnostics(refused.value.diagnostics)


@pytest.mark.skipif(os.name != "posix", reason="links and permissions as POSIX has them")
def test_links_and_permissions(tmp_path: Path) -> None:
    circle = tmp_path / "circle.json"
    circle.symlink_to(circle)
    assert code_of(circle) == "1:1 unreadable"
    (tmp_path / "dangling.json").symlink_to(tmp_path / "nowhere")
    assert code_of(tmp_path / "dangling.json") == "1:1 unreadable"
    closed = tmp_path / "closed.json"
    closed.write_text(GOOD, "utf-8")
    closed.chmod(0)
    if os.getuid() != 0:
        assert code_of(closed) == "1:1 unreadable"


@pytest.mark.skipif(os.name != "posix", reason="pipes as POSIX has them")
def test_pipes(tmp_path: Path) -> None:
    """A shell's `<(…)` is read to its end, and so is a named pipe, whoever opens it first."""
    pipe = tmp_path / "pipe.json"
    os.mkfifo(pipe)
    with subprocess.Popen(["sh", "-c", f"sleep 0.2; printf %s '{GOOD}' > {pipe}"]):
        assert read_facts_file(str(pipe)).text == GOOD
    with subprocess.Popen(["sh", "-c", f"sleep 0.2; printf %s 'saw' > {pipe}"]):
        assert code_of(pipe) == "1:1 not-json"
    reader, writer = os.pipe()
    with subprocess.Popen(["sh", "-c", f"sleep 0.2; printf %s '{GOOD}'"], stdout=writer):
        os.close(writer)
        assert read_facts_file(f"/dev/fd/{reader}").text == GOOD
    os.close(reader)


# -- from a program ----------------------------------------------------------------------------------


def test_facts_from_a_program_have_no_places(workshop: PolicySet) -> None:
    facts = read_facts({"saw": {"trained": True, "test_score": 8.5}}, workshop.facts)
    assert {name: str(value) for name, value in facts.values.items()} == {
        "saw.trained": "True",
        "saw.test_score": "8.5",
    }
    with pytest.raises(InvalidInput) as refused:
        read_facts({"saw": {"trained": 1}, "sow": 6}, workshop.facts)
    assert {problem.at.path for problem in refused.value.diagnostics} == {"facts"}


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf"), 1e308, 0.1 + 0.2, 8.05])
def test_floats_that_are_no_score(workshop: PolicySet, number: float) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_facts({"saw": {"test_score": number}}, workshop.facts)
    assert [problem.code for problem in refused.value.diagnostics] == ["wrong-value"]


def test_the_digest_is_of_the_facts_not_of_their_layout(read: Read) -> None:
    same = [
        b'{"saw": {"trained": true, "test_score": 8.50, "accidents": null}}',
        b'{"saw":{"test_score":8.5,"trained":true}}',
        b'{"saw": {"test_score": 85e-1, "trained": true}, "member": {}}',
    ]
    digests = {read(content).digest for content in same}
    digests.add(read(b"# so\nsaw: {trained: true, test_score: 8.500}\n", "f.yaml").digest)
    assert len(digests) == 1
    others = [b'{"saw": {"trained": true}}', b'{"saw": {"trained": true, "test_score": 8.6}}', b"{}"]
    assert len({read(content).digest for content in others} | digests) == 4
