"""What the network sees of a table: scaled numbers, and which of them were missing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from automl.plugin_api import TaskKind
from automl_builtins.models.network.inputs import NetworkInputs, learn_inputs
from tests.plugins.models.tables import halves, make_table


def test_numbers_are_scaled_by_their_quartiles_and_extremes_are_clipped_smoothly():
    train, _ = halves(make_table(TaskKind.REGRESSION, 200))
    features = train.features.copy()
    features.iloc[0, 0] = 1e9
    numbers, _, _ = learn_inputs(replace(train, features=features)).apply(features)
    assert np.abs(numbers).max() <= 3.0
    assert numbers[0, 0] == pytest.approx(3.0, abs=1e-3)
    assert np.median(numbers[:, 0]) == pytest.approx(0.0, abs=1e-6)


def test_missing_numbers_get_an_input_of_their_own_where_training_has_some():
    train, _ = halves(make_table(TaskKind.BINARY, 200))
    assert learn_inputs(train).flagged == ()
    features = train.features.copy()
    features.iloc[:5, 1] = np.nan
    inputs = learn_inputs(replace(train, features=features))
    numbers, plain, _ = inputs.apply(features)
    assert inputs.flagged == (1,)
    assert plain[:, 0].tolist() == [1.0] * 5 + [0.0] * (len(plain) - 5)
    assert (numbers[:5, 1] == 0).all()


@given(
    codes=arrays(np.float64, (4, 3), elements=st.integers(-1, 9).map(float)), levels=st.tuples(*[st.integers(1, 8)] * 3)
)
def test_small_categories_are_one_hot_one_after_another(codes, levels):
    none = np.zeros(0)
    inputs = NetworkInputs((), (2, 0, 1), (), none, none, (), levels, ())
    _, plain, _ = inputs.apply(codes)
    columns = [codes[:, [place]] == np.arange(count) for place, count in zip((2, 0, 1), levels, strict=True)]
    assert (plain == np.hstack(columns)).all()
