"""Where predictions are less sure is learnt from held-out rows, and not where there is nothing to learn it from."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.utils._openmp_helpers import _openmp_effective_n_threads

from automl.steps.review.held_out import HeldOut
from automl.steps.review.learn_spread import MOST_COLUMNS, _as_arrays, learn_spread
from automl.vocabulary.deadline import Deadline
from tests.automl.steps.review.held import noisy


def learned(held: HeldOut):
    predicted = held.outputs[:, 0]
    return learn_spread(held, predicted, held.target - predicted)


def test_loud_rows_have_a_wider_spread_and_it_is_the_same_each_time():
    held = noisy(600)
    spread, spreads = learned(held)
    is_loud = held.stored["loud"].to_numpy() == 1
    assert np.median(spreads[is_loud]) > 2.5 * np.median(spreads[~is_loud])
    assert np.array_equal(learned(held)[1], spreads)
    assert len(spread.models) == 3


def test_a_telling_column_is_found_among_many():
    held = noisy(400, n_idle=MOST_COLUMNS + 20)
    spread, _ = learned(held)
    assert spread.columns[0].name == "loud"
    assert all(len(each.places) == MOST_COLUMNS and {0, 1} <= set(each.places.tolist()) for each in spread.models)
    assert max(each.places.max() for each in spread.models) == len(spread.columns)


@pytest.mark.parametrize("why", ["few rows", "no error", "no time", "one group"])
def test_nothing_is_learned_where_it_cannot_be(why):
    held = noisy(200 if why == "few rows" else 400)
    if why == "no error":
        held = replace(held, target=held.outputs[:, 0].copy())
    if why == "no time":
        held = replace(held, deadline=Deadline(0.0))
    if why == "one group":
        held = replace(held, groups=np.zeros(400))
    assert learned(held) is None


def test_missing_values_are_no_obstacle():
    held = noisy(400)
    held.stored.loc[::3, "loud"] = np.nan
    assert np.isfinite(learned(held)[1]).all()


def test_the_arrays_that_are_kept_predict_as_the_fitted_model_does():
    features = np.random.default_rng(0).normal(size=(500, 3))
    features[::7, 1] = np.nan
    fitted = HistGradientBoostingRegressor(loss="gamma", max_iter=20, max_leaf_nodes=5, early_stopping=False)
    fitted.fit(features[:, [0, 1]], np.exp(features[:, 0] + np.nan_to_num(features[:, 1], nan=2.0)))
    kept = _as_arrays(np.array([0, 1]), fitted)
    assert kept.of(features) == pytest.approx(fitted.predict(features[:, [0, 1]]), rel=1e-12)
    assert kept.of(features[:1])[0] == kept.of(features)[0]


def test_models_are_fitted_by_one_thread_as_several_would_wait_for_each_other_on_a_busy_machine(monkeypatch):
    seen = []
    fit = HistGradientBoostingRegressor.fit

    def watched(self, *given):
        seen.append(_openmp_effective_n_threads())
        return fit(self, *given)

    monkeypatch.setattr(HistGradientBoostingRegressor, "fit", watched)
    before = _openmp_effective_n_threads()
    assert learned(noisy(400)) is not None
    assert set(seen) == {1}
    assert _openmp_effective_n_threads() == before


def test_of_many_rows_models_are_larger_where_there_is_time(monkeypatch):
    monkeypatch.setattr("automl.steps.review.learn_spread.MANY_ROWS", 400)
    held = noisy(400)
    for deadline, trees in ((Deadline(None), 80), (Deadline(4.0), 50)):
        spread, _ = learned(replace(held, deadline=deadline))
        assert len(spread.models[0].values) == trees
