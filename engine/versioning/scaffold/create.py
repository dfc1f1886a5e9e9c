"""A guidance folder made: all of it, or nothing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from engine.base.diagnostic import InvalidInput, Location
from engine.base.sentence import os_reason
from engine.loading.layout import SHIPPED
from engine.versioning.left_behind import INIT, make
from engine.versioning.scaffold.shipped import policy_set_of, schema_files


def create(folder: Path, files: Mapping[str, bytes], today: date, *, shipped: bool) -> None:
    """Makes a guidance folder of these files. Nothing is ever written over. Raises InvalidInput.

    `shipped` files are kept as they came, too, so that the folder can be brought up to date.
    """
    if os.path.lexists(folder) and not _is_free(folder):
        message = f"`{folder}` is there already, and is not empty; nothing is written into it."
        help_text = "Name a new folder. One that Advise made is brought up to date with --update."
        raise InvalidInput.error("init-refused", message, Location(str(folder), 0), help_text)
    schemas = schema_files(policy_set_of(files, today))
    with _whole_or_not_at_all(folder) as place:
        put(place, {**files, **(as_base(files) if shipped else {}), **schemas})


def as_base(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """What shipped files are kept as, to tell later what was changed in them."""
    return {f"{SHIPPED}/{path}": content for path, content in files.items()}


def put(folder: Path, files: Mapping[str, bytes]) -> None:
    """Writes files into a folder of ours. Raises OSError."""
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def _is_free(folder: Path) -> bool:
    """Whether it is an empty folder, but for what git keeps there."""
    return folder.is_dir() and {path.name for path in folder.iterdir()} <= {".git"}


@contextmanager
def _whole_or_not_at_all(folder: Path) -> Iterator[Path]:
    """A new folder beside it, which takes its place at the end."""
    try:
        parent = folder.absolute().parent
        parent.mkdir(parents=True, exist_ok=True)
        made, marker = make(INIT, parent)
        try:
            place = made / "folder"
            place.mkdir()
            yield place
            if folder.exists():
                for path in place.iterdir():
                    path.rename(folder / path.name)
            else:
                place.rename(folder)
        finally:
            shutil.rmtree(made, ignore_errors=True)
            os.close(marker)
    except OSError as error:
        message = f"The folder cannot be made: {os_reason(error)}."
        raise InvalidInput.error("not-written", message, Location(str(folder), 0)) from None
