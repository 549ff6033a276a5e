"""Every finished fit is in the log at once; what is torn, changed or gone is fitted again, and nothing else."""

import errno
from dataclasses import replace

import numpy as np
import pytest

from automl.plugin_api.local_work import fetch_locally
from automl.steps.fit.fit_fold import ALL_ROWS
from automl.steps.resume.log_folds import LOG, FoldLog
from automl.vocabulary.refs import Ref
from automl.vocabulary.results import Failure, FoldResult
from automl.vocabulary.states import Lack, Stage
from tests.automl.steps.resume.jobs import job, made_in


@pytest.fixture
def kept(tmp_path):
    """A folder in which two folds of one candidate and one of another were fitted."""
    log = FoldLog(tmp_path)
    for fold, number in ((0, 1), (0, 2), (1, 1)):
        made = made_in(tmp_path, fold, number)
        log.add(made.job, made.result, fetch_locally)
    return tmp_path


def test_a_later_search_finds_what_came_of_a_fit(kept):
    log = FoldLog(kept)
    found = log.recall(job(1, 1))
    assert isinstance(found, FoldResult)
    np.testing.assert_array_equal(found.predictions, np.full((3, 1), 1.1, np.float32))
    assert (found.seconds, found.member.path) == (1.5, str(kept / f"{found.candidate_id}-1.member"))
    assert (len(log), log.n_recalled) == (3, 1)


@pytest.mark.parametrize("other", [{"fold": 2}, {"number": 3}, {"rows_share": 0.5}, {"fixed": {"rounds": 3}}], ids=str)
def test_another_fit_is_not_known(kept, other):
    log, asked = FoldLog(kept), job(**{"fold": 1, "number": 1, **other})
    assert not log.knows(asked)
    assert log.recall(asked) is None


def test_candidates_come_in_the_order_in_which_they_were_begun_without_fits_on_all_rows(kept):
    log, again = FoldLog(kept), made_in(kept, ALL_ROWS, 1)
    log.add(again.job, again.result, fetch_locally)
    found = FoldLog(kept).candidates()
    assert [[line.result.fold for line in each] for each in found] == [[0, 1], [0]]
    proposal = found[1][0].proposal
    assert (proposal.model, proposal.params, proposal.seed, proposal.origin) == ("linear", {"number": 2}, 3, "random")


def test_a_torn_line_costs_its_fit_alone_and_the_next_one_begins_anew(kept):
    path = kept / LOG
    path.write_bytes(path.read_bytes()[:-20])
    log, made = FoldLog(kept), made_in(kept, 2, 2)
    assert [log.knows(job(*each)) for each in ((0, 1), (0, 2), (1, 1))] == [True, True, False]
    log.add(made.job, made.result, fetch_locally)
    assert FoldLog(kept).knows(made.job)
    assert len(FoldLog(kept)) == 3


def test_a_changed_line_or_file_costs_its_fit_alone(kept):
    path = kept / LOG
    first, *rest = path.read_bytes().split(b"\n")
    path.write_bytes(b"\n".join([first.replace(b"1.5", b"9.5"), *rest]))
    (kept / f"{job(0, 2).candidate.id}-0.member").write_bytes(b"another content")
    log = FoldLog(kept)
    assert [log.knows(job(*each)) for each in ((0, 1), (0, 2), (1, 1))] == [False, False, True]


def test_predictions_that_are_gone_since_are_fitted_again(kept):
    log = FoldLog(kept)
    (kept / f"{job(0, 2).candidate.id}-0.npy").unlink()
    assert log.recall(job(0, 2)) is None
    assert log.recall(job(0, 1)) is not None


def test_a_models_own_failure_is_written_down_and_one_for_want_of_memory_is_not(tmp_path):
    log = FoldLog(tmp_path)
    own, lacking = Failure("linear", Stage.FIT, "broke", fold=0), Failure("linear", Stage.FIT, "", lacked=Lack.MEMORY)
    log.add(job(0), own, fetch_locally)
    log.add(job(1), lacking, fetch_locally)
    log.add(job(2), Failure("linear", Stage.WORKER, "killed"), fetch_locally)
    log = FoldLog(tmp_path)
    assert log.recall(job(0)).cause == "broke"
    assert not log.knows(job(1))
    assert not log.knows(job(2))


def test_where_the_disk_is_full_the_log_stops_and_says_why(tmp_path, monkeypatch):
    def full(self, line):
        raise OSError(errno.ENOSPC, "No space left on device")

    log, made = FoldLog(tmp_path), made_in(tmp_path)
    monkeypatch.setattr(FoldLog, "_append", full)
    log.add(made.job, made.result, fetch_locally)
    assert "No space left" in log.stopped
    monkeypatch.undo()
    log.add(made.job, made.result, fetch_locally)
    assert not (tmp_path / LOG).exists()


def test_a_member_that_lies_elsewhere_is_brought_into_the_folder(tmp_path):
    made, log = made_in(tmp_path), FoldLog(tmp_path / "log")
    (tmp_path / "log").mkdir()
    elsewhere = replace(made.result, member=Ref("far.member"))
    found = log.add(made.job, elsewhere, lambda put: b"a fitted member")
    assert found.member == Ref("far.member", str(tmp_path / "log" / "far.member"))
    assert FoldLog(tmp_path / "log").knows(made.job)
