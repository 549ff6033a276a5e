"""Messages: what controller, engine's worker and agent say to each other; small records that can be pickled."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from automl.plugin_api.executors import Slot
from automl.plugin_api.specs import ExecutorSpec

HEARTBEAT_SECONDS = 30.0
"""An agent that has heard nothing of its controller for so long ends itself."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """What an agent is brought up with.

    executor: what runs functions on its machine. n_slots, memory_mb: what it may use there; memory_mb is 80 % of what
    is free where it is None. n_gpus: how many of the machine's GPUs at most; None for all.
    """

    session: str
    executor: ExecutorSpec
    n_slots: int
    initialize: Callable[[], None] | None = None
    memory_mb: float | None = None
    n_gpus: int | None = 0
    modules: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    heartbeat: float = HEARTBEAT_SECONDS


@dataclass(frozen=True, slots=True)
class Joined:
    """An agent's answer to its invitation: its slots, numbered as on its machine, and its folder."""

    slots: tuple[Slot, ...]
    folder: str


@dataclass(frozen=True, slots=True)
class Run:
    """Asks an agent to run a pickled function and its arguments on a slot, for so many seconds at most."""

    call: str
    slot: int
    runtime: str
    payload: bytes
    seconds: float = math.inf


@dataclass(frozen=True, slots=True)
class Kill:
    """Asks an agent to end a call, or, where that is "", the worker of an idle slot."""

    call: str
    slot: int
    runtime: str


@dataclass(frozen=True, slots=True)
class Beat:
    """Tells an agent that its controller is there, and asks what has begun."""


@dataclass(frozen=True, slots=True)
class Leave:
    """Asks an agent to end."""


@dataclass(frozen=True, slots=True)
class Put:
    """Bytes that a function has left on its machine: their name, which version of it, and how many there are."""

    name: str
    version: str
    size: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a call: the pickled result, or error, with what the function has put and its last words."""

    data: bytes
    raised: bool = False
    puts: tuple[Put, ...] = ()
    words: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """A message to an agent, with the number that its reply will have."""

    number: int
    message: Any


@dataclass(frozen=True, slots=True)
class Reply:
    """What an agent answers to a request."""

    number: int
    value: Any
