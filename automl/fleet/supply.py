"""Supply: has every machine of the roster hold every published table, those that come later too."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from automl.errors import error_line
from automl.fleet.agents_here import take_table
from automl.fleet.crews import Call, Crew
from automl.fleet.roster import Roster
from automl.fleet.spread_table import Goes, spread_table
from automl.fleet.table_store import Table, describe_table
from automl.plugin_api.fleets import Fleet

TAKE_SECONDS = 120.0
"""What a machine may take to put a table together that is all there."""
LOOK_SECONDS = 0.2


@dataclass(slots=True)
class Supply:
    """Brings tables, in a thread of its own. on_supplied: told of calls that need not wait any more."""

    fleet: Fleet
    roster: Roster
    on_supplied: Callable[[Crew, list[Call]], None]
    names: set[str] = field(default_factory=set)
    """Of all published tables."""
    busy: bool = False
    """Whether a table is on its way."""
    _published: dict[str, Mapping[str, Path]] = field(default_factory=dict)
    _tables: dict[str, Table] = field(default_factory=dict)
    _closing: threading.Event = field(default_factory=threading.Event)
    _news: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def publish(self, name: str, files: Mapping[str, Path]) -> None:
        """Have a table brought to all machines; returns at once."""
        self._published[name] = dict(files)
        self.names = {*self.names, name}
        self.busy = True
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="automl-tables", daemon=True)
            self._thread.start()
        self._news.set()

    def close(self) -> None:
        """Bring no more."""
        self._closing.set()
        self._news.set()
        if self._thread is not None:
            self._thread.join(5.0)

    def look(self) -> None:
        """Look whether somebody lacks a table."""
        self._news.set()

    def has_all(self, crew: Crew) -> bool:
        """Tell whether a machine holds every published table."""
        return self.names <= crew.tables

    def _work(self) -> None:
        while not self._closing.is_set():
            self._news.wait(1.0)
            self._news.clear()
            for name in tuple(self.names):
                with suppress(Exception):  # tried again with the next look
                    self._bring(name)
            self.busy = any(not self.has_all(crew) for crew in self.roster.there())

    def _bring(self, name: str) -> None:
        lacking = [crew for crew in self.roster.there() if name not in crew.tables]
        if not lacking or self._closing.is_set():
            return
        self.busy = True
        files = self._published[name]
        if name not in self._tables:
            self._tables[name] = describe_table(name, files)
        table = self._tables[name]
        hosts = {crew.machine.host: crew.machine.name for crew in reversed(lacking)}
        there = frozenset(crew.machine.name for crew in self.roster.there() if name in crew.tables)
        found = spread_table(self.fleet, table, files, Goes(hosts, there), self._closing.is_set)
        for crew in lacking:
            error = found[crew.machine.host]
            if error is None:
                self._put_together(crew, table)
            elif hosts[crew.machine.host] == crew.machine.name and not crew.lost and not self._closing.is_set():
                self.roster.leave_out(crew, f"the table could not be brought there: {error_line(error)}")

    def _put_together(self, crew: Crew, table: Table) -> None:
        try:
            self._call(crew, table)
        except Exception as error:
            if not crew.lost and not self._closing.is_set():
                self.roster.leave_out(crew, f"the table could not be put together there: {error_line(error)}")
            return
        self.on_supplied(crew, crew.has_table(table.name, self.names))

    def _call(self, crew: Crew, table: Table) -> Any:
        return self.fleet.call(crew.machine.name, take_table, crew.session, table).result(TAKE_SECONDS)
