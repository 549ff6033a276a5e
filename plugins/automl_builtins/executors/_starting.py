"""Starting: have this process look as loky expects one to look, for as long as it starts a worker."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator
from typing import Any

STANDARD = (0, 1, 2)
"""The file descriptors of stdin, stdout and stderr."""


@contextlib.contextmanager
def able_to_start() -> Iterator[None]:
    """Let a worker be started whatever this process is: a child that may have none, a program without streams.

    Ctrl-C is held back meanwhile.
    """
    with _interrupts_held(), _allowed_children(), _streams():
        yield


def refuse_other_programs() -> None:
    """Raise RuntimeError where what runs is no Python that could be started again."""
    if not sys.executable or getattr(sys, "frozen", False):
        raise RuntimeError("this program is no Python that could be started once more")


def open_descriptors() -> None:
    """Open what is closed of stdin, stdout and stderr to nowhere.

    Else a pipe to a worker would get its number, and would be lost as soon as the worker silences what libraries print.
    """
    for number in STANDARD:
        try:
            os.fstat(number)
        except OSError:
            opened = os.open(os.devnull, os.O_RDWR)  # the lowest number that is free, and so this one
            os.set_inheritable(opened, True)


class NoStream:
    """Stands for a stream that a program has not: nothing is written, and there is nothing to flush."""

    def write(self, text: str) -> int:
        """Take a text to nowhere."""
        return len(text)

    def flush(self) -> None:
        """Nothing is held back."""


@contextlib.contextmanager
def _streams() -> Iterator[None]:
    """Stand in for stdout and stderr where a window's program has none, or has closed them: loky flushes both."""
    before = {name: getattr(sys, name) for name in ("stdout", "stderr")}
    replaced = {name: stream for name, stream in before.items() if not _flushes(stream)}
    for name in replaced:
        setattr(sys, name, NoStream())
    try:
        yield
    finally:
        for name, stream in replaced.items():
            setattr(sys, name, stream)


def _flushes(stream: Any) -> bool:
    try:
        stream.flush()
    except Exception:  # there is none, it is closed, it is the program's own and has no such method
        return False
    return True


@contextlib.contextmanager
def _allowed_children() -> Iterator[None]:
    """Let a daemonic process, such as one of a Pool or of Celery, start workers.

    It may have none since nobody would end them with it; these end themselves when their controller is gone.
    """
    config: dict[str, Any] = getattr(multiprocessing.current_process(), "_config", {})
    daemonic = config.get("daemon")
    if not daemonic:
        yield
        return
    config["daemon"] = False
    try:
        yield
    finally:
        config["daemon"] = daemonic


@contextlib.contextmanager
def _interrupts_held() -> Iterator[None]:
    """Hold Ctrl-C back for a moment: a worker started meanwhile never sees one, and the controller gets its own after.

    A worker that is interrupted before it is prepared would print a traceback of its imports.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
