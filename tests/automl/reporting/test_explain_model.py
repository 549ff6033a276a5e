"""What is measured of a model is measured once, and on rows alone that are there."""

from dataclasses import replace

from automl.reporting.explain_model import explained_by
from automl.vocabulary.explained import Explained


def test_what_was_measured_before_is_not_measured_again(classifier, importance):
    kept = Explained(importance, (), "some rows", 3)
    assert explained_by(replace(classifier._fitted(), explained=kept), None) is kept


def test_without_rows_nothing_is_measured(classifier):
    fitted = replace(classifier._fitted(), explained=None)
    assert explained_by(replace(fitted, looked=None), None) is None
    assert explained_by(replace(fitted, looked=replace(fitted.looked, sample=None)), None) is None
