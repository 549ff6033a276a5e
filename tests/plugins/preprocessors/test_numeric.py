from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from automl.plugin_api import Column, ColumnKind
from automl_builtins.preprocessors.numeric import column_medians, column_quantiles, to_normal
from tests.plugins.preprocessors.tables import fitted, names_of, numbers

TABLES = arrays(
    np.float32, st.tuples(st.integers(1, 12), st.integers(1, 3)), elements=st.floats(width=32, allow_nan=True)
)


def table(values):
    values = np.asarray(values, dtype=np.float32)
    names = [f"n{i}" for i in range(values.shape[1])]
    return pd.DataFrame(values, columns=names), tuple(Column(name, ColumnKind.NUMERIC) for name in names)


def test_passthrough_copies_nothing():
    frame, columns = numbers()
    _, features = fitted("passthrough", frame, columns)
    assert np.shares_memory(features.to_numpy(), frame.to_numpy())


def test_passthrough_lets_truth_values_reach_the_imputation_because_they_may_be_missing():
    frame = pd.DataFrame({"b": np.array([1, 0, np.nan], dtype=np.float32)})
    made, _ = fitted("passthrough", frame, (Column("b", ColumnKind.BOOLEAN),))
    assert made.output_columns() == (Column("b", ColumnKind.NUMERIC),)


def test_impute_fills_gaps_with_the_training_median_and_tells_where_they_were():
    frame, columns = table([[1, 1], [np.nan, 2], [3, 3], [8, 4]])
    made, features = fitted("impute", frame, columns)
    assert features.to_numpy().tolist() == [[1, 1, 0], [3, 2, 1], [3, 3, 0], [8, 4, 0]]
    assert names_of(made) == ["n0", "n1", "n0.missing"]
    assert [column.kind for column in made.output_columns()][2] is ColumnKind.BOOLEAN


def test_impute_fills_gaps_that_training_did_not_have():
    frame, columns = table([[1], [2], [9]])
    made, features = fitted("impute", frame, columns)
    assert features is frame
    assert made.transform(table([[np.nan], [5]])[0]).to_numpy().tolist() == [[2], [5]]


def test_impute_takes_infinity_for_missing():
    frame, columns = table([[1], [np.inf], [-np.inf], [3]])
    _, features = fitted("impute", frame, columns)
    assert features.to_numpy().tolist() == [[1, 0], [2, 1], [2, 1], [3, 0]]


def test_impute_gives_a_column_without_any_value_as_zeros():
    frame, columns = table([[np.nan], [np.nan]])
    _, features = fitted("impute", frame, columns)
    assert features.iloc[:, 0].tolist() == [0, 0]


def test_impute_names_its_columns_apart_from_those_that_are_there():
    frame = pd.DataFrame(np.array([[np.nan, 1], [2, 3]], dtype=np.float32), columns=["a", "a.missing"])
    made, _ = fitted("impute", frame, tuple(Column(name, ColumnKind.NUMERIC) for name in frame.columns))
    assert names_of(made) == ["a", "a.missing", "a.missing_2"]


@settings(max_examples=50, deadline=None)
@given(TABLES)
def test_impute_leaves_no_gap_whatever_comes(values):
    frame, columns = table(values)
    made, features = fitted("impute", frame, columns)
    assert np.isfinite(features.to_numpy()).all()
    assert np.isfinite(made.transform(frame.iloc[::-1]).to_numpy()).all()


@pytest.mark.parametrize("name", ["standard", "robust", "quantile"])
@settings(max_examples=50, deadline=None)
@given(values=TABLES)
def test_scalers_give_a_number_for_each_number_and_nan_for_the_others(name, values):
    frame, columns = table(values)
    _, features = fitted(name, frame, columns)
    assert not np.isinf(features.to_numpy()).any()
    assert (np.isnan(features.to_numpy()) == ~np.isfinite(values)).all()


@pytest.mark.parametrize("name", ["standard", "robust", "quantile"])
def test_scalers_turn_a_constant_into_zero(name):
    frame, columns = table(np.full((9, 1), 0.1))
    _, features = fitted(name, frame, columns)
    assert features.to_numpy().tolist() == [[0]] * 9


@pytest.mark.parametrize("name", ["standard", "robust", "quantile"])
def test_scalers_keep_the_order_of_values(name):
    values = np.random.default_rng(0).lognormal(size=(200, 2))
    frame, columns = table(values)
    _, features = fitted(name, frame, columns)
    for i in range(2):
        assert (np.diff(features.to_numpy()[np.argsort(values[:, i]), i]) >= 0).all()


def test_standard_gives_mean_zero_and_deviation_one_of_what_is_known():
    values = np.random.default_rng(0).normal(1000, 3, size=(500, 2))
    values[::7, 0] = np.nan
    frame, columns = table(values)
    _, features = fitted("standard", frame, columns)
    np.testing.assert_allclose(np.nanmean(features.to_numpy(), axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(np.nanstd(features.to_numpy(), axis=0), 1, atol=1e-4)


def test_standard_scales_other_rows_by_the_training_rows():
    frame, columns = table([[0], [2]])
    made, _ = fitted("standard", frame, columns)
    assert made.transform(table([[5]])[0]).to_numpy().tolist() == [[4]]


def test_robust_bends_outliers_toward_three():
    frame, columns = table([[0], [1], [2], [3], [4], [1e30]])
    _, features = fitted("robust", frame, columns)
    expected = (4 - 2.5) / 2.5
    assert features.to_numpy()[-1, 0] == pytest.approx(3)
    assert features.to_numpy()[-2, 0] == pytest.approx(expected / np.sqrt(1 + (expected / 3) ** 2))


def test_robust_scales_by_the_range_where_the_middle_half_is_constant():
    frame, columns = table([[0]] * 9 + [[4]])
    _, features = fitted("robust", frame, columns)
    assert features.to_numpy()[-1, 0] == pytest.approx(2 / np.sqrt(1 + (2 / 3) ** 2))


def test_quantile_maps_as_scikit_learn_does():
    from sklearn.preprocessing import QuantileTransformer

    rng = np.random.default_rng(0)
    values = np.column_stack([rng.lognormal(size=1500), np.round(rng.normal(size=1500), 1)]).astype(np.float32)
    values[::9, 1] = np.nan
    frame, columns = table(values[:1200])
    made, _ = fitted("quantile", frame, columns)
    theirs = QuantileTransformer(output_distribution="normal", n_quantiles=1000).fit(values[:1200])
    found = made.transform(table(values[1200:])[0]).to_numpy()
    np.testing.assert_allclose(found, theirs.transform(values[1200:]), atol=2e-3)


def test_quantile_standardises_a_column_of_two_values():
    frame, columns = table([[0], [1], [0], [1]])
    _, features = fitted("quantile", frame, columns)
    assert features.to_numpy().ravel().tolist() == [-1, 1, -1, 1]


def test_values_beyond_all_quantiles_stay_finite():
    found = to_normal(np.array([[-1e9], [1e9]]), np.array([[0.0, 1.0, 2.0]]))
    assert found[:, 0] == pytest.approx([-5.199, 5.199], abs=1e-3)


def test_the_medians_of_few_rows_are_those_of_many():
    values = np.random.default_rng(0).normal(size=(6, 40)).astype(np.float32)
    gaps = np.random.default_rng(1).random(values.shape) < 0.3
    gaps[:, 3] = True
    at_once = column_medians(values, gaps)
    assert at_once[3] == 0.0
    for i in np.flatnonzero(~gaps.all(axis=0)):
        assert at_once[i] == np.float32(np.median(values[~gaps[:, i], i].astype(np.float64)))


@pytest.mark.parametrize("share_missing", [0.0, 0.2])
def test_the_quantiles_of_a_wide_table_are_those_of_each_column(share_missing):
    rng = np.random.default_rng(0)
    wide = rng.normal(size=(9, 40)).round(1).astype(np.float32)
    wide[rng.random(wide.shape) < share_missing] = np.nan
    wide[:, 3] = np.nan
    shares = np.linspace(0, 1, 7)
    found = column_quantiles(wide, shares)
    each = [column_quantiles(wide[:, [place]], shares)[0] for place in range(40)]
    np.testing.assert_array_equal(found, each)
    np.testing.assert_array_equal(found[0], np.nanquantile(wide[:, 0].astype(np.float64), shares))
    assert np.isnan(found[3]).all()


def test_bounded_numbers_end_where_the_newest_tenth_of_the_training_rows_begins():
    frame = pd.DataFrame({"step": np.arange(101, dtype=np.float32)})
    made, shown = fitted("bounded", frame, (Column("step", ColumnKind.NUMERIC),))
    assert shown["step"].tolist() == [*range(91), *[90] * 10]
    assert made.transform(pd.DataFrame({"step": np.array([-5, 1e9, np.nan], np.float32)}))["step"].tolist()[:2] == [
        -5,
        90,
    ]
    empty = pd.DataFrame({"step": np.array([np.nan, np.nan], np.float32)})
    assert fitted("bounded", empty, (Column("step", ColumnKind.NUMERIC),))[1]["step"].isna().all()
