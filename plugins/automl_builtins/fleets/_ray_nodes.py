"""Ray nodes: one actor on each that takes what is free there, and hears questions."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from automl.plugin_api import Machine
from automl_builtins.fleets._calls import fail
from automl_builtins.fleets._ray_side import MOST_CALLS, Answering
from automl_builtins.fleets._relay import HolderError

START_SECONDS = 30.0
"""How long an actor may take to come up before what is free on its node is counted again."""


@dataclass(slots=True)
class Place:
    """An actor on a node: what it has taken there, whether it has come up, and whether it never will."""

    name: str
    actor: Any
    cores: int
    gpus: int
    up_once: Any
    until_end: Any
    asked: float = field(default_factory=time.monotonic)
    up: bool = False
    broken: bool = False


class Nodes:
    """The nodes of the cluster that this process is connected to."""

    def __init__(self, most_slots: int | None) -> None:
        """Ask the cluster's autoscaler, where there is one, for what is wanted."""
        self._most_slots = most_slots
        self._places: dict[str, Place] = {}
        _wish(most_slots or 1)

    def look(self) -> Mapping[str, Machine]:
        """Return the nodes that have processors; take what is free on new ones."""
        import ray
        from ray._private.state import available_resources_per_node

        alive = {node["NodeID"]: node for node in ray.nodes() if node["Alive"] and node["Resources"].get("CPU")}
        free = available_resources_per_node()
        for node in [each for each in self._places if each not in alive]:
            self._give_up(node)
        left = (self._most_slots or sys.maxsize) - sum(each.cores for each in self._places.values())
        for node in alive:
            if node not in self._places:
                left -= self._take(node, free.get(node, {}), left)
            self._see(node)
        found = [_machine(node, self._places.get(key)) for key, node in alive.items()]
        return {each.name: each for each in found}

    def ask(self, machine: str, question: bytes) -> Future[bytes]:
        """Have a node's actor answer."""
        place = self._place(machine)
        return _told(place, place.actor.answer.remote(question).future())

    def hand_over(self, giver: str, machine: str, reading: bytes, writing: bytes) -> Future[bytes]:
        """Have a node's actor write what another reads; what either answers goes from node to node."""
        taker = self._place(machine)
        try:
            read_there = self._place(giver).actor.answer.remote(reading)
        except ConnectionError as error:
            raise HolderError(giver) from error
        return _told(taker, taker.actor.take_over.remote([read_there], writing).future())

    def close(self) -> None:
        """End our actors."""
        import ray

        for place in self._places.values():
            with suppress(Exception):
                ray.kill(place.actor)
        _wish(0)

    def _place(self, machine: str) -> Place:
        place = next((each for each in tuple(self._places.values()) if each.name == machine), None)
        if place is None:
            raise ConnectionError(f"the machine {machine} is gone")
        return place

    def _take(self, node: str, free: Mapping[str, float], left: int) -> int:
        """Have an actor take what is free on a node; return how many processors that is."""
        import ray
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        cores, gpus = min(int(free.get("CPU", 0)), left), int(free.get("GPU", 0))
        if cores < 1:
            return 0
        options = ray.remote(Answering).options(
            num_cpus=cores,
            num_gpus=gpus,
            max_concurrency=MOST_CALLS,
            max_restarts=0,
            max_task_retries=0,
            scheduling_strategy=NodeAffinitySchedulingStrategy(node, soft=False),
        )
        actor = options.remote()
        waits = actor.ready.remote(), actor.stay.remote()
        self._places[node] = Place(f"{node[:12]} {uuid4().hex[:6]}", actor, cores, gpus, *waits)
        return cores

    def _see(self, node: str) -> None:
        """Look whether a node's actor has come up, or has ended; one that has, makes way for another."""
        import ray

        place = self._places.get(node)
        if place is None or place.broken:
            return
        done, _ = ray.wait([place.up_once, place.until_end], num_returns=2, timeout=0)
        ended = place.until_end in done
        place.broken = ended and not place.up  # as where this package is missing there; each call will say so
        place.up = place.up or (place.up_once in done and not ended)
        late = not place.up and time.monotonic() - place.asked > START_SECONDS
        if not place.broken and (ended or late):
            self._give_up(node)

    def _give_up(self, node: str) -> None:
        import ray

        with suppress(Exception):
            ray.kill(self._places.pop(node).actor)


def _machine(node: Mapping[str, Any], place: Place | None) -> Machine:
    memory = node["Resources"].get("memory")
    here = place is not None and (place.up or place.broken)
    return Machine(
        place.name if place else str(node["NodeID"])[:12],
        str(node["NodeManagerAddress"]),
        cores=place.cores if place and here else 0,
        memory_mb=memory / 2**20 if memory else None,
        gpus=place.gpus if place else 0,
    )


def _told(place: Place, answer: Future[bytes]) -> Future[bytes]:
    """Return a future that fails with a ConnectionError where the actor is gone, and says why it never came up."""
    told: Future[bytes] = Future()

    def take(future: Future[bytes]) -> None:
        from ray.exceptions import RayActorError

        error = future.exception()
        if error is None:
            told.set_result(future.result())
        elif isinstance(error, RayActorError) and not place.broken:
            fail(told, ConnectionError(f"its actor has ended ({type(error).__name__})"))
        else:
            fail(told, RuntimeError(f"{type(error).__name__}: {error}"))

    answer.add_done_callback(take)
    return told


def _wish(cores: int) -> None:
    """Have the autoscaler see to it that so many processors are there."""
    from ray.autoscaler.sdk import request_resources

    with suppress(Exception):  # most clusters have none
        request_resources(num_cpus=cores)
