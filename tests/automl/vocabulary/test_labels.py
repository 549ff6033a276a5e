"""An array of labels gives back the labels: the same values, of the same types."""

import datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.vocabulary.labels import label_array, plain_label

KINDS = st.sampled_from(
    [
        st.text(max_size=4),
        st.text(max_size=3).map(lambda text: text + "\0"),
        st.integers(),
        st.integers(0, 2**64 - 1),
        st.booleans(),
        st.floats(allow_nan=False),
        st.binary(max_size=3),
        st.decimals(allow_nan=False),
        st.dates(),
        st.tuples(st.integers(), st.integers()),
        st.one_of(st.integers(0, 9), st.floats(0, 9)),
    ]
)


@settings(max_examples=100, deadline=None)
@given(KINDS.flatmap(lambda kind: st.lists(kind, min_size=1, max_size=5)))
def test_every_label_comes_back_as_it_was(labels):
    made = label_array(labels)
    assert made.shape == (len(labels),)
    found = made.tolist()
    assert found == labels
    assert [type(each) for each in found] == [type(each) for each in labels]


@pytest.mark.parametrize(
    ("labels", "dtype"),
    [(["a", "b"], "<U1"), ([1, 2], "int64"), ([5, 2**63 + 1], "uint64"), ([-5, 2**63 + 1], "object"), ([True], "bool"),
     (["a\0", "b"], "object"), ([1, 2.5], "object"), ([Decimal(1)], "object"), ([pd.Interval(0, 1)], "object"),
     ([datetime.date(2020, 1, 1)], "object")],
)  # fmt: skip
def test_a_type_of_numpys_own_is_taken_where_it_keeps_the_values(labels, dtype):
    assert label_array(labels).dtype == np.dtype(dtype)


def test_scalars_of_numpy_become_pythons():
    assert plain_label(np.int8(3)) == 3
    assert type(plain_label(np.str_("a"))) is str
    assert plain_label(np.datetime64("2020-01-01T00:00:00.000000001")) == pd.Timestamp("2020-01-01T00:00:00.000000001")
    assert plain_label(np.timedelta64(5, "s")) == pd.Timedelta(5, "s")
