"""The executor checks pass those that keep the contract, and catch one that breaks it, check by check."""

import os
import subprocess
import sys
import threading
from concurrent.futures import Future
from dataclasses import replace
from functools import partial

import pytest

from automl.plugin_api import (
    ExecutorSpec,
    LocalWorkplace,
    Ref,
    Started,
    discard_locally,
    fetch_locally,
    publish_locally,
    run_locally,
)
from automl.plugin_api.process_memory import used_mb
from automl.testing import _executors, executor_checks, parametrize_with_executor_checks

LEFT = []
"""Processes that a wrong executor leaves behind."""


class InProcess:
    """Runs each function at once."""

    def __init__(self, request):
        self.request = request
        self.place = LocalWorkplace(request.folder)

    def start(self):
        pass

    def slots(self):
        return self.request.slots()

    def publish(self, name, files):
        return publish_locally(name, files)

    def fetch(self, put):
        return fetch_locally(put)

    def discard(self, put):
        discard_locally(put)

    def submit(self, slot, function, *arguments, **more):
        future = Future()
        try:
            future.set_result(function(self.place, *arguments))
        except Exception as error:
            future.set_exception(error)
        return Started(future)

    def kill(self, slot):
        pass

    def memory_mb(self, slot, *, quick=False):
        return None

    def close(self):
        pass


class Processes(InProcess):
    """One process of its own for each slot; which it is nobody is told, nor what it wrote before it died."""

    def start(self):
        self.pools = {}

    def submit(self, slot, function, *arguments, **more):
        return Started(self.hand_over(slot, function, self.place, *arguments))

    def hand_over(self, slot, function, *arguments):
        from loky.process_executor import ProcessPoolExecutor

        worker = self.worker(slot)
        if worker not in self.pools:
            env = self.environment(slot)
            self.pools[worker] = ProcessPoolExecutor(max_workers=1, initializer=self.request.initialize, env=env)
        return self.pools[worker].submit(function, *arguments)

    def worker(self, slot):
        return slot

    def environment(self, slot):
        return {"CUDA_VISIBLE_DEVICES": slot.gpu}

    def kill(self, slot):
        if self.worker(slot) in self.pools:
            self.pools.pop(self.worker(slot)).shutdown(wait=True, kill_workers=True)

    def close(self):
        for pool in self.pools.values():
            pool.shutdown(wait=True, kill_workers=True)


class MeasuresThisProcess(Processes):
    """Tells of each slot what the controller takes."""

    def memory_mb(self, slot, *, quick=False):
        return used_mb([os.getpid()])


class OffersOneTwice(InProcess):
    def slots(self):
        return 2 * self.request.slots()[:1]


class AddsOne(InProcess):
    def submit(self, slot, function, *arguments, **more):
        future = Future()
        future.set_result(function(self.place, *arguments) + 1)
        return Started(future)


class Raises(InProcess):
    def submit(self, slot, function, *arguments, **more):
        future = Future()
        future.set_result(function(self.place, *arguments))
        return Started(future)


class BeganBefore(InProcess):
    """Tells of every function that it began with this process."""

    def submit(self, slot, function, *arguments, **more):
        return replace(super().submit(slot, function, *arguments), began=lambda: 0.0)


class Deaf(Processes):
    """Lets functions write last words, and listens to none."""

    def submit(self, slot, function, *arguments, **more):
        words = self.request.folder / "words"
        return Started(self.hand_over(slot, run_locally, self.request.folder, words, function, *arguments))


class PublishesNames(InProcess):
    """Tells a function how files are called, and not where they lie."""

    def publish(self, name, files):
        return Ref(name, place=tuple((each, each) for each in files))


class KeepsTheFirst(InProcess):
    """Never lets what was put take the place of what was there, and lets nothing go."""

    def __init__(self, request):
        super().__init__(request)
        self.kept = {}

    def fetch(self, put):
        return self.kept.setdefault(put, super().fetch(put))

    def discard(self, put):
        pass


class Threads(InProcess):
    """Runs each function in a thread, which nothing can end."""

    def submit(self, slot, function, *arguments, **more):
        future = Future()
        run = lambda: future.set_result(function(self.place, *arguments))  # noqa: E731
        threading.Thread(target=run, daemon=True).start()
        return Started(future)


class NeverRecovers(Processes):
    def kill(self, slot):
        pass


class ShowsEveryGpu(Processes):
    def environment(self, slot):
        return {"CUDA_VISIBLE_DEVICES": ",".join(self.request.gpus)}


class OneForAllRuntimes(Processes):
    """Has no other worker for models that want to be among themselves."""

    def worker(self, slot):
        return slot.worker("")


class LeavesAProcess(InProcess):
    def start(self):
        LEFT.append(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(20)"]))


def locked(lock, request):
    return InProcess(request)


IN_PROCESS = ExecutorSpec("in_process", InProcess, isolated=False)
WRONG = {
    "check_spec_pickles": ExecutorSpec("wrong", partial(locked, threading.Lock())),
    "check_slots_are_described": ExecutorSpec("wrong", OffersOneTwice, isolated=False),
    "check_functions_run": ExecutorSpec("wrong", AddsOne),
    "check_exceptions_are_values": ExecutorSpec("wrong", Raises),
    "check_began_tells_when_a_function_began": ExecutorSpec("wrong", BeganBefore, isolated=False),
    "check_last_words_are_heard": ExecutorSpec("wrong", Deaf),
    "check_published_files_are_found": ExecutorSpec("wrong", PublishesNames, isolated=False),
    "check_what_was_put_is_fetched_until_it_is_discarded": ExecutorSpec("wrong", KeepsTheFirst, isolated=False),
    "check_slots_are_independent": ExecutorSpec("wrong", InProcess),
    "check_kill_ends_a_function": ExecutorSpec("wrong", Threads),
    "check_worker_death_costs_one_future": ExecutorSpec("wrong", NeverRecovers),
    "check_memory_is_that_of_the_worker": ExecutorSpec("wrong", MeasuresThisProcess),
    "check_workers_are_initialized": ExecutorSpec("wrong", InProcess),
    "check_gpu_slots_see_one_gpu": ExecutorSpec("wrong", ShowsEveryGpu),
    "check_runtimes_have_workers_of_their_own": ExecutorSpec("wrong", OneForAllRuntimes),
    "check_close_leaves_nothing_running": ExecutorSpec("wrong", LeavesAProcess, isolated=False),
}


@parametrize_with_executor_checks([IN_PROCESS])
def test_a_right_executor_passes(check):
    check()


@pytest.mark.slow
@parametrize_with_executor_checks([ExecutorSpec("processes", Processes)])
def test_a_right_isolated_executor_passes(check):
    check()


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_executor_is_caught(name, monkeypatch):
    monkeypatch.setattr(_executors, "SOON", 0.3)
    with pytest.raises(Exception, match=r"\w"):  # an AssertionError, or what the executor itself raises
        dict(executor_checks(WRONG[name]))[name]()
    for process in LEFT:
        process.kill()
        process.wait()


def test_what_only_isolation_can_survive_is_not_asked_of_others():
    names = dict(executor_checks(IN_PROCESS))
    assert "check_kill_ends_a_function" not in names
    assert "check_worker_death_costs_one_future" not in names


def test_every_check_has_a_wrong_executor():
    assert {check.__name__ for check in _executors.CHECKS} == {*WRONG, "check_import_is_light"}
