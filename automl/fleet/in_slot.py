"""In a slot: run what a controller elsewhere has sent, with its own machine's files around it."""

from __future__ import annotations

import traceback
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import cloudpickle

from automl.fleet.messages import Answer, Put
from automl.plugin_api.executors import Workplace
from automl.plugin_api.write_whole import write_whole
from automl.vocabulary.refs import Ref

MEMBERS, TABLES = "members", "tables"
"""Folders inside that of an agent: what functions have put, and the published tables."""
FIRST_TO_GO = "500"
"""How much rather Linux is to end a slot than the agent, where the machine itself runs out of memory."""


@dataclass(slots=True)
class PlaceAway:
    """A `Workplace` on a machine of a cluster: tables lie in its agent's folder, and what is put stays there."""

    session: str
    folder: Path
    words: IO[bytes] | None
    puts: dict[str, Put] = field(default_factory=dict)

    def files(self, published: Ref) -> Mapping[str, Path]:
        """Return where the files lie; they have come here before any function that uses them."""
        folder = self.folder / TABLES / published.name
        if not folder.is_dir():
            raise FileNotFoundError(f"The table {published.name} is not on this machine.")
        return {path.name: path for path in folder.iterdir()}

    def put(self, name: str, data: bytes) -> Ref:
        """Write a file, which the controller may fetch."""
        folder = self.folder / MEMBERS
        folder.mkdir(exist_ok=True)
        write_whole(folder / name, data)
        self.puts[name] = Put(name, uuid.uuid4().hex[:8], len(data))
        return Ref(name, place=(self.session, self.puts[name].version))


def run_sent(place: Workplace, session: str, payload: bytes) -> Answer:
    """Run a pickled function with its arguments; what it returns or raises comes back pickled."""
    if place.folder is None:
        raise LookupError("a slot of an agent has a folder")
    away = PlaceAway(session, place.folder, place.words)
    try:
        function, arguments = cloudpickle.loads(payload)
        data, raised = cloudpickle.dumps(function(away, *arguments)), False
    except (Exception, SystemExit) as error:
        data, raised = _pickled(error), True
    return Answer(data, raised, tuple(away.puts.values()))


def go_first() -> None:
    """Have Linux end this process before its agent where memory runs out."""
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(FIRST_TO_GO)


def _pickled(error: BaseException) -> bytes:
    text = "".join(traceback.format_exception(error))
    with suppress(Exception):
        error.add_note(f"On its machine:\n{text}")
        data: bytes = cloudpickle.dumps(error)
        return data
    other: bytes = cloudpickle.dumps(RuntimeError(text))
    return other
