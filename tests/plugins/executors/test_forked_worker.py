"""A forked worker begins with what its template has imported, and is otherwise a process like any other."""

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures.process import BrokenProcessPool
from pickle import PicklingError

import psutil
import pytest

from automl.plugin_api import Stage, WorkerEndedError
from automl_builtins.executors._forked_worker import BranchedTemplate, ForkedWorker, Template, can_fork

pytestmark = pytest.mark.skipif(not can_fork(), reason="workers are forked on Linux alone")
SOON = 30.0
MODULE, OTHER_MODULE = "colorsys", "this"
"""Small, and imported by nobody else."""


class PickyError(Exception):
    """Cannot be made of what it is pickled to."""

    def __init__(self, left, right):
        super().__init__(f"{left} and {right}")


def picky():
    raise PickyError("one", "two")


def has_imported(name):
    return name in sys.modules


def a_lock():
    return threading.Lock()


def sleep_in_a_child():
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"])
    time.sleep(1000)
    return child


def random_numbers():
    import numpy as np

    return float(np.random.rand())


def variable(name):
    return os.environ.get(name)


def warm_up():
    import numpy as np  # noqa: F401

    os.environ["WARMED"] = "yes"


@pytest.fixture(scope="module")
def template():
    made = Template({"OMP_NUM_THREADS": "1"}, warm_up, (MODULE, "there_is_no_such_module"))
    yield made
    made.close()


@pytest.fixture
def worker(template):
    made = ForkedWorker(template, {"OWN": "mine"})
    yield made
    made.close()


def result(worker, function, *arguments):
    return worker.submit(function, *arguments).result(SOON)


def test_it_has_what_the_template_has_imported_and_an_environment_of_its_own(worker):
    assert result(worker, has_imported, MODULE)
    assert [result(worker, variable, name) for name in ("OMP_NUM_THREADS", "OWN", "WARMED")] == ["1", "mine", "yes"]
    assert result(worker, os.getpid) == worker.processes()[0] != os.getpid()


def test_two_of_them_draw_other_random_numbers(template, worker):
    other = ForkedWorker(template, {})
    try:
        assert result(worker, random_numbers) != result(other, random_numbers)
    finally:
        other.close()


def test_what_cannot_be_pickled_is_an_error_of_the_call_alone(worker):
    assert isinstance(worker.submit(len, threading.Lock()).exception(SOON), PicklingError)
    assert isinstance(worker.submit(a_lock).exception(SOON), TypeError)
    assert result(worker, len, "abc") == 3


def test_an_exception_that_cannot_be_made_again_keeps_its_words_and_every_one_its_traceback(worker):
    error = worker.submit(picky).exception(SOON)
    assert (type(error), str(error).split(": ", 1)[1]) == (RuntimeError, "one and two")
    assert "in picky" in str(error.__cause__)
    assert isinstance(worker.submit(int, "x").exception(SOON), ValueError)


def test_large_arguments_and_results_pass(worker):
    data = os.urandom(8 << 20)
    assert result(worker, bytes.upper, data) == data.upper()


@pytest.mark.parametrize(
    ("death", "told"),
    [((os._exit, 3), "EXIT(3)"), ((os.abort,), "SIGABRT(-6)"), ((signal.raise_signal, 9), "SIGKILL(-9)")],
)
def test_its_death_is_told_with_how_it_ended_and_it_takes_nothing_more(worker, death, told):
    running, waiting = worker.submit(*death), worker.submit(len, "abc")
    for each in (running, waiting):
        error = each.exception(SOON)
        assert (type(error), error.stage, error.cause) == (
            WorkerEndedError,
            Stage.WORKER,
            f"the worker died with {told}",
        )
    with pytest.raises(BrokenProcessPool):
        worker.submit(len, "abc")
    assert worker.processes() == ()


def test_one_that_dies_while_idle_is_noticed_by_the_next_call(worker):
    pid = result(worker, os.getpid)
    os.kill(pid, signal.SIGKILL)
    psutil.wait_procs([psutil.Process(pid)], timeout=0.5)  # it stays, as a zombie, until its template is asked
    with pytest.raises(BrokenProcessPool):
        worker.submit(len, "abc")


def test_killing_ends_what_it_has_started_and_leaves_no_zombie(worker):
    pid = result(worker, os.getpid)
    sleeping = worker.submit(sleep_in_a_child)
    until = time.monotonic() + SOON
    while not (children := psutil.Process(pid).children()) and time.monotonic() < until:
        time.sleep(0.02)
    worker.kill().join(SOON)
    assert isinstance(sleeping.exception(SOON), WorkerEndedError)
    assert not psutil.pid_exists(pid)
    assert len(children) == 1
    psutil.wait_procs(children, timeout=SOON)
    assert not any(each.is_running() and each.status() != psutil.STATUS_ZOMBIE for each in children)


def test_one_that_is_killed_before_it_is_up_is_gone(template):
    worker = ForkedWorker(template, {})
    call = worker.submit(len, "abc")
    worker.kill().join(SOON)
    assert call.done()
    assert worker.processes() == ()


def test_a_template_that_dies_of_an_import_does_without_it(tmp_path, monkeypatch):
    (tmp_path / "breaks_all.py").write_text("import os\nos.abort()\n")
    monkeypatch.syspath_prepend(tmp_path)
    template = Template({}, warm_up, (MODULE, "breaks_all"))
    try:
        workers = [ForkedWorker(template, {}) for _ in range(2)]
        assert [result(each, has_imported, MODULE) for each in workers] == [False, False]
        assert [result(each, variable, "WARMED") for each in workers] == ["yes", "yes"]
    finally:
        template.close()


def test_a_template_that_is_killed_takes_its_workers_along_and_the_next_ones_have_another():
    template = Template({}, None, ())
    try:
        worker = ForkedWorker(template, {})
        before = psutil.Process(result(worker, os.getpid)).ppid()
        sleeping = worker.submit(time.sleep, 1000)
        os.kill(before, signal.SIGKILL)
        assert isinstance(sleeping.exception(SOON), WorkerEndedError)
        after = psutil.Process(result(ForkedWorker(template, {}), os.getpid)).ppid()
        assert after != before
    finally:
        template.close()


@pytest.fixture
def branch(template):
    made = BranchedTemplate(template, {"SEES": "nothing"}, (OTHER_MODULE,))
    yield made
    made.close()


def test_a_branched_template_imports_more_for_its_workers_and_for_no_others(template, branch, worker):
    first, second = ForkedWorker(branch, {"OWN": "mine"}), ForkedWorker(branch, {})
    try:
        for each in (first, second):
            assert [result(each, has_imported, name) for name in (MODULE, OTHER_MODULE)] == [True, True]
        assert [result(first, variable, name) for name in ("WARMED", "SEES", "OWN")] == ["yes", "nothing", "mine"]
        assert not result(worker, has_imported, OTHER_MODULE)
        assert first.submit(os._exit, 3).exception(SOON).cause == "the worker died with EXIT(3)"
        assert result(second, len, "abc") == 3
    finally:
        first.close()
        second.close()


def test_a_branched_template_that_dies_of_its_imports_does_without_them(template, tmp_path, monkeypatch):
    (tmp_path / "dies_at_once.py").write_text("import os\nos._exit(1)\n")
    monkeypatch.syspath_prepend(tmp_path)
    made = Template({}, warm_up, ())
    branch = BranchedTemplate(made, {}, ("dies_at_once",))
    worker = ForkedWorker(branch, {})
    try:
        assert result(worker, len, "abc") == 3
        assert not branch.of_no_use
    finally:
        worker.close()
        branch.close()
        made.close()


def test_templates_end_what_was_branched_of_them():
    made = Template({}, None, ())
    branch = BranchedTemplate(made, {}, ())
    worker = ForkedWorker(branch, {})
    parent = psutil.Process(result(worker, os.getppid))
    assert parent.ppid() == made._process.pid
    worker.close()
    branch.close()
    made.close()
    assert not parent.is_running()
