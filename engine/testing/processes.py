"""Work shared among processes, which end with the one that started them."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from typing import Any, TypeVar

T = TypeVar("T")
R = TypeVar("R")


def in_processes(
    jobs: int,
    begin: Callable[..., object],
    given: tuple[Any, ...],
    work: Callable[[T], R],
    tasks: Iterable[T],
) -> Iterator[tuple[T, R]]:
    """What becomes of each task, as they come to their end; each process begins with what is given."""
    pool = ProcessPoolExecutor(jobs, get_context("spawn"), _begin, (begin, given))
    try:
        with _interrupts_blocked():
            running = {pool.submit(work, task): task for task in tasks}
        for done in as_completed(running):
            yield running[done], done.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


@contextmanager
def _interrupts_blocked() -> Iterator[None]:
    """Ctrl-C waits; processes that are started meanwhile never hear of it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin(begin: Callable[..., object], given: tuple[Any, ...]) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    begin(*given)


def _end_with_parent() -> None:
    parent = parent_process()
    assert parent is not None
    parent.join()
    os._exit(0)
