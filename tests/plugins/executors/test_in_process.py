"""The in-process executor keeps the executor's promises that it can keep."""

import os

import pytest

from automl.plugin_api import ExecutorRequest
from automl_builtins.executors.in_process import IN_PROCESS
from tests.submitting import submit


def fails():
    raise KeyError("gone")


@pytest.fixture
def executor():
    made = IN_PROCESS.build(ExecutorRequest(1, 1))
    made.start()
    yield made
    made.close()


def test_a_function_runs_at_once_in_this_process(executor):
    future = submit(executor, 0, os.getpid)
    assert future.done()
    assert future.result() == os.getpid()


def test_what_a_function_raises_is_in_the_future(executor):
    assert isinstance(submit(executor, 0, fails).exception(), KeyError)


def test_a_function_that_exits_does_not_end_this_process(executor):
    assert isinstance(submit(executor, 0, os.sys.exit, 3).exception(), SystemExit)


def test_ctrl_c_goes_through(executor):
    def interrupt():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        submit(executor, 0, interrupt)


def test_a_kill_leaves_the_slot_in_order(executor):
    executor.kill(executor.slots()[0])
    assert submit(executor, 0, len, "abc").result() == 3


def test_it_says_that_nothing_is_isolated():
    assert not IN_PROCESS.isolated
