"""Prototypes: the class whose point is nearest, drawn and tempered by rows that the points were made without."""

import numpy as np
import pytest

from automl_builtins.models.bert.prototypes import TEMPERATURE, _without_itself, fit_prototypes


def clouds(n_rows=90, spread=0.4, seed=0):
    rng = np.random.default_rng(seed)
    target = np.arange(n_rows) % 3
    points = np.eye(3, 6)[target] + 0.5 + spread * rng.normal(size=(n_rows, 6))
    return points / np.linalg.norm(points, axis=1, keepdims=True), target


EVEN = np.full(3, 1 / 3)


def test_rows_are_of_the_class_whose_point_is_nearest():
    rows, target = clouds()
    new, truth = clouds(seed=1)
    shares = fit_prototypes(rows, target, np.ones(len(rows)), EVEN).probabilities(new)
    assert (shares.argmax(axis=1) == truth).mean() > 0.8
    np.testing.assert_allclose(shares.sum(axis=1), 1.0)


def test_one_row_a_class_tells_no_temperature():
    rows, target = clouds(3)
    made = fit_prototypes(rows, target, np.ones(3), EVEN)
    assert (made.temperature, made.told) == (TEMPERATURE, False)
    np.testing.assert_allclose(made.points, rows)


def test_the_more_classes_overlap_the_higher_the_temperature():
    made = [fit_prototypes(*clouds(spread=spread), np.ones(90), EVEN).temperature for spread in (0.1, 0.9)]
    assert made[0] < made[1]


@pytest.mark.parametrize("drawn", [0.0, 2.0])
def test_a_row_is_judged_by_prototypes_that_were_made_without_it(drawn):
    rows, target = clouds(12)
    middle = rows.mean(axis=0)
    sums = np.array([rows[target == each].sum(axis=0) for each in range(3)]) + drawn * middle
    found = _without_itself(rows, target, np.ones(12), (sums, np.ones(12, dtype=bool)))
    others = rows[1:][target[1:] == target[0]].sum(axis=0) + drawn * middle
    assert found[0, target[0]] == pytest.approx(rows[0] @ others / np.linalg.norm(others))


def test_a_row_of_weight_counts_as_often():
    rows, target = clouds(30)
    weights = np.where(np.arange(30) < 3, 2.0, 1.0)
    twice = np.r_[np.arange(3), np.arange(30)]
    one = fit_prototypes(rows, target, weights, EVEN)
    other = fit_prototypes(rows[twice], target[twice], np.ones(33), EVEN)
    np.testing.assert_allclose(one.points @ one.points.T, other.points @ other.points.T, atol=0.02)


def test_a_class_without_rows_is_possible():
    rows, target = clouds(30)
    kept = target < 2
    shares = fit_prototypes(rows[kept], target[kept], np.ones(kept.sum()), EVEN).probabilities(rows)
    assert np.isfinite(shares).all()
