"""How a command ends: refused input and our own defects as exit codes, never as a traceback."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from engine.diagnostic import Refused
from engine.version import VERSION

FELL_SHORT = 1
UNUSABLE = 2
NOT_RECORDED = 3
DEFECT = 70


@contextmanager
def exits(so: str = "") -> Iterator[None]:
    """Refused input ends with exit 2 and every problem, our own defect with 70; never with a traceback."""
    try:
        yield
    except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError, KeyboardInterrupt):
        raise
    except Refused as refused:
        from engine.tell import tell

        click.echo(tell(refused.diagnostics), err=True)
        count = len(refused.diagnostics)
        click.echo(f"\n{count} problem{'s' if count > 1 else ''}{so}.", err=True)
        raise click.exceptions.Exit(UNUSABLE) from None
    except OSError as error:  # files are read with errors of their own, so this is the output
        click.echo(f"The output cannot be written: {error.strerror or type(error).__name__}.", err=True)
        raise click.exceptions.Exit(UNUSABLE) from None
    except Exception as error:  # the last resort: an advisor must never see a traceback
        click.echo(f"A defect in advise ({type(error).__name__}). {_write_trace(error)}", err=True)
        raise click.exceptions.Exit(DEFECT) from None


def _write_trace(error: Exception) -> str:
    """Writes where it happened, without any value: facts are student records."""
    import tempfile
    import traceback

    from engine.diagnostic import EngineDefect

    said = f": {error}" if isinstance(error, EngineDefect) else ""
    frames = "".join(traceback.format_list(traceback.extract_tb(error.__traceback__)))
    try:
        handle, path = tempfile.mkstemp(prefix="advise-", suffix=".trace")
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(f"advise {VERSION}, Python {sys.version}\n{type(error).__name__}{said}\n{frames}")
    except OSError:
        return "The trace could not be written."
    return f"The trace, without any fact, is in {path}"
