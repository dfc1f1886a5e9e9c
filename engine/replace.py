"""A file replaced whole or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path


def replace_file(path: Path, before: bytes | None, after: bytes) -> bool:
    """Puts `after` in the place of `before`; False, and nothing done, when the file is not `before` any more.

    `before` None: there is no file yet. A crash leaves the one or the other. Mode and symbolic links stay.
    Raises OSError.
    """
    target = path.resolve()
    handle, name = tempfile.mkstemp(prefix=".advise-", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(after)
            stream.flush()
            os.fsync(stream.fileno())
        if (target.read_bytes() if target.exists() else None) != before:
            return False
        if before is not None:
            shutil.copymode(target, name)
        os.replace(name, target)
        return True
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)
