"""Who is at work."""

from __future__ import annotations

import getpass
import os
from typing import Final

from engine.base.plain_text import composed, harmless

MOST_LETTERS: Final = 100


def user_name() -> str:
    """The name that the system knows the user by, on one line; the environment may hold anything as one."""
    try:
        given = getpass.getuser()
    except (KeyError, OSError):  # a user without a name, as in some containers
        given = ""
    text = given.encode(errors="replace").decode()
    return harmless(" ".join(composed(text).split()))[:MOST_LETTERS] or f"user {os.getuid()}"
