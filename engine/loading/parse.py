"""A file of the right shape into the model: its head, policies, sources, ranking and calendar.

The vocabulary and conditions have modules of their own. `engine.loading.node` says what becomes of problems.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from engine.base.diagnostic import Location
from engine.base.diagnostics import Diagnostics
from engine.base.read import Document, Pointer, PolicyFile
from engine.base.record import replace
from engine.language import model
from engine.language.model import AllOf, Condition, Said
from engine.loading.folder import text_digest
from engine.loading.node import Node, ParseContext, UnusableEntry
from engine.loading.parse_condition import condition, operand, optional_condition
from engine.loading.parse_table import rules_of, table
from engine.loading.parse_vocabulary import citations, parameter, vocabulary


def parse(
    source: Document,
    kind: str,
    content: bytes,
    misshapen: Iterable[Pointer],
    problems: Diagnostics,
    rows_files: tuple[PolicyFile, ...] = (),
) -> tuple[model.PolicyDocument | None, Iterable[str]]:
    """The model of a file (None when its head is unusable), and the names of what had to be left out.

    `misshapen` are the pointers at which its shape is not right, `rows_files` may hold rows of its tables.
    """
    context = ParseContext(source, misshapen, problems, rows_files)
    file_version = _file_version(context.file, kind, content)
    if file_version is None:
        return None, ("*",)
    return _DOCUMENTS[kind](context.file, file_version), context.broken


def _file_version(file: Node, kind: str, content: bytes) -> model.FileVersion | None:
    """The head; None when it cannot be told which file it is, or for which days.

    What else is wrong with it (it is noted by now) is made up for, so that the rest can be checked.
    """
    first_day = file["effective"]["from"]
    essential = (file["advise_language"], file[kind], file["status"], first_day)
    if not all(node.present and node.usable for node in essential):
        return None
    effective_from = _date_in_head(first_day)
    if effective_from is None:
        return None
    last_day = file["effective"]["until"]
    effective_until = _date_in_head(last_day)
    if effective_until is not None and effective_until < effective_from:
        last_day.error("dates-reversed", "`until` lies before `from`.")
        effective_until = None

    return model.FileVersion(
        kind=kind,  # type: ignore[arg-type]  # one of the schema's kinds, checked by the caller
        id=file[kind].value,
        title=_in_head(file["title"]) or file[kind].value,
        version=_in_head(file["version"]) or "0.0.0",
        status=file["status"].value,
        effective_from=effective_from,
        effective_until=effective_until,
        review_by=_date_in_head(file["review_by"]),
        path=file.context.source.path,
        digest=text_digest(content),
        at=file[kind].key_at,
        owner=_in_head(file["owner"]),
        required=_in_head(file["required"]) or False,
        changes=file["changes"].each(_change) if file["changes"].usable else (),
        language=file["advise_language"].value,
    )


def _change(node: Node) -> model.ChangeNote:
    return model.ChangeNote(
        node["version"].value,
        node["date"].day(),
        node["note"].value,
        node["by"].value,
        node["approved_by"].value,
    )


def _in_head(node: Node) -> Any:
    return node.value if node.usable else None


def _date_in_head(node: Node) -> date | None:
    try:
        return node.sound().optional_day()
    except UnusableEntry:
        return None


# -- policies ----------------------------------------------------------------------------------------


def _policy(file: Node, file_version: model.FileVersion) -> model.Policy:
    applies_to: Condition | None = None
    try:
        applies_to = optional_condition(file["applies_to"].sound())
    except UnusableEntry:
        file.context.broken.append("*")
    tables = file["tables"].each(lambda node: table(node, applies_to))
    rules = file["rules"].each(lambda node: _rule(node, file_version.id, applies_to))
    return model.Policy(
        file_version,
        file["parameters"].each(parameter),
        file["bands"].each(_band),
        (*rules, *(rule for each in tables for rule in rules_of(each, file_version.id))),
        tables,
    )


def _band(node: Node) -> model.Band:
    ranges = tuple(
        model.BandRange(
            piece.name,
            piece["title"].value,
            tuple((bound.name, operand(bound)) for bound in piece if bound.name != "title"),
            piece.key_at,
        )
        for piece in node["ranges"]
    )
    return model.Band(node.name, node["title"].value, node["of"].value, ranges, node.key_at)


def _rule(node: Node, policy: str, applies_to: Condition | None) -> model.Rule:
    when = optional_condition(node["when"])
    incompatible = node["incompatible_with"]
    in_categories = isinstance(incompatible.value, dict)
    concludes = node["conclude"].names()
    tells_where = applies_to is not None and concludes and node.context.file["advise_language"].value >= 2
    return model.Rule(
        id=node["id"].value,
        policy=policy,
        title=node["title"].value,
        when=_conjunction([part for part in (applies_to, when) if part is not None], node.at),
        conclude=concludes,
        advise=_advice(node["advise"]) if node["advise"].present else None,
        supersedes=node["supersedes"].names(),
        silences=node["silences"]["categories"].names(),
        tier=node["tier"].value,
        cites=citations(node["cites"]),
        why=node["why"].value,
        at=node.at,
        tier_at=node["tier"].at,
        incompatible_rules=() if in_categories else incompatible.names(),
        incompatible_categories=incompatible["categories"].names() if in_categories else (),
        formerly=node["formerly"].names(),
        applies_to=applies_to if tells_where else None,
    )


def _conjunction(parts: list[Condition], at: Location) -> Condition:
    """The parts in one flat conjunction: nested ones without a key of their own are merged."""
    flat: list[Condition] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, AllOf) else (part,))
    return flat[0] if len(flat) == 1 else AllOf(tuple(flat), at)


def _advice(node: Node) -> model.Advice[str]:
    return model.Advice(
        heading=variants(node["heading"], _said),
        text=variants(node["text"], _said),
        steps=tuple(map(_step, node["steps"])),
        category=node["category"].value,
        severity=node["severity"].value,
        due=variants(node["due"], _day),
        at=node.key_at,
        category_at=node["category"].at,
        severity_at=node["severity"].at,
    )


def _step(node: Node) -> model.Step[str]:
    if isinstance(node.value, dict) and "phrase" in node.value:
        said = model.Variant(None, f"{{phrase: {node['phrase'].value}}}", node["phrase"].at)
        return model.Step((said,), None, (), node.at)
    if not isinstance(node.value, dict):
        return model.Step(variants(node, _said), None, (), node.at)
    when = optional_condition(node["when"])
    return model.Step(variants(node["say"], _said), when, variants(node["due"], _day), node.at)


def variants(node: Node, say: Callable[[Node], tuple[Said, Location]]) -> tuple[model.Variant[Said], ...]:
    """What is said in the variants that are written; none where nothing is. Raises UnusableEntry."""
    if not isinstance(node.value, list):
        return (model.Variant(None, *say(node)),) if node.present else ()
    return tuple(_variant(entry, say, last=entry.name == len(node.value) - 1) for entry in node)


def _variant(node: Node, say: Callable[[Node], tuple[Said, Location]], *, last: bool) -> model.Variant[Said]:
    otherwise = node["otherwise"]
    if otherwise.present and set(node.value) == {"otherwise"} and last:
        return model.Variant(None, *say(otherwise))
    if set(node.value) == {"when", "say"} and not last:
        return model.Variant(condition(node["when"]), *say(node["say"]))
    if set(node.value) == {"otherwise"}:
        message, help_text = "What stands after `otherwise:` is never said.", "Make this the last entry."
    elif set(node.value) == {"when", "say"}:
        message = "It is not told what is said where none of these holds."
        help_text = "End the list with `- otherwise: …`."
    else:
        message = "This is no variant."
        help_text = "Write `when:` and `say:`; in the last entry `otherwise:` alone."
    raise node.error("malformed-variant", message, help_text)


def _said(node: Node) -> tuple[str, Location]:
    """A text, and the key below which all its lines are."""
    text: str = node.value
    return text, node.key_at if isinstance(node.name, str) else node.at


def _day(node: Node) -> tuple[model.Day, Location]:
    """A day, the name of a fact that is one, or None where `none` is written; and where it stands."""
    name: str = node.value
    return node.day() if name[:1].isdigit() else None if name == "none" else name, node.at


def _vocabulary(file: Node, file_version: model.FileVersion) -> model.Vocabulary:
    return replace(vocabulary(file, file_version), tables=file["tables"].each(table))


# -- sources, ranking, calendar ----------------------------------------------------------------------


def _sources(file: Node, file_version: model.FileVersion) -> model.Sources:
    return model.Sources(file_version, file["entries"].each(_source))


def _source(node: Node) -> model.Source:
    return model.Source(
        id=node.name,
        title=node["title"].value,
        publisher=node["publisher"].value,
        kind=node["kind"].value,
        retrieved=node["retrieved"].day(),
        checked_on=node["checked_on"].day(),
        address=node["address"].value,
        short=node["short"].value or node["title"].value,
        anchors={anchor.name: (anchor["title"].value, anchor["section"].value) for anchor in node["anchors"]},
        at=node.key_at,
    )


def _ranking(file: Node, file_version: model.FileVersion) -> model.Ranking:
    def labels(node: Node) -> tuple[tuple[str, str], ...]:
        return tuple((entry.name, entry.value) for entry in node.entries())

    sort = file["sort"].value or ["severity", "due", "tier", "category"]
    return model.Ranking(
        file_version,
        labels(file["severities"]),
        labels(file["tiers"]),
        labels(file["categories"]),
        (*(key for key in sort if key != "rule"), "rule") if file["sort"].usable else ("rule",),
        file["headline"].names() if file["headline"].usable else (),
    )


def _phrases(file: Node, file_version: model.FileVersion) -> model.Phrases:
    def phrase(node: Node) -> model.Phrase:
        return model.Phrase(node.name, node.value, node.at)

    return model.Phrases(file_version, file["entries"].each(phrase))


def _calendar(file: Node, file_version: model.FileVersion) -> model.Calendar:
    keyed_by = (file["keyed_by"].value or "") if file["keyed_by"].usable else ""
    return model.Calendar(
        file_version, keyed_by, file["facts"].each(_season_fact), _periods(file).each(_season)
    )


def _periods(file: Node) -> Node:
    """The dates of each period, under either name of them."""
    seasons, periods = file["seasons"], file["periods"]
    if seasons.present and periods.present:
        message = "`seasons` and `periods` are one thing; a calendar has one of them."
        periods.error("repeated", message, "Join them under one name.", periods.key_at)
    elif not seasons.present and not periods.present and file.usable:
        file.error("missing-key", "The file lacks `seasons`.", "Add `seasons:` (season: its dates).")
    return periods if periods.present else seasons


def _season_fact(node: Node) -> model.Fact:
    near = node["near"].value
    return model.Fact(
        name=node.name,
        title=node["title"].value,
        type="date",
        origin="calendar",
        at=node.key_at,
        mutability="time",
        near=Decimal(str(near)) if near is not None else None,
    )


def _season(node: Node) -> tuple[str, tuple[tuple[str, date], ...], Location]:
    return node.name, tuple((fact.name, fact.day()) for fact in node), node.key_at


_DOCUMENTS: Mapping[str, Callable[[Node, model.FileVersion], model.PolicyDocument]] = {
    "policy": _policy,
    "vocabulary": _vocabulary,
    "sources": _sources,
    "ranking": _ranking,
    "calendar": _calendar,
    "phrases": _phrases,
}
