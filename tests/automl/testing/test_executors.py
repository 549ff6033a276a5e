"""The executor checks pass those that keep the contract, and catch one that breaks it, check by check."""

import subprocess
import sys
import threading
from concurrent.futures import Future
from functools import partial

import pytest

from automl.plugin_api import ExecutorSpec
from automl.testing import _executors, executor_checks, parametrize_with_executor_checks

LEFT = []
"""Processes that a wrong executor leaves behind."""


class InProcess:
    """Runs each function at once."""

    def __init__(self, request):
        self.request = request

    def start(self):
        pass

    def submit(self, slot, function, *arguments):
        future = Future()
        try:
            future.set_result(function(*arguments))
        except Exception as error:
            future.set_exception(error)
        return future

    def kill(self, slot):
        pass

    def processes(self, slot):
        return ()

    def close(self):
        pass


class Processes(InProcess):
    """One process of its own for each slot."""

    def start(self):
        self.pools = {}

    def submit(self, slot, function, *arguments):
        from loky.process_executor import ProcessPoolExecutor

        if slot not in self.pools:
            self.pools[slot] = ProcessPoolExecutor(max_workers=1, initializer=self.request.initialize)
        return self.pools[slot].submit(function, *arguments)

    def kill(self, slot):
        if slot in self.pools:
            self.pools.pop(slot).shutdown(wait=True, kill_workers=True)

    def processes(self, slot):
        return tuple(self.pools[slot]._processes)

    def close(self):
        for slot in list(self.pools):
            self.kill(slot)


class NamesAnother(Processes):
    def processes(self, slot):
        return (1,)


class AddsOne(InProcess):
    def submit(self, slot, function, *arguments):
        future = Future()
        future.set_result(function(*arguments) + 1)
        return future


class Raises(InProcess):
    def submit(self, slot, function, *arguments):
        future = Future()
        future.set_result(function(*arguments))
        return future


class Threads(InProcess):
    """Runs each function in a thread, which nothing can end."""

    def submit(self, slot, function, *arguments):
        future = Future()
        thread = threading.Thread(target=lambda: future.set_result(function(*arguments)), daemon=True)
        thread.start()
        return future


class NeverRecovers(Processes):
    def kill(self, slot):
        pass

    def close(self):
        for slot in list(self.pools):
            super().kill(slot)


class LeavesAProcess(InProcess):
    def start(self):
        LEFT.append(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(20)"]))


def locked(lock, request):
    return InProcess(request)


IN_PROCESS = ExecutorSpec("in_process", InProcess, isolated=False)
WRONG = {
    "check_spec_pickles": ExecutorSpec("wrong", partial(locked, threading.Lock())),
    "check_functions_run": ExecutorSpec("wrong", AddsOne),
    "check_exceptions_are_values": ExecutorSpec("wrong", Raises),
    "check_slots_are_independent": ExecutorSpec("wrong", InProcess),
    "check_kill_ends_a_function": ExecutorSpec("wrong", Threads),
    "check_worker_death_costs_one_future": ExecutorSpec("wrong", NeverRecovers),
    "check_processes_are_those_that_run_the_functions": ExecutorSpec("wrong", NamesAnother),
    "check_workers_are_initialized": ExecutorSpec("wrong", InProcess),
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
