"""Ctrl-C ends the program within a second and with one exit code, whatever it is doing.

What this imports, the interpreter has loaded: it is to be there before anything that takes its time.
"""

from __future__ import annotations

import os
import sys
import time
from _signal import SIGINT, set_wakeup_fd  # type: ignore[import-not-found]  # `signal`, without its enums
from _thread import start_new_thread

INTERRUPTED = 130

PATIENCE = 0.5
"""Seconds in which what was begun may be taken back. All that is written is written whole or not at all."""


def end_when_interrupted() -> None:
    """Ends the process where Ctrl-C alone would not: Python raises it only between two of its own steps."""
    sys.unraisablehook = _end_where_unraisable
    if os.name == "posix":
        receiver, sender = os.pipe()
        os.set_blocking(sender, False)
        set_wakeup_fd(sender, warn_on_full_buffer=False)
        start_new_thread(_end_after_interrupt, (receiver,))


def _end_after_interrupt(receiver: int) -> None:
    while os.read(receiver, 1) != bytes([SIGINT]):
        pass
    time.sleep(PATIENCE)
    os._exit(INTERRUPTED)


def _end_where_unraisable(unraisable: sys.UnraisableHookArgs) -> None:
    """Where Python would only print what was raised, as in what is done when an object goes."""
    if issubclass(unraisable.exc_type, KeyboardInterrupt):
        os._exit(INTERRUPTED)
    sys.__unraisablehook__(unraisable)
