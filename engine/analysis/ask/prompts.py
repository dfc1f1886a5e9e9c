"""The asking at a terminal, with questionary: choices are chosen, the rest is typed and checked at once."""

from __future__ import annotations

from collections.abc import Callable

import questionary

from engine.analysis.ask.interview import Interview, WrongAnswer
from engine.analysis.ask.order import Asked
from engine.language.model import Fact
from engine.language.values import TYPE_WORDS
from engine.rendering.neutral import neutral_text

SKIP, BACK, STOP = "Skip", "Back", "Stop and save"
_TYPED_BACK, _TYPED_STOP = "<", "."
HINT = f"Enter alone skips, {_TYPED_BACK} goes back, {_TYPED_STOP} stops and saves"


def interview(start: Interview, say: Callable[[str], None]) -> Interview:
    """Asks until nothing is left, or the person stops (or interrupts); returns where it then stands."""
    states = [start]
    while (question := states[-1].question) is not None:
        left = len(states[-1].open)
        fact = start.advisor.policies.facts[question.fact]
        words = neutral_text(f"{question.question} [{left} to go]")
        text = (
            _choose(words, fact) if fact.type in ("boolean", "enum") else _type(words, question, states[-1])
        )
        if text is None or text == STOP:
            break
        if text == BACK:
            if len(states) > 1:
                states.pop()
            else:
                say("This is the first question.")
        elif text == SKIP:
            states.append(states[-1].skip())
        else:
            try:
                states.append(states[-1].answer(text))
            except WrongAnswer as wrong:
                say(neutral_text(str(wrong)))
    return states[-1]


def _choose(words: str, fact: Fact) -> str | None:
    values = [("true", "yes"), ("false", "no")] if fact.type == "boolean" else fact.values
    choices = [questionary.Choice(neutral_text(label), value=value) for value, label in values]
    choices += [questionary.Choice(word, value=word) for word in (SKIP, BACK, STOP)]
    return _answered(questionary.select(words, choices=choices))


def _type(words: str, question: Asked, state: Interview) -> str | None:
    def check(text: str) -> bool | str:
        if text.strip() in ("", _TYPED_BACK, _TYPED_STOP):
            return True
        try:
            state.answer(text)
        except WrongAnswer as wrong:
            return neutral_text(str(wrong))
        return True

    hint = f"({neutral_text(question.answers) or TYPE_WORDS['text']}; {HINT})"
    text = _answered(questionary.text(words, instruction=hint, validate=check))
    if text is None:
        return None
    return {"": SKIP, _TYPED_BACK: BACK, _TYPED_STOP: STOP}.get(text.strip(), text)


def _answered(question: questionary.Question) -> str | None:
    """What was chosen or typed; None when the person interrupts."""
    try:
        answer: str = question.unsafe_ask()
    except (KeyboardInterrupt, EOFError):
        return None
    return answer
