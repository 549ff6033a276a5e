"""Gather numbers: what is told of many columns at once is what is told of each of them alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pluggy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.errors import InputError
from automl.plugin_api import hookspecs
from automl.registry import Registry
from automl.steps.audit.profile_table import measured, profile_table
from automl.table.columns.digest_column import digest_of, digests_of
from automl.table.columns.encode_table import encode_table
from automl.table.columns.type_columns import read_strings, type_column, type_columns
from automl.table.readings.find_number_dates import PLAIN, find_number_dates, plain_readings
from automl.table.readings.gather_numbers import CELLS, number_blocks, plain_columns
from automl.table.take_table import check_columns
from automl.vocabulary.schema import ColumnKind, Schema

CELL = st.sampled_from([0.0, -0.0, 1.0, 2.5, -3.0, 1e9, 1e9 + 1, 30_000.0, 20240131.0, float("nan")])
TYPES = ("float64", "float32", "int64", "uint8", "bool")


@st.composite
def tables(draw):
    """Draw tables of columns of numbers, of several types, some with names that mean something."""
    n_rows = draw(st.integers(2, 25))
    columns = {}
    for place in range(draw(st.integers(1, 6))):
        values = pd.Series(draw(st.lists(CELL, min_size=n_rows, max_size=n_rows)))
        dtype = draw(st.sampled_from(TYPES))
        if not dtype.startswith("float"):
            values = values.fillna(0).clip(0, 200)
        columns[draw(st.sampled_from(("id", "date", "Unnamed: 0", f"c{place}")))] = values.astype(dtype)
    return pd.DataFrame(columns)


@given(frame=tables())
@settings(max_examples=50, deadline=None)
def test_blocks_hold_every_column_of_numbers_once(frame):
    found = {name: values for names, block in number_blocks(frame) for name, values in zip(names, block, strict=True)}
    assert set(found) == set(frame.select_dtypes("number").columns)
    for name, values in found.items():
        np.testing.assert_array_equal(values, frame[name].to_numpy())


def test_blocks_are_split_and_leave_out_what_is_not_wanted():
    frame = pd.DataFrame(np.arange(12.0).reshape(2, 6), columns=list("abcdef")).assign(word="x")
    assert [names for names, _ in number_blocks(frame, {"a", "c", "word"})] == [["a", "c"]]
    long = pd.DataFrame(np.zeros((CELLS // 2, 3)), columns=list("abc"))
    assert [names for names, _ in number_blocks(long)] == [["a", "b"], ["c"]]


@given(frame=tables())
@settings(max_examples=50, deadline=None)
def test_columns_are_described_together_as_each_is_alone(frame):
    for name, column in plain_columns(frame, {name for name in frame if name.startswith("c")}).items():
        assert column == type_column(frame[name], reading=PLAIN)


@given(frame=tables())
@settings(max_examples=50, deadline=None)
def test_no_column_that_may_hold_dates_is_read_as_plain_numbers(frame):
    for name in plain_readings(frame, {"c0"}):
        assert name != "c0"
        assert find_number_dates(name, frame[name].to_numpy(dtype=np.float64)) is None
    assert set(read_strings(frame)) == set(frame.columns)


@given(frame=tables())
@settings(max_examples=50, deadline=None)
def test_digests_of_all_columns_are_those_of_each(frame):
    for name, digest in digests_of(frame).items():
        assert digest == digest_of(frame[name])


@given(frame=tables())
@settings(max_examples=50, deadline=None)
def test_columns_of_a_table_have_the_profiles_that_they_have_alone(frame):
    columns = [type_column(frame[name]) for name in frame.columns]
    schema = Schema(tuple(columns))
    stored = encode_table(frame, schema)
    together = profile_table(stored, frame, schema, 0).columns
    for column, profile in zip(columns, together, strict=True):
        values = frame[column.name].to_numpy(dtype=np.float64)
        known = values[~np.isnan(values)]
        if profile.points and column.kind is ColumnKind.NUMERIC:
            assert profile.n_known == len(known)
            kept = measured(stored[column.name].dropna().to_numpy(), column)
            assert (profile.low, profile.high) == (kept.min(), kept.max())
            assert profile.shares == tuple(float((kept <= point).mean()) for point in profile.points)


def test_infinite_values_are_refused_in_any_column_of_many():
    frame = pd.DataFrame(np.ones((3, 5)), columns=list("abcde"))
    check_columns(frame)
    frame.loc[1, "d"] = -np.inf
    with pytest.raises(InputError, match="'d' holds 1 infinite"):
        check_columns(frame)


def test_copies_among_many_columns_are_found():
    values = np.random.default_rng(0).normal(size=(30, 4))
    frame = pd.DataFrame(values, columns=list("abcd")).assign(e=values[:, 1], f=np.where(values[:, 0] > 0, np.nan, 0.5))
    manager = pluggy.PluginManager("automl")
    manager.add_hookspecs(hookspecs)
    schema = type_columns(frame, Registry(manager))
    assert {column.name: column.note for column in schema.columns if column.note} == {"e": "repeats column 'b'"}
