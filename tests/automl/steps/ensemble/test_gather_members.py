"""Members are loaded for the candidates with weight; equal preparations become one object."""

import pickle
from dataclasses import dataclass

import numpy as np
import pytest

from automl.fitted.member import FittedMember
from automl.plugin_api.local_work import fetch_locally
from automl.steps.ensemble.gather_members import gather_members
from automl.vocabulary.candidate import Candidate, Preparation
from automl.vocabulary.refs import Ref
from automl.vocabulary.results import CandidateResult, FoldResult

SHARED, OWN = Preparation(()), Preparation((), sparse=True)


@dataclass(frozen=True)
class Prepared:
    """A fitted preparation, as far as members look at it."""

    fold: int
    row_wise: bool = False


@pytest.fixture
def fitted(tmp_path):
    """Make candidates with the files of their fold models."""

    def make(number, preparation=SHARED, *, row_wise=False, folds=(0, 1, 2), rows_share=1.0):
        candidate = Candidate("linear", {"number": number}, preparation)
        return CandidateResult(candidate, tuple(one_fit(candidate, fold, row_wise, rows_share) for fold in folds),
                               0.1, -0.1, (0.1,) * len(folds), "complete", number)  # fmt: skip

    def one_fit(candidate, fold, row_wise=False, rows_share=1.0):
        path = tmp_path / f"{candidate.id}-{fold}"
        path.write_bytes(pickle.dumps(FittedMember(Prepared(fold, row_wise), f"learner {candidate.params} {fold}")))
        return FoldResult(
            candidate.id, fold, np.zeros((1, 1)), 1, 1, 1, Ref(path.name, str(path)), rows_share=rows_share
        )

    make.fit = one_fit
    return make


def test_only_candidates_with_weight_are_loaded_and_know_their_places(fitted, tmp_path):
    results = [fitted(0), fitted(1), fitted(2)]
    for path in tmp_path.glob(f"{results[1].candidate.id}-*"):
        path.unlink()
    members = gather_members(results, np.array([0.75, 0.0, 0.25]), fetch_locally, fold_models=100)
    assert [(each.position, each.weight, each.params["number"]) for each in members] == [(0, 0.75, 0), (2, 0.25, 2)]
    assert [fold.learner for fold in members[1].folds] == [f"learner {{'number': 2}} {fold}" for fold in range(3)]


def test_equal_preparations_of_a_fold_are_one_object(fitted):
    first, second, other = gather_members(
        [fitted(0), fitted(1), fitted(2, OWN)], np.ones(3) / 3, fetch_locally, fold_models=100
    )
    for fold in range(3):
        assert first.folds[fold].preparation is second.folds[fold].preparation
        assert first.folds[fold].preparation is not other.folds[fold].preparation
    assert first.folds[0].preparation is not first.folds[1].preparation


def test_a_preparation_without_a_fit_is_one_object_for_all_folds(fitted):
    (member,) = gather_members([fitted(0, row_wise=True)], np.ones(1), fetch_locally, fold_models=100)
    assert len({id(fold.preparation) for fold in member.folds}) == 1


def test_a_preparation_of_fewer_rows_is_another(fitted):
    first, second = gather_members(
        [fitted(0), fitted(1, rows_share=0.5)], np.ones(2) / 2, fetch_locally, fold_models=100
    )
    assert first.folds[0].preparation is not second.folds[0].preparation


def test_as_many_fold_models_predict_as_are_dealt_and_all_stay(fitted):
    members = gather_members([fitted(0), fitted(1)], np.array([0.9, 0.1]), fetch_locally, fold_models=4)
    assert [len(member.folds) for member in members] == [3, 3]
    assert sum(len(member.predicting) for member in members) == 4
    assert len(members[0].predicting) > len(members[1].predicting)


def test_a_model_of_all_rows_takes_the_place_of_the_fold_models(fitted):
    result = fitted(0)
    again = {result.candidate.id: fitted.fit(result.candidate, -1)}
    (member,) = gather_members([result], np.ones(1), fetch_locally, again, fold_models=100)
    assert member.refitted
    assert [fold.preparation.fold for fold in member.folds] == [-1]
    (dated,) = gather_members([result], np.ones(1), fetch_locally, again, fold_models=100, generations=1)
    assert [fold.preparation.fold for fold in dated.folds] == [0, 1, 2, -1]
    assert [fold.preparation.fold for fold in dated.predicting] == [-1]
