"""Ctrl-C ends the program within a second and with one exit code, whatever it is doing.

What this imports, the interpreter has loaded: it is to be there before anything that takes its time.
"""

from __future__ import annotations

import os
import sys
import time
from _signal import SIGINT, default_int_handler, getsignal, set_wakeup_fd, signal  # type: ignore[import-not-found]  # `signal`, without its enums
from _thread import start_new_thread

TYPE_CHECKING = False  # that of `typing`, which would be loaded here
if TYPE_CHECKING:
    from types import FrameType

INTERRUPTED = 130

PATIENCE = 0.5
"""Seconds in which what was begun may be taken back. All that is written is written whole or not at all."""


_HEARD_BY_NOBODY = ("__del__", "from_param", "__set_name__")
"""Called from C, which drops what is raised in the first, and makes another error of it in the others."""


def end_when_interrupted() -> None:
    """Ends the process where Ctrl-C alone would not: Python raises it only between two of its own steps."""
    sys.unraisablehook = _end_where_unraisable
    if os.name == "posix":
        receiver, sender = os.pipe()
        os.set_blocking(sender, False)
        set_wakeup_fd(sender, warn_on_full_buffer=False)
        start_new_thread(_end_after_interrupt, (receiver,))
        if getsignal(SIGINT) is default_int_handler:  # else it is ignored, as of a job in the background
            signal(SIGINT, _interrupt)


def _interrupt(_number: int, frame: FrameType | None) -> None:
    """As Python does, where that is heard; elsewhere the process ends a little later."""
    sys.unraisablehook = _end_silently
    while frame is not None:
        if frame.f_code.co_name in _HEARD_BY_NOBODY:
            return
        frame = frame.f_back
    raise KeyboardInterrupt


def _end_after_interrupt(receiver: int) -> None:
    while os.read(receiver, 1) != bytes([SIGINT]):
        pass
    time.sleep(PATIENCE)
    os._exit(INTERRUPTED)


def _end_silently(unraisable: sys.UnraisableHookArgs) -> None:
    """What goes half made, since its making was interrupted, has nothing to tell."""
    if issubclass(unraisable.exc_type, KeyboardInterrupt):
        os._exit(INTERRUPTED)


def _end_where_unraisable(unraisable: sys.UnraisableHookArgs) -> None:
    """Where Python would only print what was raised, as in what is done when an object goes."""
    if issubclass(unraisable.exc_type, KeyboardInterrupt):
        os._exit(INTERRUPTED)
    sys.__unraisablehook__(unraisable)
