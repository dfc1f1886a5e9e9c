"""The shape of a file against the JSON Schema of its kind, told in an advisor's words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

from engine.base.diagnostic import Diagnostic, correction, did_you_mean
from engine.base.quick_fixes import (
    NOTHING,
    QuickFix,
    boolean_fix,
    date_fix,
    prose_fix,
    quoted,
    version_fix,
)
from engine.base.read import Document, Pointer
from engine.loading.folder import schema_folder

LANGUAGE: Final = 1
"""The version of the policy language that is read."""

KINDS = ("policy", "vocabulary", "sources", "ranking", "calendar")

PROSE_KEYS = frozenset({"text", "steps", "title", "why", "message", "question"})

_TYPE_NAMES = {
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping (`name: value` lines)",
    "null": "nothing",
}


_OF_A_FILE = ("$schema", "$id", "$defs")
"""Keys of a schema that are about its file, and not about what it describes."""


@cache
def _validator(kind: str) -> Any:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(whole_schema(kind))


def whole_schema(kind: str) -> Any:
    """The JSON Schema of a kind of file or output, with what it shares with others written out in it.

    Following a reference costs more than checking what it leads to, so only those remain that lead back
    to where they stand.
    """
    read: dict[str, Any] = {}
    circular: set[tuple[str, str]] = set()

    def load(file: str) -> Any:
        if file not in read:
            read[file] = json.loads((schema_folder() / file).read_text("utf-8"))
        return read[file]

    def meant(file: str, pointer: str) -> Any:
        whole = load(file)
        if pointer:
            return whole["$defs"][pointer.removeprefix("/$defs/")]
        return {key: value for key, value in whole.items() if key not in _OF_A_FILE}

    def written_out(part: Any, file: str, within: tuple[tuple[str, str], ...]) -> Any:
        if isinstance(part, list):
            return [written_out(each, file, within) for each in part]
        if not isinstance(part, dict):
            return part
        found = {key: written_out(value, file, within) for key, value in part.items() if key != "$ref"}
        if "$ref" not in part:
            return found
        other, _, pointer = part["$ref"].partition("#")
        place = (other or file, pointer)
        if place in within:
            circular.add(place)
            return {"$ref": f"#{pointer}", **found}
        return {**written_out(meant(*place), place[0], (*within, place)), **found}

    file = f"{kind}.schema.json"
    schema = written_out({key: value for key, value in load(file).items() if key != "$defs"}, file, ())
    again = {
        pointer.removeprefix("/$defs/"): written_out(meant(file, pointer), file, ((file, pointer),))
        for file, pointer in sorted(circular)
    }
    return {**schema, "$defs": again}


def kind_of(source: Document) -> str | None:
    """Which kind of file this is, by the key that names it; None when it is none of ours."""
    if not isinstance(source.data, dict):
        return None
    return next((kind for kind in KINDS if kind in source.data), None)


def check_shape(source: Document, kind: str) -> tuple[tuple[Pointer, Diagnostic], ...]:
    """Every problem of shape, each with the pointer to the value that has it."""
    language = source.data.get("advise_language") if isinstance(source.data, dict) else None
    if type(language) is int and language > LANGUAGE:
        return (_of_a_later_language(source, language),)
    problems = [
        (pointer, diagnostic)
        for error in _validator(kind).iter_errors(source.data)
        for pointer, diagnostic in _explain(source, error)
    ]
    return (*problems, *_prose_problems(source))


def _of_a_later_language(source: Document, language: int) -> tuple[Pointer, Diagnostic]:
    message = (
        f"This file is written in version {language} of the policy language; this Advise reads {LANGUAGE}."
    )
    pointer = ("advise_language",)
    help_text = "Install a newer Advise."
    return pointer, source.diagnose("unknown-value", message, source.at(pointer), help_text)


def _explain(source: Document, error: Any) -> Iterator[tuple[Pointer, Diagnostic]]:
    pointer: Pointer = tuple(error.absolute_path)
    value, schema = error.instance, error.schema
    name = _display(pointer)
    expected = schema.get("description")
    at = source.at(pointer)

    def diagnostic(
        code: str, message: str, help: str | None = None, where: Any = None, meant: QuickFix = NOTHING
    ) -> tuple[Pointer, Diagnostic]:
        return pointer, source.diagnose(code, message, where or at, help, meant)

    match error.validator:
        case "additionalProperties":
            known = list(schema.get("properties", {}))
            for key in value:
                if key not in known:
                    yield (*pointer, key), _unknown_key(source, pointer, key, known)
        case "required":
            missing = next(
                key for key in error.validator_value if key not in value and f"'{key}'" in error.message
            )
            known = list(schema.get("properties", {}))
            misspelt = [key for key in value if key not in known and correction(key, known) == missing]
            if misspelt:  # it is there, and that it is misspelt is told
                yield (*pointer, missing), _unknown_key(source, pointer, misspelt[0], known)
                return
            about = schema.get("properties", {}).get(missing, {}).get("description", "")
            where = source.at(pointer, key=True) if pointer and isinstance(pointer[-1], str) else at
            message = f"{name} lacks `{missing}`."
            add = f"Add `{missing}:` ({about})." if about else None
            yield (*pointer, missing), diagnostic("missing-key", message, add, where)[1]
        case "type" if value is None:
            yield diagnostic("no-value", f"{name} has no value.", _null_help(pointer, expected))
        case "type":
            wanted = error.validator_value
            wanted = [wanted] if isinstance(wanted, str) else wanted
            words = " or ".join(_TYPE_NAMES[kind] for kind in wanted)
            message = f"{name} must be {words}; this is {_type_name(value)}."
            meant = _type_meant(source, pointer, value, wanted)
            yield diagnostic("wrong-type", message, _type_help(source, pointer, value, wanted), meant=meant)
        case "enum":
            close = did_you_mean(str(value), map(str, error.validator_value))
            words = ", ".join(map(str, error.validator_value))
            message = f"{name} cannot be `{_written(source, pointer)}`."
            meant = str(value), correction(str(value), map(str, error.validator_value))
            yield diagnostic("unknown-value", message, close or f"It is one of {words}.", meant=meant)
        case "const":
            message = f"{name} cannot be `{_written(source, pointer)}`."
            wanted = json.dumps(error.validator_value)
            meant = _whole(source, pointer), wanted if str(value) == wanted else None
            yield diagnostic("unknown-value", message, f"Write {wanted}.", meant=meant)
        case "pattern" if "propertyNames" in error.schema_path:
            where = source.at((*pointer, value), key=True)
            yield diagnostic(
                "malformed-name", f"`{value}` is not a name of the right form.", _form(expected), where
            )
        case "pattern":
            message = f"{name}: `{value}` is not of the right form."
            meant = _form_meant(source, pointer, value)
            yield diagnostic("malformed-name", message, _form(expected), meant=meant)
        case "minLength":
            yield diagnostic("empty", f"{name} is empty.", _form(expected))
        case "minItems" | "minProperties":
            count = _entries(error.validator_value)
            yield diagnostic("empty", f"{name} needs at least {count}.", _form(expected))
        case "maxItems" | "maxProperties":
            count = _entries(error.validator_value)
            yield diagnostic("too-many", f"{name} can have at most {count}.", _form(expected))
        case "uniqueItems":
            yield diagnostic("repeated", f"{name} lists something twice.", "Keep one of them.")
        case _:
            yield diagnostic("malformed", f"{name}: {error.message}", _form(expected))


def _unknown_key(source: Document, pointer: Pointer, key: str, known: list[str]) -> Diagnostic:
    help_text = did_you_mean(key, known) or f"Known here: {', '.join(known)}."
    where = source.at((*pointer, key), key=True)
    meant = key, correction(key, known)
    return source.diagnose("unknown-key", f"`{key}` is not known here.", where, help_text, meant)


def _written(source: Document, pointer: Pointer) -> str:
    """A value as it stands in the file, cut to a readable length."""
    span = source.spans[pointer]
    return source.text[span.start : span.end].partition("\n")[0][:60]


def _entries(count: int) -> str:
    return "1 entry" if count == 1 else f"{count} entries"


def _form(expected: str | None) -> str | None:
    return f"Expected: {expected}." if expected else None


def _display(pointer: Pointer) -> str:
    if not pointer:
        return "The file"
    last = pointer[-1]
    if isinstance(last, str):
        return f"`{last}`"
    owner = next((part for part in reversed(pointer) if isinstance(part, str)), "the list")
    return f"Entry {last + 1} of `{owner}`"


def _type_name(value: Any) -> str:
    if isinstance(value, bool):
        return "true or false"
    kinds = {str: "text", dict: "a mapping", list: "a list"}
    return next((name for kind, name in kinds.items() if isinstance(value, kind)), "a number")


def _null_help(pointer: Pointer, expected: str | None) -> str | None:
    if "when" in pointer or "applies_to" in pointer or "only_when" in pointer:
        return "To test for a fact that is not given, write `{known: false}`."
    return _form(expected)


def _type_help(source: Document, pointer: Pointer, value: Any, wanted: list[str]) -> str | None:
    if wanted == ["boolean"] and value in ("yes", "no", "on", "off"):
        return f"Write {'true' if value in ('yes', 'on') else 'false'}."
    if "string" in wanted and isinstance(value, dict) and pointer and PROSE_KEYS & set(pointer):
        return "Text that begins with a brace needs a block:\n" + _as_block(source, pointer)
    if pointer[-1:] == ("version",) and version_fix(str(value)) is not None:
        return f"Write three numbers in quotation marks: {version_fix(str(value))}."
    if wanted == ["string"] and not isinstance(value, (dict, list)):
        span = source.spans[pointer]
        return f'Put it in quotation marks: "{source.text[span.start : span.end]}".'
    if wanted == ["array"]:
        return "Write it as a list: `[…]`, or lines that begin with `- `."
    return None


def _type_meant(source: Document, pointer: Pointer, value: Any, wanted: list[str]) -> QuickFix:
    """What a value of the wrong type can only mean: text without its quotation marks, true or false."""
    words = _whole(source, pointer)
    if wanted == ["boolean"]:
        return words, boolean_fix(value)
    if pointer[-1:] == ("version",):
        return words, version_fix(words)
    if wanted == ["string"] and value is not None and not isinstance(value, (dict, list)):
        return words, quoted(words)
    if wanted == ["string"] and isinstance(value, dict) and PROSE_KEYS & set(pointer):
        return words, prose_fix(words)
    return NOTHING


def _form_meant(source: Document, pointer: Pointer, value: str) -> QuickFix:
    words = _whole(source, pointer)
    if pointer[-1] == "version":
        return words, version_fix(value)
    return words, date_fix(words)


def _whole(source: Document, pointer: Pointer) -> str:
    """A value as it stands in the file."""
    span = source.spans[pointer]
    return source.text[span.start : span.end]


def _as_block(source: Document, pointer: Pointer) -> str:
    """The value's line rewritten as a block scalar."""
    span = source.spans[pointer]
    place = source.place(span.start)
    line = source.line(place.line)
    head, body = line[: place.column - 1].rstrip(), line[place.column - 1 :]
    indent = " " * (len(head) - len(head.lstrip(" -")) + 2)
    return f"{head} >-\n{indent}{body}"


def _prose_problems(source: Document) -> Iterator[tuple[Pointer, Diagnostic]]:
    """Plain prose in which YAML reads more, or less, than an author meant."""
    for pointer, span in source.spans.items():
        if not span.plain or not pointer or not _is_prose(pointer):
            continue
        text = source.text[span.start : span.end]
        rest = source.line(source.place(span.end).line)[source.place(span.end).column - 1 :]
        if rest.lstrip().startswith("#"):
            message = f"{_display(pointer)} is cut short: YAML takes what follows ` #` for a comment."
        elif "{" in text:
            message = f"{_display(pointer)} holds `{{` in plain text."
        else:
            continue
        help_text = "Write it as a block:\n" + _as_block(source, pointer)
        words = text + rest if rest.lstrip().startswith("#") else text
        meant = words, prose_fix(words)
        yield pointer, source.diagnose("plain-prose", message, source.place(span.start), help_text, meant)


def _is_prose(pointer: Pointer) -> bool:
    key = pointer[-1] if isinstance(pointer[-1], str) else pointer[-2] if len(pointer) > 1 else None
    return key in PROSE_KEYS
