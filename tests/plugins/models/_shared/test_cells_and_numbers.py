"""Cells and numbers: columns with texts or images apart from numbers, which are standardised."""

from __future__ import annotations

import numpy as np

from automl.plugin_api import ColumnKind
from automl_builtins.models._shared.cells_and_numbers import CLIP, CellsAndNumbers
from tests.plugins.models.texts import text_table

DATA = text_table(40, n_columns=2)
INPUTS = CellsAndNumbers.of(DATA, ColumnKind.TEXT)


def test_columns_of_the_kind_are_given_as_they_are():
    first, second = INPUTS.cells(DATA.features)
    assert list(first) == list(DATA.features["text_0"])
    assert set(second) == {"a story of music"}


def test_numbers_are_standardised_and_extremes_bounded():
    found = INPUTS.numbers(DATA.features)
    assert found.shape == (40, 1)
    np.testing.assert_allclose([found.mean(), found.std()], [0.0, 1.0], atol=1e-5)
    assert INPUTS.numbers(DATA.features.assign(size=np.float32(1e9))).max() == CLIP


def test_a_missing_number_is_the_mean_and_a_constant_one_tells_nothing():
    assert not INPUTS.numbers(DATA.features.assign(size=np.nan)).any()
    constant = text_table(40)
    constant.features["size"] = np.float32(3.0)
    learnt = CellsAndNumbers.of(constant, ColumnKind.TEXT)
    assert not learnt.numbers(constant.features.assign(size=np.float32(8.0))).any()
