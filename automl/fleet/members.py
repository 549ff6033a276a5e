"""Members: what functions have put on machines, fetched when it is asked for, or while nothing else wants the link."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, wait
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from automl.fleet.agents_here import discard, fetch
from automl.fleet.crews import Crew
from automl.fleet.messages import Put
from automl.fleet.roster import Roster
from automl.fleet.supply import Supply
from automl.plugin_api.fleets import Fleet
from automl.plugin_api.write_whole import write_whole
from automl.vocabulary.refs import Ref

FETCH_SECONDS = 300.0
"""What fetching one thing may take."""
SILENT_SECONDS = 5.0
"""A machine that was not heard of for so long is not waited for: the search may be about to end."""
SPARE_BYTES = 2**30
"""Less than so much free disk here, and nothing is fetched before somebody asks."""
REST_SECONDS, CLOSE_SECONDS = 0.3, 0.5
GUESSED_RATE = 10 * 2**20
"""Bytes a second, before any were measured."""
NEWEST_COUNTS = 0.3
Key: TypeAlias = tuple[str, str, str]
"""A session, a name, and which version of what was put under it."""


@dataclass(slots=True)
class Members:
    """Keeps account of what lies on machines, and what of it lies in `folder` by now."""

    fleet: Fleet
    roster: Roster
    supply: Supply
    folder: Path
    rate: float = GUESSED_RATE
    """Bytes a second, as measured."""
    _sizes: dict[Key, int] = field(default_factory=dict)
    """What lies on machines and nobody has discarded, oldest first."""
    _here: dict[Key, Path] = field(default_factory=dict)
    _put_off: set[Key] = field(default_factory=set)
    _wanted: int = 0
    """How many are being asked for now."""
    _lock: Any = field(default_factory=threading.RLock)
    _closing: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to fetch, in a thread of its own, what nobody has asked for yet."""
        self._thread = threading.Thread(target=self._work, name="automl-members", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Fetch no more, and remove what was fetched."""
        self._closing.set()
        if self._thread is not None:
            self._thread.join(CLOSE_SECONDS)
        for path in self._here.values():
            with suppress(OSError):
                path.unlink()

    def note(self, session: str, puts: Sequence[Put]) -> None:
        """Note what a function has put."""
        with self._lock:
            for put in puts:
                self._sizes[session, put.name, put.version] = put.size

    def fetch(self, ref: Ref) -> bytes:
        """Return what was put, and keep it; an OSError where it is gone, with its machine or by itself."""
        key = self._key(ref)
        with self._lock:
            path = self._here.get(key)
            self._wanted += 1
        try:
            if path is not None:
                return path.read_bytes()
            data = self._bring(key)
            with suppress(OSError):  # a full disk here, which only costs that it is fetched once more
                self._keep(key, data)
            return data
        finally:
            with self._lock:
                self._wanted -= 1

    def discard(self, ref: Ref) -> None:
        """Let go of what was put, here and there."""
        key = self._key(ref)
        with self._lock:
            self._sizes.pop(key, None)
            path = self._here.pop(key, None)
        if path is not None:
            with suppress(OSError):
                path.unlink()
        crew = self.roster.in_session(key[0])
        if crew is not None:
            with suppress(Exception):
                self.fleet.call(crew.machine.name, discard, crew.session, (key[1],))

    def seconds_to_fetch(self, refs: Sequence[Ref]) -> float:
        """Return what fetching those that are not here yet would take."""
        with self._lock:
            keys = {self._key(ref) for ref in refs if not ref.path}
            sessions = {crew.session for crew in self.roster.there()}
            elsewhere = [key for key in keys if key not in self._here and key[0] in sessions]
            return sum(self._sizes.get(key, 0) for key in elsewhere) / self.rate

    def is_lost(self, ref: Ref) -> bool:
        """Tell whether something is neither here nor on a machine that is there."""
        key = self._key(ref)
        return key not in self._here and self.roster.in_session(key[0]) is None

    def _key(self, ref: Ref) -> Key:
        session, version = ref.place
        return session, ref.name, version

    def _bring(self, key: Key) -> bytes:
        session, name, _ = key
        with self._lock:
            if key not in self._sizes:
                raise FileNotFoundError(f"{name} was discarded, or never put.")
        crew = self.roster.in_session(session)
        if crew is None:
            raise FileNotFoundError(f"{name} is lost with the machine that it was on.")
        begun = time.monotonic()
        try:
            data: bytes = self._answer(crew, self.fleet.call(crew.machine.name, fetch, session, name))
        except OSError:
            raise
        except Exception as error:
            raise OSError(f"{name} cannot be fetched from the machine {crew.label}: {error}") from error
        self._measure(len(data), time.monotonic() - begun)
        return data

    def _answer(self, crew: Crew, future: Future[Any]) -> Any:
        until = time.monotonic() + FETCH_SECONDS
        while not future.done():
            silent = time.monotonic() - crew.heard > SILENT_SECONDS
            if crew.lost or silent or time.monotonic() > until:
                raise ConnectionError(f"the machine {crew.label} does not answer")
            wait([future], timeout=0.2)
        return future.result()

    def _measure(self, size: int, seconds: float) -> None:
        """Learn from what has come how quick the link is; small things say how long asking takes, not more."""
        if size > 2**18:
            self.rate += NEWEST_COUNTS * (size / max(seconds, 1e-3) - self.rate)

    def _work(self) -> None:
        while not self._closing.wait(REST_SECONDS):
            while not self._closing.is_set() and (key := self._next()) is not None:
                try:
                    self._keep(key, self._bring(key))
                except OSError:  # its machine is lost, or the disk here is full: not tried again before it is asked for
                    self._put_off.add(key)

    def _next(self) -> Key | None:
        """Return the newest that is still elsewhere, if nobody else wants the link."""
        with self._lock:
            if self._wanted or self.supply.busy or shutil.disk_usage(self.folder).free < SPARE_BYTES:
                return None
            sessions = {crew.session for crew in self.roster.there()}
            elsewhere = (key for key in reversed(self._sizes) if key not in self._here and key not in self._put_off)
            return next((key for key in elsewhere if key[0] in sessions), None)

    def _keep(self, key: Key, data: bytes) -> None:
        path = self.folder / f"{key[0]}-{key[2]}-{Path(key[1]).name}"
        write_whole(path, data)
        with self._lock:
            if key in self._sizes:
                self._here[key] = path
                return
        path.unlink()  # discarded meanwhile
