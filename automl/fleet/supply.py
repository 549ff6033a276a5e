"""Supply: has every machine of the roster hold every published table, those that come later too."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from automl.errors import error_line
from automl.fleet.agents_here import take_table
from automl.fleet.crews import Call, Crew
from automl.fleet.roster import Roster
from automl.fleet.spread_table import Goes, Load, spread_table
from automl.fleet.table_store import describe_table
from automl.plugin_api.fleets import Fleet

LOOK_SECONDS, TOGETHER_SECONDS, CLOSE_SECONDS = 1.0, 1.5, 0.5
"""How often it is looked whether somebody lacks a table, how long those that have come wait for those that come, and
how long the end of all threads is waited for."""


@dataclass(slots=True)
class Supply:
    """Brings tables, in threads of its own. on_supplied: told of calls that need not wait any more."""

    fleet: Fleet
    roster: Roster
    on_supplied: Callable[[Crew, list[Call]], None]
    names: set[str] = field(default_factory=set)
    """Of all published tables."""
    _loads: dict[str, Load] = field(default_factory=dict)
    _in_hand: set[tuple[str, str]] = field(default_factory=set)
    """Tables, and sessions that they are on their way to."""
    _lock: Any = field(default_factory=threading.RLock)
    _closing: threading.Event = field(default_factory=threading.Event)
    _news: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    @property
    def busy(self) -> bool:
        """Tell whether a table is on its way."""
        return bool(self._in_hand)

    def publish(self, name: str, files: Mapping[str, Path]) -> None:
        """Have a table brought to all machines; returns at once."""
        with self._lock:
            first, self.names = not self.names, {*self.names, name}
        self._start(partial(self._prepare, name, dict(files)))
        if first:
            self._start(self._watch)

    def close(self) -> None:
        """Bring no more."""
        self._closing.set()
        self._news.set()
        until = time.monotonic() + CLOSE_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))

    def look(self) -> None:
        """Look whether somebody lacks a table."""
        self._news.set()

    def has_all(self, crew: Crew) -> bool:
        """Tell whether a machine holds every published table."""
        return self.names <= crew.tables

    def _start(self, function: Callable[[], None]) -> None:
        thread = threading.Thread(target=function, name="automl-tables", daemon=True)
        with self._lock:
            self._threads = [each for each in self._threads if each.is_alive() or each.ident is None]
            self._threads.append(thread)
        thread.start()

    def _prepare(self, name: str, files: Mapping[str, Path]) -> None:
        """Find out what a table is made of, while machines that are about to join do so."""
        load = Load(describe_table(name, files), files)
        if self.roster.joining():
            self._closing.wait(TOGETHER_SECONDS)
        self._loads[name] = load
        self._news.set()

    def _watch(self) -> None:
        while not self._closing.is_set():
            for name in tuple(self._loads):
                self._begin(name)
            self._news.wait(LOOK_SECONDS)
            self._news.clear()

    def _begin(self, name: str) -> None:
        """Have a table brought to those that lack it, and that nobody is bringing it to."""
        with self._lock:
            crews = [crew for crew in self.roster.there() if name not in crew.tables]
            crews = [crew for crew in crews if (name, crew.session) not in self._in_hand]
            self._in_hand.update((name, crew.session) for crew in crews)
        if crews:
            self._start(partial(self._bring, self._loads[name], crews))

    def _bring(self, load: Load, crews: list[Crew]) -> None:
        """Bring a table to machines; of those that share a host one alone is sent it."""
        hosts = {crew.machine.host: crew.machine.name for crew in reversed(crews)}
        there = {crew.machine.name: crew for crew in crews}
        goes = Goes(hosts, partial(self._has_come, load, crews), lambda name: self._is_lost(there, name), self._stop)
        try:
            spread_table(self.fleet, load, goes)
        except Exception as error:
            for host in hosts:
                self._has_come(load, crews, host, error)

    def _has_come(self, load: Load, crews: list[Crew], host: str, error: BaseException | None) -> None:
        """Have the machines of a host put the table together, or give up the one that could not have it."""
        beside = [crew for crew in crews if crew.machine.host == host]
        if error is not None:
            self._give_up(beside[0], "the table could not be brought there", error)
            for crew in beside:
                self._let_go(load, crew)
            return
        for crew in beside:
            try:
                taken = self.fleet.call(crew.machine.name, take_table, crew.session, load.table)
            except Exception as refused:
                self._give_up(crew, "the table could not be put together there", refused)
                self._let_go(load, crew)
            else:
                taken.add_done_callback(partial(self._is_together, load, crew))

    def _is_together(self, load: Load, crew: Crew, taken: Future[Any]) -> None:
        error = ConnectionError("its answer was cancelled") if taken.cancelled() else taken.exception()
        if error is not None:
            self._give_up(crew, "the table could not be put together there", error)
        else:
            self.on_supplied(crew, crew.has_table(load.table.name, self.names))
        self._let_go(load, crew)

    def _give_up(self, crew: Crew, what: str, error: BaseException) -> None:
        """Leave a machine out; one that merely is not reached may come again."""
        if crew.lost or self._closing.is_set():
            return
        if isinstance(error, ConnectionError):
            self.roster.lose(crew, error_line(error), again=True)
        else:
            self.roster.leave_out(crew, f"{what}: {error_line(error)}")

    def _let_go(self, load: Load, crew: Crew) -> None:
        with self._lock:
            self._in_hand.discard((load.table.name, crew.session))
        self._news.set()

    def _is_lost(self, crews: Mapping[str, Crew], machine: str) -> bool:
        """Tell whether a machine is lost: one of those that are served, or of others that hold parts."""
        crew = crews.get(machine)
        return bool(crew.lost) if crew is not None else machine not in self.roster.crews

    def _stop(self) -> bool:
        return self._closing.is_set()
