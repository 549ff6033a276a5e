"""Each target has the members that are good for it, and one that cannot be judged has those of all."""

import numpy as np
import pytest

from automl.plugin_api import Block, EnsembleRequest, FitContext, MetricSpec, OutOfFold, Task, TaskKind, of_several
from automl_builtins.ensemblers.targets import TargetWeights
from automl_builtins.kinds import MULTIOUTPUT_REGRESSION
from automl_builtins.metrics.several import automl_metrics

METRIC: MetricSpec = next(spec for spec in automl_metrics() if spec.name == "mean_nrmse")
RNG = np.random.default_rng(0)
TARGET = RNG.normal(size=(300, 2)) * [1.0, 50.0]


def combined(target, *predictions):
    names = [f"t{number}" for number in range(target.shape[1])]
    tasks = [Task(TaskKind.REGRESSION, name) for name in names]
    task = of_several(MULTIOUTPUT_REGRESSION, tasks, [Block(name) for name in names])
    return TargetWeights(EnsembleRequest(task, METRIC)).fit(
        OutOfFold(np.stack(predictions), target), FitContext(seed=1)
    )


def off(*spread):
    return TARGET + RNG.normal(size=TARGET.shape) * spread


def test_a_member_that_is_good_for_one_target_weighs_there():
    first, second = off(0.1, 60.0), off(1.2, 5.0)
    combiner = combined(TARGET, first, second)
    assert combiner.by_output[0, 0] > 0.65 > 0.35 > combiner.by_output[0, 1]
    assert combiner.by_output.sum(axis=0) == pytest.approx([1.0, 1.0])
    assert combiner.weights().sum() == pytest.approx(1.0)
    plain = METRIC.score(TARGET, (first + second) / 2, None)
    assert METRIC.score(TARGET, combiner.combine(np.stack([first, second])), None) < 0.9 * plain


def test_a_target_that_cannot_be_judged_has_the_weights_of_all():
    same = np.column_stack([TARGET[:, 0], np.full(300, 4.0)])
    better, worse = same + RNG.normal(size=same.shape) * 0.1, same + RNG.normal(size=same.shape)
    by_output = combined(same, better, worse).by_output
    assert by_output[0, 1] > 0.9


def test_a_row_alone_is_combined_as_among_others():
    members = np.stack([off(0.5, 20.0), off(0.6, 15.0)])
    combiner = combined(TARGET, *members)
    assert np.array_equal(combiner.combine(members[:, [7]])[0], combiner.combine(members)[7])
