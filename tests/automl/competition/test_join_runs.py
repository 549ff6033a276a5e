"""Runs joined: weights learnt from out-of-fold predictions, which must be of the same rows and folds."""

from dataclasses import replace

import numpy as np
import pytest

from automl.competition.join_runs import join_runs
from automl.competition.runs import Run
from automl.errors import InputError
from automl.registry import discover_quietly
from automl.steps.plan.choose_ensemblers import allowed_ensemblers
from automl.steps.plan.choose_metric import find_metric
from automl.steps.score.judge import Judge
from automl.vocabulary.task import Task, TaskKind

TASK = Task(TaskKind.REGRESSION, "y", ())
TARGET = np.random.default_rng(0).normal(size=60)


def run(name, noise, seed):
    rng = np.random.default_rng(seed)
    outputs = TARGET[:, None] + noise * rng.normal(size=(60, 1))
    return Run(name, np.arange(60), np.arange(60) % 3, outputs, np.full((5, 1), noise))


@pytest.fixture(scope="module")
def registry():
    return discover_quietly(())


@pytest.fixture(scope="module")
def judge(registry):
    return Judge(find_metric("rmse", TASK, registry.metrics), TASK, TARGET)


@pytest.fixture(scope="module")
def ensemblers(registry):
    return allowed_ensemblers("weighted", tuple(registry.ensemblers.values()), TASK)


def test_the_better_run_weighs_more_and_both_together_are_better(judge, ensemblers):
    joined = join_runs([run("good", 0.3, 1), run("bad", 0.35, 2)], judge, ensemblers, seed=0)
    (_, good, heavy), (_, bad, light) = joined.members
    assert heavy > light > 0
    assert joined.score < good < bad
    assert joined.interval[0] <= joined.score < joined.interval[1]
    assert joined.run.name == "blend"
    np.testing.assert_allclose(joined.run.test, 0.3 * heavy + 0.35 * light)
    assert joined.factors is None


def test_a_run_alone_stays_as_it_is(judge, ensemblers):
    only = run("only", 0.3, 1)
    joined = join_runs([only], judge, ensemblers, seed=0)
    assert joined.members == (("only", joined.score, 1.0),)
    np.testing.assert_array_equal(joined.run.outputs, only.outputs)


def test_runs_over_other_folds_are_refused(judge, ensemblers):
    first, other = run("first", 0.3, 1), run("other", 0.6, 2)
    with pytest.raises(InputError, match="other"):
        join_runs([first, replace(other, folds=np.arange(60) % 4)], judge, ensemblers, seed=0)


def test_a_blend_stays_within_the_ends_of_the_target(registry):
    task = replace(TASK, ends=(0.0, np.inf))
    judge = Judge(find_metric("rmse", task, registry.metrics), task, np.maximum(TARGET, 0.0))
    runs = [run("good", 0.3, 1), run("other", -0.3, 2)]
    joined = join_runs(runs, judge, allowed_ensemblers("stacking", tuple(registry.ensemblers.values()), task), seed=0)
    assert joined.run.outputs.min() >= 0.0
    assert joined.run.test.min() >= 0.0
