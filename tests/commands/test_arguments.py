"""Words of the command line that are no text, or too large a number: told in a sentence, never a defect."""

from __future__ import annotations

import os

import pytest

from engine.commands.main import COMMANDS
from tests.support.process import advise

HUGE = "9" * 5_000
VERBS = [*COMMANDS, *(f"audit {verb}" for verb in ("list", "show", "rule", "outcome", "forget", "export"))]


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="words as POSIX has them")
@pytest.mark.parametrize("verb", VERBS)
def test_a_word_that_is_no_text(verb: str) -> None:
    for words in ([b"\xff"], [b"--policies", b"\xff"], [b"--\xff"]):
        ended = advise(*verb.split(), *map(os.fsdecode, words))
        assert ended.code == 2, ended.err
        assert "�` holds a character that is no text" in ended.err


@pytest.mark.slow
@pytest.mark.parametrize(
    "line",
    [
        "report - --top N", "check --no-prove --budget N", "test --jobs N", "audit list --limit N",
        "audit show N", "audit outcome N 1 --accepted", "what-if - --set saw.test_score=N",
        "what-if - --set year=0..N", "rules --as-of N-01-01", "diff machines@N.0.0 policies",
        "schema --as-of N",
    ],
)  # fmt: skip
@pytest.mark.parametrize("number", [HUGE, "1e400", "-" + HUGE])
def test_a_number_that_is_too_large(line: str, number: str) -> None:
    env = {"ADVISE_POLICIES": "tests/fields/workshop", "ADVISE_AUDIT": "nowhere.db"}
    words = [word.replace("N", number) for word in line.split(" ")]
    ended = advise(*words, env=env, stdin=b"{}")
    assert ended.code in (0, 2), ended.err
    assert ended.code == 0 or ended.err
