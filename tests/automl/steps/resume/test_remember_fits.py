"""A fit that is in the log is not made again; one that is made is written down before it is handed on."""

from concurrent.futures import Future

import pytest

from automl.plugin_api import Started
from automl.plugin_api.local_work import LocalWorkplace, fetch_locally
from automl.steps.resume import remember_fits
from automl.steps.resume.log_folds import FoldLog
from automl.steps.resume.remember_fits import RememberingExecutor, remembered_fit
from tests.automl.steps.resume.jobs import made_in


class Waiting:
    """An executor whose futures the test ends, and which keeps what is put on this machine."""

    fetch = staticmethod(fetch_locally)

    def __init__(self):
        self.futures = []

    def submit(self, slot, function, *arguments, **more):
        self.futures.append(Future())
        return Started(self.futures[-1], began=lambda: 12.5, last_words=lambda: "at work")


def at_work(workplace, job):
    """Stand for a fit."""


@pytest.fixture
def made(tmp_path):
    return made_in(tmp_path)


@pytest.fixture
def log(tmp_path):
    return FoldLog(tmp_path)


def test_a_known_fit_is_done_at_once_and_reaches_no_worker(made, log, tmp_path):
    log.add(made.job, made.result, fetch_locally)
    inner = Waiting()
    future = RememberingExecutor(inner, FoldLog(tmp_path)).submit(0, at_work, made.job).future
    assert future.done()
    assert future.result().candidate_id == made.result.candidate_id
    assert inner.futures == []


def test_what_comes_back_is_in_the_log_before_anybody_sees_it(made, log, tmp_path):
    inner, seen = Waiting(), []
    future = RememberingExecutor(inner, log).submit(0, at_work, made.job).future
    future.add_done_callback(lambda done: seen.append(FoldLog(tmp_path).knows(made.job)))
    assert not future.done()
    inner.futures[0].set_result(made.result)
    assert future.result().candidate_id == made.result.candidate_id
    assert seen == [True]


def test_other_work_passes_by_the_log(log, tmp_path):
    inner = Waiting()
    started = RememberingExecutor(inner, log).submit(1, len, "word")
    inner.futures[0].set_result(4)
    assert started.future.result() == 4
    assert (started.began(), started.last_words()) == (12.5, "at work")
    assert len(FoldLog(tmp_path)) == 0


def test_what_breaks_or_is_cancelled_is_handed_on_as_such(made, log):
    inner = Waiting()
    executor = RememberingExecutor(inner, log)
    broken, cancelled = (executor.submit(0, at_work, made.job).future for _ in range(2))
    inner.futures[0].set_exception(OSError("gone"))
    inner.futures[1].cancel()
    inner.futures[1].set_running_or_notify_cancel()
    with pytest.raises(OSError, match="gone"):
        broken.result()
    assert cancelled.cancelled()
    assert not log.knows(made.job)


def test_a_fit_in_this_process_is_made_once(made, log, monkeypatch, tmp_path):
    fits = []
    monkeypatch.setattr(remember_fits, "fit_fold", lambda workplace, job: fits.append(job) or made.result)
    assert remembered_fit(LocalWorkplace(), made.job, None) is made.result
    assert remembered_fit(LocalWorkplace(), made.job, log).candidate_id == made.result.candidate_id
    assert remembered_fit(LocalWorkplace(), made.job, FoldLog(tmp_path)).candidate_id == made.result.candidate_id
    assert len(fits) == 2
