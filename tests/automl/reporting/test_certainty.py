"""Reports and model cards tell for several coverages what intervals or sets came to."""

from automl.fitted.class_sets import ClassSets, SetRule
from automl.fitted.intervals import Achieved
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
