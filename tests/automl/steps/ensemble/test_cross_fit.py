from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.fitted.one_member import OneMember
from automl.plugin_api import EnsembleRequest, EnsemblerSpec, FitContext, OutOfFold
from automl.steps.ensemble.cross_fit import FEWEST_ROWS, checked_combine, cross_fit, plan_cross_fit
from tests.plugins.ensemblers.synthetic import BINARY, LOG_LOSS, classifiers


@settings(max_examples=50, deadline=None)
@given(
    counts=st.lists(st.integers(1, 200), min_size=1, max_size=5).filter(lambda each: sum(each) >= FEWEST_ROWS),
    seed=st.integers(0, 99),
)
def test_every_row_is_judged_once_and_classes_are_spread_evenly(counts, seed):
    target = np.repeat(np.arange(len(counts)), counts)
    folds = plan_cross_fit(target, None, True, seed)
    judged = np.concatenate([fold.valid for fold in folds])
    assert sorted(judged) == list(range(len(target)))
    for fold in folds:
        assert not set(fold.train) & set(fold.valid)
        share = np.bincount(target[fold.valid], minlength=len(counts))
        assert np.abs(share - np.array(counts) / len(folds)).max() <= 1


@settings(max_examples=50, deadline=None)
@given(groups=st.lists(st.integers(0, 12), min_size=FEWEST_ROWS, max_size=300), seed=st.integers(0, 99))
def test_rows_of_one_group_are_never_on_both_sides(groups, seed):
    groups = np.array(groups)
    for fold in plan_cross_fit(np.zeros(len(groups)), groups, False, seed):
        assert not set(groups[fold.train]) & set(groups[fold.valid])


def test_one_group_or_a_handful_of_rows_cannot_be_cross_fitted():
    assert plan_cross_fit(np.zeros(500), np.zeros(500), False, 0) == ()
    assert plan_cross_fit(np.zeros(FEWEST_ROWS - 1), None, False, 0) == ()


def test_a_tiny_class_lowers_the_number_of_folds():
    plenty = plan_cross_fit(np.repeat([0, 1], [400, 100]), None, True, 0)
    few = plan_cross_fit(np.repeat([0, 1], [400, 6]), None, True, 0)
    assert (len(plenty), len(few)) == (5, 3)


def test_no_row_is_combined_by_a_fit_that_saw_it():
    predictions, target = classifiers(n_candidates=2, n_rows=100)
    predictions[0, :, 1] = np.arange(100) / 100
    predictions[0, :, 0] = 1 - predictions[0, :, 1]

    class Spy:
        def fit(self, out_of_fold, context):
            return Checks(set(out_of_fold.predictions[0, :, 1].tolist()))

    class Checks(OneMember):
        def __init__(self, seen):
            super().__init__(0, 2)
            object.__setattr__(self, "member", 0)
            checks.append(seen)

        def combine(self, predictions, features=None):
            assert not set(predictions[0, :, 1].tolist()) & checks[-1]
            return super().combine(predictions)

    checks = []
    folds = plan_cross_fit(target, None, True, 0)
    spec = EnsemblerSpec("spy", lambda request: Spy(), family="spy")
    result = cross_fit(spec, EnsembleRequest(BINARY, LOG_LOSS), OutOfFold(predictions, target), folds, FitContext())
    np.testing.assert_allclose(result.predictions, predictions[0], rtol=1e-7)
    assert len(checks) == len(folds)


@pytest.mark.parametrize(
    ("combined", "complaint"),
    [
        (np.full((30, 3), 1 / 3), "shape"),
        (np.full((30, 2), np.nan), "missing"),
        (np.full((30, 2), 0.7), "add up to 1"),
        (np.tile([1.5, -0.5], (30, 1)), "from 0 to 1"),
    ],
)
def test_what_breaks_the_contract_is_refused_with_the_reason(combined, complaint):
    predictions, target = classifiers(n_rows=30)

    class Broken(OneMember):
        def combine(self, predictions, features=None):
            return combined

    with pytest.raises(ValueError, match=complaint):
        checked_combine(Broken(0, 8), OutOfFold(predictions, target), BINARY)


def test_weights_of_another_length_are_refused():
    predictions, target = classifiers(n_rows=30)
    with pytest.raises(ValueError, match="expected 8 finite shares"):
        checked_combine(OneMember(0, 7), OutOfFold(predictions, target), BINARY)
