"""Sets of classes are calibrated on held-out rows, by the rule whose sets are the smallest."""

import numpy as np
import pytest

from automl.steps.review.calibrate_sets import calibrate_sets
from tests.automl.steps.review.held import classes


@pytest.mark.parametrize("n_classes", [2, 3, 8])
def test_new_rows_are_covered_as_often_as_asked_by_sets_that_are_never_empty(n_classes):
    made, new = calibrate_sets(classes(1_500, n_classes)), classes(2_000, n_classes, seed=1)
    sets = made.sets(new.outputs, new.decided, 0.9)
    assert sets[np.arange(2_000), new.target].mean() == pytest.approx(0.9, abs=0.025)
    assert sets.any(axis=1).all()
    assert [each.covered for each in made.achieved[1:]] == pytest.approx([0.8, 0.9, 0.95], abs=0.04)


def test_the_rule_of_the_smallest_sets_is_taken():
    held = classes(2_000, 8)
    made = calibrate_sets(held)
    assert not made.rule.by_mass  # drawn by their probabilities, for which that rule is the best there is
    assert calibrate_sets(classes(500, 2)).rule.by_mass


def test_groups_are_what_can_be_promised_by():
    made = calibrate_sets(classes(100, groups=np.repeat(np.arange(10), 10)))
    assert (made.n_units, made.by_group, made.promised) == (10, True, pytest.approx(10 / 11))


def test_a_few_rows_suffice_for_sets_but_not_to_try_them():
    made = calibrate_sets(classes(5))
    assert made.achieved == ()
    assert made.promised == pytest.approx(5 / 6)
