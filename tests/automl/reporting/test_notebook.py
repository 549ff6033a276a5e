"""What notebooks show of an estimator, fitted or not."""

from automl import AutoML


def test_a_notebook_shows_score_members_and_notes_of_a_fitted_model(classifier):
    shown = classifier._repr_html_()
    assert f"{classifier.score_:.5g}" in shown
    assert "Members of the ensemble" in shown
    assert "<table" in classifier.predictor_._repr_html_()


def test_a_notebook_shows_the_options_that_were_changed_of_an_unfitted_one():
    shown = AutoML(60, metric="f1")._repr_html_()
    assert "not fitted" in shown
    assert "f1" in shown
    assert "n_jobs" not in shown
