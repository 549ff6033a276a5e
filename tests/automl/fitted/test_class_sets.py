"""Sets of classes: by the mass that is likelier, or by the own probability; never empty, and always the same."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from automl.fitted.class_sets import ClassSets, SetRule
from automl.fitted.score_curve import score_curve

OUTPUTS = np.array([[0.5, 0.3, 0.2], [0.1, 0.2, 0.7]])
RULES = [SetRule(by_mass=True), SetRule(by_mass=True, penalty=0.1, free=1), SetRule(by_mass=False)]


def test_a_class_scores_the_mass_of_those_that_are_likelier():
    assert SetRule(by_mass=True).scores(OUTPUTS, np.array([0, 2])) == pytest.approx(
        np.array([[0, 0.5, 0.8], [0.9, 0.7, 0]])
    )


def test_a_penalty_is_added_for_each_class_past_the_free_ones():
    scores = SetRule(by_mass=True, penalty=0.1, free=1).scores(OUTPUTS, np.array([0, 2]))
    assert scores == pytest.approx(np.array([[0, 0.5, 0.9], [1.0, 0.7, 0]]))


def test_a_class_scores_what_its_probability_lacks_of_one():
    assert SetRule(by_mass=False).scores(OUTPUTS, np.array([0, 1])) == pytest.approx(
        np.array([[0, 0.7, 0.8], [0.9, 0, 0.3]])
    )


@pytest.mark.parametrize("rule", RULES)
@given(weights=arrays(float, (7, 4), elements=st.floats(0.0, 1.0)), coverage=st.floats(0.01, 0.99))
def test_sets_grow_with_the_coverage_and_always_hold_the_label_that_is_predicted(rule, weights, coverage):
    outputs = (weights + 1e-6) / (weights + 1e-6).sum(axis=1, keepdims=True)
    decided = weights.argmin(axis=1)
    made = ClassSets(rule, score_curve(np.linspace(0, 1, 50)), 50, by_group=False)
    sets = made.sets(outputs, decided, coverage)
    assert sets.dtype == bool
    assert sets[np.arange(7), decided].all()
    assert (made.sets(outputs, decided, min(0.99, coverage + 0.1)) >= sets).all()


def test_all_classes_are_given_where_fewer_cannot_be_promised():
    made = ClassSets(RULES[0], score_curve(np.zeros(9)), 9, by_group=False)
    assert made.promised == 0.9
    assert made.sets(OUTPUTS, np.array([0, 2]), 0.95).all()
    assert made.sets(OUTPUTS, np.array([0, 2]), 0.9).sum() == 2
