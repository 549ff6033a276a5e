"""Quantiles are scored at their own levels, and covered where the target lies between the outermost two."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import mean_pinball_loss

from automl.plugin_api import Block, Task, TaskKind, Trait, score_predictions
from automl_builtins.metrics.quantiles import automl_metrics

METRICS = {spec.name: spec for spec in automl_metrics()}
LEVELS = (0.1, 0.5, 0.9)
TASK = Task(TaskKind("quantile"), "y", parts=(Block("y", trait=Trait.ORDERED, levels=LEVELS),))
MEDIAN = Task(TaskKind("quantile"), "y", parts=(Block("y", trait=Trait.ORDERED, levels=(0.5,)),))
TARGET = np.array([0.0, 5.0, 10.0, 20.0])
OUTPUTS = np.array([[0.0, 1.0, 2.0], [6.0, 7.0, 8.0], [1.0, 9.0, 10.0], [0.0, 1.0, 2.0]])


def score(name, outputs=OUTPUTS, target=TARGET, weights=None, task=TASK):
    return score_predictions(METRICS[name], task, target, outputs, weights)


@given(st.integers(0, 10_000), st.booleans())
def test_the_pinball_loss_is_the_mean_of_those_of_the_levels(seed, weighted):
    rng = np.random.default_rng(seed)
    target, outputs = rng.normal(size=20), np.sort(rng.normal(size=(20, 3)), axis=1)
    weights = rng.uniform(0.5, 2.0, 20) if weighted else None
    by_level = [
        mean_pinball_loss(target, outputs[:, place], sample_weight=weights, alpha=level)
        for place, level in enumerate(LEVELS)
    ]
    assert score("pinball", outputs, target, weights) == pytest.approx(np.mean(by_level))


def test_a_target_on_an_outermost_quantile_is_covered():
    assert score("coverage") == 0.5
    assert score("coverage_error") == pytest.approx(0.3)
    assert score("coverage", weights=np.array([3.0, 1.0, 0.0, 0.0])) == 0.75
    assert score("interval_width") == pytest.approx((2.0 + 2.0 + 9.0 + 2.0) / 4)
    assert score("mae_of_median") == pytest.approx((1.0 + 2.0 + 1.0 + 19.0) / 4)


def test_of_a_single_level_what_lies_up_to_it_counts():
    outputs = np.array([[0.0], [4.0], [11.0], [19.0]])
    assert score("coverage", outputs, task=MEDIAN) == 0.5
    assert score("coverage_error", outputs, task=MEDIAN) == 0.0
    assert score("interval_width", outputs, task=MEDIAN) == 0.0
