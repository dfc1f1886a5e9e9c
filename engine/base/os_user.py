"""Who is at work."""

from __future__ import annotations

import getpass
import os

from engine.base.plain_text import composed


def user_name() -> str:
    """The name that the system knows the user by."""
    try:
        return composed(getpass.getuser())
    except (KeyError, OSError):  # a user without a name, as in some containers
        return f"user {os.getuid()}"
