"""The shape of a file against the JSON Schema of its kind, explained in an advisor's words."""

from __future__ import annotations

import json
import re
from collections.abc import Container, Iterable, Iterator
from functools import cache
from itertools import islice
from typing import Any, Final

from engine.base.counted import counted
from engine.base.diagnostic import NO_FIX, Location, QuickFix, correction, did_you_mean
from engine.base.diagnostics import MOST_EXPLAINED, Diagnostics
from engine.base.numbers import as_written
from engine.base.quick_fixes import boolean_fix, date_fix, name_fix, prose_fix, quoted, version_fix
from engine.base.read import Document, Pointer
from engine.base.record import replace
from engine.language.model import KINDS
from engine.loading.folder import schema_folder

_COMMENT: Final = re.compile(r"[^\S\r\n]*+#[^\r\n]*")
MAX_SHOWN: Final = 500
"""So many letters of a line are shown as a block: thousands of values may stand on one line."""
LANGUAGE: Final = 2
"""The newest version of the policy language that is read."""
SINCE: Final = "since"
"""In a schema, before what a file may hold that is written in this version of the language or a newer one."""

PROSE_KEYS = frozenset(
    {"text", "heading", "steps", "say", "otherwise", "title", "why", "message", "question"}
)

_TYPE_NAMES = {
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping (`name: value` lines)",
    "null": "nothing",
}


@cache
def _validator(kind: str, language: int) -> Any:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(_known_in(language, inlined_schema(kind)))


def _known_in(language: int, schema: Any) -> Any:
    """A schema without what came into the language after this version of it."""
    if isinstance(schema, list):
        return [_known_in(language, each) for each in schema if not _is_newer(language, each)]
    if not isinstance(schema, dict):
        return schema
    known = {
        key: _known_in(language, value) for key, value in schema.items() if not _is_newer(language, value)
    }
    only = known.get("anyOf", ())
    if len(only) == 1 and len(schema["anyOf"]) > 1:  # so that its words are as they always were
        return {**{key: value for key, value in known.items() if key != "anyOf"}, **only[0]}
    return known


def _is_newer(language: int, schema: Any) -> bool:
    return isinstance(schema, dict) and isinstance(schema.get(SINCE), int) and schema[SINCE] > language


def inlined_schema(kind: str) -> Any:
    """The JSON Schema of a kind of file, with its definitions written out where they are referred to.

    Following a reference costs more than checking what it leads to, so only those remain that lead back
    to where they stand.
    """
    schema = json.loads((schema_folder() / f"{kind}.schema.json").read_text("utf-8"))
    definitions = schema.pop("$defs", {})
    circular: set[str] = set()

    def inlined(part: Any, within: tuple[str, ...] = ()) -> Any:
        if isinstance(part, list):
            return [inlined(each, within) for each in part]
        if not isinstance(part, dict):
            return part
        keys = {key: inlined(value, within) for key, value in part.items() if key != "$ref"}
        if "$ref" not in part:
            return keys
        name = part["$ref"].removeprefix("#/$defs/")
        if name in within:
            circular.add(name)
            return {"$ref": part["$ref"], **keys}
        return {**inlined(definitions[name], (*within, name)), **keys}

    whole = inlined(schema)
    return {**whole, "$defs": {name: inlined(definitions[name], (name,)) for name in sorted(circular)}}


def kind_of(source: Document) -> str | None:
    """Which kind of file this is, by the key that names it; None when it is none of ours."""
    if not isinstance(source.data, dict):
        return None
    return next((kind for kind in KINDS if kind in source.data), None)


def check_shape(source: Document, kind: str, problems: Diagnostics) -> tuple[Pointer, ...]:
    """The pointers of the values that have a problem of shape; each problem is added."""
    language = language_of(source)
    if language > LANGUAGE:
        refuse_newer(source, language, problems)
        return (("advise_language",),)
    errors = list(_validator(kind, language).iter_errors(source.data))
    newer = _newer(source, kind, errors) if errors and language < LANGUAGE else frozenset()
    misshapen = [pointer for error in errors for pointer in _explain(source, error, problems, newer)]
    return (*misshapen, *_check_prose(source, problems))


def language_of(source: Document) -> int:
    """The version of the language that a file says it is written in; the newest where it does not say."""
    language = source.data.get("advise_language") if isinstance(source.data, dict) else None
    return language if type(language) is int and language > 0 else LANGUAGE


def refuse_newer(source: Document, language: int, problems: Diagnostics) -> None:
    """Adds that a file is written in a newer version of the language than this program reads."""
    message = (
        f"This file is written in version {language} of the policy language; this Advise reads {LANGUAGE}."
    )
    at = source.at(("advise_language",))
    problems.error("unknown-value", message, at, "Install a newer Advise.")


def _newer(source: Document, kind: str, errors: Iterable[Any]) -> frozenset[Pointer]:
    """Where a file is wrong only because it is written in an older version of the language."""
    unread = Diagnostics()
    here = {pointer for error in errors for pointer in _explain(source, error, unread)}
    right = _validator(kind, LANGUAGE).iter_errors(source.data)
    return frozenset(here - {pointer for error in right for pointer in _explain(source, error, unread)})


def _explain(
    source: Document, error: Any, problems: Diagnostics, newer: Container[Pointer] = ()
) -> Iterator[Pointer]:
    """Adds what the error means to an advisor; the pointers that it is about."""
    pointer: Pointer = tuple(error.absolute_path)
    if pointer in newer:
        _needs_newer(source, pointer, problems)
        yield pointer
        return
    value, schema, limit = error.instance, error.schema, error.validator_value
    name = _display(pointer)
    about = schema.get("description")
    expected = f"Expected: {about}." if about else None
    at = source.at(pointer)
    if error.validator == "additionalProperties":
        known = list(schema.get("properties", {}))
        for key in value:
            if key not in known:
                if (*pointer, key) in newer:
                    _needs_newer(source, (*pointer, key), problems)
                else:
                    _unknown_key(source, pointer, key, known, problems)
                yield (*pointer, key)
        return
    if error.validator == "required":
        missing = next(key for key in limit if key not in value and f"'{key}'" in error.message)
        _missing_key(source, pointer, missing, error, problems)
        yield (*pointer, missing)
        return
    if error.validator == "anyOf":
        chosen = _meant(error)
        if chosen:
            for each in chosen:
                yield from _explain(source, each, problems, newer)
            return
    match error.validator:
        case "anyOf":
            message = f"{name} cannot be {_type_name(value)}."
            block = _type_help(source, pointer, value, [each.get("type", "") for each in limit])
            problems.error("wrong-type", message, at, block or _forms(limit))
        case "type" if value is None:
            problems.error("no-value", f"{name} has no value.", at, _null_help(pointer, expected))
        case "type":
            types = [limit] if isinstance(limit, str) else limit
            words = " or ".join(_TYPE_NAMES[kind] for kind in types)
            message = f"{name} must be {words}; this is {_type_name(value)}."
            help_text = _type_help(source, pointer, value, types)
            problems.error("wrong-type", message, at, help_text, fix=_type_fix(source, pointer, value, types))
        case "enum":
            known = list(map(str, limit))
            message = f"{name} cannot be `{_written(source, pointer)}`."
            help_text = did_you_mean(as_written(value), problems.near(known))
            help_text = help_text or f"It is one of {', '.join(known)}."
            fix = name_fix(as_written(value), problems.near(known))
            if isinstance(value, str) and value in known and value not in limit:  # a number between quotes
                help_text, fix = f"Write {value}.", (_whole(source, pointer), value)
            problems.error("unknown-value", message, at, help_text, fix=fix)
        case "const":
            message = f"{name} cannot be `{_written(source, pointer)}`."
            right = json.dumps(limit)
            fix = _whole(source, pointer), right if str(value) == right else None
            problems.error("unknown-value", message, at, f"Write {right}.", fix=fix)
        case "pattern" if "propertyNames" in error.schema_path:
            message = f"`{value}` is not a name of the right form."
            problems.error("malformed-name", message, source.at((*pointer, value), key=True), expected)
        case "pattern":
            message = f"{name}: `{value}` is not of the right form."
            problems.error("malformed-name", message, at, expected, fix=_form_fix(source, pointer, value))
        case "minLength":
            problems.error("empty", f"{name} is empty.", at, expected)
        case "minItems" | "minProperties":
            problems.error(
                "empty", f"{name} needs at least {counted(limit, 'entry', 'entries')}.", at, expected
            )
        case "maxItems" | "maxProperties":
            problems.error(
                "too-many", f"{name} can have at most {counted(limit, 'entry', 'entries')}.", at, expected
            )
        case "uniqueItems":
            problems.error("repeated", f"{name} lists something twice.", at, "Keep one of them.")
        case _:
            problems.error("malformed", f"{name}: {error.message}", at, expected)
    yield pointer


def _meant(error: Any) -> list[Any]:
    """What is wrong with a value that may have several forms, by that of its type that it is nearest to."""
    by_form: dict[int, list[Any]] = {}
    for each in error.context:
        by_form.setdefault(each.schema_path[0], []).append(each)
    fitting = [
        wrong
        for wrong in by_form.values()
        if not any(each.validator in ("type", "anyOf") and not each.path for each in wrong)
    ]
    return min(fitting, key=len, default=[])


def _forms(schemas: Iterable[Any]) -> str:
    """The forms that a value may have, in words."""
    words = [each.get("description") or " or ".join(_type_words(each)) for each in schemas]
    return f"Expected: {', or '.join(words)}."


def _type_words(schema: Any) -> Iterator[str]:
    types = schema.get("type", ())
    return (_TYPE_NAMES[kind] for kind in ([types] if isinstance(types, str) else types))


def _needs_newer(source: Document, pointer: Pointer, problems: Diagnostics) -> None:
    """Adds that something is written as a newer version of the language has it."""
    needs_newer(_display(pointer), source.at(pointer, key=isinstance(pointer[-1], str)), problems)


def needs_newer(what: str, at: Location, problems: Diagnostics) -> None:
    """Adds that what stands there is known in a newer version of the language than the file is written in."""
    message = f"{what} is written as version {LANGUAGE} of the policy language has it."
    help_text = f"Write `advise_language: {LANGUAGE}` at the top of the file."
    problems.error("newer-language", message, at, help_text)


def _missing_key(source: Document, pointer: Pointer, missing: str, error: Any, problems: Diagnostics) -> None:
    properties = error.schema.get("properties", {})
    known = list(properties)
    given = (key for key in error.instance if key not in known)
    misspelt = [key for key in islice(given, MOST_EXPLAINED) if correction(key, known) == missing]
    if misspelt:  # it is there, and that it is misspelt is said
        _unknown_key(source, pointer, misspelt[0], known, problems)
        return
    about = properties.get(missing, {}).get("description", "")
    at = source.at(pointer, key=bool(pointer) and isinstance(pointer[-1], str))
    help_text = f"Add `{missing}:` ({about})." if about else None
    problems.error("missing-key", f"{_display(pointer)} lacks `{missing}`.", at, help_text)


def _unknown_key(
    source: Document, pointer: Pointer, key: str, known: list[str], problems: Diagnostics
) -> None:
    help_text = did_you_mean(key, problems.near(known)) or f"Known here: {', '.join(known)}."
    at = source.at((*pointer, key), key=True)
    fix = name_fix(key, problems.near(known))
    problems.error("unknown-key", f"`{key}` is not known here.", at, help_text, fix=fix)


def _written(source: Document, pointer: Pointer) -> str:
    """A value as it stands in the file, cut to a readable length."""
    return _whole(source, pointer).partition("\n")[0][:60]


def _display(pointer: Pointer) -> str:
    if not pointer:
        return "The file"
    last = pointer[-1]
    if isinstance(last, str):
        return f"`{last}`"
    owner = next((part for part in reversed(pointer) if isinstance(part, str)), "the list")
    return f"Entry {last + 1} of `{owner}`"


def _type_name(value: Any) -> str:
    words = {bool: "true or false", str: "text", dict: "a mapping", list: "a list"}
    return words.get(type(value), "a number")


def _null_help(pointer: Pointer, expected: str | None) -> str | None:
    if "when" in pointer or "applies_to" in pointer or "only_when" in pointer:
        return "To test for a fact that is not given, write `{known: false}`."
    return expected


def _type_help(source: Document, pointer: Pointer, value: Any, types: list[str]) -> str | None:
    if types == ["boolean"] and value in ("yes", "no", "on", "off"):
        return f"Write {'true' if value in ('yes', 'on') else 'false'}."
    if "string" in types and isinstance(value, dict) and pointer and PROSE_KEYS & set(pointer):
        return "Text that begins with a brace needs a block:\n" + _as_block(source, pointer)
    if pointer[-1:] == ("version",) and (version := version_fix(as_written(value))) is not None:
        return f"Write three numbers in quotation marks: {version}."
    if types == ["string"] and not isinstance(value, (dict, list)):
        return f'Put it in quotation marks: "{_whole(source, pointer)}".'
    if types == ["array"]:
        return "Write it as a list: `[…]`, or lines that begin with `- `."
    return None


def _type_fix(source: Document, pointer: Pointer, value: Any, types: list[str]) -> QuickFix:
    """What a value of the wrong type can only mean: text without its quotation marks, true or false."""
    words = _whole(source, pointer)
    if types == ["boolean"]:
        return words, boolean_fix(value)
    if pointer[-1:] == ("version",):
        return words, version_fix(words)
    if types == ["string"] and value is not None and not isinstance(value, (dict, list)):
        return words, quoted(words)
    if types == ["string"] and isinstance(value, dict) and PROSE_KEYS & set(pointer):
        return words, prose_fix(words)
    return NO_FIX


def _form_fix(source: Document, pointer: Pointer, value: str) -> QuickFix:
    words = _whole(source, pointer)
    if pointer[-1] == "version":
        return words, version_fix(value)
    return words, date_fix(words)


def _whole(source: Document, pointer: Pointer) -> str:
    """A value as it stands in the file."""
    span = source.spans[pointer]
    return source.text[span.start : span.end]


def _as_block(source: Document, pointer: Pointer) -> str:
    """The value's line rewritten as a block scalar; of a long line no more than begins it."""
    span = source.spans[pointer]
    place = source.place(span.start)
    line = source.line(place.line)
    if len(line) > MAX_SHOWN:
        line, place = line[:MAX_SHOWN] + "…", replace(place, column=min(place.column, MAX_SHOWN))
    head, body = line[: place.column - 1].rstrip(), line[place.column - 1 :]
    indent = " " * (len(head) - len(head.lstrip(" -")) + 2)
    return f"{head} >-\n{indent}{body}"


def _check_prose(source: Document, problems: Diagnostics) -> Iterator[Pointer]:
    """Adds what is plain prose in which YAML reads more, or less, than an author wrote; where it stands."""
    for pointer, span in source.spans.items():
        if not span.plain or not pointer or not _is_prose(pointer):
            continue
        text = source.text[span.start : span.end]
        if comment := _COMMENT.match(source.text, span.end):
            message = f"{_display(pointer)} is cut short: YAML takes what follows ` #` for a comment."
            text += comment[0]
        elif "{" in text:
            message = f"{_display(pointer)} holds `{{` in plain text."
        else:
            continue
        help_text = "Write it as a block:\n" + _as_block(source, pointer)
        fix = text, prose_fix(text)
        problems.error("plain-prose", message, source.place(span.start), help_text, fix=fix)
        yield pointer


def _is_prose(pointer: Pointer) -> bool:
    if len(pointer) == 2 and pointer[0] == "entries":  # a phrase
        return True
    key = pointer[-1] if isinstance(pointer[-1], str) else pointer[-2] if len(pointer) > 1 else None
    return key in PROSE_KEYS
