"""The learner by contrast: pairs draw texts of one class together, time and seed are kept, and it can be saved."""

import pickle
from dataclasses import replace

import numpy as np
import pytest

from automl.plugin_api import Deadline, FitContext, FitSize, TaskKind
from automl_builtins.models.baseline import BASELINE
from automl_builtins.models.bert import TEXT_CONTRAST, contrast_limits, contrast_resources
from automl_builtins.models.bert.tuned_encoder import PairPlan
from tests.plugins.models.tables import TASKS, fit, halves, loss, take
from tests.plugins.models.texts import BAD, GOOD, text_table

pytest.importorskip("transformers")


@pytest.fixture(scope="module")
def params(weights):
    chosen = {"weights": weights, "tokens": 16, "layers": 1.0, "tuned": 0.5, "head": "linear", "C": 30.0}
    return {**chosen, "rounds": 20, "batch": 16, "body_rate": 5e-3}


@pytest.fixture(scope="module")
def tables():
    return halves(text_table(120))


def test_tuned_pairs_tell_texts_apart_better_than_frozen_layers(tables, params):
    train, valid = tables
    plain = loss(valid, fit(BASELINE, train).predict(valid.features))
    tuned = fit(TEXT_CONTRAST, train, valid, params=params)
    hardly = fit(TEXT_CONTRAST, train, valid, params={**params, "body_rate": 1e-9})
    losses = [loss(valid, each.predict(valid.features)) for each in (tuned, hardly)]
    assert losses[0] < min(losses[1], 0.95 * plain)


def test_it_predicts_the_same_when_fitted_again_and_when_saved(tables, params):
    train, valid = tables
    learners = [fit(TEXT_CONTRAST, train, None, params={**params, "rounds": 3}) for _ in range(2)]
    learners.append(pickle.loads(pickle.dumps(learners[0])))
    first, *others = (each.predict(valid.features) for each in learners)
    for other in others:
        np.testing.assert_array_equal(other, first)


def test_descriptions_are_pairs_too_where_a_class_has_one_row(tables, params):
    train = take(tables[0], np.array([int(np.argmin(tables[0].target)), int(np.argmax(tables[0].target))]))
    described = replace(train, task=replace(train.task, descriptions=(BAD, GOOD)))
    found = fit(TEXT_CONTRAST, described, None, params=params).predict(tables[1].features)
    assert np.isfinite(found).all()


def test_without_time_it_takes_hardly_a_step(tables, params):
    context = FitContext(deadline=Deadline(0.0))
    learner = fit(TEXT_CONTRAST, tables[0], None, context, {**params, "rounds": 1_000_000})
    assert learner.predict(tables[1].features).shape == (tables[1].n_rows, 2)


def test_batches_hold_two_rows_of_each_class_and_repeat_with_the_seed():
    target = np.repeat(np.arange(20), 5)
    plan = PairPlan(batch=8, rounds=2, rate=1e-4, seed=3)
    first, again = next(plan.batches(target)), next(plan.batches(target))
    np.testing.assert_array_equal(first, again)
    assert sorted(np.unique(target[first], return_counts=True)[1]) == [2] * 4
    assert plan.n_steps(len(target)) == 25


def test_many_rows_of_a_class_are_left_to_others(params):
    size = FitSize(100, 1, TASKS[TaskKind.BINARY], params, words=20)
    assert contrast_limits(size) == ""
    assert "frozen layers tell as much" in contrast_limits(replace(size, n_rows=1_000))
    assert contrast_resources(replace(size, n_rows=128)).seconds > contrast_resources(size).seconds
