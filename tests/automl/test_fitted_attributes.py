"""What is read of a fit under public names, by users and by scikit-learn's tools."""

import pytest
from sklearn.utils.validation import check_is_fitted

from automl import AutoML
from automl.errors import NotFittedError
from automl.fitted_attributes import FittedAttributes

NAMES = sorted(name for name, each in vars(FittedAttributes).items() if isinstance(each, property))


def test_each_attribute_is_read_from_the_record(classifier):
    fitted = classifier._fitted()
    assert (classifier.score_, classifier.interval_) == (fitted.score, fitted.interval)
    assert (classifier.metric_, classifier.ensemble_) == (fitted.metric.name, fitted.ensemble)
    assert classifier.notes_ is fitted.notes
    assert classifier.audit_ is fitted.audit
    assert classifier.n_features_in_ == len(classifier.feature_names_in_) == len(fitted.schema.given)
    assert classifier.classes_ is classifier.classes_


@pytest.mark.parametrize("name", NAMES)
def test_an_attribute_of_what_is_not_fitted_is_not_there_and_says_so(name):
    assert not hasattr(AutoML(), name)
    with pytest.raises(NotFittedError, match="not fitted yet"):
        getattr(AutoML(), name)


def test_a_regression_has_no_classes(regressor):
    assert not hasattr(regressor, "classes_")


def test_scikit_learn_knows_whether_it_is_fitted(classifier):
    check_is_fitted(classifier)
    with pytest.raises(NotFittedError):
        AutoML().leaderboard()
    assert not AutoML().__sklearn_is_fitted__()


def test_frames_that_are_handed_out_are_copies(classifier):
    for frame in (classifier.leaderboard(), classifier.failures()):
        frame["model"] = "changed"
    assert "changed" not in {*classifier.leaderboard()["model"], *classifier.failures()["model"]}
