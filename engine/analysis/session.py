"""The main job at the edge: a facts file in, with the policies of its day; the complete report out."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from engine.advising.advisor import Advisor, Case, EngineChoice
from engine.analysis.certainty.report_certainty import ReportCertainty
from engine.base.diagnostic import Diagnostic, InvalidInput, Location, joined
from engine.base.read import MAX_BYTES, Document, InvalidDocument, read_bytes, read_document
from engine.base.record import record
from engine.base.sentence import os_reason
from engine.language.facts import Facts, as_of_in, facts_from_source, read_facts
from engine.language.policy_set import PolicySet
from engine.language.report import Report
from engine.loading import policy_cache
from engine.loading.folder import find_folder
from engine.loading.load import load

STANDARD_INPUT: Final = "<standard input>"
_TABLES: Final = (".csv", ".tsv", ".xlsx", ".xls", ".ods")


@record
class Options:
    """On which policies: of what folder (None: as the command finds it), for what day, fired by what.

    `as_of` None is the day that the facts name, else today.
    """

    folder: str | None = None
    as_of: date | None = None
    engine: EngineChoice = "durable-rules"
    with_drafts: bool = False


@record
class Session:
    """One applicant's facts, and what advises on them on the policies of their day."""

    facts: Facts
    advisor: Advisor
    folder: Path

    @classmethod
    def open(cls, facts: str | Document, options: Options) -> Session:
        """From a facts file (`-`: standard input), or one already read. Raises InvalidInput."""

        def policies_on(day: date) -> PolicySet:
            kept = policy_cache.default_folder()
            return load(find_folder(options.folder), day, keep_in=kept, with_drafts=options.with_drafts)

        given, policies = facts_on_their_day(facts, options.as_of, policies_on)
        return cls(given, Advisor(policies, engine=options.engine), find_folder(options.folder))

    @property
    def policies(self) -> PolicySet:
        """What is in force on the day."""
        return self.advisor.policies

    def policies_on(self, day: date) -> PolicySet:
        """What is in force on another day. Raises InvalidInput."""
        return self.policies.on(day) or load(self.folder, day, keep_in=policy_cache.default_folder())

    def advisor_on(self, day: date) -> Advisor:
        """What advises on another day. Raises InvalidInput."""
        return self.advisor if day == self.policies.as_of else Advisor(self.policies_on(day))

    @cached_property
    def case(self) -> Case:
        """The case, complete: with how certain each item is. Raises as `Advisor.report` does."""
        return ReportCertainty(self.advisor).case(self.facts)

    @property
    def report(self) -> Report:
        """The complete report."""
        return self.case.report


def facts_on_their_day(
    facts: str | Document | Mapping[str, Any], as_of: date | None, policies_on: Callable[[date], PolicySet]
) -> tuple[Facts, PolicySet]:
    """The facts of a file (`-`: standard input), or of a program, and the policies they are read by.

    The day is `as_of`, else the one that the facts name, else today. Raises InvalidInput with what is wrong
    with either.
    """
    problems: tuple[Diagnostic, ...] = ()
    source: Document | Mapping[str, Any] | None = None
    try:
        source = _read(facts) if isinstance(facts, str) else facts
    except InvalidInput as invalid:
        problems = invalid.diagnostics
        source = invalid.source if isinstance(invalid, InvalidDocument) else None
    named = as_of_in(source.data if isinstance(source, Document) else source)
    try:
        policies = policies_on(as_of or named or date.today())
        if isinstance(source, Document):
            given = facts_from_source(source, policies.facts)
        elif source is not None:
            given = read_facts(source, policies.facts)
    except InvalidInput as invalid:
        raise InvalidInput(joined(problems, invalid.diagnostics)) from None
    if problems:
        raise InvalidInput(problems)
    return given, policies


def read_facts_file(path: str) -> Document:
    """A facts file, parsed. Raises InvalidInput."""
    if os.path.isdir(path):
        message = "This is a folder; a facts file holds the facts of one case."
        files = sorted(found.as_posix() for found in Path(path).glob("*.json"))
        help_text = f"Name a file in it, such as {files[0]}." if files else "Name the facts file."
        help_text += " A policy folder is named with --policies."
        raise InvalidInput.error("unreadable", message, Location(path), help_text)
    content = read_bytes(Path(path), path, waiting=True)
    if path.lower().endswith(_TABLES):
        message = "This is a table; a facts file holds the facts of one case, as JSON or YAML."
        help_text = (
            "Write a facts file for each case. A table (CSV) is for `advise diff OLD NEW --cohort FILE`:"
            " it tells whose advice changes."
        )
        raise InvalidInput.error("not-an-object", message, Location(path), help_text)
    return read_document(content, path)


def _read(facts: str) -> Document:
    return read_document(_standard_input(), STANDARD_INPUT) if facts == "-" else read_facts_file(facts)


def _standard_input() -> bytes:
    try:
        if sys.stdin is None:  # closed by whoever started us
            raise OSError("it is closed")
        return sys.stdin.buffer.read(MAX_BYTES + 1)
    except OSError as error:
        message = f"It cannot be read: {os_reason(error)}."
        raise InvalidInput.error("unreadable", message, Location(STANDARD_INPUT)) from None
