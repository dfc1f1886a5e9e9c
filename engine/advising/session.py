"""The main job at the edge: files in, a report out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Final

from engine.advising.advisor import Advisor, Case, EngineChoice
from engine.advising.freshness import banners
from engine.base.diagnostic import Diagnostic, InvalidInput, Location, joined
from engine.base.read import MAX_BYTES, Document, InvalidDocument, read_bytes, read_document
from engine.base.record import record
from engine.language.facts import Facts, as_of_in, facts_from_source
from engine.language.policy_set import PolicySet
from engine.language.report import Report
from engine.loading import policy_cache
from engine.loading.folder import find_folder
from engine.loading.load import load

STANDARD_INPUT: Final = "<standard input>"


@record
class Result:
    """A case with what advised on it, and the folder of the policies."""

    case: Case
    advisor: Advisor
    folder: Path

    @property
    def policies(self) -> PolicySet:
        """What the report rests on."""
        return self.advisor.policies

    @property
    def report(self) -> Report:
        """The report on the case."""
        return self.case.report

    @property
    def facts(self) -> Facts:
        """The facts the report is on."""
        return self.case.facts


def advise_file(
    facts: str,
    *,
    folder: str | None = None,
    as_of: date | None = None,
    engine: EngineChoice = "durable-rules",
    with_drafts: bool = False,
    read_stdin: Callable[[int], bytes] | None = None,
) -> Result:
    """The report on a facts file (`-`: standard input). Raises InvalidInput with every problem."""
    opened = open_case(
        facts, folder=folder, as_of=as_of, engine=engine, with_drafts=with_drafts, read_stdin=read_stdin
    )
    return Result(opened.advisor.case(opened.facts), opened.advisor, opened.folder)


@record
class Opened:
    """Facts that were read, and what advises on them."""

    facts: Facts
    advisor: Advisor
    folder: Path


def open_case(
    facts: str,
    *,
    folder: str | None = None,
    as_of: date | None = None,
    engine: EngineChoice = "durable-rules",
    with_drafts: bool = False,
    read_stdin: Callable[[int], bytes] | None = None,
) -> Opened:
    """A facts file (`-`: standard input) and its day's policies. Raises InvalidInput with every problem."""
    problems: tuple[Diagnostic, ...] = ()
    source: Document | None = None
    try:
        source = read_facts_file(facts, read_stdin)
    except InvalidInput as refused:
        problems = refused.diagnostics
        source = refused.source if isinstance(refused, InvalidDocument) else None
    day = as_of or (as_of_in(source.data) if source else None) or date.today()
    try:
        found = find_folder(folder)
        policies = load(found, day, keep_in=policy_cache.default_folder(), with_drafts=with_drafts)
        given = facts_from_source(source, policies.facts) if source else None
    except InvalidInput as refused:
        raise InvalidInput(joined(problems, refused.diagnostics)) from None
    if problems or given is None:
        raise InvalidInput(problems)
    return Opened(given, Advisor(policies, engine=engine), found)


def read_facts_file(path: str, read_stdin: Callable[[int], bytes] | None = None) -> Document:
    """A facts file, parsed. Raises InvalidInput."""
    if path == "-" and read_stdin is not None:
        return read_document(_read_stream(read_stdin), STANDARD_INPUT)
    return read_document(read_bytes(Path(path), path), path)


def _read_stream(read: Callable[[int], bytes]) -> bytes:
    try:
        return read(MAX_BYTES + 1)
    except OSError as error:
        message = f"It cannot be read: {error.strerror or error}."
        raise InvalidInput([Diagnostic("unreadable", message, Location(STANDARD_INPUT))]) from None


def notes_on_day(result: Result, today: date) -> tuple[str, ...]:
    """What to tell somebody who reads today a report that is for another day."""
    as_of = result.report.as_of
    if as_of == today:
        return ()
    lines = [f"This advice is for {as_of}; today is {today}."]
    try:
        policies = _policies_of(result, today)
    except InvalidInput:
        return (*lines, "As of today: the policies cannot be used; `advise check` tells why.")
    from engine.rendering.banners import warned  # only here: a report for today, the usual one, needs no note

    said = {banner.text for banner in result.report.banners}
    today_banners = banners(policies, today, policies.lapsed)
    unsaid = warned((banner for banner in today_banners if banner.text not in said), everything=False)
    return (*lines, *(f"As of today: {warning.text}" for warning in unsaid))


def _policies_of(result: Result, day: date) -> PolicySet:
    policies = result.policies
    begun = policies.since is None or policies.since <= day
    if begun and (policies.changes_on is None or day < policies.changes_on):
        return policies
    return load(result.folder, day, keep_in=policy_cache.default_folder())


def facts_schema_text(folder: str | None, day: date) -> str:
    """The JSON Schema of a facts file, as text."""
    import json

    from engine.loading.facts_schema import facts_schema

    policies = load(find_folder(folder), day, keep_in=policy_cache.default_folder())
    return json.dumps(facts_schema(policies.facts), indent=2, ensure_ascii=False) + "\n"
