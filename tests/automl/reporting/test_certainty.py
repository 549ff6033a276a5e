"""Reports and model cards tell for several coverages what intervals or sets came to."""

import numpy as np

from automl.fitted.by_target import ByTarget
from automl.fitted.class_sets import ClassSets, SetRule
from automl.fitted.intervals import Achieved, Intervals, Reach
from automl.fitted.score_curve import score_curve
from automl.reporting.certainty import tell_certainty


def test_a_table_tells_what_each_coverage_came_to_and_what_can_be_promised():
    achieved = (Achieved(0.5, 0.52, 1.0), Achieved(0.9, 0.912, 1.34567))
    curve = score_curve([0.1, 0.5], n_units=10)
    (table,) = tell_certainty(ClassSets(SetRule(by_mass=True), curve, 10, True, achieved))
    assert table.heads == ("coverage asked", "covered", "mean number of classes")
    assert table.rows == (("50%", "52.0%", "1"), ("90%", "91.2%", "1.346"))
    assert "The 10 groups can promise a coverage of up to 90.91%." in table.about


def test_nothing_is_told_where_nothing_was_kept_or_tried():
    assert tell_certainty(None) == ()
    assert tell_certainty(ClassSets(SetRule(by_mass=True), score_curve([0.1]), 1, by_group=False)) == ()


def test_the_card_tells_of_both_forms(regressor, classifier):
    assert "### Intervals" in regressor.card()
    assert "| coverage asked | covered | mean number of classes |" in classifier.card()


def test_several_targets_have_a_table_of_intervals_and_one_of_sets_a_row_each():
    achieved = tuple(Achieved(asked, asked + 0.01, 1.5) for asked in (0.5, 0.8, 0.9, 0.95))
    curve = score_curve([0.1, 0.5], n_units=50)
    sets = ClassSets(SetRule(by_mass=True), curve, 50, False, achieved)
    reach = Reach(0, 0, 0.0, curve, curve)
    values = Intervals((reach,), None, -np.inf, np.inf, 50, False, achieved)
    untried = Intervals((reach,), None, -np.inf, np.inf, 50, False)
    first, second = tell_certainty(ByTarget((sets, values, untried)), ("colour", "size", "few"))
    assert (first.title, second.title) == ("Intervals of each target", "Sets of classes of each target")
    assert first.rows == (("size", "81.0%", "91.0%", "96.0%", "1.5"),)
    assert second.heads == ("target", "asked 80%", "asked 90%", "asked 95%", "mean number of classes at 90%")
