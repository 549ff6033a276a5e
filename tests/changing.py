"""An executor whose machines come and go: threads that stand for hosts, which are lost when a test says so."""

import math
import threading
from concurrent.futures import Future
from dataclasses import dataclass, field

from automl.plugin_api import (
    ExecutorSpec,
    LocalWorkplace,
    Slot,
    Stage,
    Started,
    WorkerEndedError,
    discard_locally,
    fetch_locally,
    hookimpl,
    publish_locally,
)

ONE_AT_A_TIME = threading.Lock()
"""Fits take turns, since each sets global state of its process."""


@dataclass
class Changing:
    """Runs functions in threads; `offered` is what there is now, `begins` is called with each slot that begins."""

    offered: list
    folder: object = None
    begins: object = None
    running: dict = field(default_factory=dict)
    killed: list = field(default_factory=list)
    told: tuple = ()

    def start(self):
        pass

    def slots(self):
        return tuple(self.offered)

    def submit(self, slot, function, *arguments, seconds=math.inf):
        future = Future()
        self.running[slot.number] = future
        threading.Thread(target=self.run, args=(slot, future, function, arguments), daemon=True).start()
        if self.begins is not None:
            self.begins(slot)
        return Started(future)

    def run(self, slot, future, function, arguments):
        with ONE_AT_A_TIME:
            if future.done():  # its machine is gone
                return
            result = function(LocalWorkplace(self.folder), *arguments)
        if not future.done():
            future.set_result(result)

    def lose(self, host):
        gone = [slot for slot in self.offered if slot.host == host]
        self.offered = [slot for slot in self.offered if slot.host != host]
        for slot in gone:
            future = self.running.get(slot.number)
            if future is not None and not future.done():
                future.set_exception(WorkerEndedError(Stage.MACHINE, f"the machine {host} is lost"))

    def publish(self, name, files):
        return publish_locally(name, files)

    def fetch(self, put):
        return fetch_locally(put)

    def discard(self, put):
        discard_locally(put)

    def kill(self, slot):
        self.killed.append(slot)

    def memory_mb(self, slot, *, quick=False):
        return None

    def close(self):
        pass

    def notes(self):
        return self.told


def slots_of(host, n_slots, first=0, **more):
    """Return the slots of a machine."""
    return [Slot(number, host=host, **{"memory_mb": 8000.0, **more}) for number in range(first, first + n_slots)]


class OffersChanging:
    """The executor, as a plugin: `offered` is what there is at first, and `begins` as in `Changing`, called with it."""

    def __init__(self, offered, begins=None):
        self.offered, self.begins, self.made = offered, begins, None

    def build(self, request):
        self.made = Changing(list(self.offered), request.folder)
        if self.begins is not None:
            self.made.begins = lambda slot: self.begins(self.made, slot)
        return self.made

    @hookimpl
    def automl_executors(self):
        return [ExecutorSpec("changing", self.build)]
