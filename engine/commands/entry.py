"""The program as a process. It is ready for Ctrl-C before it loads anything that takes its time."""

from __future__ import annotations

import os

from engine.commands.interrupts import INTERRUPTED, end_when_interrupted


def advise() -> None:
    """Runs the command of the command line, and ends."""
    try:
        end_when_interrupted()
        from engine.commands.main import main

        main(prog_name="advise")
    except KeyboardInterrupt:
        os._exit(INTERRUPTED)
    except SystemExit as ending:
        if ending.code == INTERRUPTED:
            os._exit(INTERRUPTED)  # no library has a say: one that was interrupted may hang, or crash
        raise
