"""What `advise init` copies: paths in a guidance folder with their contents."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from engine.base.read import PolicyFile
from engine.language.model import KINDS
from engine.language.policy_set import PolicySet
from engine.loading.editor_schema import policy_schema
from engine.loading.folder import examples_folder, schema_folder, shipped_folder
from engine.loading.load import resolve_files

POLICIES: Final = "policies"
EXAMPLES: Final = "examples"
SCHEMAS: Final = ".advise/schemas"
EXPLAINED: Final = ".advise/README.md"
"""Only in a folder that was made from the shipped policies."""

_OWN: Final = Path(__file__).parent / "files"


def shipped_files() -> dict[str, bytes]:
    """The shipped policies with their tests, examples, and what editors and git need."""
    return {
        **files_under(shipped_folder(), POLICIES),
        **files_under(examples_folder(), EXAMPLES),
        **files_under(_OWN / "common"),
        **files_under(_OWN / "shipped"),
    }


def skeleton_files(today: date) -> dict[str, bytes]:
    """Policies for another field: a commented rule or two of each kind, in force from today."""
    days = {b"DAY-%d" % ago: (today - timedelta(ago)).isoformat().encode() for ago in (89, 90)}
    files = {**files_under(_OWN / "empty"), **files_under(_OWN / "common")}
    for path, content in files.items():
        for word, day in {b"TODAY": today.isoformat().encode(), **days}.items():
            content = content.replace(word, day)
        files[path] = content
    return files


def schema_files(policy_set: PolicySet) -> dict[str, bytes]:
    """For editors: the schemas of what advisors write, that of policies in the words of the folder."""
    names = {kind: f"{kind}.schema.json" for kind in (*KINDS, "tests")}
    files = {kind: plain((schema_folder() / name).read_bytes()) for kind, name in names.items()}
    text = json.dumps(policy_schema(policy_set), indent=1, ensure_ascii=False)
    files["policy"] = f"{text}\n".encode()
    return {f"{SCHEMAS}/{names[kind]}": content for kind, content in files.items()}


def policy_set_of(files: Mapping[str, bytes], today: date) -> PolicySet:
    """The policies among files in force today. Raises InvalidInput."""
    paths = (path for path in sorted(files) if re.fullmatch(rf"{POLICIES}/[^/]+\.yaml", path))
    own = tuple(PolicyFile(path.removeprefix(f"{POLICIES}/"), files[path]) for path in paths)
    return resolve_files(own, today)


def files_under(folder: Path, place: str = "") -> dict[str, bytes]:
    """The files in a folder by the paths that they have in a guidance folder; lines end in `\\n`."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {(place / path.relative_to(folder)).as_posix(): plain(path.read_bytes()) for path in paths}


def plain(content: bytes) -> bytes:
    """A text whose lines end in `\\n`, whatever a checkout made of them."""
    return content.replace(b"\r\n", b"\n")
