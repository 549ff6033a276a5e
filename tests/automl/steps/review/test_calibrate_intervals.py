"""Intervals are calibrated on held-out rows: they cover as often as asked, and as narrowly as a simple way allows."""

from dataclasses import replace

import numpy as np
import pytest

from automl.steps.review.calibrate_intervals import calibrate_intervals
from tests.automl.steps.review.held import noisy


def calibrated(held):
    return calibrate_intervals(held, ((0, 0, 0.0),))


def ends_of(made, new, coverage=0.9):
    return made.ends(new.outputs, made.spreads(new.stored, new.outputs), coverage)


def covered(ends, new):
    return ((ends[:, 0] <= new.target) & (new.target <= ends[:, 1])).mean()


@pytest.fixture(scope="module")
def scaled():
    return calibrated(noisy(1_500))


def test_new_rows_are_covered_as_often_as_asked_and_loud_ones_have_wider_intervals(scaled):
    new = noisy(2_000, seed=1)
    ends = ends_of(scaled, new)
    widths, is_loud = ends[:, 1] - ends[:, 0], new.stored["loud"] == 1
    assert covered(ends, new) == pytest.approx(0.9, abs=0.03)
    assert widths[is_loud].mean() > 2.5 * widths[~is_loud].mean()


def test_what_coverages_came_to_is_kept(scaled):
    assert [each.asked for each in scaled.achieved] == [0.5, 0.8, 0.9, 0.95]
    assert [each.covered for each in scaled.achieved] == pytest.approx([0.5, 0.8, 0.9, 0.95], abs=0.03)
    assert np.diff([each.size for each in scaled.achieved]).min() > 0


def test_rows_of_one_noise_keep_one_width():
    made = calibrated(noisy(600, louder=1.0))
    assert (made.spread, made.reaches[0].two_sided, made.least) == (None, False, -np.inf)


def test_skewed_noise_gets_a_curve_for_each_side_once_rows_are_enough():
    made = calibrated(noisy(1_000, louder=1.0, skewed=True))
    reach = made.reaches[0]
    assert reach.two_sided
    assert reach.above.within(0.95) > 5 * reach.below.within(0.95)
    assert not calibrated(noisy(100, louder=1.0, skewed=True)).reaches[0].two_sided


def test_intervals_end_where_the_target_does():
    held = noisy(150)
    at_zero = replace(held, target=np.maximum(held.target, 0.0))
    made = calibrate_intervals(at_zero, ((0, 0, 0.0),), (0.0, np.inf))
    assert (made.least, made.most) == (0.0, np.inf)
    assert ends_of(made, held).min() == 0.0
    assert calibrated(at_zero).least == -np.inf


def test_few_groups_are_what_can_be_promised_by():
    groups = np.repeat(np.arange(20), 10)
    made = calibrated(noisy(200, groups=groups))
    assert (made.n_units, made.by_group, made.promised) == (20, True, pytest.approx(20 / 21))


def test_new_groups_are_covered_though_rows_of_one_err_alike():
    found = []
    for seed in range(40):
        held = noisy(110, seed, louder=1.0)
        shift = np.repeat(np.random.default_rng(seed).normal(size=11) * 5, 10)
        held = replace(held, target=held.target + shift)
        known, new = held.at(np.arange(100)), held.at(np.arange(100, 110))
        known = replace(known, groups=np.repeat(np.arange(10), 10))
        found.append(covered(ends_of(calibrated(known), new, 0.8), new))
    assert np.mean(found) >= 0.76


def test_values_without_any_noise_have_intervals_of_no_width():
    held = noisy(400)
    held = replace(held, target=held.outputs[:, 0].copy())
    ends = ends_of(calibrated(held), held)
    assert (ends[:, 0] == ends[:, 1]).all()


def test_rows_without_weight_count_for_nothing():
    held = noisy(400, louder=100.0)
    held = replace(held, weights=1.0 - held.stored["loud"].to_numpy())
    assert calibrated(held).reaches[0].above.within(0.9) < 3.0


def test_quantiles_that_lie_too_near_each_other_are_moved_apart_and_those_too_far_together():
    for narrow in (0.3, 3.0):
        held = noisy(800, louder=1.0)
        quantiles = held.outputs + np.array([[-1.6, -0.7, 0.0, 0.7, 1.6]]) * narrow
        known, new = replace(held, outputs=quantiles).at(np.arange(400)), replace(held, outputs=quantiles)
        made = calibrate_intervals(known, ((0, 4, 0.9), (1, 3, 0.5), (2, 2, 0.0)))
        for coverage in (0.2, 0.5, 0.9, 0.95):
            ends = made.ends(new.outputs, np.ones(800), coverage)[400:]
            assert covered(ends, new.at(np.arange(400, 800))) == pytest.approx(coverage, abs=0.08)
