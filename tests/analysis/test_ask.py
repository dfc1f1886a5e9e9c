"""What to ask next, the interview, and how its answers reach a file."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from io import StringIO
from pathlib import Path

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

import cli
from engine.advising.advisor import Advisor
from engine.analysis.ask.interview import Interview, WrongAnswer
from engine.analysis.ask.order import ask_order
from engine.analysis.ask.prompts import interview
from engine.analysis.ask.saving import save
from engine.analysis.session import Options, Session
from engine.base.diagnostic import InvalidInput
from engine.base.diagnostic_text import format_diagnostics
from engine.language.facts import read_facts
from engine.loading.load import load
from engine.rendering.wording import position
from tests.support.process import ROOT, WORKSHOP, advise
from tests.support.shipped_cases import NAMES, case_of, example

Golden = Callable[[str, str], None]
DAY = date(2026, 11, 22)
DOWN, ENTER, ERASE, INTERRUPT = "\x1b[B", "\r", "\x15", "\x03"


def workshop(facts: object) -> Interview:
    advisor = Advisor(load(WORKSHOP, DAY), engine="evaluator")
    return Interview(advisor, read_facts(facts, advisor.policies.facts), {})


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_the_order_is_that_of_the_stated_measure(name: str) -> None:
    advisor, case = example(name)
    asked = ask_order(case, advisor.policies)
    assert [each.worth for each in asked] == sorted((each.worth for each in asked), reverse=True)
    assert {each.fact for each in asked} == {each.fact for each in case.report.ask_next}
    severities = case.report.severities
    for each in asked:
        shares = [
            Fraction(len(severities) - position(severities, one.severity), len(one.needs))
            for one in each.waiting
        ]
        assert each.worth == sum(shares)
        assert all(each.fact in one.needs for one in each.waiting)


def test_what_much_waits_for_is_asked_first() -> None:
    advisor, case = case_of({"applicant": {"category": "non_us_img", "target_specialty": "med_peds"}})
    assert ask_order(case, advisor.policies)[0].fact == "step2_ck.status"


def test_an_interview_ends_when_no_answer_would_change_anything() -> None:
    state = workshop({})
    answers = {"member.role": "member", "saw.trained": "true", "saw.test_score": "8.5", "saw.accidents": ""}
    answers |= {"member.joined_on": "2026-01-05", "year": "2026"}
    asked = []
    while state.question is not None:
        asked.append(state.question.fact)
        state = state.answer(answers[asked[-1]])
    assert len(asked) == len(set(asked))
    assert not state.case.report.ask_next
    assert [item.rule for item in state.case.report.advice] == ["machines/saw-free"]


def test_an_answer_that_cannot_be_changes_nothing() -> None:
    state = workshop({"member": {"joined_on": "2026-05-05", "role": "member"}, "saw": {"trained": True}})
    while state.question is not None and state.question.fact != "saw.accidents":
        state = state.skip()
    before = state.answers
    with pytest.raises(WrongAnswer, match="lies before the member joined"):
        state.answer("2026-01-01")
    with pytest.raises(WrongAnswer, match="not one of the calendar"):
        state.answer("2026-02-30")
    assert state.answers == before


def run_prompts(start: Interview, keys: str) -> tuple[Interview, list[str]]:
    said: list[str] = []
    with create_pipe_input() as pipe, create_app_session(input=pipe, output=DummyOutput()):
        pipe.send_text(keys + INTERRUPT)
        return interview(start, said.append), said


def test_answers_are_chosen_and_typed_and_taken_back() -> None:
    start = workshop({"member": {"joined_on": "2026-01-05"}})
    assert start.question is not None
    assert start.question.fact == "member.role"
    member, yes, back_to_it = DOWN + ENTER, ENTER, "<" + ENTER
    found, said = run_prompts(start, member + yes + back_to_it + DOWN * 4 + ENTER)  # then Stop
    assert found.answers == {"member.role": "member"}
    assert said == []
    none, too_high = ENTER, "11" + ENTER + ERASE  # no accidents: skipped; 11 is not taken
    found, _ = run_prompts(start, member + yes + none + too_high + "8.5" + ENTER)
    assert found.answers == {"member.role": "member", "saw.trained": True, "saw.test_score": Decimal("8.5")}
    assert found.skipped == {"saw.accidents"}


def test_skip_and_back_at_the_first_question() -> None:
    start = workshop({"member": {"joined_on": "2026-01-05"}})
    back, skip = DOWN * 4 + ENTER, DOWN * 3 + ENTER  # behind three roles: Skip, Back, Stop
    found, said = run_prompts(start, back + skip)
    assert said == ["This is the first question."]
    assert found.answers == {}
    assert found.skipped == {"member.role"}


def test_an_interruption_keeps_the_answers() -> None:
    found, _ = run_prompts(workshop({}), DOWN + ENTER)
    assert found.answers == {"member.role": "member"}


# --- Saving


def test_json_keeps_its_order_and_gains_the_answers(tmp_path: Path) -> None:
    path = tmp_path / "facts.json"
    before = b'{"year": 2026, "saw": {"trained": true, "test_score": 7.50}, "as_of": "2026-11-22"}'
    path.write_bytes(before)
    path.chmod(0o640)
    save(path, {"saw.accidents": (date(2026, 3, 1),), "member.role": "member"}, before)
    text = path.read_text("utf-8")
    assert list(json.loads(text)) == ["year", "saw", "as_of", "member"]
    assert '"test_score": 7.50' in text
    assert json.loads(text)["saw"]["accidents"] == ["2026-03-01"]
    assert path.stat().st_mode & 0o777 == 0o640
    assert os.listdir(tmp_path) == ["facts.json"]


def test_yaml_keeps_its_comments(tmp_path: Path) -> None:
    path = tmp_path / "facts.yaml"
    before = b'# told on the phone\nas_of: "2026-11-22"\nsaw:\n  trained: true  # seen\n'
    path.write_bytes(before)
    save(path, {"saw.test_score": Decimal("8.5"), "member.joined_on": date(2026, 1, 5)}, before)
    text = path.read_text("utf-8")
    assert "# told on the phone" in text
    assert "# seen" in text
    session = Session.open(str(path), Options(str(WORKSHOP)))
    assert session.facts.values["saw.test_score"] == Decimal("8.5")
    assert session.facts.values["member.joined_on"] == date(2026, 1, 5)


def test_a_file_changed_meanwhile_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "facts.json"
    path.write_bytes(b'{"year": 2027}')
    for name in ("facts.answers.json", "facts.answers-2.json"):
        with pytest.raises(InvalidInput) as refused:
            save(path, {"member.role": "member"}, b'{"year": 2026}')
        told = format_diagnostics(refused.value.diagnostics)
        assert ": The file has changed since it was read; it was left as it is. [changed-meanwhile]" in told
        assert name in told
        assert json.loads((tmp_path / name).read_text("utf-8")) == {"member": {"role": "member"}}
    assert path.read_bytes() == b'{"year": 2027}'


def test_a_file_that_appeared_meanwhile_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "new.json"
    path.write_bytes(b"{}")
    with pytest.raises(InvalidInput):
        save(path, {"member.role": "member"}, None)
    assert path.read_bytes() == b"{}"


def test_a_folder_that_takes_no_file_is_told_of(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as refused:
        save(tmp_path / "nowhere" / "facts.json", {"member.role": "member"}, None)
    said = ":1:1: The answers cannot be written: No such file or directory. [not-written]"
    assert said in format_diagnostics(refused.value.diagnostics)


# --- The command


@pytest.mark.parametrize("form", ["text", "json", "markdown"])
def test_what_a_person_sees(form: str, golden: Golden) -> None:
    facts = b'{"as_of": "2026-11-22", "member": {"joined_on": "2026-01-05"}}'
    ended = advise("ask", "-", "--format", form, "--policies", WORKSHOP, cwd=ROOT, stdin=facts)
    assert ended.code == 0, ended.err
    golden(f"ask/questions.{form}", ended.out)


def test_an_interview_without_a_terminal_is_refused(tmp_path: Path) -> None:
    ended = advise("new", str(tmp_path / "new.json"), "--policies", WORKSHOP)
    assert (ended.code, ended.out) == (2, "")
    assert "--interactive: An interview needs a terminal. [no-terminal]" in ended.err
    assert not (tmp_path / "new.json").exists()


def test_a_new_file_is_never_written_over_another(tmp_path: Path) -> None:
    path = tmp_path / "facts.json"
    path.write_text("{}", "utf-8")
    ended = advise("new", str(path), "--policies", WORKSHOP)
    assert ended.code == 2
    assert ":1:1: There is such a file already; nothing is written over it. [file-exists]" in ended.err
    assert path.read_text("utf-8") == "{}"


def test_an_interview_on_standard_input_has_nowhere_to_save() -> None:
    ended = advise("ask", "-", "--interactive", "--policies", WORKSHOP, stdin=b"{}")
    assert (ended.code, ended.out) == (2, "")
    assert "--interactive: An interview needs a file to save the answers in. [no-file-to-save]" in ended.err


def test_without_questionary_it_is_told_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "questionary", None)
    monkeypatch.delitem(sys.modules, "engine.analysis.ask.prompts", raising=False)
    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setenv("ADVISE_CACHE", "")
    arguments = ["new", str(tmp_path / "new.json"), "--policies", str(WORKSHOP)]
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments, prog_name="advise")
    assert ended.value.code == 2
    told = capsys.readouterr().err
    assert "--interactive: An interview needs the package questionary. [not-installed]" in told
    assert "pip install 'advise[ask]'" in told


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True
