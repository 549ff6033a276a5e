"""Keeping digits: numbers that float32 cannot hold are stored so that it can, in features and targets alike."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl import AutoML
from automl.plugin_api import Task, TaskKind
from automl.registry import discover
from automl.steps.audit.profile_table import measured
from automl.table.columns.encode_table import encode_table
from automl.table.columns.type_columns import type_columns
from automl.table.readings.keep_digits import as_given, for_learners, offset_of, rescaled, scale_of
from tests.conftest import quick

RNG = np.random.default_rng(0)
Z = RNG.normal(size=(400, 2))
REGISTRY = discover()


def stored(values):
    """A column as it is stored, and the column."""
    frame = pd.DataFrame({"x": values})
    schema = type_columns(frame, REGISTRY)
    return encode_table(frame, schema)["x"].to_numpy(), schema.columns[0]


@settings(max_examples=60, deadline=None)
@given(st.floats(-300, 300), st.floats(-4, 4))
def test_numbers_of_any_size_keep_seven_digits(power, shift):
    values = (Z[:, 0] + shift) * 10.0**power
    found, column = stored(values)
    assert np.isfinite(found).all()
    spread = np.ptp(values)
    np.testing.assert_allclose(measured(found, column), values, atol=1e-6 * spread)
    assert 1e-12 < np.abs(found).max() < 1e19


@pytest.mark.parametrize("values", [Z[:, 0], Z[:, 0] * 1e9, np.arange(400.0), np.zeros(5), np.array([np.nan, 1e-3])])
def test_usual_numbers_are_stored_as_they_are(values):
    assert scale_of(values, offset_of(values)) == 1.0


def test_the_usual_and_the_largest_of_very_unlike_numbers_are_both_there():
    found, _ = stored(np.where(np.arange(400) == 7, 1e250, np.exp(Z[:, 0]) * 1e-40))
    assert np.isfinite(found).all()
    assert found[7] == found.max() > 1e3 * np.median(found)


@pytest.mark.parametrize(("first", "kind"), [(2**63, "uint64"), (2**62, "int64"), (-(2**62), "int64")])
def test_every_digit_of_large_whole_numbers_counts(first, kind):
    values = pd.Series([first + step for step in range(100)], dtype=kind)
    found, column = stored(values)
    np.testing.assert_array_equal(np.diff(found), 1.0)
    for other in (values.astype(object), values.astype(str)):
        np.testing.assert_array_equal(stored(other)[0], found)
    with_gap = pd.Series([first, None, first + 5], dtype=kind.replace("i", "I").replace("u", "U"))
    for n_rows in (3, 1):
        frame = pd.DataFrame({"x": with_gap.head(n_rows)})
        again = encode_table(frame, type_columns(pd.DataFrame({"x": values}), REGISTRY))["x"].to_numpy()
        np.testing.assert_array_equal(again, np.array([found[0], np.nan, found[5]])[:n_rows])
    assert column.offset != 0


def test_a_target_of_another_size_is_given_to_learners_on_a_plain_scale_and_comes_back():
    for target in (1.7e9 + 50 * Z[:, 0], 1e-30 * Z[:, 0], 1e20 * Z[:, 0]):
        task = rescaled(Task(TaskKind.REGRESSION, "y"), target)
        assert task.is_rescaled
        given_to = for_learners(target, task)
        assert 1e-3 < np.std(given_to) < 1e3
        np.testing.assert_allclose(as_given(given_to, task), target, rtol=1e-15)
    usual = rescaled(Task(TaskKind.REGRESSION, "y"), 300 + 50 * Z[:, 0])
    assert not usual.is_rescaled
    assert for_learners(Z[:, 0], usual) is not None


def table(scale=1.0, y=lambda z: z):
    frame = pd.DataFrame(Z * scale, columns=["a", "b"])
    return frame.assign(y=y(Z[:, 0] + Z[:, 1] + 0.1 * RNG.normal(size=len(Z))))


@pytest.mark.parametrize("scale", [1e-49, 1e-300, 1e42])
def test_what_is_tiny_or_huge_is_learned_from(scale):
    frame = table(scale, lambda z: (z > 0).astype(int))
    model = quick(models=["lightgbm", "linear"]).fit(frame.head(300), "y")
    assert model.evaluate(frame.tail(100), metrics="roc_auc")["roc_auc"] > 0.95
    one = model.predict_proba(frame.drop(columns="y").tail(1))
    np.testing.assert_array_equal(one, model.predict_proba(frame.drop(columns="y").tail(100))[-1:])


def test_a_target_far_from_zero_is_predicted_as_well_as_one_near_it(tmp_path):
    options = {"models": ["lightgbm", "linear", "random_forest"], "max_trials": 4}
    errors = {}
    for name, y in (("near", lambda z: 50 * z), ("far", lambda z: 1.7e9 + 50 * z)):
        rng = np.random.default_rng(1)
        frame = pd.DataFrame(Z, columns=["a", "b"]).assign(y=y(Z[:, 0] + Z[:, 1] + 0.1 * rng.normal(size=len(Z))))
        model = quick(**options).fit(frame.head(300), "y")
        errors[name] = np.sqrt(np.mean((model.predict(frame.tail(100)) - frame["y"].tail(100)) ** 2)), model.score_
    assert errors["far"] == pytest.approx(errors["near"], rel=0.05)
    again = AutoML.load(model.save(tmp_path / "far"))
    np.testing.assert_array_equal(again.predict(frame), model.predict(frame))
