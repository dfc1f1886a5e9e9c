"""The `advise` command, in processes of its own, on the workshop's policies."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import IO, Any

import pytest

from tests.support.process import COMMAND, ROOT, WORKSHOP, Ended, advise, environment

pytestmark = pytest.mark.slow

FACTS = {
    "as_of": "2026-11-22",
    "member": {"name": "Ada Zwölf", "joined_on": "2026-01-05", "role": "member"},
    "saw": {"trained": True, "test_score": 9.0, "accidents": ["2026-09-30"]},
    "year": 2026,
}
"""An accident silences the machines; a key cannot be asked for while safety is in doubt."""

SECRETS = ("Ada", "Zwölf", "2026-01-05", "2026-09-30", "9.0")
FORMATS = ("text", "json", "markdown", "html")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """A cache shared by the processes of this module: they start in half the time."""
    return {"ADVISE_CACHE": str(tmp_path_factory.mktemp("kept") / "advise")}


@pytest.fixture
def facts(tmp_path: Path) -> Path:
    return written(tmp_path, FACTS)


def written(folder: Path, data: Any, name: str = "facts.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(data, ensure_ascii=False), "utf-8")
    return path


def workshop_copy(folder: Path, **edits: tuple[str, str]) -> Path:
    """The workshop's policies in a folder of their own, edited: file name without `.yaml` = (old, new)."""
    folder.mkdir()
    for path in WORKSHOP.glob("*.yaml"):
        text = path.read_text("utf-8")
        if path.stem in edits:
            old, new = edits[path.stem]
            assert text.count(old) == 1
            text = text.replace(old, new)
        (folder / path.name).write_text(text, "utf-8")
    return folder


def refused(ended: Ended, code: int = 2) -> str:
    """What was said by a run that gave no advice: everything on stderr, nothing on stdout.

    A whole file may be named with its first line and column, or without.
    """
    assert ended.code == code, ended
    assert ended.stdout == b""
    assert "Traceback" not in ended.err
    return ended.err.replace(":1:1: ", ": ")


# -- what is printed ---------------------------------------------------------------------------------


def test_text_is_the_default_and_stdout_holds_nothing_else(facts: Path, kept: Mapping[str, str]) -> None:
    ended = advise(facts, "--policies", WORKSHOP, env=kept)
    assert ended.code == 0
    assert "Wait after an accident" in ended.out
    assert "machines/accident-wait" in ended.out
    assert "House rules" in ended.out
    again = advise("report", facts, "--policies", WORKSHOP, "--format", "text", env=kept)
    assert again.stdout == ended.stdout


def test_each_format(facts: Path, kept: Mapping[str, str]) -> None:
    shown = {form: advise(facts, "--policies", WORKSHOP, "--format", form, env=kept) for form in FORMATS}
    assert {ended.code for ended in shown.values()} == {0}
    report = json.loads(shown["json"].stdout)
    assert [item["rule"] for item in report["advice"]] == ["machines/accident-wait"]
    assert report["applicant"] == "Ada Zwölf"
    assert shown["markdown"].out.startswith("# ")
    assert shown["html"].out.lower().startswith("<!doctype html>")
    for form in FORMATS:
        words = re.sub(r"\s+", " ", re.sub("</?time>", "", shown[form].out))
        assert "Leave the saw alone until 2027-03-30" in words, form


def test_the_line_of_an_item_is_where_its_rule_stands(facts: Path, kept: Mapping[str, str]) -> None:
    report = json.loads(advise(facts, "--policies", WORKSHOP, "--format", "json", env=kept).stdout)
    lines = (WORKSHOP / "machines.yaml").read_text("utf-8").splitlines()
    for item in report["advice"]:
        assert f"id: {item['rule'].partition('/')[2]}" in lines[item["at"]["line"] - 1]


def test_top_and_all(tmp_path: Path, kept: Mapping[str, str]) -> None:
    guest = written(tmp_path, {**FACTS, "saw": {"trained": False}, "member": {"role": "member"}})
    folder = workshop_copy(tmp_path / "policies", machines=("rules:\n", "rules:\n" + MANY_RULES))
    plain = advise(guest, "--policies", folder, "--format", "markdown", env=kept).out
    top = advise(guest, "--policies", folder, "--format", "markdown", "--top", "2", env=kept).out
    everything = advise(guest, "--policies", folder, "--format", "markdown", "--all", env=kept).out
    assert top.count("machines/extra-") == 1
    assert "machines/train" in top
    assert (
        everything.count("`machines/extra-") >= plain.count("`machines/extra-") > top.count("machines/extra-")
    )
    for number in range(30):
        assert f"machines/extra-{number:02}" in everything
    assert refused(advise(guest, "--policies", folder, "--top", "0", env=kept))


MANY_RULES = "".join(
    f"  - {{id: extra-{n:02}, title: Extra {n}, tier: habit, cites: [house-rules#keys], "
    f"advise: {{text: T, category: keys, severity: know}}}}\n"
    for n in range(30)
)


def test_the_evaluator_alone_gives_the_same_bytes(facts: Path, kept: Mapping[str, str]) -> None:
    both = advise(facts, "--policies", WORKSHOP, "--format", "json", env=kept)
    alone = advise(facts, "--policies", WORKSHOP, "--format", "json", "--engine", "evaluator", env=kept)
    assert both.code == alone.code == 0
    assert without_engine(alone.out) == without_engine(both.out)
    assert json.loads(alone.stdout)["produced_by"]["engine"] == "evaluator"


def without_engine(report: str) -> str:
    text, count = re.subn(r'"engine": "[^"]*"', "", report)
    assert count == 1
    return text


def test_the_same_bytes_whatever_the_hash_seed_and_time_zone(facts: Path) -> None:
    shown = {
        advise(
            facts, "--policies", WORKSHOP, "--format", "json", env={"PYTHONHASHSEED": seed, "TZ": zone}
        ).stdout
        for seed, zone in (("0", "UTC"), ("1", "Pacific/Kiritimati"), ("4242", "America/Anchorage"))
    }
    assert len(shown) == 1


def test_version() -> None:
    ended = advise("--version")
    assert ended.code == 0
    assert re.fullmatch(r"advise \d+\.\d+\.\d+ \(.+; Python 3\.\d+\.\d+\)\n", ended.out)


def test_facts_schema_accepts_the_facts(facts: Path, kept: Mapping[str, str]) -> None:
    import jsonschema

    ended = advise("facts-schema", "--policies", WORKSHOP, env=kept)
    assert ended.code == 0
    schema = json.loads(ended.stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    validator.validate(json.loads(facts.read_text("utf-8")))
    for wrong in ({"saw": {"test_score": "9"}}, {"saw": {"test_score": 9.05}}, {"sow": {}}, {"year": True}):
        assert list(validator.iter_errors(wrong)), wrong


# -- days and folders --------------------------------------------------------------------------------


def test_as_of_wins_over_the_file_and_another_day_is_told(facts: Path, kept: Mapping[str, str]) -> None:
    of_file = advise(facts, "--policies", WORKSHOP, "--format", "json", env=kept)
    assert json.loads(of_file.stdout)["as_of"] == "2026-11-22"
    later = advise(facts, "--policies", WORKSHOP, "--format", "json", "--as-of", "2027-03-30", env=kept)
    assert later.code == 0
    report = json.loads(later.stdout)
    assert report["as_of"] == "2027-03-30"
    assert "machines/accident-wait" not in [item["rule"] for item in report["advice"]]
    assert f"This advice is for 2027-03-30; today is {date.today()}." in later.err
    assert [banner["kind"] for banner in report["banners"]] == ["stale", "source"]


def test_today_needs_no_note(tmp_path: Path) -> None:
    folder = workshop_copy(
        tmp_path / "policies", sources=("checked_on: 2026-10-01", f"checked_on: {date.today()}")
    )
    undated = written(tmp_path, {name: value for name, value in FACTS.items() if name != "as_of"})
    ended = advise(undated, "--policies", folder, "--format", "json")
    assert (ended.code, ended.stderr) == (0, b"")
    assert json.loads(ended.stdout)["as_of"] == date.today().isoformat()


def test_a_report_for_another_day_repeats_the_banners_of_today(tmp_path: Path, facts: Path) -> None:
    folder = workshop_copy(
        tmp_path / "policies",
        machines=("effective: {from: 2026-01-01}", "effective: {from: 2026-01-01, until: 2026-11-21}"),
        ranking=("headline: [member.days, saw.level]", "headline: [member.days]"),
    )
    ended = advise(facts, "--policies", folder, "--as-of", "2026-11-21", "--format", "json")
    assert json.loads(ended.stdout)["banners"] == []
    assert "This advice is for 2026-11-21; today is" in ended.err
    assert (
        "As of today: Machines (`machines`) is not in force: version 2.1.0 ended on 2026-11-21." in ended.err
    )


def test_a_report_for_a_day_with_policies_that_are_of_no_use_today(tmp_path: Path, facts: Path) -> None:
    folder = workshop_copy(
        tmp_path / "policies",
        machines=(
            "effective: {from: 2026-01-01}",
            "effective: {from: 2026-01-01, until: 2026-11-21}\nrequired: true",
        ),
    )
    ended = advise(facts, "--policies", folder, "--as-of", "2026-11-21", "--format", "json")
    assert ended.code == 0
    assert "As of today: the policies cannot be used; `advise check` tells why." in ended.err


@pytest.mark.parametrize("day", ["2026-02-30", "tomorrow", "2026-9-1", "", "20261122"])
def test_a_day_that_is_none(facts: Path, day: str) -> None:
    said = refused(advise(facts, "--policies", WORKSHOP, "--as-of", day))
    assert "write year-month-day, such as 2026-09-23" in said


def test_where_policies_are_found(tmp_path: Path, facts: Path, kept: Mapping[str, str]) -> None:
    """--policies, else $ADVISE_POLICIES, else ./policies, else those that came with advise."""

    def title(name: str) -> Path:
        return workshop_copy(tmp_path / name, ranking=("title: What comes first", f"title: T\nowner: {name}"))

    def digest(*arguments: str, env: Mapping[str, str] | None = None) -> str:
        ended = advise(facts, *arguments, "--format", "json", cwd=tmp_path, env={**kept, **(env or {})})
        assert ended.code == 0, ended.err
        return str(json.loads(ended.stdout)["policies"]["digest"])

    chosen, named = title("chosen"), title("named")
    title("policies")
    local = digest()
    by_variable = digest(env={"ADVISE_POLICIES": str(named)})
    by_option = digest("--policies", str(chosen), env={"ADVISE_POLICIES": str(named)})
    assert len({local, by_variable, by_option}) == 3
    assert by_option == digest("--policies", "chosen")
    assert local == digest("--policies", "./policies")


def test_no_such_folder(facts: Path, tmp_path: Path) -> None:
    missing = tmp_path / "nowhere"
    by_option = refused(advise(facts, "--policies", missing))
    assert f"{missing}: There is no folder `{missing}`. [no-folder]" in by_option
    assert "no-folder" in refused(advise(facts, env={"ADVISE_POLICIES": str(missing)}))
    assert "no-folder" in refused(advise("check", missing))
    said = refused(advise("facts-schema", "--policies", facts))
    assert f"{facts}: `{facts}` is a file, no folder. [no-folder]" in said
    assert "name of the policy folder is empty" in refused(advise(facts, "--policies", ""))


def test_the_folder_that_holds_the_policies_is_told(tmp_path: Path) -> None:
    (tmp_path / "office").mkdir()
    workshop_copy(tmp_path / "office" / "policies")
    said = refused(advise("check", "office", cwd=tmp_path))
    assert "office: There are no policies in `office` itself. [no-folder]" in said
    assert "→ Did you mean office/policies?" in said


@pytest.mark.parametrize(
    "words",
    [
        *("check", "check --fix", "check --watch", "test", "test --suggest letters/none", "versions"),
        *("release letters --minor --note x", "release --first", "release --finish"),
        *("diff 2026-06-03 2026-11-22", "diff letters@1.0.0 HEAD"),
    ],
)
def test_what_is_for_a_folder_of_ones_own_never_takes_the_shipped_one(words: str, tmp_path: Path) -> None:
    said = refused(advise(*words.split(), cwd=tmp_path))
    assert f"No policy folder is named, and there is no folder `policies` in {tmp_path}. [no-folder]" in said
    assert "→ Name yours, or make one: advise init FOLDER" in said


def test_what_was_read_is_told(tmp_path: Path) -> None:
    folder = workshop_copy(tmp_path / "policies")
    (folder / "tests").mkdir()
    (folder / "tests" / "a.yaml").write_text(A_TEST, "utf-8")
    env = {"ADVISE_POLICIES": str(folder)}
    for cwd, read, more in ((tmp_path, "policies", {}), (tmp_path / "policies", folder, env)):
        checked = advise("check", "--as-of", "2026-11-22", cwd=cwd, env=more)
        assert f"{read}: 5 files in force on 2026-11-22, " in checked.out.splitlines()[-1]
        tested = advise("test", cwd=cwd, env=more)
        assert (tested.code, tested.out) == (0, f"{read}: 1 passed, 0 failed\n")


A_TEST = """\
advise_language: 1
tests: a
cases:
  - {name: a, as_of: 2026-11-22, facts: {}, expect: {unknown: [machines/key]}}
"""


# -- input that cannot be used -----------------------------------------------------------------------


def test_bad_facts_are_told_with_place_line_and_suggestion(tmp_path: Path, kept: Mapping[str, str]) -> None:
    path = tmp_path / "facts.json"
    path.write_text('{\n  "saw": {"test_scor": 8,\n    "trained": "yes"}\n}\n', "utf-8")
    said = refused(advise(path, "--policies", WORKSHOP, env=kept))
    assert f"{path}:2:11: There is no fact `saw.test_scor`. [unknown-fact]" in said
    assert (
        '     2 |   "saw": {"test_scor": 8,\n       |           ^\n  → Did you mean `saw.test_score`?' in said
    )
    assert f"{path}:3:16: `saw.trained` is true or false; this is `yes`. [wrong-value]" in said
    assert said.endswith("\n2 problems; no advice is given.\n")


def test_contradictory_facts(tmp_path: Path, kept: Mapping[str, str]) -> None:
    path = written(tmp_path, {"saw": {"trained": False, "test_score": 5}})
    said = refused(advise(path, "--policies", WORKSHOP, env=kept))
    assert "`saw.test_score` cannot have a value, because `saw.trained` is no; it is 5." in said
    assert said.endswith("\n1 problem; no advice is given.\n")


def test_bad_facts_and_bad_policies_are_told_together(tmp_path: Path) -> None:
    folder = workshop_copy(tmp_path / "policies", machines=("severity: halt", "severity: hold"))
    path = tmp_path / "facts.json"
    path.write_text('{"saw": ', "utf-8")
    said = refused(advise("facts.json", "--policies", "policies", cwd=tmp_path))
    assert "facts.json:1:9: The file ends in the middle. [not-json]" in said
    assert re.search(r"^policies/machines\.yaml:\d+:\d+: .*\[unknown-severity\]$", said, re.MULTILINE)
    assert folder.is_dir()


def test_a_folder_without_files(tmp_path: Path, facts: Path) -> None:
    (tmp_path / "empty").mkdir()
    said = refused(advise(facts, "--policies", "empty", cwd=tmp_path))
    assert "empty/vocabulary.yaml: No vocabulary file is in force" in said
    assert said.count("[no-file]") == 3


@pytest.mark.parametrize(
    "arguments",
    [
        ("no-such-file.json",),
        (".",),
        ("facts.json", "--format", "pdf"),
        ("facts.json", "--nonsense"),
        ("facts.json", "--top", "many"),
        ("facts.json", "--engine", "clips"),
        ("facts.json", "more.json"),
        ("report",),
        ("facts.json", "--policies"),
        (os.fsdecode(b"\xff\xfe.json"),),
        ("line\nbreak\x1b[31m.json",),
        ("check", "a", "b"),
    ],
)
def test_wrong_usage(arguments: tuple[str, ...], tmp_path: Path, kept: Mapping[str, str]) -> None:
    written(tmp_path, FACTS)
    said = refused(advise(*arguments, cwd=tmp_path, env={"ADVISE_POLICIES": str(WORKSHOP), **kept}))
    assert said
    assert "\x1b" not in said


def test_standard_input(facts: Path, kept: Mapping[str, str]) -> None:
    given = advise("-", "--policies", WORKSHOP, "--format", "json", stdin=facts.read_bytes(), env=kept)
    assert given.code == 0
    assert given.stdout == advise(facts, "--policies", WORKSHOP, "--format", "json", env=kept).stdout
    said = refused(advise("-", "--policies", WORKSHOP, stdin=b"member: {role: gest}\n", env=kept))
    assert "<standard input>:1:16: `member.role` cannot be `gest`. [wrong-value]" in said
    assert "Did you mean `guest`?" in said
    assert "not-an-object" in refused(advise("-", "--policies", WORKSHOP, stdin=b"", env=kept))


def test_check(tmp_path: Path) -> None:
    good = advise("check", ROOT / "policies", "--as-of", "2026-11-22", "--no-prove")  # see test_proofs
    assert (good.code, good.stderr) == (0, b"")
    assert re.fullmatch(
        r".*/policies: \d+ files in force on 2026-11-22, \d+ rules, \d+ facts: no problems.*\n", good.out
    )
    untested = advise("check", WORKSHOP, "--as-of", "2026-11-22")
    assert untested.code == 0
    assert "[untested-rule]" in untested.out
    assert untested.out.endswith(", 4 rules, 16 facts: 0 errors, 1 warning.\n")
    assert advise("check", WORKSHOP, "--as-of", "2026-11-22", "--fail-on", "warning").code == 1
    folder = workshop_copy(
        tmp_path / "policies",
        machines=("severity: halt", "severity: hold"),
        ranking=("status: active", "status: on"),
    )
    bad = advise("check", folder)
    assert bad.code == 1
    assert "[unknown-value]" in bad.out
    assert bad.out.endswith("\n\n1 error, 0 warnings.\n")
    assert bad.stderr == b""
    assert advise("check", folder, "--as-of", "2020-01-01").code == 1
    by_variable = advise("check", env={"ADVISE_POLICIES": str(folder)})
    assert by_variable.stdout == bad.stdout


def test_check_watches(tmp_path: Path) -> None:
    folder = workshop_copy(tmp_path / "policies")
    process = subprocess.Popen(
        [*COMMAND, "check", "policies", "--watch", "--as-of", "2026-11-22"],
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # which a background job ignores
    )
    assert process.stdout is not None
    try:
        assert "0 errors" in line_with("rules, 16 facts", process.stdout)
        path = folder / "machines.yaml"
        path.write_text(path.read_text("utf-8").replace("severity: halt", "severity: hold"), "utf-8")
        assert "2 errors" in line_with("error", process.stdout)
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 130
    finally:
        process.kill()
        process.stdout.close()


def line_with(words: str, stream: IO[str]) -> str:
    """The next line that holds these words; an endless wait is cut by the process that is to end."""
    return next(line for line in stream if words in line and "→" not in line)


# -- a defect of ours --------------------------------------------------------------------------------

DRIVER = """
import sys
sys.path.insert(0, {root!r})
from engine.advising.durable import network
{patch}
import cli
cli.main()
"""

DISAGREES = "network.Network.fire = lambda self, values: set()"
BREAKS = """
def fire(self, values):
    name = values["member.name"]
    raise ZeroDivisionError(f"{name} {values}")
network.Network.fire = fire
"""
OUT_OF_MEMORY = """
def fire(self, values):
    raise MemoryError
network.Network.fire = fire
"""


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="durable-rules does not fire on this Python")
@pytest.mark.parametrize(
    ("patch", "kind"),
    [(DISAGREES, "InternalError"), (BREAKS, "ZeroDivisionError"), (OUT_OF_MEMORY, "MemoryError")],
    ids=["disagrees", "breaks", "memory"],
)
def test_a_defect_ends_with_70_one_line_and_a_trace_without_facts(
    patch: str, kind: str, tmp_path: Path, facts: Path, kept: Mapping[str, str]
) -> None:
    driver = tmp_path / "driver.py"
    driver.write_text(DRIVER.format(root=str(ROOT), patch=patch), "utf-8")
    env = {**kept, "TMPDIR": str(tmp_path)}
    ended = advise(facts, "--policies", WORKSHOP, env=env, command=(sys.executable, str(driver)))
    said = refused(ended, code=70)
    assert said.count("\n") == 1
    assert said.startswith(f"A defect in advise ({kind}).")
    (trace,) = tmp_path.glob("advise-*.trace")
    assert str(trace) in said
    content = trace.read_text("utf-8")
    assert kind in content
    assert "fire" in content or "decide" in content
    for secret in SECRETS:
        assert secret not in content
        assert secret not in said
    if os.name == "posix":
        assert trace.stat().st_mode & 0o777 == 0o600
    if kind == "InternalError":
        assert "machines/accident-wait" in content


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="durable-rules does not fire on this Python")
def test_a_defect_without_room_for_a_trace(tmp_path: Path, facts: Path, kept: Mapping[str, str]) -> None:
    driver = tmp_path / "driver.py"
    no_room = f"{DISAGREES}\nimport tempfile\ntempfile.tempdir = {str(tmp_path / 'nowhere')!r}"
    driver.write_text(DRIVER.format(root=str(ROOT), patch=no_room), "utf-8")
    ended = advise(facts, "--policies", WORKSHOP, env=kept, command=(sys.executable, str(driver)))
    assert "The trace could not be written." in refused(ended, code=70)


# -- terminals, pipes, encodings ---------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMATS)
def test_no_colour_when_piped(form: str, facts: Path, kept: Mapping[str, str]) -> None:
    env = {**kept, "TERM": "xterm-256color", "FORCE_COLOR": "1", "CLICOLOR_FORCE": "1"}
    assert b"\x1b" not in advise(facts, "--policies", WORKSHOP, "--format", form, env=env).stdout


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(
    "env",
    [
        {"PYTHONIOENCODING": "ascii"},
        {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "latin-1:strict"},
    ],
    ids=["ascii", "C", "latin-1"],
)
def test_a_narrow_encoding_does_not_crash(
    form: str, env: Mapping[str, str], facts: Path, kept: Mapping[str, str]
) -> None:
    ended = advise(facts, "--policies", WORKSHOP, "--format", form, env={**kept, **env})
    assert ended.code == 0, ended.err
    assert b"machines/accident-wait" in ended.stdout
    assert b"defect" not in ended.stderr


@pytest.mark.parametrize("encoding", ["ascii", "latin-1:strict"])
def test_problems_in_a_narrow_encoding(encoding: str, tmp_path: Path, kept: Mapping[str, str]) -> None:
    path = written(tmp_path, {"säge": "☃"})
    ended = advise(path, "--policies", WORKSHOP, env={**kept, "PYTHONIOENCODING": encoding})
    assert ended.code == 2
    assert b"[unknown-fact]" in ended.stderr
    folder = workshop_copy(tmp_path / "policies", machines=("severity: halt", "severity: hält"))
    checked = advise("check", folder, env={"PYTHONIOENCODING": encoding})
    assert checked.code == 1
    assert b"[unknown-severity]" in checked.stdout


@pytest.mark.skipif(os.name != "posix", reason="needs a shell")
def test_closed_streams(facts: Path, kept: Mapping[str, str]) -> None:
    """As a service may start us: without standard input, or without standard output."""

    def started(stream: str, what: str | Path) -> Ended:
        closing = ("sh", "-c", f'exec "$@" {stream}', "sh", *COMMAND)
        return advise(what, "--policies", WORKSHOP, env=kept, command=closing)

    assert "<standard input>: It cannot be read: it is closed." in refused(started("<&-", "-"))
    assert started("<&-", facts).code == 0
    assert refused(started(">&-", facts)) == "The output cannot be written: it is closed.\n"
    assert started(">&- 2>&-", facts).code == 2
    if Path("/dev/full").exists():
        assert started("2>/dev/full", "no-such-file").code == 2


def test_a_large_file_is_refused(tmp_path: Path, kept: Mapping[str, str]) -> None:
    path = tmp_path / "facts.json"
    with path.open("wb") as stream:
        stream.truncate(100_000_000)
    assert "[too-large]" in refused(advise(path, "--policies", WORKSHOP, env=kept))


# -- a folder as it is on a disk ---------------------------------------------------------------------


@pytest.mark.skipif(os.name != "posix", reason="names and links as POSIX has them")
def test_what_editors_and_systems_leave_in_a_folder(tmp_path: Path, facts: Path) -> None:
    folder = workshop_copy(tmp_path / "policies")
    before = advise(facts, "--policies", folder, "--format", "json")
    (folder / ".#machines.yaml").symlink_to("somebody@somewhere.1234")
    (folder / "._machines.yaml").write_bytes(b"\x00\x05\x16\x07\xff")
    (folder / ".machines.yaml.swp").write_bytes(b"\xff")
    (folder / "machines.yaml~").write_bytes(b"policy: machines")
    (folder / "machines.yaml.bak").write_bytes(b"policy: machines")
    (folder / "README.md").write_text("# Policies", "utf-8")
    (folder / "tests").mkdir()
    (folder / "tests" / "any.yaml").write_text("policy: machines", "utf-8")
    (folder / "archive").mkdir()
    (folder / "archive" / ".DS_Store").write_bytes(b"\xff")
    after = advise(facts, "--policies", folder, "--format", "json")
    assert (after.code, after.stdout) == (0, before.stdout), after.err


@pytest.mark.skipif(os.name != "posix", reason="names and links as POSIX has them")
def test_odd_things_with_the_name_of_a_policy(tmp_path: Path, facts: Path) -> None:
    folder = workshop_copy(tmp_path / "policies")
    (folder / "folder.yaml").mkdir()
    (folder / "dangling.yml").symlink_to("nowhere")
    os.mkfifo(folder / "pipe.yaml")
    said = refused(advise(facts, "--policies", folder))
    assert "policies/pipe.yaml: This is not read: it is a pipe, a device or the like, no file." in said
    assert "policies/folder.yaml: This is a folder; what is read here is a file." in said
    assert "policies/dangling.yml: Cannot read the file" in said
    with (folder / "large.yaml").open("wb") as stream:
        stream.truncate(100_000_000)
    (folder / "folder.yaml").rmdir()
    (folder / "dangling.yml").unlink()
    (folder / "pipe.yaml").unlink()
    assert "policies/large.yaml: The file is larger than 2 MB. [too-large]" in refused(
        advise(facts, "--policies", folder)
    )


@pytest.mark.skipif(sys.platform != "linux", reason="a file name that is no text")
@pytest.mark.parametrize("form", FORMATS)
def test_a_policy_whose_file_name_is_no_text(
    form: str, tmp_path: Path, facts: Path, kept: Mapping[str, str]
) -> None:
    folder = workshop_copy(tmp_path / "policies")
    (folder / "machines.yaml").rename(folder / os.fsdecode(b"machines-\xff.yaml"))
    ended = advise(facts, "--policies", folder, "--format", form, env=kept)
    assert ended.code == 0, ended.err
    assert b"machines-" in ended.stdout


@pytest.mark.skipif(os.name != "posix", reason="names as POSIX has them")
def test_a_path_cannot_colour_a_terminal(tmp_path: Path) -> None:
    from engine.base.diagnostic import Diagnostic, Location
    from engine.base.diagnostic_text import format_diagnostics

    assert "a\\nb:1:1" in format_diagnostics([Diagnostic("not-json", "M", Location("a\nb"))])
    assert "\x1b" not in format_diagnostics(
        [Diagnostic("not-json", "\x1b[31m", Location("\x1b[31m.json"), "\x1b]0;x\x07")]
    )
    shown = tmp_path / "lines.yaml"
    shown.write_text("first: with\u2028an odd line end\nsecond: here\n", "utf-8")
    assert "     2 | second: here" in format_diagnostics(
        [Diagnostic("not-yaml", "M", Location(str(shown), 2, 1))]
    )
