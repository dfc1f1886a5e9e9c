"""Back to a former text: a release taken back on its day, and an older version put in force anew."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from engine.base.diagnostic import InvalidInput
from engine.base.read import read_yaml
from engine.checking.check import check_folder
from engine.loading.load import load
from engine.testing import PolicyTests
from engine.versioning.release.run import finish_release, release
from engine.versioning.release.undo import undo_release
from tests.support.edited import contents, copied, edit, request
from tests.support.process import advise
from tests.versioning.test_release import Crash, crash_after

pytestmark = pytest.mark.slow

TODAY = date(2026, 11, 27)
TOMORROW = TODAY + timedelta(days=1)
SOFTEN = ("machines.yaml", "severity: do", "severity: know")
MOST = ("vocabulary.yaml", "range: {at_least: 0, at_most: 10}", "range: {at_least: 0, at_most: 12}")


FIRST = request(level=None, note="First.", today=TODAY - timedelta(days=1))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The workshop's policies, all released the day before."""
    place = copied(tmp_path / "policies")
    release(place, (), FIRST)
    return place


def without_lock(folder: Path) -> Mapping[str, bytes]:
    return {name: content for name, content in contents(folder).items() if name != "releases.lock"}


def severity(folder: Path, day: date) -> str:
    """How much one rule matters, in the version of a day."""
    rule = load(folder, day).by_name["machines/train"].rule
    assert rule.advise is not None
    return rule.advise.severity


def problems(folder: Path, day: date = TODAY) -> list[str]:
    ours = {"released-edited", "not-released", "release-lost"}
    found = [each for each in check_folder(folder, day).diagnostics if each.code in ours]
    return [f"{each.message} {each.help} [{each.code}]" for each in found]


def refused(folder: Path, *names: str, today: date = TODAY) -> str:
    before = contents(folder)
    with pytest.raises(InvalidInput) as raised:
        undo_release(folder, names, today)
    assert contents(folder) == before
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
    return " ".join(f"{found.message} {found.help} [{found.code}]" for found in raised.value.diagnostics)


# -- taken back on its day ---------------------------------------------------------------------------


def test_a_release_is_taken_back(folder: Path) -> None:
    edit(folder, SOFTEN)
    before = without_lock(folder)
    release(folder, ("machines",), request())
    assert severity(folder, TODAY) == "know"
    (undone,) = undo_release(folder, (), TODAY)
    assert (undone.name, undone.version, undone.former) == ("machines", "2.2.0", "2.1.0")
    # As it was edited, and released no more; nothing of it is lost.
    assert without_lock(folder) == before
    assert [each.rpartition("[")[2] for each in problems(folder)] == ["released-edited]"]


def test_a_crash_at_any_step_of_taking_back_loses_nothing(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(folder, SOFTEN, MOST)
    edited = without_lock(folder)
    release(folder, ("machines", "vocabulary"), request())
    before = contents(folder)
    whole = copied(tmp_path / "whole", source=folder)
    undo_release(whole, (), TODAY)
    done = contents(whole)
    outcomes = set()
    for step in range(100):
        place = copied(tmp_path / f"crash-{step}", source=folder)
        with monkeypatch.context() as crashing:
            crash_after(step, crashing)
            try:
                undo_release(place, (), TODAY)
                break
            except Crash:
                pass
        left = contents(place)
        # What the author wrote is there, released or as an edit, byte for byte.
        for name in ("machines.yaml", "vocabulary.yaml"):
            assert left[name] in (before[name], edited[name])
        # Both are in force as they were released, or neither.
        versions = {each.title: each.version for each in load(place, TODAY).file_versions}
        both = versions["Machines"], versions["Members of a community workshop"]
        taken_back = left["releases.lock"] == done["releases.lock"]
        assert both == (("2.1.0", "1.0.0") if taken_back else ("2.2.0", "1.1.0"))
        outcomes.add(both)
        # What is left undone is done by finishing the release, and taking it back again.
        if not taken_back:
            assert left["releases.lock"] == before["releases.lock"]
            finish_release(place)
            assert {name: text for name, text in contents(place).items() if ".advise-" not in name} == before
            undo_release(place, (), TODAY)
        finish_release(place)
        assert {name: text for name, text in contents(place).items() if ".advise-" not in name} == done
        assert [each.rpartition("[")[2] for each in problems(place)] == ["released-edited]"] * 2
    assert len(outcomes) == 2
    assert contents(place) == done


def test_a_number_that_was_withdrawn_is_not_given_again(folder: Path) -> None:
    edit(folder, SOFTEN)
    release(folder, ("machines",), request())
    undo_release(folder, ("machines",), TODAY)
    lock = (folder / "releases.lock").read_text("utf-8")
    assert [line[:34] for line in lock.splitlines() if "2.2.0" in line] == [
        "# withdrawn: policy:machines 2.2.0"
    ]
    (released,) = release(folder, ("machines",), request()).released
    assert (released.former, released.version) == ("2.1.0", "2.3.0")
    undo_release(folder, ("machines",), TODAY)
    (released,) = release(folder, ("machines",), request(level="patch")).released
    assert released.version == "2.3.1"
    assert (folder / "releases.lock").read_text("utf-8").count("# withdrawn: ") == 2
    assert problems(folder) == []


def test_a_first_release_is_taken_back(tmp_path: Path) -> None:
    folder = copied(tmp_path / "policies")
    before = contents(folder)
    release(folder, (), request(level=None))
    undone = undo_release(folder, (), TODAY)
    assert [each.former for each in undone] == [None] * 5
    after = contents(folder)
    assert {name: after[name] for name in before} == before
    assert set(after) - set(before) == {".gitattributes", "releases.lock"}
    numbers = {each.name: each.version for each in release(folder, (), request(level=None)).released}
    assert numbers["machines"] == "2.1.1"
    assert numbers["vocabulary:workshop"] == "1.0.1"


def test_what_was_released_together_is_taken_back_together(folder: Path) -> None:
    edit(folder, SOFTEN, MOST)
    before = without_lock(folder)
    release(folder, ("machines", "vocabulary"), request())
    assert [each.version for each in undo_release(folder, (), TODAY)] == ["2.2.0", "1.1.0"]
    assert without_lock(folder) == before


def test_of_several_releases_one_is_named(folder: Path) -> None:
    edit(folder, SOFTEN, MOST)
    release(folder, ("machines",), request())
    release(folder, ("vocabulary",), request(note="Another."))
    said = refused(folder)
    assert said == (
        "There were several releases today. Name what is to be taken back: advise release machines --undo, "
        "or advise release vocabulary:workshop --undo [release-refused]"
    )
    edit(folder, ("vocabulary.yaml", "title: Joined", "title: Joined on"))  # whatever became of one since
    assert refused(folder) == said
    edit(folder, ("vocabulary.yaml", "title: Joined on", "title: Joined"))
    undo_release(folder, ("vocabulary",), TODAY)
    assert severity(folder, TODAY) == "know"


def test_of_releases_that_followed_each_other_the_last_is_taken_back(tmp_path: Path) -> None:
    """All at first, then one of them: and then the first release, once nothing is an edit any more."""
    folder = copied(tmp_path / "policies")
    release(folder, (), request(level=None, note="First."))
    first = without_lock(folder)
    edit(folder, SOFTEN)
    release(folder, ("machines",), request())
    assert [each.name for each in undo_release(folder, (), TODAY)] == ["machines"]
    assert "copy archive/machines-2.1.0.yaml to machines.yaml" in refused(folder)
    shutil.copy(folder / "archive" / "machines-2.1.0.yaml", folder / "machines.yaml")
    assert without_lock(folder) == first
    assert len(undo_release(folder, (), TODAY)) == 5


def test_who_releases_again_on_a_day_is_told_of_undo(folder: Path) -> None:
    undo = "2.2.0 was released today; to take that back: advise release machines --undo [release-refused]"

    def told(**changes: Any) -> str:
        with pytest.raises(InvalidInput) as raised:
            release(folder, ("machines",), request(**changes))
        (found,) = raised.value.diagnostics
        return f"{found.help} [{found.code}]"

    edit(folder, SOFTEN)
    release(folder, ("machines",), request())
    assert told(note="Say more.") == f"Edit it first. {undo}"
    assert told(level=None) == f"Release a change with --patch, --minor or --major. {undo}"
    assert told(today=TOMORROW) == "Edit it first. [release-refused]"
    edit(folder, ("machines.yaml", "Book the next course.", "Book it."))
    assert told() == f"The new one begins on a later day: --from DATE. {undo}"
    shutil.copy(folder / "archive" / "machines-2.1.0.yaml", folder / "machines.yaml")
    assert told() == f"The new one begins on a later day: --from DATE. {undo}"


def test_a_retired_policy_is_taken_back(folder: Path) -> None:
    before = without_lock(folder)
    release(folder, ("machines",), request(level="major", retire=True))
    undo_release(folder, (), TODAY)
    assert without_lock(folder) == before
    assert problems(folder) == []


def test_the_later_of_two_versions_of_one_day(folder: Path) -> None:
    edit(folder, SOFTEN)
    release(folder, ("machines",), request())
    edit(folder, ("machines.yaml", "severity: know\n      due", "severity: halt\n      due"))
    release(folder, ("machines",), request(begins=TOMORROW))
    assert undo_release(folder, ("machines",), TODAY)[0].version == "2.3.0"
    assert [severity(folder, day) for day in (TODAY - timedelta(days=1), TODAY)] == ["do", "halt"]
    assert "not what was released in 2.2.0" in refused(folder, "machines")


@pytest.mark.parametrize(
    "head",
    [
        "effective:\n  from: 2026-01-01   # the day\n",
        'effective: {"from": "2026-01-01"}\nchanges: [{version: 2.1.0, date: 2026-01-01, note: Flow.}]\n',
        "changes:\n- version: 2.1.0\n  date: 2026-01-01\n  note: Flat.\neffective: {from: 2026-01-01}\n",
        "changes:   # all\n  - {version: 2.1.0, date: 2026-01-01, note: O.}\neffective: {from: 2026-01-01}\n",
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_heads_of_every_layout(head: str, newline: str, tmp_path: Path) -> None:
    folder = copied(tmp_path / "policies", ("machines.yaml", "effective: {from: 2026-01-01}\n", head))
    path = folder / "machines.yaml"
    path.write_bytes(path.read_bytes().replace(b"\n", newline.encode()))
    for level in (None, "minor"):  # what is never released yet, and what is
        before = path.read_bytes()
        release(folder, () if level is None else ("machines",), request(level=level, note="Say [no]: {x}"))
        undo_release(folder, (), TODAY)
        after = path.read_bytes()
        assert read_yaml(after, "").data == read_yaml(before, "").data
        assert after.replace(b'"', b"") == before.replace(b'"', b"")
        if level is None:
            release(folder, (), FIRST)
            edit(folder, SOFTEN)


def test_what_cannot_be_taken_back(folder: Path) -> None:
    assert refused(folder).startswith("Nothing was released today. A release is taken back on its day only.")
    assert "`machines` 2.1.0 was not released today." in refused(folder, "machines")
    assert "There is no policy `machine`." in refused(folder, "machine")
    edit(folder, SOFTEN)
    release(folder, ("machines",), request())
    assert "was not released today" in refused(folder, "machines", today=TOMORROW)
    edit(folder, ("machines.yaml", "Book the next course.", "Book it."))
    said = refused(folder)
    assert "`machines` is not what was released in 2.2.0: it was changed since." in said
    assert "copy archive/machines-2.2.0.yaml to machines.yaml" in said


def test_what_a_later_release_rests_on_is_not_taken_back(folder: Path) -> None:
    edit(
        folder,
        ("vocabulary.yaml", "findings:\n", "findings:\n  safety.praise: {title: Praise, polarity: better}\n"),
    )
    release(folder, ("vocabulary",), request())
    edit(
        folder,
        (
            "machines.yaml",
            "    when: {saw.level: passed, ",
            "    conclude: [safety.praise]\n    when: {saw.level: passed, ",
        ),
    )
    release(folder, ("machines",), request(note="Praise."))
    assert "[unknown-finding]" in refused(folder, "vocabulary")
    assert len(undo_release(folder, ("vocabulary", "machines"), TODAY)) == 2


# -- an older text anew ------------------------------------------------------------------------------


def put_back(folder: Path) -> None:
    """Two versions released, and the first of them copied from the archive."""
    edit(folder, SOFTEN)
    release(folder, ("machines",), request())
    shutil.copy(folder / "archive" / "machines-2.1.0.yaml", folder / "machines.yaml")


def test_an_older_version_that_was_copied_back_is_told_as_such(folder: Path) -> None:
    put_back(folder)
    (said,) = problems(folder)
    assert said == (
        "`machines` 2.2.0 is released, but its file in the folder is 2.1.0. To put the older text in force "
        'anew: advise release machines --minor --note "…" (or --patch, --major). '
        "To have 2.2.0 in the folder again, copy archive/machines-2.2.0.yaml to machines.yaml. "
        "It was released today: then advise release machines --undo takes it back. [release-lost]"
    )
    assert "--undo" not in problems(folder, TOMORROW)[0]
    assert severity(folder, TODAY) == "know"


@pytest.mark.parametrize("changed", [False, True])
def test_an_older_text_is_put_in_force_anew(changed: bool, folder: Path) -> None:
    put_back(folder)
    if changed:
        edit(folder, ("machines.yaml", "Book the next course.", "Book it."))
    (released,) = release(folder, ("machines",), request(today=TOMORROW)).released
    assert (released.former, released.version, released.begins) == ("2.2.0", "2.3.0", TOMORROW)
    assert [severity(folder, day) for day in (date(2026, 3, 1), TODAY, TOMORROW)] == ["do", "know", "do"]
    assert problems(folder) == []


def test_tests_see_an_older_text_as_if_it_were_released(folder: Path) -> None:
    put_back(folder)
    (folder / "tests").mkdir()
    facts = "{saw: {trained: false}, member: {role: member}}"
    days = ((date(2026, 3, 1), "do"), (TODAY, "know"), (TOMORROW, "do"))
    cases = [
        f"- {{name: d{day}, as_of: {day}, facts: {facts}, expect: {{severity: {{machines/train: {be}}}}}}}\n"
        for day, be in days
    ]
    text = "".join(("advise_language: 1\ntests: t\ncases:\n", *cases))
    (folder / "tests" / "t.yaml").write_text(text, "utf-8")
    tests = PolicyTests(folder, TOMORROW)
    assert [outcome.failures for outcome in tests.run_all(tests.tests)] == [()] * 3


def test_finish_puts_the_newest_version_into_the_folder(folder: Path) -> None:
    put_back(folder)
    assert finish_release(folder) == ("machines.yaml",)
    assert problems(folder) == []


def test_a_kind_is_no_name_of_a_policy(folder: Path) -> None:
    edit(folder, SOFTEN)
    release(folder, ("machines",), request())
    before = contents(folder)
    with pytest.raises(InvalidInput, match="There is no policy `policy`"):
        undo_release(folder, ("policy",), TODAY)
    assert contents(folder) == before


# -- the command -------------------------------------------------------------------------------------


def test_the_command(tmp_path: Path) -> None:
    folder = copied(tmp_path / "policies", ("machines.yaml", "review_by: 2026-12-31\n", ""))
    env = {"ADVISE_POLICIES": str(folder), "LOGNAME": "Ann"}
    assert advise("release", "--first", "--approved-by", "Bo", env=env).code == 0
    usage = advise("release", "--undo", "--first", env=env)
    assert (usage.code, "--undo takes a release back, and makes none." in usage.err) == (2, True)
    done = advise("release", "machines", "--undo", env=env)
    assert (done.code, done.err) == (0, "")
    assert done.out == (
        "machines 2.1.0 is taken back; it is not released any more. "
        f"Your text stays in {folder}/machines.yaml, as an edit.\n"
    )
    again = advise("release", "machines", "--undo", env=env)
    assert (again.code, "`machines` was never released." in again.err) == (2, True)
