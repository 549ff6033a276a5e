"""A search that ends by count gives the same result whatever runs it."""

import numpy as np
import pandas as pd
import pytest

from automl.vocabulary.results import FoldResult
from tests.conftest import quick
from tests.tables import mixed_table, multiclass_table

TIMES = ["fit_seconds", "predict_seconds", "finished"]
OPTIONS = {"models": None, "exclude": ["svm", "bert", "text_embeddings", "text_contrast"], "max_trials": 10, "cv": 2}


def fitted(**options):
    return quick(**{**OPTIONS, **options}).fit(multiclass_table(100), "grade")


@pytest.fixture(scope="module")
def reference():
    return fitted()


@pytest.mark.parametrize(
    "options",
    [
        {},
        pytest.param({"executor": "process_slots", "n_jobs": 2}, marks=pytest.mark.long),
        pytest.param({"executor": "process_slots", "n_jobs": 4}, marks=pytest.mark.long),
    ],
    ids=["again", "two workers", "four workers"],
)
def test_the_same_seed_gives_the_same_search_to_the_last_bit(reference, options):
    assert_same_search(fitted(**options), reference)


def test_two_workers_give_the_same_search_as_this_process():
    few = {"models": ["linear", "lightgbm"], "exclude": None, "max_trials": 5}
    assert_same_search(fitted(executor="process_slots", n_jobs=2, **few), fitted(**few))


def assert_same_search(other, reference):
    """Fail where leaderboard, score, ensemble or predictions differ in the last bit."""
    pd.testing.assert_frame_equal(
        reference.leaderboard().drop(columns=TIMES), other.leaderboard().drop(columns=TIMES), check_exact=True
    )
    assert other.score_ == reference.score_
    assert other.interval_ == reference.interval_
    assert other.ensemble_ == reference.ensemble_
    fresh = mixed_table(40, seed=77)
    np.testing.assert_array_equal(other.predict_proba(fresh), reference.predict_proba(fresh))


@pytest.mark.long
def test_language_networks_give_the_same_again():
    assert_same_search(*(fitted(exclude=["svm"]) for _ in range(2)))


@pytest.mark.long
def test_another_seed_gives_another_search(reference):
    other = fitted(random_state=1)
    assert list(other.leaderboard()["candidate"]) != list(reference.leaderboard()["candidate"])


def test_the_search_went_beyond_the_portfolio_and_used_several_models(reference):
    board = reference.leaderboard()
    assert board["model"].nunique() >= 4
    assert all(isinstance(fold, FoldResult) for result in reference.outcome_.results for fold in result.folds)
