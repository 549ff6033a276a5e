"""Workers where processes can be started, this process where they cannot."""

from pathlib import Path

import pytest

from automl.errors import PluginError
from automl.plugin_api import ExecutorSpec
from automl.registry import discover
from automl.steps.trials.bring_up import running_executor
from automl.vocabulary.settings import SearchSettings
from tests.submitting import submit


class Broken:
    """An executor that cannot start."""

    closed = 0

    def __init__(self, error):
        self._error = error

    def start(self):
        raise self._error

    def close(self):
        Broken.closed += 1

    def slots(self):
        return ()

    submit = publish = fetch = discard = kill = memory_mb = slots


def bring_up(error, isolated=True):
    registry = discover()
    registry.executors["broken"] = ExecutorSpec("broken", lambda request: Broken(error), isolated=isolated)
    return running_executor(SearchSettings(executor="broken", n_jobs=3), registry, Path("nowhere"))


@pytest.mark.parametrize(
    "error",
    [
        OSError(38, "Function not implemented"),
        ImportError("no semaphores"),
        RuntimeError("can't start new thread"),
        NotImplementedError("too few semaphores"),
    ],
)
def test_where_no_process_can_be_started_fits_run_in_this_one_and_a_note_says_why(error):
    closed = Broken.closed
    with bring_up(error) as (executor, assignment):
        assert submit(executor, 0, len, "abc").result(0) == 3
    assert Broken.closed == closed + 1
    assert assignment.n_slots == 1
    assert assignment.executor.name == "in_process"
    assert str(error) in assignment.note


@pytest.mark.parametrize("error", [KeyboardInterrupt(), TypeError("a bug")])
def test_other_errors_go_through_once_the_executor_is_closed(error):
    closed = Broken.closed
    with pytest.raises(type(error)), bring_up(error):
        pass
    assert Broken.closed == closed + 1


def test_an_executor_in_this_process_that_cannot_start_has_none_to_stand_in():
    with pytest.raises(OSError, match="full"), bring_up(OSError("full"), isolated=False):
        pass


def test_an_executor_of_an_earlier_contract_is_told_what_it_lacks():
    class Earlier:
        def start(self): ...

        def submit(self, slot, function, *arguments, **more): ...

        def kill(self, slot): ...

        def close(self): ...

    registry = discover()
    registry.executors["earlier"] = ExecutorSpec("earlier", lambda request: Earlier(), isolated=True)
    workers = running_executor(SearchSettings(executor="earlier", n_jobs=1), registry, Path("nowhere"))
    with pytest.raises(PluginError, match="'earlier' has no slots, publish, fetch, discard, memory_mb"), workers:
        pass
