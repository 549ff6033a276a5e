"""The leaderboard and the failures as frames."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from automl.fitted.member import Member
from automl.report import FAILURE_COLUMNS, LEADERBOARD_COLUMNS, failures_frame, leaderboard_frame
from automl.vocabulary.candidate import Candidate, Preparation
from automl.vocabulary.results import CandidateResult, Failure, FoldResult


def result(seed, loss, status) -> CandidateResult:
    candidate = Candidate("linear", {"alpha": seed}, Preparation(()), seed)
    fold = FoldResult(candidate.id, 0, np.zeros((1, 1), np.float32), 2.0, 1.0, 0.5)
    return CandidateResult(candidate, (fold,), loss, -loss, (loss,), status, seed)


def test_whole_candidates_come_first_each_with_its_share():
    results = [
        result(0, 0.1, "dropped"),
        result(1, 0.3, "complete"),
        result(2, 0.2, "partial"),
        result(3, 0.2, "complete"),
    ]
    member = Member(results[1].candidate.id, "linear", {}, 0.7, 0, ())
    board = leaderboard_frame(results, [member])
    assert board["params"].map(lambda params: params["alpha"]).tolist() == [3, 1, 2, 0]
    assert board["rank"].tolist() == [1, 2, 3, 4]
    assert board["weight"].tolist() == [0.0, 0.7, 0.0, 0.0]
    assert (board["fit_seconds"].tolist()[0], board["predict_seconds"].tolist()[0]) == (2.0, 0.5)


def test_machines_are_a_column_where_fits_ran_on_others():
    here, away = result(0, 0.1, "complete"), result(1, 0.2, "complete")
    folds = tuple(replace(away.folds[0], fold=fold, machine=name) for fold, name in enumerate(["h2", "h1", "h2"]))
    assert "machine" not in leaderboard_frame([here], [])
    board = leaderboard_frame([here, replace(away, folds=folds)], [])
    assert board["machine"].tolist() == ["", "h2, h1"]


def test_no_results_and_no_failures_give_empty_frames_with_all_columns():
    assert list(leaderboard_frame([], []).columns) == list(LEADERBOARD_COLUMNS)
    assert list(failures_frame([]).columns) == list(FAILURE_COLUMNS)


def test_equal_causes_are_one_row_with_a_count_whatever_the_figures_in_them():
    failures = [
        Failure("svm", "choose", "would need 3.1 s"),
        Failure("svm", "choose", "would need 4.2 s"),
        Failure("svm", "fit", "ValueError: 1", traceback="first"),
        Failure("svm", "fit", "ValueError: 1", traceback="second"),
        Failure("svm", "fit", "ValueError: 2", traceback="third"),
    ]
    frame = failures_frame(failures)
    assert frame["count"].tolist() == [2, 2, 1]
    assert frame["traceback"].tolist() == ["", "first", "third"]
