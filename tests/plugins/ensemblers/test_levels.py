"""Members weigh at the levels that they are good for, and a level that covers too little is moved."""

import numpy as np
import pytest

from automl.plugin_api import Block, EnsembleRequest, FitContext, OutOfFold, Task, TaskKind, Trait
from automl_builtins.ensemblers.levels import LevelStacking, automl_ensemblers
from automl_builtins.metrics.quantiles import automl_metrics

KIND = TaskKind("quantile")
PINBALL = next(spec for spec in automl_metrics() if spec.name == "pinball")
N = 1_500


def task(*levels):
    return Task(KIND, "y", parts=(Block("y", trait=Trait.ORDERED, levels=levels),))


def stacked(predictions, target, *levels):
    request = EnsembleRequest(task(*levels), PINBALL)
    return LevelStacking(request).fit(OutOfFold(np.asarray(predictions), target), FitContext(seed=1))


def losses(combiner, predictions, target, *levels):
    combined = combiner.combine(np.asarray(predictions))
    mean = np.mean(predictions, axis=0)
    return [PINBALL.score(target, each, None, task(*levels)) for each in (combined, mean)]


def target_and_truth():
    rng = np.random.default_rng(0)
    middle = rng.normal(size=N) * 3.0
    return middle + rng.normal(size=N), middle[:, None] + np.array([-1.2816, 0.0, 1.2816])


def test_a_member_that_knows_one_level_weighs_there():
    target, truth = target_and_truth()
    rng = np.random.default_rng(1)
    low, high = truth + [0.0, 0.0, 3.0] * rng.random((N, 1)), truth - [3.0, 0.0, 0.0] * rng.random((N, 1))
    combiner = stacked([low, high], target, 0.1, 0.5, 0.9)
    assert combiner.by_level[0, 0] > combiner.by_level[1, 0]
    assert combiner.by_level[1, 2] > combiner.by_level[0, 2]
    found, mean = losses(combiner, [low, high], target, 0.1, 0.5, 0.9)
    assert found < mean


def test_levels_that_cover_too_little_are_moved_apart():
    target, truth = target_and_truth()
    narrow = truth * [1.0, 1.0, 1.0]
    narrow[:, 0] += 0.7
    narrow[:, 2] -= 0.7
    found = stacked([narrow], target, 0.1, 0.5, 0.9).combine(narrow[None])
    covered = ((target >= found[:, 0]) & (target <= found[:, 2])).mean()
    assert covered == pytest.approx(0.8, abs=0.06)
    assert ((target >= narrow[:, 0]) & (target <= narrow[:, 2])).mean() < 0.5


def test_a_single_level_is_moved_too():
    target, truth = target_and_truth()
    found = stacked([truth[:, [1]]], target, 0.9).combine(truth[None, :, [1]])
    assert (target <= found[:, 0]).mean() == pytest.approx(0.9, abs=0.04)


def test_it_combines_nothing_but_quantiles():
    [spec] = automl_ensemblers()
    assert spec.tasks == {KIND}
