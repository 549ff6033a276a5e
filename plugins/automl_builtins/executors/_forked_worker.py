"""Forked worker: a process that begins with everything imported, as a copy of a template (Linux)."""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from pickle import PicklingError
from typing import Any, BinaryIO, TypeVar

import cloudpickle

from automl.plugin_api import Line, Stage, WorkerEndedError
from automl.plugin_api.process_memory import descendants
from automl_builtins.executors._starting import able_to_start
from automl_builtins.executors._template import MOST_BYTES, Answer, Branch, Fork, Prepare, Reap, unpickled
from automl_builtins.executors._worker_life import how_it_ended

T = TypeVar("T")
CODE = "import sys; sys.path[:] = {path!r}; from automl_builtins.executors._template import main; main({fd}, {pid})"
SECONDS_TO_END = 2.0
"""How long a worker or a template that is ended may take to go."""


def can_fork() -> bool:
    """Tell whether workers are forked here: elsewhere libraries are not made for it, or there is no such call."""
    return sys.platform == "linux" and hasattr(os, "fork") and hasattr(socket, "send_fds")


class Template:
    """The controller's end of a template, which is started when the first worker is asked for.

    One that dies of what it imports is started once more without the modules, which are then left to the workers.
    Where none of its workers came up even so, it is of no use here.
    """

    def __init__(
        self, environment: Mapping[str, str], warm_up: Callable[[], None] | None, modules: tuple[str, ...]
    ) -> None:
        """Start nothing yet."""
        self._environment = dict(environment)
        self._warm_up, self._modules = warm_up, modules
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._lock = threading.Lock()
        self._has_branches = False
        self.of_no_use = False

    def start(self) -> None:
        """Begin to bring it up; an OSError where no process can be started."""
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                self._start()

    def fork(self, environment: Mapping[str, str]) -> socket.socket:
        """Ask for a worker, and return the controller's end of its connection; the worker greets with its id."""
        here, there = socket.socketpair()
        self.start()
        with self._lock, there, contextlib.suppress(OSError):  # a template that has died: nobody greets
            if self._control is not None:
                socket.send_fds(self._control, [pickle.dumps(Fork(dict(environment)))], [there.fileno()])
        return here

    @property
    def imports_more(self) -> bool:
        """Whether it imports modules that workers could import as well."""
        return bool(self._modules)

    def do_without(self) -> None:
        """Have it import less, as it has died of that."""
        with self._lock:
            if self._process is not None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._process.wait(SECONDS_TO_END)
            self._modules = ()

    def reap(self, worker: int) -> int | None:
        """Return how a worker that is gone has ended; None where that cannot be known."""
        with self._lock, contextlib.suppress(OSError, EOFError, pickle.UnpicklingError):
            if self._control is not None:
                self._control.sendall(pickle.dumps(Reap(worker)))
                while True:
                    found, code = pickle.loads(self._control.recv(MOST_BYTES))
                    if found == worker:  # else it is of one for which nobody waited that long
                        return None if code is None else int(code)
        return None

    def branch(self, environment: Mapping[str, str], modules: tuple[str, ...]) -> socket.socket:
        """Ask for a template of this one that imports more, and return the controller's end of its control."""
        here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.start()
        with self._lock, there, contextlib.suppress(OSError):  # this one has died: so will what is asked of the other
            if self._control is not None:
                asked = pickle.dumps(Branch(dict(environment), modules))
                socket.send_fds(self._control, [asked], [there.fileno()])
                self._has_branches = True
        return here

    def close(self) -> None:
        """End it, and what it has forked with it; wait until it is gone."""
        with self._lock:
            if self._control is not None:
                self._control.close()
            if self._process is not None:
                if self._has_branches:  # which it ends before itself
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        self._process.wait(SECONDS_TO_END)
                self._process.kill()
                self._process.wait()
            self._process = self._control = None

    def _start(self) -> None:
        if self._control is not None:
            self._control.close()
        here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        code = CODE.format(path=sys.path, fd=there.fileno(), pid=os.getpid())
        with able_to_start(), there:
            self._process = subprocess.Popen(
                [sys.executable, "-c", code],
                env={**os.environ, **self._environment},
                pass_fds=(there.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        here.settimeout(SECONDS_TO_END)
        self._control = here
        prepare = Prepare(list(sys.path), cloudpickle.dumps(self._warm_up), self._modules)
        with contextlib.suppress(OSError):
            here.sendall(pickle.dumps(prepare))


class BranchedTemplate(Template):
    """A template forked of another one when its first worker is asked for, which imports more than that one.

    What it has imported lies in memory once for all of its workers, and no other worker has it.
    """

    def __init__(self, trunk: Template, environment: Mapping[str, str], modules: tuple[str, ...]) -> None:
        """Start nothing yet."""
        super().__init__(environment, None, modules)
        self._trunk = trunk

    def start(self) -> None:
        """Begin to bring it up, and the other one with it."""
        with self._lock:
            if self._control is None:
                self._control = self._trunk.branch(self._environment, self._modules)
                self._control.settimeout(SECONDS_TO_END)

    def do_without(self) -> None:
        """Begin it anew with the next worker, and have it import nothing more, as it has died of that."""
        self.close()
        self._modules = ()


class ForkedWorker:
    """Runs functions in a process of its own, one after another, in the order in which they come."""

    def __init__(self, template: Template, environment: Mapping[str, str]) -> None:
        """Ask for the process, which comes up while the caller goes on."""
        self._template, self._environment = template, environment
        self._calls: queue.SimpleQueue[tuple[bytes, Future[Any]] | None] = queue.SimpleQueue()
        self._imports_more = template.imports_more
        self._connection = template.fork(environment)
        self._files: tuple[BinaryIO, ...] = ()
        self._pid = 0
        self._gone = self._reaped = False
        self._ending = threading.Lock()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def submit(self, function: Callable[..., T], *arguments: Any) -> Future[T]:
        """Run a function; a BrokenProcessPool where the process is gone.

        The future raises what the function raises, a PicklingError for what cannot be sent, and a WorkerEndedError
        where the process dies, or is killed.
        """
        if self._gone or self._has_hung_up():
            raise BrokenProcessPool("The worker has died.")
        future: Future[T] = Future()
        try:
            call = cloudpickle.dumps((function, arguments))
        except Exception as error:
            future.set_exception(_no_pickle(error))
            return future
        self._calls.put((call, future))
        return future

    def kill(self) -> threading.Thread:
        """End the process at once with all that it has started, and return the thread that sees to what is left."""
        self._gone = True
        with self._ending:
            known = self._pid and not self._reaped  # else the system may have given its id to somebody else
            for each in (self._pid, *descendants(self._pid)) if known else ():
                with contextlib.suppress(OSError):
                    os.kill(each, signal.SIGKILL)
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)
        self._calls.put(None)
        return self._thread

    def close(self) -> None:
        """End the process, and wait until it is gone."""
        self.kill().join(SECONDS_TO_END)

    def processes(self) -> tuple[int, ...]:
        """Return its id; none before it is up."""
        return (self._pid,) if self._pid and not self._gone else ()

    def _serve(self) -> None:
        """Greet the process, then pass on functions and answers as long as it lives."""
        running: Future[Any] | None = None
        try:
            line = self._greeted()
            while (waiting := self._calls.get()) is not None:
                call, running = waiting
                if not running.set_running_or_notify_cancel():
                    continue
                line.send(call)
                _settle(running, line.receive())
                running = None
        except (EOFError, OSError, pickle.UnpicklingError):
            pass
        self._bury(running)

    def _greeted(self) -> Line:
        while True:
            self._files = self._connection.makefile("rb"), self._connection.makefile("wb")
            line = Line(*self._files)
            try:
                self._pid = line.receive()
            except (EOFError, OSError):
                if self._gone or not self._imports_more:
                    self._template.of_no_use |= not self._gone
                    raise
                self._template.do_without()
                self._imports_more = False
                self._hang_up()
                self._connection = self._template.fork(self._environment)
            else:
                return line

    def _bury(self, running: Future[Any] | None) -> None:
        """Let all that waits know that the process is gone, and why."""
        self._gone = True
        with self._ending:
            code = self._template.reap(self._pid) if self._pid else None
            self._reaped = True
        self._hang_up()
        cause = f"the worker died{how_it_ended(code)}"
        if running is not None:
            running.set_exception(WorkerEndedError(Stage.WORKER, cause))
        while not self._calls.empty():
            waiting = self._calls.get()
            if waiting is not None and waiting[1].set_running_or_notify_cancel():
                waiting[1].set_exception(WorkerEndedError(Stage.WORKER, cause))

    def _hang_up(self) -> None:
        for file in self._files:
            with contextlib.suppress(OSError):  # what was not sent yet
                file.close()
        self._connection.close()

    def _has_hung_up(self) -> bool:
        """Tell whether the process has died while it had nothing to do."""
        if not self._pid:
            return False
        poll = select.poll()
        poll.register(self._connection, select.POLLHUP)
        return any(event & (select.POLLHUP | select.POLLERR) for _, event in poll.poll(0))


def _settle(future: Future[Any], answer: Answer) -> None:
    try:
        value = unpickled(answer)
    except BaseException as error:
        future.set_exception(error)
    else:
        future.set_result(value)


def _no_pickle(error: Exception) -> PicklingError:
    made = PicklingError("The function, or what it is called with, cannot be pickled.")
    made.__cause__ = error
    return made
