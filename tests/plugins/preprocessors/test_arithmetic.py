"""Arithmetic is made where it tells more than the columns do, and nowhere else."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.plugin_api import Column, ColumnKind
from automl_builtins.preprocessors.arithmetic import SIGNS, Term, work_out
from tests.plugins.preprocessors.tables import BINARY, MULTICLASS, REGRESSION, fitted, names_of

COLUMNS = (
    *(Column(name, ColumnKind.NUMERIC) for name in ("width", "height", "noise")),
    Column("kind", ColumnKind.CATEGORICAL, categories=("a", "b", "c")),
)


def boxes(n_rows=1500, seed=0):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(np.exp(rng.normal(size=(n_rows, 3))).astype(np.float32), columns=["width", "height", "noise"])
    frame["kind"] = rng.integers(-1, 3, n_rows).astype(np.int32)
    return frame


def ratio_of(frame):
    return np.log(frame["width"] / frame["height"]).to_numpy(dtype=np.float64)


@pytest.mark.parametrize("task", [BINARY, MULTICLASS, REGRESSION], ids=lambda task: task.kind.value)
def test_the_ratio_that_the_target_depends_on_comes_first(task):
    frame = boxes()
    ratio = ratio_of(frame)
    target = {BINARY: ratio > 0, MULTICLASS: np.digitize(ratio, [-0.7, 0.7]), REGRESSION: ratio}[task]
    made, features = fitted(
        "arithmetic", frame, COLUMNS, task, target.astype(int) if task is not REGRESSION else target
    )
    assert names_of(made)[0] in ("width / height", "height / width")
    assert features.shape[1] <= 15
    assert features.to_numpy().dtype == np.float32


def test_nothing_is_made_for_a_target_that_depends_on_nothing():
    frame = boxes()
    made = [
        fitted("arithmetic", frame, COLUMNS, REGRESSION, np.random.default_rng(seed).normal(size=len(frame)), seed=seed)
        for seed in range(5)
    ]
    assert sum(features.shape[1] for _, features in made) <= 5


def test_nothing_is_made_where_one_column_alone_explains_the_target():
    frame = boxes()
    _, features = fitted("arithmetic", frame, COLUMNS, REGRESSION, (frame["width"] > 1).to_numpy(dtype=float))
    assert features.shape[1] == 0


def test_a_row_alone_gives_what_it_gives_among_others_with_missing_and_unseen_values():
    frame = boxes()
    made, _ = fitted("arithmetic", frame, COLUMNS, REGRESSION, ratio_of(frame))
    other = boxes(20, seed=1)
    other.iloc[0, 0], other.iloc[1, 1], other.iloc[2, 0] = np.nan, 0.0, np.inf
    whole = made.transform(other).to_numpy()
    alone = np.vstack([made.transform(other.iloc[i : i + 1]).to_numpy() for i in range(len(other))])
    np.testing.assert_array_equal(alone, whole)
    assert np.isnan(whole[0]).any()
    assert np.isfinite(whole[1]).all()
    assert np.isfinite(whole[3:]).all()


def test_how_many_features_there_are_is_a_param():
    frame = boxes()
    _, features = fitted("arithmetic", frame, COLUMNS, REGRESSION, ratio_of(frame), max_features=1)
    assert features.shape[1] == 1


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(*[st.floats(width=32, allow_nan=True)] * 2), max_size=20))
def test_no_numbers_make_infinity_and_complete_ones_nothing_missing(pairs):
    values = np.array(pairs, dtype=np.float64).reshape(-1, 2)
    made = work_out(values, [Term(sign, 0, 1) for sign in SIGNS])
    assert not np.isinf(made).any()
    assert np.isfinite(made[np.isfinite(values).all(axis=1)]).all()
