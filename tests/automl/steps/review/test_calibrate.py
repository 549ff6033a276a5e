"""What makes intervals and sets comes of each search whose outputs have such a form, and costs no more than itself."""

import numpy as np
import pytest

from automl.errors import InputError
from automl.fitted.class_sets import ClassSets
from automl.steps.review import calibrate
from tests.conftest import quick
from tests.tables import binary_table


def fitted(**given):
    return quick(models=["linear"], max_trials=1, cv=2).fit(binary_table(60), "bought", **given)


def test_that_it_breaks_costs_the_sets_alone_and_is_told(monkeypatch):
    monkeypatch.setattr(calibrate, "calibrate_sets", lambda held: 1 / 0)
    model = fitted()
    broken = model.failures()[["model", "stage", "cause"]].to_numpy().tolist()
    assert ["calibration", "review", "ZeroDivisionError: division by zero"] in broken
    assert model.predict(binary_table(5)).shape == (5,)
    with pytest.raises(InputError, match=r"failures\(\) says why"):
        model.predict_set(binary_table(5))


def test_groups_and_weights_of_the_fit_count(monkeypatch):
    seen = []
    monkeypatch.setattr(calibrate, "calibrate_sets", lambda held: seen.append(held) or CALIBRATED(held))
    model = fitted(groups=np.repeat(np.arange(12), 5), sample_weight=np.arange(60) + 1.0)
    (held,) = seen
    assert (held.n_rows, held.n_units) == (60, 12)
    assert held.weights / held.weights[0] == pytest.approx(np.arange(60) + 1.0)
    with pytest.warns(UserWarning, match="more than 12 held-out groups can promise"):
        assert model.predict_set(binary_table(5), 0.95).all()


def test_of_many_rows_some_are_drawn_the_same_each_time(monkeypatch):
    monkeypatch.setattr(calibrate, "MOST_ROWS", 40)
    monkeypatch.setattr(calibrate, "FEWER_ROWS", 30)
    one, other = fitted()._fit.calibrated, fitted()._fit.calibrated
    assert isinstance(one, ClassSets)
    assert one.n_units == 40
    assert np.array_equal(one.curve.scores, other.curve.scores)


CALIBRATED = calibrate.calibrate_sets
