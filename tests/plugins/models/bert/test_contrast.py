"""Contrast: batches pair rows of one class and repeat with the seed; the loss is what a hand would find."""

import math
from functools import partial

import numpy as np
import pytest

from automl_builtins.models.bert.contrast import LEAST_STEPS, TEMPERATURE, PairPlan, learn_pairs, n_steps, pair_loss

torch = pytest.importorskip("torch")


def test_batches_hold_two_rows_of_each_class_and_repeat_with_the_seed():
    target = np.repeat(np.arange(20), 5)
    plan = PairPlan(batch=8, steps=2, seed=3)
    first, again = next(plan.batches(target)), next(plan.batches(target))
    np.testing.assert_array_equal(first, again)
    assert sorted(np.unique(target[first], return_counts=True)[1]) == [2] * 4


def test_many_rows_are_seen_as_often_as_is_asked_for_and_few_ones_more_often():
    params = {"rounds": 10, "batch": 32}
    assert [n_steps(params, n_rows) for n_rows in (16, 320)] == [LEAST_STEPS, 100]


def test_a_class_of_one_row_is_drawn_with_what_it_has():
    batch = next(PairPlan(batch=8, steps=1, seed=0).batches(np.array([0, 1, 1, 1])))
    assert sorted(batch) == [0, 1, 2, 3]


def test_the_loss_is_the_cross_entropy_of_finding_the_other_row_of_a_class():
    vectors = torch.tensor([[1.0, 0.0], [0.6, 0.8], [0.0, 1.0]])
    near, far = math.exp(0.6 / TEMPERATURE), [math.exp(0.0), math.exp(0.8 / TEMPERATURE)]
    wanted = -np.mean([math.log(near / (near + each)) for each in far])
    assert float(pair_loss(vectors, np.array([0, 0, 1]))) == pytest.approx(wanted, rel=1e-5)


def test_without_any_pair_nothing_is_learned():
    vectors = torch.eye(3, requires_grad=True)
    loss = pair_loss(vectors, np.array([0, 1, 2]))
    loss.backward()
    assert loss.item() == 0
    assert torch.isfinite(vectors.grad).all()


def of_rows(points, rows):
    return torch.nn.functional.normalize(points[rows], dim=1)


def test_learning_draws_rows_of_one_class_together_until_time_is_over():
    target = np.array([0, 0, 1, 1])
    for seconds, learned in ((math.inf, True), (1e-9, False)):
        torch.manual_seed(0)
        points = torch.nn.Parameter(torch.randn(4, 3))
        before = points.detach().clone()
        learn_pairs([{"params": [points], "rate": 0.1}], partial(of_rows, points), target, PairPlan(4, 50, 0, seconds))
        losses = [pair_loss(of_rows(each, np.arange(4)), target).item() for each in (points, before)]
        assert (losses[0] < 0.2 * losses[1]) is learned
