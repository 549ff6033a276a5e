from __future__ import annotations

import pickle
import warnings

import numpy as np
import pytest
import sklearn.metrics as theirs
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.plugin_api import TaskKind
from automl_builtins.metrics.classification import automl_metrics, log_loss, roc_auc

METRICS = {spec.name: spec for spec in automl_metrics()}
EXPECTED = {
    "accuracy": theirs.accuracy_score,
    "balanced_accuracy": theirs.balanced_accuracy_score,
    "f1_macro": lambda y, p, **w: theirs.f1_score(y, p, average="macro", zero_division=0, **w),
    "f1_micro": lambda y, p, **w: theirs.f1_score(y, p, average="micro", zero_division=0, **w),
    "f1_weighted": lambda y, p, **w: theirs.f1_score(y, p, average="weighted", zero_division=0, **w),
    "mcc": theirs.matthews_corrcoef,
}
EXPECTED_OF_TWO = {
    "f1": lambda y, p, **w: theirs.f1_score(y, p, zero_division=0, **w),
    "precision": lambda y, p, **w: theirs.precision_score(y, p, zero_division=0, **w),
    "recall": lambda y, p, **w: theirs.recall_score(y, p, zero_division=0, **w),
}
SEEDS = st.integers(0, 10_000)


def rows(seed, n_classes, ties=True, n_rows=40):
    """Return a target with every class, probabilities (of few distinct values if `ties`), and weights."""
    rng = np.random.default_rng(seed)
    target = np.concatenate([np.arange(n_classes), rng.integers(0, n_classes, n_rows)])
    raw = rng.integers(1, 5, size=(len(target), n_classes)) if ties else rng.random((len(target), n_classes)) + 1e-3
    return target, (raw / raw.sum(axis=1, keepdims=True)), rng.integers(1, 4, len(target)).astype(float)


def as_arguments(weights):
    return {} if weights is None else {"sample_weight": weights}


@settings(max_examples=50, deadline=None)
@given(SEEDS, st.booleans(), st.booleans(), st.sampled_from([np.float32, np.float64]))
def test_roc_auc_of_two_classes_is_exact_with_ties_and_weights(seed, ties, weighted, dtype):
    target, predictions, weights = rows(seed, 2, ties)
    predictions, weights = predictions.astype(dtype), weights if weighted else None
    expected = theirs.roc_auc_score(target, predictions[:, 1], **as_arguments(weights))
    assert roc_auc(target, predictions, weights) == pytest.approx(expected, abs=1e-12)


@settings(max_examples=25, deadline=None)
@given(SEEDS, st.booleans())
def test_roc_auc_of_several_classes_is_the_mean_of_one_against_the_rest(seed, weighted):
    target, predictions, weights = rows(seed, 4)
    expected = theirs.roc_auc_score(
        target, predictions, multi_class="ovr", **as_arguments(weights if weighted else None)
    )
    assert roc_auc(target, predictions, weights if weighted else None) == pytest.approx(expected)


def test_roc_auc_passes_over_classes_that_the_target_lacks():
    target, predictions, _ = rows(0, 3)
    without = target != 2
    expected = np.mean([theirs.roc_auc_score(target[without] == each, predictions[without, each]) for each in (0, 1)])
    assert roc_auc(target[without], predictions[without]) == pytest.approx(expected)


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("only", [0, 1])
@pytest.mark.parametrize("weighted", [False, True])
def test_roc_auc_of_a_single_class_is_that_of_guessing(n_classes, only, weighted):
    predictions = np.full((4, n_classes), 1 / n_classes)
    assert roc_auc(np.full(4, only), predictions, np.ones(4) if weighted else None) == 0.5


def test_roc_auc_is_half_where_one_side_has_no_weight():
    target, predictions, _ = rows(0, 2)
    assert roc_auc(target, predictions, (target == 0).astype(float)) == 0.5


@settings(max_examples=50, deadline=None)
@given(SEEDS, st.integers(2, 4), st.booleans())
def test_log_loss_and_brier_are_those_of_scikit_learn(seed, n_classes, weighted):
    target, predictions, weights = rows(seed, n_classes, ties=False)
    weights = weights if weighted else None
    found = METRICS["log_loss"].score(target, predictions, weights)
    assert found == pytest.approx(theirs.log_loss(target, predictions, **as_arguments(weights)))
    truth = np.eye(n_classes)[target]
    halves = 2 if n_classes == 2 else 1
    expected = np.average(((predictions - truth) ** 2).sum(axis=1), weights=weights) / halves
    assert METRICS["brier"].score(target, predictions, weights) == pytest.approx(expected)


def test_log_loss_of_a_certain_mistake_is_finite():
    found = log_loss(np.array([0, 1]), np.array([[0, 1], [0, 1]], dtype=np.float32))
    assert found == pytest.approx(-np.log(1e-15) / 2)


@settings(max_examples=50, deadline=None)
@given(SEEDS, st.integers(2, 4), st.booleans())
def test_metrics_of_labels_are_those_of_scikit_learn(seed, n_classes, weighted):
    target, predictions, weights = rows(seed, n_classes)
    labels, weights = predictions.argmax(axis=1), weights if weighted else None
    arguments = as_arguments(weights)
    expected = EXPECTED | (EXPECTED_OF_TWO if n_classes == 2 else {})
    for name, function in expected.items():
        assert METRICS[name].score(target, labels, weights) == pytest.approx(function(target, labels, **arguments)), (
            name
        )
    known = {"labels": list(range(n_classes)), "weights": "quadratic"}
    found = METRICS["quadratic_kappa"].score(target, labels, weights)
    assert found == pytest.approx(theirs.cohen_kappa_score(target, labels, **known, **arguments))


@settings(max_examples=50, deadline=None)
@given(SEEDS, st.booleans(), st.booleans())
def test_average_precision_is_that_of_scikit_learn(seed, ties, weighted):
    target, predictions, weights = rows(seed, 2, ties)
    weights = weights if weighted else None
    expected = theirs.average_precision_score(target, predictions[:, 1], **as_arguments(weights))
    assert METRICS["average_precision"].score(target, predictions, weights) == pytest.approx(expected)


@pytest.mark.parametrize("name", sorted(METRICS))
@pytest.mark.parametrize("only", [0, 1])
def test_a_fold_of_one_class_has_a_finite_score(name, only):
    spec = METRICS[name]
    for n_classes in (2, 3) if TaskKind.MULTICLASS in spec.tasks else (2,):
        target, predictions = np.full(5, only), np.full((5, n_classes), 1 / n_classes)
        given_ = predictions if spec.needs == "probabilities" else predictions.argmax(axis=1)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert np.isfinite(spec.score(target, given_, None))
            assert np.isfinite(spec.score(target, given_, np.ones(5)))


@pytest.mark.parametrize("name", sorted(METRICS))
def test_perfect_predictions_reach_the_optimum_and_wrong_ones_are_worse(name):
    spec = METRICS[name]
    target = np.array([0, 1, 1, 0, 1])
    right, wrong = np.eye(2)[target], np.eye(2)[[1, 1, 0, 0, 1]]
    if spec.needs == "labels":
        right, wrong = right.argmax(axis=1), wrong.argmax(axis=1)
    best, worse = spec.score(target, right, None), spec.score(target, wrong, None)
    assert best == pytest.approx(spec.optimum)
    assert best > worse if spec.greater_is_better else best < worse


@pytest.mark.parametrize("name", sorted(METRICS))
def test_a_weight_of_two_is_a_row_that_is_there_twice(name):
    spec = METRICS[name]
    target, predictions, weights = rows(7, 2)
    given_ = predictions if spec.needs == "probabilities" else predictions.argmax(axis=1)
    times = weights.astype(int)
    repeated = spec.score(np.repeat(target, times), np.repeat(given_, times, axis=0), None)
    assert spec.score(target, given_, weights) == pytest.approx(repeated)


def test_no_name_is_claimed_twice_and_every_metric_pickles():
    names = [name for spec in METRICS.values() for name in (spec.name, *spec.aliases)]
    assert len(set(names)) == len(names)
    assert list(pickle.loads(pickle.dumps(METRICS))) == list(METRICS)


@settings(max_examples=50, deadline=None)
@given(SEEDS, st.booleans())
def test_kappas_f_scores_and_the_balanced_log_loss_are_those_of_scikit_learn(seed, weighted):
    target, predictions, weights = rows(seed, 2)
    labels, weights = predictions.argmax(axis=1), weights if weighted else None
    arguments = as_arguments(weights)
    for name, how in (("cohen_kappa", None), ("linear_kappa", "linear")):
        expected = theirs.cohen_kappa_score(target, labels, weights=how, labels=[0, 1], **arguments)
        assert METRICS[name].score(target, labels, weights) == pytest.approx(0.0 if np.isnan(expected) else expected)
    for name, beta in (("f2", 2.0), ("f0.5", 0.5)):
        expected = theirs.fbeta_score(target, labels, beta=beta, zero_division=0, **arguments)
        assert METRICS[name].score(target, labels, weights) == pytest.approx(expected)
    shares = np.bincount(target, weights=weights)
    even = (np.ones(len(target)) if weights is None else weights) / shares[target]
    expected = theirs.log_loss(target, predictions, sample_weight=even, labels=[0, 1])
    assert METRICS["balanced_log_loss"].score(target, predictions, weights) == pytest.approx(expected, rel=1e-5)


def test_map_at_k_counts_one_over_the_rank_down_to_k():
    predictions = np.array([[0.5, 0.3, 0.2]] * 4)
    assert METRICS["map@2"].score(np.array([0, 1, 2, 0]), predictions, None) == pytest.approx((1 + 0.5 + 0 + 1) / 4)
    assert METRICS["map@3"].score(np.array([2]), predictions[:1], None) == pytest.approx(1 / 3)


def test_map_at_k_ranks_equal_probabilities_by_class_number():
    predictions = np.full((2, 3), 1 / 3)
    assert METRICS["map@3"].score(np.array([0, 2]), predictions, None) == pytest.approx((1 + 1 / 3) / 2)
