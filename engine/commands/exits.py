"""How a command ends: refused input and our own defects as exit codes, never as a traceback."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import StringIO
from pathlib import Path

import click

from engine.base.counted import counted
from engine.base.diagnostic import InvalidInput
from engine.base.sentence import os_reason
from engine.base.version import VERSION
from engine.commands.interrupts import INTERRUPTED
from engine.commands.printing import discard, tell

FELL_SHORT = 1
UNUSABLE = 2
NOT_RECORDED = 3
DEFECT = 70
_TRACE = ".trace"
READER_GONE = 141
"""128 and the number of SIGPIPE, as shells tell it of a program that the signal has ended."""


@contextmanager
def exits(consequence: str = "") -> Iterator[None]:
    """Invalid input ends with exit 2 and every problem, a defect of ours with 70; never with a traceback.

    So does an output that cannot be written; where its reader has gone, as `head` does, nothing is told.
    """
    try:
        if sys.stdout is None:  # closed by whoever started us
            raise OSError("it is closed")
        yield
    except (click.ClickException, click.exceptions.Exit, click.Abort, KeyboardInterrupt):
        raise
    except BrokenPipeError:
        discard(sys.stdout)
        raise click.exceptions.Exit(READER_GONE) from None
    except InvalidInput as refused:
        from engine.base.diagnostic_text import format_diagnostics

        problems = counted(len(refused.diagnostics), "problem")
        tell(f"{format_diagnostics(refused.diagnostics)}\n\n{problems}{consequence}.")
        raise click.exceptions.Exit(UNUSABLE) from None
    except OSError as error:  # files are read with errors of their own, so this is the output
        discard(sys.stdout)
        tell(f"The output cannot be written: {os_reason(error)}.")
        raise click.exceptions.Exit(UNUSABLE) from None
    except Exception as error:  # the last resort: an advisor must never see a traceback
        tell(f"A defect in advise ({type(error).__name__}). {_write_trace(error)}")
        raise click.exceptions.Exit(DEFECT) from None


@contextmanager
def command_line() -> Iterator[None]:
    """All of a run: as `exits`; wrong usage is told, with exit 2; Ctrl-C, at a question too, is no error."""
    try:
        with exits():
            yield
    except KeyboardInterrupt:
        raise click.exceptions.Exit(INTERRUPTED) from None
    except click.Abort as aborted:  # to click that is 1, as at a question that is answered with no
        if isinstance(aborted.__context__, KeyboardInterrupt):
            raise click.exceptions.Exit(INTERRUPTED) from None
        raise
    except click.ClickException as wrong:
        usage = StringIO()
        wrong.show(usage)
        tell(usage.getvalue(), end="")
        raise click.exceptions.Exit(wrong.exit_code) from None


def _remove_traces(newest: Path) -> None:
    """Of the traces in its folder only the newest stays; what others wrote is let be."""
    for path in newest.parent.glob(f"advise-*{_TRACE}"):
        with suppress(OSError):
            status = path.lstat()
            ours = status.st_uid == newest.stat().st_uid and stat.S_ISREG(status.st_mode)
            if ours and path != newest and path.read_bytes()[:7] == b"advise ":
                path.unlink()


def _write_trace(error: Exception) -> str:
    """Writes where it happened, without any value: facts are a person's. Older traces of ours go."""
    import tempfile
    import traceback

    from engine.base.diagnostic import InternalError

    detail = f": {error}" if isinstance(error, InternalError) else ""
    frames = "".join(traceback.format_list(traceback.extract_tb(error.__traceback__)))
    try:
        handle, path = tempfile.mkstemp(prefix="advise-", suffix=_TRACE)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(f"advise {VERSION}, Python {sys.version}\n{type(error).__name__}{detail}\n{frames}")
        _remove_traces(Path(path))
    except OSError:
        return "The trace could not be written."
    return f"The trace, without any fact, is in {path}"
