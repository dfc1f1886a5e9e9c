"""Which file of a policy folder is what, told by its path alone; what is passed over, everywhere alike."""

from __future__ import annotations

import re
from typing import Final, Literal

FolderPart = Literal["policies", "archive", "tests"]

ARCHIVE: Final = "archive"
TESTS: Final = "tests"
ENDINGS: Final = (".yaml", ".yml")

SHIPPED: Final = ".advise/shipped"
"""Where a guidance folder, in which the policies lie, keeps the texts that it was made from, as they came."""

_LEFT_BEHIND: Final = re.compile(
    r"\..*|.*~|#.*#|~\$.*|.*\.(bak|orig|rej|swp|tmp)|thumbs\.db|desktop\.ini|\$recycle\.bin|icon\r|__pycache__",
    re.IGNORECASE | re.DOTALL,
)


def is_passed_over(name: str) -> bool:
    """Whether a file or folder of this name is hidden, or was left behind by an editor or the system."""
    return _LEFT_BEHIND.fullmatch(name) is not None


ROWS_ENDING: Final = ".csv"


def may_hold_rows(path: str) -> bool:
    """Whether a file, by its path in the folder, may hold the rows of a decision table that names it."""
    *folders, name = path.split("/")
    return name.endswith(ROWS_ENDING) and folders in ([], [ARCHIVE]) and not is_passed_over(name)


def part_of(path: str) -> FolderPart | None:
    """What a file is read as, by its path in the folder (with `/`); None for one that is not read.

    Endings are told in small letters alone: a folder means the same on every system.
    """
    *folders, name = path.split("/")
    if not name.endswith(ENDINGS) or any(map(is_passed_over, (*folders, name))):
        return None
    if folders[:1] == [TESTS]:
        return "tests"
    return "policies" if not folders else "archive" if folders == [ARCHIVE] else None
