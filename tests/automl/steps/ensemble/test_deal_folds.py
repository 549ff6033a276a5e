"""Dealing fold models: by weight, within what is there, and spread over the folds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl import AutoML
from automl.plugin_api import EnsemblerSpec, hookimpl
from automl.reporting.labelled import OUT_OF_FOLD, label_sample
from automl.steps.ensemble.deal_folds import FOLD_MODELS, count_fold_models, deal_folds, deal_generations
from automl_builtins.ensemblers._candidates import WeightedAverage
from tests.conftest import quick
from tests.tables import binary_table

HANDS = st.lists(st.tuples(st.floats(-1.0, 1.0).filter(bool), st.integers(1, 10)), min_size=1, max_size=12)


@given(HANDS, st.integers(0, 30))
def test_every_member_gets_one_at_least_and_no_more_than_it_has(members, most):
    weights, available = zip(*members, strict=True)
    dealt = deal_folds(np.array(weights), available, most)
    assert [len(hand) for hand in dealt] == count_fold_models(np.array(weights), available, most)
    for hand, there in zip(dealt, available, strict=True):
        assert 1 <= len(hand) == len(set(hand)) <= there
        assert set(hand) <= set(range(there))
    assert sum(map(len, dealt)) <= most + len(members)


def test_a_member_has_its_share_of_them():
    assert count_fold_models(np.array([0.5, 0.25, 0.2, 0.05]), [8, 8, 8, 8], 12) == [6, 3, 3, 1]


def test_few_fold_models_are_all_used():
    assert deal_folds(np.array([0.5, 0.5]), [5, 5]) == [(0, 1, 2, 3, 4), (0, 1, 2, 3, 4)]


def test_light_members_have_models_of_other_folds_and_together_of_all():
    dealt = deal_folds(np.full(8, 0.125), [8] * 8, 8)
    assert sorted(dealt) == [(fold,) for fold in range(8)]


class Equally:
    """Weights all candidates alike."""

    def fit(self, out_of_fold, context):
        n_candidates = len(out_of_fold.predictions)
        return WeightedAverage(np.full(n_candidates, 1.0 / n_candidates))


class EqualVotes:
    """Offers the ensembler."""

    @hookimpl
    def automl_ensemblers(self):
        return (EnsemblerSpec("equal", lambda request: Equally(), family="equal", in_auto=False),)


@pytest.fixture(scope="module")
def model():
    options = {"ensemble": "equal", "plugins": [EqualVotes()], "cv": 8, "models": ["linear", "lightgbm"]}
    return quick(**options).fit(binary_table(), "bought")


def test_an_ensemble_predicts_with_about_a_dozen_and_keeps_all(model, tmp_path):
    members = model.predictor_.members
    assert [len(member.folds) for member in members] == [8] * len(members)
    assert len(members) >= 3
    assert FOLD_MODELS <= sum(len(member.predicting) for member in members) <= FOLD_MODELS + len(members)
    again = AutoML.load(model.save(tmp_path / "model.automl"))
    assert [member.dealt for member in again.predictor_.members] == [member.dealt for member in members]
    table = binary_table(20)
    assert np.array_equal(again.predict_proba(table), model.predict_proba(table))


def test_rows_that_the_search_has_seen_are_still_predicted_by_models_that_have_not(model):
    assert label_sample(model.predictor_, model._fit.looked.sample).origin == OUT_OF_FOLD
    members = model.predictor_.members
    for fold in range(8):
        unseen = model.predictor_.without_seen(fold)
        assert [each.predicting for each in unseen.members] == [(each.folds[fold],) for each in members]


def test_the_newest_models_predict_where_folds_are_in_order_of_time():
    dealt = deal_generations(np.array([0.5, 0.5]), [6, 5], [True, False], 1)
    assert dealt == [(5,), (0,)]
    assert deal_generations(np.array([0.5, 0.5]), [6, 5], [True, False], 2) == [(0, 5), (0, 1)]


def test_light_members_have_fewer_generations_and_none_has_more_than_there_are():
    weights = np.array([0.96, 0.04])
    assert [len(each) for each in deal_generations(weights, [6, 6], [True, True], 3)] == [3, 1]
    assert deal_generations(weights, [1, 1], [True, False], 3) == [(0,), (0,)]
