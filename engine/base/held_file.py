"""A file that is held for as long as it is open: whoever comes later can tell that it is in use."""

from __future__ import annotations


def hold(handle: int) -> bool:
    """Whether nobody else holds the file, which is held from now on; False where there are no locks."""
    try:
        import fcntl
    except ImportError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
