"""Agents here: what a controller calls on a machine, in the engine's process there, which keeps the agents."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from automl.fleet.in_slot import MEMBERS, TABLES
from automl.fleet.messages import Answer, Beat, Joined, Kill, Leave, Reply, Request, Run
from automl.fleet.table_store import HERE, Table, finish_table, sweep_later
from automl.plugin_api.line import Line

SECONDS_TO_START, SECONDS_TO_END = 60.0, 8.0
SECONDS_TO_ANSWER = 20.0
"""What an agent may take for an answer to what is done at once."""
MOST_SAID = 300
"""Characters of what an agent has said of its end."""


class AgentGoneError(RuntimeError):
    """A machine's agent has ended, or is not known: whatever it ran is lost."""


@dataclass(slots=True)
class AgentHere:
    """An agent of this machine, at the other end of a line."""

    process: subprocess.Popen[bytes]
    line: Line
    errors: IO[bytes]
    folder: Path = Path()
    joined: Future[Any] = field(default_factory=Future)
    listener: threading.Thread = field(init=False)
    waiting: dict[int, Future[Any]] = field(default_factory=dict)
    numbers: Any = field(default_factory=lambda: count(1))
    lock: Any = field(default_factory=threading.Lock)
    gone: str = ""

    def __post_init__(self) -> None:
        """Begin to listen; the first reply comes without a request."""
        self.waiting[0] = self.joined
        self.listener = threading.Thread(target=self._listen, daemon=True)
        self.listener.start()

    def ask(self, message: Any) -> Future[Any]:
        """Send a message; the future has what the agent replies, or fails with its end."""
        future: Future[Any] = Future()
        with self.lock:
            if self.gone:
                raise AgentGoneError(self.gone)
            number = next(self.numbers)
            self.waiting[number] = future
        try:
            self.line.send(Request(number, message))
        except (OSError, ValueError):  # whoever listens notices, too, and has the future fail
            self.process.kill()
        return future

    def _listen(self) -> None:
        """Hand replies to those who wait for them, until the agent is gone."""
        with suppress(EOFError, OSError):
            while True:
                reply: Reply = self.line.receive()
                with self.lock:
                    future = self.waiting.pop(reply.number, None)
                if future is not None:
                    future.set_result(reply.value)
        self._end()

    def _end(self) -> None:
        """Note that the agent is gone, or does not listen any more, and see that it is."""
        try:
            self.process.wait(SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        with self.lock:
            self.gone = self.gone or f"its agent has ended{_how(self.process.poll())}{self._last_line()}"
            waiting, self.waiting = list(self.waiting.values()), {}
        for future in waiting:
            future.set_exception(AgentGoneError(self.gone))
        for each in (self.process.stdin, self.process.stdout, self.errors):
            with suppress(OSError, AttributeError):
                each.close()  # type: ignore[union-attr]  # pipes that were asked for

    def _last_line(self) -> str:
        with suppress(OSError, ValueError):
            self.errors.seek(0)
            lines = self.errors.read().decode(errors="replace").strip().splitlines()
            return f": {lines[-1][:MOST_SAID]}" if lines else ""
        return ""

    def leave(self) -> None:
        """End the agent, and wait until it is gone."""
        with suppress(AgentGoneError):
            self.ask(Leave())
        self.listener.join()


_AGENTS: dict[str, AgentHere] = {}
"""Those of this process, by their session: a fleet's test may have several machines in one process."""


def start_agent(session: str, invitation: bytes) -> Joined:
    """Bring up an agent for a session, with a pickled invitation; raises what it could not start for."""
    folder = HERE.get()
    paths = os.pathsep.join(dict.fromkeys(path or os.getcwd() for path in sys.path))
    temporary = {} if folder is None else {"TMPDIR": str(folder)}
    errors = tempfile.TemporaryFile()  # noqa: SIM115  as long as the agent
    process = subprocess.Popen(
        [sys.executable, "-m", "automl.fleet.agent"],
        env={**os.environ, "PYTHONPATH": paths, **temporary},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
    )
    agent = AgentHere(process, Line(cast(BinaryIO, process.stdout), cast(BinaryIO, process.stdin)), errors)
    with suppress(OSError):
        agent.line.send(invitation)
    try:
        joined = agent.joined.result(SECONDS_TO_START)
        if isinstance(joined, BaseException):
            raise joined
    except BaseException:
        process.kill()
        agent.leave()
        raise
    agent.folder = Path(joined.folder)
    _AGENTS[session] = agent
    found: Joined = joined
    return found


def run(session: str, asked: Run) -> Answer:
    """Run a call on a slot; returns when it has ended, in whatever way."""
    answer: Answer = _agent(session).ask(asked).result()
    return answer


def kill(session: str, asked: Kill) -> None:
    """End a call, or an idle worker."""
    _agent(session).ask(asked).result(SECONDS_TO_ANSWER)


def beat(session: str) -> tuple[str, ...]:
    """Tell an agent that its controller is there; returns which of its calls have begun."""
    begun: tuple[str, ...] = _agent(session).ask(Beat()).result(SECONDS_TO_ANSWER)
    return begun


def take_table(session: str, table: Table) -> None:
    """Put a table, all parts of which are on this host, where an agent's slots look for it."""
    finish_table(table, _agent(session).folder / TABLES / table.name)


def fetch(session: str, name: str) -> bytes:
    """Return what a function has put; an OSError where it is gone."""
    return (_agent(session).folder / MEMBERS / Path(name).name).read_bytes()


def discard(session: str, names: tuple[str, ...]) -> None:
    """Remove what functions have put."""
    for name in names:
        with suppress(OSError):
            (_agent(session).folder / MEMBERS / Path(name).name).unlink()


def leave(session: str) -> None:
    """End a session's agent; nothing is done where there is none."""
    agent = _AGENTS.pop(session, None)
    if agent is not None:
        agent.leave()
        sweep_later()


def agents() -> Mapping[str, AgentHere]:
    """Return the agents of this process."""
    return _AGENTS


def _agent(session: str) -> AgentHere:
    if session not in _AGENTS:
        raise AgentGoneError("it has no agent of this search")
    return _AGENTS[session]


def _how(code: int | None) -> str:
    return "" if not code else f" by signal {-code}" if code < 0 else f" with exit code {code}"
