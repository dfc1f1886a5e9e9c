"""The files of a policy folder into the model: read, shape checked, nothing resolved yet."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from engine.base.diagnostic import InvalidInput, Location, joined
from engine.base.diagnostics import Diagnostics, gathered
from engine.base.plain_text import ARCHIVED, NOW, TextRules
from engine.base.read import Document, InvalidDocument, PolicyFile, read_yaml
from engine.language.model import KINDS, Policies, PolicyDocument, Release
from engine.loading import shape
from engine.loading.folder import HERE, LOCK, digest_of, is_archived, list_files, text_digest
from engine.loading.layout import SHIPPED, TESTS, may_hold_rows
from engine.loading.lockfile import over_text, read_lock
from engine.loading.parse import parse


def read_policies(
    files: tuple[PolicyFile, ...], problems: Diagnostics | None = None, rules: TextRules = NOW
) -> Policies:
    """The model of files given as bytes: of all that can be read of them.

    What is wrong with them is added to `problems`; without it, InvalidInput is raised. `rules` are those of
    the time from which the files are; what is in the archive does not change, whatever the rules are today.
    """
    documents: list[PolicyDocument] = []
    broken: set[str] = set()
    released: tuple[Release, ...] | None = None
    current = {text_digest(file.content) for file in files if not is_archived(file.path)}
    rows_files = tuple(file for file in files if may_hold_rows(file.path))
    with gathered(problems) as noted:
        for file in files:
            if may_hold_rows(file.path):
                continue  # whoever names it reads it
            if file.path == LOCK:
                released = over_text(read_lock(file, noted), files)
                continue
            if is_archived(file.path) and text_digest(file.content) in current:
                continue  # the archived copy of a version that its authors have not touched since its release
            released_once = rules == NOW and is_archived(file.path)
            text_rules = ARCHIVED if released_once else rules
            document, left_out = _read_file(file, rows_files, noted, text_rules)
            broken.update(_may_declare(file) if "*" in left_out else left_out)
            if document is not None:
                documents.append(document)
    return Policies(tuple(documents), digest_of(files), tuple(sorted(broken)), released)


def read_shipped(folder: Path) -> Policies:
    """What the policies of a folder were when `advise init` made it, as far as it is there."""
    place = folder.absolute().parent / SHIPPED / HERE
    return read_policies(list_files(place, Diagnostics()) if place.is_dir() else (), Diagnostics())


def _read_file(
    file: PolicyFile, rows_files: tuple[PolicyFile, ...], problems: Diagnostics, rules: TextRules
) -> tuple[PolicyDocument | None, Iterable[str]]:
    """The model of a file, if it can be told, and the names of what had to be left out ("*": any)."""
    try:
        return _parse(read_yaml(file.content, file.path, rules), file, rows_files, problems)
    except InvalidDocument as misread:
        later = Diagnostics()
        document, _ = _parse(misread.source, file, rows_files, later)
        problems.extend(joined(misread.diagnostics, later))
        return document, ("*",)
    except InvalidInput as unread:
        problems.extend(unread.diagnostics)
        return None, ("*",)


_KIND = re.compile(rf"^({'|'.join(KINDS)}): *[\"']?([a-z0-9-]*)", re.MULTILINE)
_NAME = re.compile(r"(?<![\w.-])([A-Za-z][\w.-]*+)[\"']?[ ]*+:")
_ID = re.compile(r"\bid: *[\"']?([a-z0-9-]+)")


def _may_declare(file: PolicyFile) -> tuple[str, ...]:
    """The names that a file may declare of which a part cannot be read: what stands in it before a colon.

    "*", any name, where not even its kind can be told.
    """
    text = file.content.decode("utf-8", "replace")
    head = _KIND.search(text)
    if head is None:
        return ("*",)
    rules = (f"{head[2]}/{rule}" for rule in _ID.findall(text))
    return head[1], *_NAME.findall(text), *rules


def _parse(
    source: Document, file: PolicyFile, rows_files: tuple[PolicyFile, ...], problems: Diagnostics
) -> tuple[PolicyDocument | None, Iterable[str]]:
    kind = shape.kind_of(source)
    if kind is None:
        if (language := shape.language_of(source)) > shape.LANGUAGE:
            shape.refuse_newer(source, language, problems)
            return None, ("*",)
        message = "This file does not say what it is."
        kinds = ", ".join(f"`{kind}:`" for kind in KINDS)
        help_text = f"Begin it with `advise_language: {shape.LANGUAGE}` and one of {kinds}."
        if isinstance(source.data, dict) and "tests" in source.data:
            help_text = f"Tests lie in the folder `{TESTS}`: move it there."
        problems.error("unknown-kind", message, Location(file.path), help_text)
        return None, ("*",)
    misshapen = shape.check_shape(source, kind, problems)
    return parse(source, kind, file.content, misshapen, problems, rows_files)
