"""Answers into a facts file, all at once or not at all, and never over what somebody else wrote meanwhile."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

from engine.base.atomic_write import replace_file
from engine.base.diagnostic import InvalidInput, Location
from engine.base.sentence import os_reason
from engine.language.model import Value
from engine.rendering.as_json import json_text


def save(path: Path, answers: Mapping[str, Value], before: bytes | None) -> None:
    """Puts the answers into a facts file (JSON, or YAML whose comments stay).

    `before` is what the file held when it was read; None: there was none. Raises InvalidInput when it holds
    something else now, or cannot be written: the answers are then in a file beside it, which is named.
    """
    try:
        written = replace_file(path, before, _merged(before, answers))
    except OSError as error:
        message = f"The answers cannot be written: {os_reason(error)}."
        raise InvalidInput.error("not-written", message, Location(str(path))) from None
    if not written:
        beside = keep_beside(path, answers)
        message = "The file has changed since it was read; it was left as it is."
        help_text = f"The answers are in {beside}: put them in by hand, or ask again."
        raise InvalidInput.error("changed-meanwhile", message, Location(str(path)), help_text)


def keep_beside(path: Path, answers: Mapping[str, Value]) -> Path:
    """Writes the answers alone to a new file beside a facts file. Raises OSError."""
    for number in range(1, 1000):
        beside = path.with_name(f"{path.stem}.answers{'' if number == 1 else f'-{number}'}.json")
        if replace_file(beside, None, json_text(_nested({}, answers)).encode()):
            return beside
    raise OSError("too many files of answers")


def _merged(before: bytes | None, answers: Mapping[str, Value]) -> bytes:
    if before is None:
        return json_text(_nested({}, answers)).encode()
    text = before.decode("utf-8-sig")
    if text.lstrip().startswith("{"):
        data = json.loads(text, parse_float=Decimal)
        return json_text(_nested(data, answers)).encode()
    from ruamel.yaml import YAML

    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = 4096
    stream = BytesIO()
    yaml.dump(_nested(yaml.load(text) or {}, answers, plain=True), stream)
    return stream.getvalue()


def _nested(data: Any, answers: Mapping[str, Value], *, plain: bool = False) -> Any:
    """The data with each answer at its place; groups that are missing are made."""
    for name, value in answers.items():
        *groups, last = name.split(".")
        place = data
        for group in groups:
            if not isinstance(place.get(group), dict):
                place[group] = {}
            place = place[group]
        place[last] = _as_written(value, plain)
    return data


def _as_written(value: Value, plain: bool) -> Any:
    if isinstance(value, tuple):
        return [_as_written(item, plain) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    return float(value) if plain and isinstance(value, Decimal) else value
