from __future__ import annotations

import pickle
from functools import partial

import numpy as np
import pytest
import scipy.stats
import sklearn.metrics as theirs
from hypothesis import given, settings
from hypothesis import strategies as st

from automl_builtins.metrics.regression import automl_metrics, rmsle, smape, spearman

METRICS = {spec.name: spec for spec in automl_metrics()}
EXPECTED = {
    "rmse": theirs.root_mean_squared_error,
    "mse": theirs.mean_squared_error,
    "mae": theirs.mean_absolute_error,
    "r2": theirs.r2_score,
    "rmsle": theirs.root_mean_squared_log_error,
    "mape": theirs.mean_absolute_percentage_error,
    "explained_variance": theirs.explained_variance_score,
    "msle": theirs.mean_squared_log_error,
    "poisson_deviance": theirs.mean_poisson_deviance,
    **{f"pinball@{alpha}": partial(theirs.mean_pinball_loss, alpha=alpha) for alpha in (0.1, 0.5, 0.9)},
}


def rows(seed, n_rows=30):
    """Return a target and predictions, both above 0 and some of them equal, and weights."""
    rng = np.random.default_rng(seed)
    target = np.round(rng.lognormal(size=n_rows), 1) + 0.1
    return target, np.round(target * rng.lognormal(0, 0.3, n_rows), 1), rng.integers(1, 4, n_rows).astype(float)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000), st.booleans(), st.sampled_from([np.float32, np.float64]))
def test_metrics_are_those_of_scikit_learn(seed, weighted, dtype):
    target, predictions, weights = rows(seed)
    predictions = predictions.astype(dtype)
    arguments = {"sample_weight": weights} if weighted else {}
    for name, function in EXPECTED.items():
        found = METRICS[name].score(target, predictions, weights if weighted else None)
        assert found == pytest.approx(function(target, predictions.astype(np.float64), **arguments)), name
    assert METRICS["median_absolute_error"].score(target, predictions, None) == pytest.approx(
        theirs.median_absolute_error(target, predictions.astype(np.float64))
    )
    assert spearman(target, predictions) == pytest.approx(scipy.stats.spearmanr(target, predictions).statistic)


@pytest.mark.parametrize("name", sorted(METRICS))
def test_perfect_predictions_reach_the_optimum_and_wrong_ones_are_worse(name):
    spec = METRICS[name]
    target, wrong, weights = rows(3)
    for each in (None, weights):
        best, worse = spec.score(target, target, each), spec.score(target, wrong, each)
        assert best == pytest.approx(spec.optimum)
        assert best > worse if spec.greater_is_better else best < worse


@pytest.mark.parametrize("name", sorted(set(METRICS) - {"spearman", "median_absolute_error"}))
def test_a_weight_of_two_is_a_row_that_is_there_twice(name):
    target, predictions, weights = rows(7)
    times = weights.astype(int)
    repeated = METRICS[name].score(np.repeat(target, times), np.repeat(predictions, times), None)
    assert METRICS[name].score(target, predictions, weights) == pytest.approx(repeated)


def test_the_weighted_median_error_passes_over_what_weighs_little():
    found = METRICS["median_absolute_error"].score(np.zeros(3), np.array([1.0, 2.0, 9.0]), np.array([0.2, 1.0, 0.2]))
    assert found == 2.0


@pytest.mark.parametrize("name", sorted(METRICS))
@pytest.mark.parametrize("value", [0.0, 2.5])
def test_a_constant_target_and_constant_predictions_have_a_finite_score(name, value):
    target = np.full(4, value)
    for predictions in (target, target + 1.0, np.arange(4.0)):
        assert np.isfinite(METRICS[name].score(target, predictions, None))
        assert np.isfinite(METRICS[name].score(target, predictions, np.ones(4)))


@pytest.mark.parametrize("name", sorted(METRICS))
def test_a_fold_of_one_row_has_a_finite_score(name):
    assert np.isfinite(METRICS[name].score(np.array([1.0]), np.array([2.0], dtype=np.float32), None))


def test_rmsle_takes_predictions_below_zero_for_zero_and_refuses_such_a_target():
    assert rmsle(np.array([0.0, 1.0]), np.array([-5.0, 1.0])) == 0.0
    with pytest.raises(ValueError, match=r"value -2; the metric 'rmsle' expects .* at least 0"):
        rmsle(np.array([-2.0, 1.0]), np.array([1.0, 1.0]))


def test_smape_lies_between_zero_and_two():
    assert smape(np.array([0.0, 1.0]), np.array([0.0, 1.0])) == 0.0
    assert smape(np.array([1.0, 2.0]), np.array([-1.0, 0.0])) == pytest.approx(2.0)
    assert smape(np.array([1.0]), np.array([3.0])) == pytest.approx(1.0)


def test_large_numbers_keep_their_digits():
    target = np.array([1e9, 1e9 + 1, 1e9 + 2])
    assert METRICS["r2"].score(target, target + 0.5, None) == pytest.approx(1 - 0.75 / 2)


def test_no_name_is_claimed_twice_and_every_metric_pickles():
    names = [name for spec in METRICS.values() for name in (spec.name, *spec.aliases)]
    assert len(set(names)) == len(names)
    assert list(pickle.loads(pickle.dumps(METRICS))) == list(METRICS)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_pearson_wmape_and_rmspe_are_what_their_names_say(seed):
    target, predictions, weights = rows(seed)
    assert METRICS["pearson"].score(target, predictions, None) == pytest.approx(np.corrcoef(target, predictions)[0, 1])
    share = np.abs(target - predictions).sum() / target.sum()
    assert METRICS["wmape"].score(target, predictions, None) == pytest.approx(share)
    mape = theirs.mean_squared_error(np.ones_like(target), predictions / target, sample_weight=weights) ** 0.5
    assert METRICS["rmspe"].score(target, predictions, weights) == pytest.approx(mape)


def test_rmspe_passes_over_targets_of_zero():
    assert METRICS["rmspe"].score(np.array([0.0, 2.0]), np.array([5.0, 3.0]), None) == pytest.approx(0.5)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.booleans())
def test_gini_of_a_target_of_zeros_and_ones_is_that_of_the_area(seed, ties):
    rng = np.random.default_rng(seed)
    target, scores = np.append(rng.integers(0, 2, 30), [0, 1]), rng.normal(size=32)
    scores = np.round(scores) if ties else scores
    expected = 2 * theirs.roc_auc_score(target, scores) - 1
    assert METRICS["gini_of_values"].score(target, scores, None) == pytest.approx(expected)
