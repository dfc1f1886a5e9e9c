"""Policies kept from one run to the next: the same reports, whatever happens to what is kept."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import pytest

from engine.advising.advisor import Advisor
from engine.analysis.certainty.report_certainty import ReportCertainty
from engine.base.version import VERSION
from engine.language.facts import read_facts
from engine.loading import policy_cache
from engine.loading.load import load
from engine.rendering import render_json
from tests.support.process import COMMAND, ROOT, WORKSHOP, advise, environment

pytestmark = pytest.mark.slow

DAY = date(2026, 11, 22)
FACTS = {
    "member": {"name": "Ada Zwölf", "joined_on": "2024-01-05", "role": "member"},
    "saw": {"trained": True, "test_score": 8.0, "accidents": ["2025-09-30"]},
    "year": 2026,
}
SECRETS = ("Ada", "Zwölf", "2024-01-05", "2025-09-30", "8.0")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(WORKSHOP, tmp_path / "policies"))


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Policies that are read in no time."""
    folder = tmp_path / "small"
    folder.mkdir()
    for kind, body in SMALL.items():
        text = f"advise_language: 1\n{kind}: small\ntitle: T\nversion: '1.0.0'\nstatus: active\n"
        (folder / f"{kind}.yaml").write_text(f"{text}effective: {{from: 2020-01-01}}\n{body}\n", "utf-8")
    return folder


SMALL = {
    "vocabulary": "facts: {as_of: {title: T, type: date, question: '?'}}",
    "sources": "entries:\n  s:\n    {title: T, publisher: P, kind: k, retrieved: 2026-01-01,"
    " checked_on: 2026-01-01, anchors: {a: {title: A}}}",
    "ranking": "severities: {a: A}\ntiers: {b: B}\ncategories: {c: C}",
    "policy": "rules:\n  - {id: r, title: R, tier: b, cites: ['s#a'],"
    " advise: {text: T, category: c, severity: a}}",
}


def small_report(folder: Path, cache: Path | None) -> str:
    policies = load(folder, DAY, keep_in=cache)
    return render_json(
        ReportCertainty(Advisor(policies, engine="evaluator")).case(read_facts({}, policies.facts)).report
    )


def report(folder: Path, cache: Path | None, day: date = DAY) -> str:
    policies = load(folder, day, keep_in=cache)
    return render_json(ReportCertainty(Advisor(policies)).case(read_facts(FACTS, policies.facts)).report)


def kept_files(cache: Path) -> list[Path]:
    return sorted(cache.iterdir())


def state_of(cache: Path) -> dict[str, tuple[bytes, int]]:
    """The content of what is kept, and when it was written."""
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in kept_files(cache)}


# -- the same report ---------------------------------------------------------------------------------


def test_a_hit_gives_the_same_report_and_writes_nothing(folder: Path, cache: Path) -> None:
    fresh = report(folder, None)
    assert report(folder, cache) == fresh
    before = state_of(cache)
    assert len(before) == 2
    assert report(folder, cache) == fresh
    assert state_of(cache) == before


def test_an_added_and_a_removed_file_are_seen(folder: Path, cache: Path) -> None:
    first = report(folder, cache)
    policy = (folder / "machines.yaml").read_text("utf-8")
    shorter = (
        policy[: policy.index("bands:")]
        .replace("policy: machines", "policy: more")
        .replace("saw_pass", "other")
    )
    (folder / "more.yaml").write_text(shorter, "utf-8")
    assert '"more"' in report(folder, cache)
    (folder / "more.yaml").rename(folder / "other.yaml")
    assert '"other.yaml"' in report(folder, cache)
    (folder / "other.yaml").unlink()
    assert report(folder, cache) == first


@pytest.mark.parametrize("name", ["machines", "vocabulary", "sources", "ranking", "calendar"])
def test_a_changed_byte_in_any_file_is_seen(name: str, folder: Path, cache: Path) -> None:
    report(folder, cache)
    path = folder / f"{name}.yaml"
    status = path.stat()
    text = path.read_text("utf-8")
    changed = text.replace('.0"', '.1"', 1)
    assert len(changed) == len(text) != 0
    assert changed != text
    path.write_text(changed, "utf-8")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))  # neither time nor size tells
    again = report(folder, cache)
    assert again == report(folder, None)
    versions = {entry["path"]: entry["version"] for entry in in_force(again)}
    assert versions[path.name].endswith(".1")


def test_a_problem_is_told_though_the_policies_were_good_before(folder: Path, cache: Path) -> None:
    report(folder, cache)
    before = state_of(cache)
    path = folder / "machines.yaml"
    path.write_text(path.read_text("utf-8").replace("severity: halt", "severity: hold"), "utf-8")
    ended = advise("-", "--policies", folder, stdin=b"{}", env={"ADVISE_CACHE": str(cache)})
    assert ended.code == 2
    assert "[unknown-severity]" in ended.err
    assert state_of(cache) == before, "only policies without a problem are kept"


def test_each_day_has_its_versions(folder: Path, cache: Path) -> None:
    policy = (folder / "machines.yaml").read_text("utf-8")
    (folder / "archive").mkdir()
    former = policy.replace('"2.1.0"', '"1.0.0"').replace(
        "{from: 2026-01-01}", "{from: 2025-06-01, until: 2025-11-30}"
    )
    (folder / "archive" / "machines-1.yaml").write_text(
        former.replace("Take the saw", "Book the saw"), "utf-8"
    )
    ranking = (folder / "ranking.yaml").read_text("utf-8")
    (folder / "ranking.yaml").write_text(ranking.replace(", saw.level]", "]"), "utf-8")
    changes = [date(2025, 6, 1), date(2025, 12, 1), date(2026, 1, 1), date(2026, 6, 1)]
    days = [day for change in changes for day in (change.replace(day=2), change)]
    days += [date.fromordinal(change.toordinal() - 1) for change in changes]
    days += [date(2027, 3, 1)]
    for _ in range(2):  # the second time everything is kept
        for day in days:
            assert report(folder, cache, day) == report(folder, None, day), day
    seen = {
        tuple(
            entry["version"]
            for entry in in_force(report(folder, cache, day))
            if entry["policy"] == "machines"
        )
        for day in days
    }
    assert seen == {(), ("1.0.0",), ("2.1.0",)}


def in_force(shown: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads(shown)["policies"]["in_force"]
    return found


# -- another tool ------------------------------------------------------------------------------------


def tool_copy(place: Path) -> Path:
    for part in ("engine", "schemas"):
        shutil.copytree(ROOT / part, place / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "cli.py", place / "cli.py")
    return place


def test_another_schema_or_version_of_the_tool_reads_anew(tmp_path: Path, cache: Path) -> None:
    tool = tool_copy(tmp_path / "tool")

    def run() -> int:
        command = (sys.executable, str(tool / "cli.py"))
        ended = advise(
            "-", "--policies", WORKSHOP, stdin=b"{}", command=command, env={"ADVISE_CACHE": str(cache)}
        )
        assert ended.code == 0, ended.err
        return len(kept_files(cache / "advise-cache"))

    assert run() == run() == 2
    schema = tool / "schemas" / "sources.schema.json"
    schema.write_bytes(schema.read_bytes() + b"\n")
    assert run() == run() == 4
    version = tool / "engine" / "base" / "version.py"
    version.write_text('VERSION = "99.0.0"\n', "utf-8")
    assert run() == run() == 6


REFUSING = """
def read_policies(files, problems=None, rules=None):
    raise InvalidInput.error("unusable", "This build does not take it.", Location("machines.yaml"))
"""


def test_another_build_of_the_same_version_reads_anew(tmp_path: Path, cache: Path) -> None:
    """What one build refuses gives no advice by what another kept."""
    tool = tool_copy(tmp_path / "tool")

    def run() -> int:
        env = {"ADVISE_CACHE": str(cache)}
        command = (sys.executable, str(tool / "cli.py"))
        return advise("-", "--policies", WORKSHOP, stdin=b"{}", command=command, env=env).code

    assert run() == run() == 0
    source = tool / "engine" / "loading" / "read_folder.py"
    source.write_text(source.read_text("utf-8") + REFUSING, "utf-8")
    assert run() == 2


def test_an_installed_build_is_known_by_its_record(tmp_path: Path) -> None:
    """Some installers give every file the same time."""
    site = tool_copy(tmp_path / "site")
    record = site / f"advise-{VERSION}.dist-info" / "RECORD"
    record.parent.mkdir()
    code = "from engine.loading.program_state import program_state; print(hash(program_state()))"

    def state() -> bytes:
        env = environment({"PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"})
        return subprocess.run(
            [sys.executable, "-c", code], cwd=site, env=env, capture_output=True, check=True
        ).stdout

    record.write_text("engine/api.py,sha256=one,4\n", "utf-8")
    first = state()
    assert first == state()
    record.write_text("engine/api.py,sha256=two,4\n", "utf-8")
    assert state() != first


# -- what happens to files ---------------------------------------------------------------------------


def signed(body: bytes) -> bytes:
    """As a kept file is written: a digest that fits, whatever the body."""
    return b"advise keeps policies 1 " + hashlib.sha256(body).hexdigest().encode() + b"\n" + body


DAMAGED: Mapping[str, bytes] = {
    "empty": b"",
    "digest-only": b"0" * 64 + b"\n",
    "no-line-end": b"x" * 1_000,
    "binary": bytes(range(256)) * 40,
    "pickle": b"\x80\x04\x95\x1e\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x94\x8c\x06system\x94\x93\x94.",
    "deep": signed(b"[null, " * 900 + b"5" + b"]" * 900),
    "deeper": signed(b"[" * 100_000),
    "not-utf8": signed(b"\xff"),
    **{
        f"signed {body}": signed(body.encode())
        for body in """
        null true 5 "x" [] {} [null] [null,null] [null,5] [0] [0,1,2,3] [99] [-1] ["x"] [1.5] [true] [[]]
        [[0]] [3,1,2,3,4] {"date":5} {"date":"x"} {"number":"x"} {"number":[]} {"mapping":5} {"mapping":[5]}
        {"mapping":[[[null],2],[{"mapping":[]},1]]} {"other":1} {"date":"2026-01-01","number":"5"}
        {"date":"2026-01-01"} [null,{"date":"9999-12-31"}] NaN
        """.split()  # noqa: SIM905  # a line for each otherwise
    },
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_damaged_files_are_read_anew(damage: str, small: Path, cache: Path) -> None:
    fresh = small_report(small, cache)
    for path in kept_files(cache):
        good = path.read_bytes()
        path.write_bytes(DAMAGED[damage])
        assert small_report(small, cache) == fresh
        path.write_bytes(good)


def test_cut_and_flipped_files_are_read_anew(small: Path, cache: Path) -> None:
    fresh = small_report(small, cache)
    for path in kept_files(cache):
        good = path.read_bytes()
        for at in (0, 1, 63, 64, 65, 66, len(good) // 2, len(good) - 1):
            flipped = bytearray(good)
            flipped[at] ^= 1
            for damaged in (good[:at], bytes(flipped), good + b"\n"):
                path.write_bytes(damaged)
                assert small_report(small, cache) == fresh
            assert path.read_bytes() == good, "and written anew"


def test_files_in_each_others_place_are_read_anew(folder: Path, cache: Path, tmp_path: Path) -> None:
    """Each is whole, signed and of the right kind, but of other policies, or of another day."""
    fresh = report(folder, cache)
    other = Path(shutil.copytree(folder, tmp_path / "other"))
    policy = other / "machines.yaml"
    policy.write_text(policy.read_text("utf-8").replace("Machines\n", "Engines\n", 1), "utf-8")
    before = set(kept_files(cache))
    other_fresh = report(other, cache)
    assert other_fresh != fresh
    mine, theirs = sorted(before), sorted(set(kept_files(cache)) - before)
    contents = {path: path.read_bytes() for path in (*mine, *theirs)}
    for path, strange in ((mine[0], theirs[0]), (mine[1], theirs[1]), (mine[0], mine[1]), (mine[1], mine[0])):
        path.write_bytes(contents[strange])
        assert report(folder, cache) == fresh
        path.write_bytes(contents[path])


def test_deleted_files_and_folders(folder: Path, cache: Path) -> None:
    fresh = report(folder, cache)
    for path in kept_files(cache):
        path.unlink()
        assert report(folder, cache) == fresh
    shutil.rmtree(cache)
    assert report(folder, cache) == fresh
    for path in kept_files(cache):
        path.unlink()
        path.mkdir()  # a folder where a file was
    assert report(folder, cache) == fresh


# -- whose files they are ----------------------------------------------------------------------------

posix = pytest.mark.skipif(os.name != "posix", reason="owners and modes as POSIX has them")


@posix
def test_only_the_owner_can_read_or_write(folder: Path, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        report(folder, tmp_path / "new" / "cache")
    finally:
        os.umask(before)
    cache = tmp_path / "new" / "cache"
    assert cache.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in kept_files(cache)} == {0o600}


def forge(cache: Path) -> None:
    """Advice that nobody wrote, in files that would be taken for kept ones."""
    for path in kept_files(cache):
        body = path.read_bytes().partition(b"\n")[2]
        path.write_bytes(signed(body.replace(b"Take the saw course", b"Sell the saw cheap!")))


FORGED = "Sell the saw cheap!"
UNTRAINED = {"member": {"role": "member"}, "saw": {"trained": False}}


def advice(folder: Path, cache: Path) -> str:
    policies = load(folder, DAY, keep_in=cache)
    return render_json(Advisor(policies).report(read_facts(UNTRAINED, policies.facts)))


@posix
def test_files_that_others_can_write_are_not_believed(folder: Path, cache: Path) -> None:
    assert "Take the saw course" in advice(folder, cache)
    forge(cache)
    assert FORGED in advice(folder, cache), "a forgery is possible: else the rest proves nothing"
    for mode in (0o602, 0o620, 0o666):
        forge(cache)
        for path in kept_files(cache):
            path.chmod(mode)
        assert FORGED not in advice(folder, cache)
    for mode in (0o702, 0o770, 0o777):
        for path in kept_files(cache):
            path.chmod(0o600)
        forge(cache)
        cache.chmod(mode)
        assert FORGED not in advice(folder, cache)
        cache.chmod(0o700)


@posix
@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root can give files away")
def test_files_of_somebody_else_are_not_believed(folder: Path, cache: Path) -> None:
    advice(folder, cache)
    forge(cache)
    for path in kept_files(cache):
        os.chown(path, 12345, -1)
    assert FORGED not in advice(folder, cache)
    forge(cache)
    os.chown(cache, 12345, -1)
    assert FORGED not in advice(folder, cache)


# -- where nothing can be kept -----------------------------------------------------------------------


@pytest.mark.parametrize("place", ["file", "below-a-file", "/proc/advise", "/dev/null", "x" * 5_000])
def test_a_folder_that_cannot_be_written_is_harmless(place: str, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine", "utf-8")
    where = tmp_path / "file" / "below" if place == "below-a-file" else tmp_path / place
    assert report(folder, where) == report(folder, None)
    assert (tmp_path / "file").read_text("utf-8") == "mine"


@posix
@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() == 0, reason="root can write anywhere")
def test_a_read_only_folder_is_harmless(folder: Path, cache: Path) -> None:
    cache.mkdir(mode=0o500)
    assert report(folder, cache) == report(folder, None)
    assert kept_files(cache) == []


def test_where_it_is_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ADVISE_CACHE", str(tmp_path))
    assert policy_cache.default_folder() == tmp_path / "advise-cache"
    with monkeypatch.context() as at_home:
        at_home.setenv("HOME", str(tmp_path))
        at_home.setenv("ADVISE_CACHE", "~/kept")
        assert policy_cache.default_folder() == tmp_path / "kept" / "advise-cache"
        at_home.setenv("ADVISE_CACHE", "~nobody-of-this-name/kept")
        assert policy_cache.default_folder() is None
    monkeypatch.setenv("ADVISE_CACHE", "")
    assert policy_cache.default_folder() is None
    monkeypatch.delenv("ADVISE_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert policy_cache.default_folder() == tmp_path / "advise"
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert policy_cache.default_folder() == tmp_path / ".cache" / "advise"


def test_check_keeps_nothing_and_believes_nothing(folder: Path, cache: Path) -> None:
    assert advise("check", folder, env={"ADVISE_CACHE": str(cache)}).code == 0
    assert not cache.exists()


# -- how much is kept, by how many, and what never is ------------------------------------------------


def test_old_files_go_and_nothing_that_others_wrote(folder: Path, cache: Path) -> None:
    report(folder, cache)
    theirs = {"notes.txt": b"mine", "advise.kept": b"mine too", "empty.kept": b"", ".hidden": b"x"}
    for name, content in theirs.items():
        (cache / name).write_bytes(content)
        os.utime(cache / name, (1, 1))
    (cache / "folder.kept").mkdir()
    (cache / "link.kept").symlink_to(kept_files(cache)[0])
    others = len(list(cache.iterdir()))
    for number in range(3 * policy_cache.KEEP_AT_MOST):
        old = cache / f"old-{number}.kept"
        old.write_bytes(signed(b"{}"))
        os.utime(old, (number, number))
    policy = folder / "machines.yaml"
    policy.write_bytes(policy.read_bytes() + b"# changed\n")
    report(folder, cache)
    assert {name: (cache / name).read_bytes() for name in theirs} == theirs
    assert (cache / "folder.kept").is_dir()
    assert (cache / "link.kept").is_symlink()
    assert len(list(cache.iterdir())) == policy_cache.KEEP_AT_MOST + others - 2
    before = {path.name: path.lstat().st_mtime_ns for path in cache.iterdir()}
    assert report(folder, cache)
    after = {path.name: path.lstat().st_mtime_ns for path in cache.iterdir()}
    assert after == before, "what was just written is still there"


def test_a_folder_of_the_users_stays_as_it_is(folder: Path, tmp_path: Path) -> None:
    """`ADVISE_CACHE=.` where somebody works, run after run on policies that change each time."""
    place = tmp_path / "work"
    place.mkdir()
    for number in range(41):
        (place / f"{number:064x}").write_text("mine", "utf-8")
    policy = folder / "machines.yaml"
    for _ in range(policy_cache.KEEP_AT_MOST // 2 + 2):
        policy.write_bytes(policy.read_bytes() + b"# changed\n")
        assert load(folder, DAY, keep_in=place / "advise-cache")
    ended = advise("-", "--policies", folder, stdin=b"{}", env={"ADVISE_CACHE": "."}, cwd=place)
    assert ended.code == 0
    assert sorted(path.name for path in place.iterdir() if path.is_file()) == [f"{n:064x}" for n in range(41)]
    assert len(kept_files(place / "advise-cache")) == policy_cache.KEEP_AT_MOST


def test_eight_processes_at_once(folder: Path, cache: Path) -> None:
    command = [*COMMAND, "-", "--policies", str(folder), "--format", "json", "--as-of", DAY.isoformat()]
    env = environment({"ADVISE_CACHE": str(cache)})
    pipe = subprocess.PIPE
    processes = [subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, env=env) for _ in range(8)]
    ended = [process.communicate(json.dumps(FACTS).encode(), timeout=60) for process in processes]
    assert [process.returncode for process in processes] == [0] * 8, ended
    assert {out.decode() for out, _ in ended} == {report(folder, None)}
    cache /= "advise-cache"
    assert len(kept_files(cache)) == 2, "nothing half-written is left"
    before = state_of(cache)
    assert report(folder, cache) == report(folder, None)
    assert state_of(cache) == before


def test_facts_are_never_kept(folder: Path, cache: Path) -> None:
    ended = advise(
        "-", "--policies", folder, stdin=json.dumps(FACTS).encode(), env={"ADVISE_CACHE": str(cache)}
    )
    assert ended.code == 0
    content = "".join(path.read_text("utf-8") for path in kept_files(cache / "advise-cache"))
    assert "Take the saw course" in content
    for secret in SECRETS:
        assert secret not in content
    assert str(folder) not in content, "nor where the policies lie"


def test_what_is_kept_is_data(folder: Path, cache: Path) -> None:
    report(folder, cache)
    for path in kept_files(cache):
        head, _, body = path.read_bytes().partition(b"\n")
        assert head.endswith(hashlib.sha256(body).hexdigest().encode())
        json.loads(body)
    imported = {name for path in (ROOT / "engine").rglob("*.py") for name in imports(path)}
    assert "json" in imported
    assert not imported & {"pickle", "cPickle", "marshal", "shelve", "dill", "joblib"}


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]
