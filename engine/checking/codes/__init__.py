"""Every code that a problem can have, explained: what it means, why it matters, what fails and what passes.

The texts stand in the Markdown files of this folder, one `## code: title` each, and for the checks in the
docstrings of `engine.checking.checks`. An example is written

    Fails, in policy:

        title: Letters #1

and may go on with `And, in facts:`. WHERE has what the words after `in` stand for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Final

from engine.base.diagnostic import nearest
from engine.base.diagnostic_text import printable
from engine.base.record import record

WHERE: Final[Mapping[str, str]] = {
    "policy": "the file of the policy `example`, without the lines of its head that do not matter",
    "rule": "one rule of the policy `example`, without the lines that do not matter",
    "when": "the condition of a rule",
    "vocabulary": "more lines of `vocabulary.yaml`",
    "sources": "more lines of `sources.yaml`",
    "tests": "a file in `tests/`",
    "facts": "a facts file",
    "facts.json": "a facts file in JSON",
    "command": "what is typed; where it is not run here, a test of its own does",
    "file": "a file of this name",
}

_GROUPS: Final = (
    "files",
    "yaml",
    "shape",
    "names",
    "conditions",
    "vocabulary",
    "rules",
    "versions",
    "releases",
    "facts",
    "tests",
    "audit",
    "questions",
)
_ENTRY: Final = re.compile(r"^## ([a-z0-9-]+): (.+)$", re.MULTILINE)
_EXAMPLE: Final = re.compile(r"^(Fails|Passes|And), in ([^:\n]+):\n\n((?: {4}.*\n|[ \t]*\n)+)", re.MULTILINE)


@record
class ExamplePart:
    """A piece of an example: where it stands (see WHERE, with what follows it), and its text."""

    where: str
    text: str


@record
class Example:
    """What triggers a code, or does not."""

    fails: bool
    parts: tuple[ExamplePart, ...]


@record
class CodeExplanation:
    """A code, explained; `group` is the heading that it stands under."""

    code: str
    group: str
    title: str
    text: str
    examples: tuple[Example, ...]

    def as_text(self) -> str:
        """For a terminal."""
        return printable("\n".join([f"{self.code}: {self.title}", "", self.text, *self._examples(), ""]))

    def as_markdown(self) -> str:
        """The section of a page, without its heading."""
        return printable("\n".join([self.text, *self._examples(), ""]))

    def _examples(self) -> Iterator[str]:
        for example in self.examples:
            verb = "Fails" if example.fails else "Passes"
            for part in example.parts:
                yield f"\n{verb}, in {part.where}:\n"
                yield re.sub("^(?=.)", "    ", part.text.rstrip("\n"), flags=re.MULTILINE)
                verb = "And"


@cache
def explanations() -> tuple[CodeExplanation, ...]:
    """All codes: first those of the checks, then the others by group."""
    return (*_of_checks(), *(page for group in _GROUPS for page in _in_file(group)))


def explain(code: str) -> CodeExplanation | None:
    """What a code means; None for one that no problem has."""
    return next((page for page in explanations() if page.code == code), None)


def nearest_code(code: str) -> str | None:
    """The code that a misspelt one is closest to."""
    return nearest(code, [page.code for page in explanations()])


def _of_checks() -> Iterator[CodeExplanation]:
    from engine.checking.check import CHECKS, TEXT_CHECKS, Check, TextCheck
    from engine.checking.proofs import PROOFS, Proof

    checks: tuple[Check | Proof | TextCheck, ...] = (*CHECKS, *PROOFS, *TEXT_CHECKS)
    for check in checks:
        title, _, rest = (check.__doc__ or "").partition("\n")
        yield _explanation(check.CODE, "Checks of usable policies", title.rstrip("."), rest)


def _in_file(group: str) -> Iterator[CodeExplanation]:
    page = resources.files(__package__).joinpath(f"{group}.md").read_text("utf-8")
    heading = page.partition("\n")[0].removeprefix("# ")
    pieces = _ENTRY.split(page)[1:]
    for code, title, body in zip(pieces[::3], pieces[1::3], pieces[2::3], strict=True):
        yield _explanation(code, heading, title, body)


def _explanation(code: str, group: str, title: str, body: str) -> CodeExplanation:
    examples: list[Example] = []
    for match in _EXAMPLE.finditer(body + "\n"):
        verb, where, indented = match.groups()
        part = ExamplePart(where, re.sub("^ {4}", "", indented, flags=re.MULTILINE).strip("\n") + "\n")
        if verb == "And":
            examples[-1] = Example(examples[-1].fails, (*examples[-1].parts, part))
        else:
            examples.append(Example(verb == "Fails", (part,)))
    return CodeExplanation(code, group, title, _EXAMPLE.split(body + "\n")[0].strip(), tuple(examples))
