"""Metrics of several targets agree with scikit-learn's where it has them, and leave out what tells nothing."""

import math

import numpy as np
import pytest
from sklearn import metrics as sk

from automl.plugin_api import MetricSpec, decided_by_block, score_predictions
from automl.testing._several import LABELS, MIXED, VALUES, targets_of
from automl_builtins.metrics.several import automl_metrics
from automl_builtins.tasks.several import MULTILABEL_SPEC, MULTIOUTPUT_REGRESSION_SPEC, MULTIOUTPUT_SPEC
from tests.plugins.tasks.test_several import table

METRICS: dict[str, MetricSpec] = {spec.name: spec for spec in automl_metrics()}
RNG = np.random.default_rng(5)
WEIGHTS = RNG.uniform(0.5, 2.0, 200)
LABEL_TASK, HAS = MULTILABEL_SPEC.take(table(targets_of(LABELS)))
CHANCES = np.clip(0.5 + 0.3 * (HAS - 0.5) + RNG.normal(0.0, 0.25, HAS.shape), 0.01, 0.99)
VALUE_TASK, TRUE = MULTIOUTPUT_REGRESSION_SPEC.take(table(targets_of(VALUES)))
NEAR = TRUE + RNG.normal(0.0, 1.0, TRUE.shape)
SAID = (CHANCES > 0.5).astype(int)


@pytest.mark.parametrize("weights", [None, WEIGHTS])
@pytest.mark.parametrize(
    ("name", "theirs"),
    [
        ("macro_roc_auc", lambda w: sk.roc_auc_score(HAS, CHANCES, average="macro", sample_weight=w)),
        ("micro_roc_auc", lambda w: sk.roc_auc_score(HAS, CHANCES, average="micro", sample_weight=w)),
        (
            "macro_average_precision",
            lambda w: sk.average_precision_score(HAS, CHANCES, average="macro", sample_weight=w),
        ),
        (
            "mean_log_loss",
            lambda w: np.mean([sk.log_loss(HAS[:, k], CHANCES[:, k], sample_weight=w) for k in range(3)]),
        ),
        ("macro_f1", lambda w: sk.f1_score(HAS, SAID, average="macro", sample_weight=w)),
        ("micro_f1", lambda w: sk.f1_score(HAS, SAID, average="micro", sample_weight=w)),
        ("samples_f1", lambda w: sk.f1_score(HAS, SAID, average="samples", sample_weight=w, zero_division=1.0)),
        ("subset_accuracy", lambda w: sk.accuracy_score(HAS, SAID, sample_weight=w)),
        ("hamming_loss", lambda w: sk.hamming_loss(HAS, SAID, sample_weight=w)),
    ],
)
def test_metrics_of_labels_are_those_of_scikit_learn(name, theirs, weights):
    found = score_predictions(METRICS[name], LABEL_TASK, HAS, CHANCES, weights)
    assert found == pytest.approx(theirs(weights))


@pytest.mark.parametrize("weights", [None, WEIGHTS])
@pytest.mark.parametrize(
    ("name", "theirs"),
    [
        ("mean_r2", lambda w: sk.r2_score(TRUE, NEAR, sample_weight=w)),
        ("mean_mae", lambda w: sk.mean_absolute_error(TRUE, NEAR, sample_weight=w)),
        ("mean_rmse", lambda w: sk.root_mean_squared_error(TRUE, NEAR, sample_weight=w)),
    ],
)
def test_metrics_of_values_are_those_of_scikit_learn(name, theirs, weights):
    assert score_predictions(METRICS[name], VALUE_TASK, TRUE, NEAR, weights) == pytest.approx(theirs(weights))


def test_the_relative_error_is_one_for_the_mean_and_free_of_units():
    mean = np.tile(TRUE.mean(axis=0), (len(TRUE), 1))
    score = METRICS["mean_nrmse"].score
    assert score(TRUE, mean, None) == pytest.approx(1.0)
    units = np.array([1.0, 1e6])
    assert score(TRUE * units, NEAR * units, None) == pytest.approx(score(TRUE, NEAR, None))


def test_a_target_that_all_rows_share_is_left_out_of_a_mean():
    same = np.column_stack([HAS, np.ones(len(HAS), dtype=int)])
    chances = np.column_stack([CHANCES, np.full(len(HAS), 0.3)])
    for name in ("macro_roc_auc", "macro_average_precision"):
        assert METRICS[name].score(same, chances, None) == METRICS[name].score(HAS, CHANCES, None)
    values = np.column_stack([TRUE, np.full(len(TRUE), 4.0)])
    for name in ("mean_nrmse", "mean_r2"):
        found = METRICS[name].score(values, np.column_stack([NEAR, np.full(len(TRUE), 5.0)]), None)
        assert found == METRICS[name].score(TRUE, NEAR, None)
    assert math.isnan(METRICS["macro_roc_auc"].score(np.ones((4, 2), dtype=int), np.full((4, 2), 0.5), None))


def test_classes_and_values_count_alike_by_how_much_better_than_a_constant_they_are():
    task, encoded = MULTIOUTPUT_SPEC.take(table(targets_of(MIXED)))
    first, third = (encoded[:, k].astype(int) for k in (0, 2))
    shares = [np.tile(np.bincount(codes) / len(codes), (len(codes), 1)) for codes in (first, third)]
    constant = np.hstack([shares[0], np.full((200, 1), encoded[:, 1].mean()), shares[1]])
    assert score_predictions(METRICS["mean_relative_loss"], task, encoded, constant) == pytest.approx(1.0)
    certain = np.hstack([np.eye(3)[first], encoded[:, [1]], np.eye(2)[third]])
    assert score_predictions(METRICS["mean_relative_loss"], task, encoded, certain) == pytest.approx(0.0, abs=1e-9)
    assert (decided_by_block(certain, task) == encoded).all()
    assert score_predictions(METRICS["mean_accuracy"], task, encoded, certain) == 1.0
