"""A fleet without an engine: machines that are threads and folders of their own, with faults to switch on."""

import threading
import time
from concurrent.futures import Future
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass, field, replace
from pathlib import Path

import cloudpickle

from automl.errors import OptionError
from automl.fleet import agents_here
from automl.fleet.agents_here import start_agent
from automl.fleet.find_executor import find_executor
from automl.fleet.greeting import greet
from automl.fleet.table_store import HERE, keep_part
from automl.plugin_api import ExecutorRequest, FleetSpec, Machine, hookimpl
from automl.registry import discover
from automl_builtins.fleets._relay import HolderError, Relay

CLUSTERS = {}
"""By the address that stands behind "fake:"."""


@dataclass
class FakeMachine:
    """What its cluster says of it, where its files lie, and what is wrong with it."""

    name: str
    folder: Path
    cores: int = 1
    host: str = ""
    memory_mb: float | None = 2_000.0
    comes_after: float = 0.0
    """Seconds after the fleet is opened."""
    bytes_a_second: float = float("inf")
    lacks: tuple = ()
    """Modules that are not installed there."""
    python: str = ""
    versions: dict = field(default_factory=dict)
    full_disk: bool = False
    holds: set = field(default_factory=set)
    """Names of functions that it does not come to do."""
    gone: bool = False
    speaks: threading.Event = field(default_factory=threading.Event)
    """Cleared, it neither hears nor answers."""
    sessions: list = field(default_factory=list)
    received: int = 0
    """Bytes of tables."""
    calls: list = field(default_factory=list)
    """Names of the functions that were called there."""

    def __post_init__(self):
        self.host = self.host or self.name
        self.speaks.set()
        self.folder.mkdir(exist_ok=True)


class FakeCluster:
    """Some machines, and whether anybody says who is there."""

    def __init__(self, address, folder, *machines, refuses="", **common):
        self.machines = {name: FakeMachine(name, folder / name, **common) for name in machines}
        self.refuses, self.headless, self.opened = refuses, "", None
        self.is_open = False
        self.sent = 0
        """Bytes of tables that have gone over the controller's link."""
        CLUSTERS[address] = self

    def __getitem__(self, name):
        return self.machines[name]

    def lose(self, name):
        """Take a machine's plug out."""
        machine = self.machines[name]
        machine.gone = True
        for session in machine.sessions:
            agent = agents_here.agents().get(session)
            if agent is not None:
                agent.process.kill()

    def agents(self):
        """Return the processes of all agents that were started here."""
        found = [agents_here.agents().get(session) for each in self.machines.values() for session in each.sessions]
        return [each.process for each in found if each is not None]


class FakeFleet:
    """Calls functions in threads, with nothing shared but what is pickled."""

    def __init__(self, request):
        self.cluster = CLUSTERS[request.address]
        self.request = request

    def open(self):
        if self.cluster.refuses:
            raise OptionError(self.cluster.refuses)
        self.cluster.is_open, self.cluster.opened = True, time.monotonic()

    def machines(self):
        if self.cluster.headless:
            raise ConnectionError(self.cluster.headless)
        up = time.monotonic() - self.cluster.opened
        there = [each for each in self.cluster.machines.values() if not each.gone and each.comes_after <= up]
        return {each.name: Machine(each.name, each.host, each.cores, each.memory_mb) for each in there}

    def call(self, machine, function, *arguments):
        return self.work(self.cluster.machines[machine], function, cloudpickle.dumps(arguments))

    def work(self, machine, function, sent):
        future = Future()
        machine.calls.append(function.__name__)
        context = copy_context()
        context.run(HERE.set, machine.folder)
        threading.Thread(target=context.run, args=(work, machine, function, sent, future), daemon=True).start()
        return future

    def spread(self, chunk, write, read, *arguments, there=()):
        def send(machine):
            data = chunk()
            self.cluster.sent += len(data)
            return take(machine, data)

        def pass_on(giver, machine):
            giving, context = self.cluster.machines[giver], copy_context()
            context.run(HERE.set, giving.folder)
            try:
                if giving.gone:
                    raise ConnectionError(f"{giver} is gone")
                data = context.run(read, *arguments)
            except Exception as error:
                raise HolderError(giver) from error
            return take(machine, data)

        def take(machine, data):
            taking = self.cluster.machines[machine]
            taking.received += len(data)
            return self.work(taking, write, cloudpickle.dumps((data, *arguments)))

        return Relay(send, pass_on, there)

    def close(self):
        self.cluster.is_open = False


def work(machine, function, sent, future):
    """Do what a machine was asked for, as far as its faults allow."""
    try:
        time.sleep(len(sent) / machine.bytes_a_second)
        if machine.gone:
            raise ConnectionError(f"{machine.name} is gone")
        machine.speaks.wait()
        while function.__name__ in machine.holds and not machine.gone:
            time.sleep(0.05)
        if machine.full_disk and function is keep_part:
            raise OSError(28, "No space left on device")
        arguments = cloudpickle.loads(sent)
        found = function(*arguments)
        if function is start_agent:
            machine.sessions.append(arguments[0])
        if function is greet:
            found = replace(
                found,
                missing=found.missing | set(machine.lacks),
                python=machine.python or found.python,
                versions={**found.versions, **machine.versions},
            )
        data = cloudpickle.dumps(found)
        time.sleep(len(data) / machine.bytes_a_second)
        machine.speaks.wait()
        if machine.gone:
            raise ConnectionError(f"{machine.name} is gone")
        future.set_result(cloudpickle.loads(data))
    except BaseException as error:
        future.set_exception(error)


FAKE = FleetSpec("fake", FakeFleet)


class OffersFake:
    """The fleet, as a plugin."""

    @hookimpl
    def automl_fleets(self):
        return [FAKE]


@contextmanager
def running(address, folder, **request):
    """Run functions on a cluster, without a search."""
    folder = folder / "controller"
    folder.mkdir()
    registry = discover([OffersFake()])
    request = ExecutorRequest(1, 1, folder=folder, **{"patience": 60.0, **request})
    executor = find_executor(registry, f"fake:{address}").build(request)
    try:
        executor.start()
        yield executor
    finally:
        executor.close()


def until(condition, seconds=30.0):
    """Wait until a condition holds, and tell whether it does."""
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.05)
    return bool(condition())
