"""Workers start in whatever process there is, and it is afterwards as it was."""

import io
import multiprocessing
import subprocess
import sys

import pytest

from automl.plugin_api import ExecutorRequest
from automl_builtins.executors._starting import able_to_start, open_descriptors, refuse_other_programs
from automl_builtins.executors.process_slots import PROCESS_SLOTS
from tests.submitting import submit


class Odd:
    """A stream of a program's own, without what it was not asked for."""

    def write(self, text):
        return len(text)


def closed():
    stream = io.StringIO()
    stream.close()
    return stream


def test_a_daemonic_process_without_streams_starts_workers(monkeypatch):
    config = multiprocessing.current_process()._config
    monkeypatch.setitem(config, "daemon", True)
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    executor = PROCESS_SLOTS.build(ExecutorRequest(1, 1))
    try:
        executor.start()
        assert submit(executor, 0, len, "abc").result(60) == 3
    finally:
        executor.close()
    assert config["daemon"] is True
    assert sys.stdout is None


@pytest.mark.parametrize("stream", [None, closed(), Odd()], ids=["none", "closed", "odd"])
def test_a_stream_that_cannot_be_flushed_is_stood_in_for_and_comes_back(monkeypatch, stream):
    monkeypatch.setattr(sys, "stderr", stream)
    usual = sys.stdout
    with able_to_start():
        sys.stderr.flush()
        assert sys.stdout is usual
    assert sys.stderr is stream


def test_a_process_that_may_have_children_is_left_as_it_is():
    config = multiprocessing.current_process()._config
    before = dict(config)
    with able_to_start():
        assert config == before


def test_closed_descriptors_lead_nowhere_before_a_pipe_takes_their_numbers():
    code = (
        "import os\nos.close(0)\nos.close(2)\n"
        "from automl_builtins.executors._starting import open_descriptors\nopen_descriptors()\n"
        "os.write(2, b'lost')\nprint(min(os.pipe()), [os.get_inheritable(each) for each in (0, 2)])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.stdout.split(maxsplit=1)[1], done.stderr) == ("[True, True]\n", "")
    assert int(done.stdout.split()[0]) > 2


def test_open_descriptors_are_left_alone(capfd):
    open_descriptors()
    print("still here", flush=True)
    assert "still here" in capfd.readouterr().out


@pytest.mark.parametrize(("name", "value"), [("frozen", True), ("executable", None), ("executable", "")])
def test_a_program_that_is_no_python_is_refused(monkeypatch, name, value):
    monkeypatch.setattr(sys, name, value, raising=False)
    with pytest.raises(RuntimeError, match="no Python"):
        refuse_other_programs()
