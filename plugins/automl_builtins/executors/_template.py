"""Template: a process that has imported what fits need, of which workers are forked; it runs none itself (Linux)."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import os
import pickle
import signal
import socket
import sys
import traceback
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import cloudpickle

from automl.plugin_api import Line
from automl_builtins.executors._idle_code import let_go_of_code
from automl_builtins.executors._worker_life import be_silent, begin, end_at_once_with_parent

MOST_BYTES = 1 << 16
"""Of one message on the way to a template."""


@dataclass(frozen=True, slots=True)
class Prepare:
    """What a template does first: find modules as the controller does, and import some.

    warm_up: a function, pickled. modules: what is imported besides; what cannot be is left to who needs it.
    """

    path: list[str]
    warm_up: bytes
    modules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fork:
    """Asks for a worker at the other end of the socket that comes with this."""

    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Branch:
    """Asks for a template of this one, at the other end of the socket that comes with this, which imports more."""

    environment: Mapping[str, str]
    modules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reap:
    """Asks how a worker ended; it is ended, if it has not."""

    worker: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What a worker makes of a function: its value or the exception, pickled, and what is known of an exception."""

    value: bytes = b""
    error: bytes = b""
    text: str = ""


def main(descriptor: int, controller: int) -> None:
    """Prepare, then fork a worker for each `Fork` until the controller is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    be_silent()
    _serve(socket.socket(fileno=descriptor), controller)


def _serve(control: socket.socket, parent: int) -> None:
    """Do what is asked until nobody is there to ask, then end the templates that were made of this one."""
    control.settimeout(1.0)
    branches: list[int] = []
    while os.getppid() == parent:
        try:
            data, descriptors, _, _ = socket.recv_fds(control, MOST_BYTES, 1)
        except TimeoutError:
            continue
        if not data:
            break
        branch = _obey(pickle.loads(data), descriptors, control)
        if branch is not None:
            branches.append(branch)
    for branch in branches:
        _reap(branch)


def _obey(message: object, descriptors: list[int], control: socket.socket) -> int | None:
    """Do what is asked; return the id of a template that was made."""
    if isinstance(message, Prepare):
        _prepare(message)
    elif isinstance(message, Fork):
        _fork(message, descriptors[0], control)
    elif isinstance(message, Branch):
        return _branch(message, descriptors[0], control)
    elif isinstance(message, Reap):
        control.sendall(pickle.dumps((message.worker, _reap(message.worker))))
    return None


def _prepare(asked: Prepare) -> None:
    sys.path[:] = asked.path
    warm_up: Callable[[], None] | None = pickle.loads(asked.warm_up)
    if warm_up is not None:
        warm_up()
    _import(asked.modules)


def _import(modules: tuple[str, ...]) -> None:
    for name in modules:
        with contextlib.suppress(Exception):  # whose fit needs it will say so
            importlib.import_module(name)
    gc.collect()
    gc.freeze()  # else the first collection in each worker would copy every page
    let_go_of_code()


def _forked() -> int:
    """Return the id of a copy of this process, and 0 in the copy."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that threads are not forked: they are allocators' own
        return os.fork()


def _branch(asked: Branch, descriptor: int, control: socket.socket) -> int:
    """Fork a template, and return its id."""
    trunk = os.getpid()
    branch = _forked()
    if branch:
        os.close(descriptor)
        return branch
    try:
        control.close()
        end_at_once_with_parent()
        os.environ.update(asked.environment)
        _import(asked.modules)
        _serve(socket.socket(fileno=descriptor), trunk)
    finally:
        os._exit(0)


def _fork(asked: Fork, descriptor: int, control: socket.socket) -> None:
    template = os.getpid()
    worker = _forked()
    if worker:
        os.close(descriptor)
        return
    try:
        control.close()
        os.environ.update(asked.environment)
        _draw_anew()
        begin(template)
        _work(socket.socket(fileno=descriptor))
    finally:
        os._exit(0)


def _draw_anew() -> None:
    """Have whoever takes random numbers of NumPy as they come get others than its neighbours; Python's own do."""
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()


def _reap(worker: int) -> int | None:
    """Return the exit code of a worker, as subprocess gives them, below zero for a signal; None of another's."""
    with contextlib.suppress(OSError):
        done, status = os.waitpid(worker, os.WNOHANG)
        if not done:
            os.kill(worker, signal.SIGKILL)
            _, status = os.waitpid(worker, 0)
        return os.waitstatus_to_exitcode(status)
    return None


def _work(connection: socket.socket) -> None:
    """Run functions, one after another, until the controller hangs up."""
    connection.setblocking(True)
    line = Line(connection.makefile("rb"), connection.makefile("wb"))
    line.send(os.getpid())
    while True:
        try:
            call = line.receive()
        except (EOFError, OSError):
            return
        line.send(_answer(call))
        del call
        _give_back()


def _give_back() -> None:
    """Have the allocator return what it keeps for the next fit, which may be another worker's (glibc)."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def _answer(call: bytes) -> Answer:
    try:
        function, arguments = pickle.loads(call)
        return Answer(value=cloudpickle.dumps(function(*arguments)))
    except BaseException as error:
        text = traceback.format_exc()
        error.__traceback__ = None
        return Answer(error=_pickled(error), text=text)


def _pickled(error: BaseException) -> bytes:
    try:
        return bytes(cloudpickle.dumps(error))
    except Exception:
        return bytes(cloudpickle.dumps(RuntimeError(_one_line(error))))


def _one_line(error: BaseException) -> str:
    return "".join(traceback.format_exception_only(error)).strip()


def unpickled(answer: Answer) -> Any:
    """Return what a function has given, or raise what it has raised: for who asked."""
    if not answer.error:
        return pickle.loads(answer.value)
    try:
        error = pickle.loads(answer.error)
    except Exception:  # its class cannot be made of what it was pickled to
        error = RuntimeError(answer.text.strip().splitlines()[-1])
    raise error from RemoteError(answer.text)


class RemoteError(Exception):
    """Where in its worker a function has raised: the traceback, as text."""

    def __str__(self) -> str:
        """Set the traceback apart from what is said around it."""
        return f"\n{self.args[0]}"
