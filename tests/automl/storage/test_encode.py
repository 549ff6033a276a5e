"""What goes through the stored form comes back equal, and what has no form is said so."""

import datetime
import json
import math
import threading

import hypothesis.extra.numpy as arrays
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.storage.encode import UnencodableError, encode
from tests.automl.storage.values import (
    KNOWN,
    Colour,
    Forgetful,
    Loose,
    Pair,
    Plain,
    Point,
    Rebuilt,
    Slotted,
    around,
)

KEYS = st.one_of(st.text(max_size=5), st.integers(), st.just("$"), st.booleans(), st.none())
PLAIN = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(), st.binary(),
        st.complex_numbers(allow_nan=False), st.dates(), st.datetimes(), st.text(min_size=300, max_size=400),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.tuples(inner, inner), st.dictionaries(KEYS, inner, max_size=4),
        st.frozensets(st.integers(), max_size=4), st.sets(st.text(max_size=3), max_size=4),
    ),
    max_leaves=12,
)  # fmt: skip


def same_types(left, right):
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return all(same_types(left[key], right[key]) for key in left)
    return not isinstance(left, list | tuple) or all(map(same_types, left, right))


@settings(max_examples=50, deadline=None)
@given(PLAIN)
def test_plain_values_come_back_equal_and_of_the_same_types(value):
    found = around(value)
    assert found == value
    assert same_types(found, value)


@settings(max_examples=50, deadline=None)
@given(
    arrays.arrays(
        st.one_of(arrays.scalar_dtypes(), arrays.unicode_string_dtypes(), arrays.byte_string_dtypes()),
        arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
    ),
    st.booleans(),
)
def test_arrays_come_back_with_type_shape_order_and_every_bit(array, turn):
    array = array.T if turn else array
    found = around(array)
    assert (found.dtype, found.shape) == (array.dtype, array.shape)
    assert found.tobytes() == array.tobytes()
    assert found.flags.f_contiguous == np.asarray(array, order="A").flags.f_contiguous
    assert found.flags.writeable


def test_numbers_that_json_lacks_come_back():
    found = around([math.inf, -math.inf, math.nan, 10**40, -(2**70), 5e-324])
    assert found[:2] == [math.inf, -math.inf]
    assert math.isnan(found[2])
    assert found[3:] == [10**40, -(2**70), 5e-324]


@pytest.mark.parametrize(
    "value",
    [np.float32(1.5), np.int64(-3), np.str_("word"), np.datetime64("2020-01-01"), np.dtype("<f4"), np.float32, int,
     range(3, 9, 2), bytearray(b"abc"), Colour.RED, datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC), "lone \ud800",
     pd.Timestamp("2020-01-01 00:00:00.123456789")],
)  # fmt: skip
def test_single_values_come_back(value):
    found = around(value)
    assert found == value
    assert type(found) is type(value)


def test_structured_and_object_arrays_come_back():
    nodes = np.zeros(3, dtype=np.dtype([("left", "<i8"), ("yes", "u1"), ("value", "<f8")], align=True))
    nodes["left"] = [1, 2, 3]
    found = around(nodes)
    assert found.dtype == nodes.dtype
    assert (found == nodes).all()
    for objects in (np.array(["a", None, 3], dtype=object), np.array([[1, 2], [3]], dtype=object)):
        found = around(objects)
        assert found.dtype == object
        assert found.tolist() == objects.tolist()


def test_objects_of_every_make_come_back():
    slotted = Slotted()
    slotted.left = 1
    found = around([Point(1.0), Plain(a=1, b=[2]), slotted, Loose(3), Rebuilt(), Forgetful()])
    assert found[0] == Point(1.0)
    assert vars(found[1]) == {"a": 1, "b": [2]}
    assert found[2].left == 1
    assert not hasattr(found[2], "right")
    assert found[3] == Loose(3)
    assert found[4].total == 3
    assert vars(found[5]) == {"text": "model", "cache": None}


def test_a_record_with_further_attributes_keeps_them():
    loose = Loose(3)
    loose.more = "more"
    assert around(loose).more == "more"


def test_what_was_one_object_is_one_object_again_also_in_a_circle():
    point, array, plain = Point(1.0), np.arange(3), Plain()
    plain.itself, plain.points, plain.arrays = plain, [point, point], (array, array)
    found = around(plain)
    assert found.itself is found
    assert found.points[0] is found.points[1]
    assert found.arrays[0] is found.arrays[1]


def test_what_is_kept_elsewhere_is_referred_to_by_name():
    point = Point(1.0)
    other = Point(2.0)
    found = around([point, point], shared={id(point): "p"}.items(), found={"p": other}.items())
    assert found == [other, other]
    assert found[0] is found[1] is other


def test_the_classes_in_a_value_are_listed():
    encoded = encode([Point(1.0), Colour.RED], KNOWN)
    assert encoded.classes == {"tests.automl.storage.values:Point", "tests.automl.storage.values:Colour"}
    json.dumps(encoded.tree, allow_nan=False)


class Local:
    """A class of a module that is no plugin's."""


def circle():
    items = []
    items.append(items)
    return items


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (np.square, "ufunc"),
        (len, "builtin_function_or_method"),
        (lambda: 1, "function"),
        (threading.Lock(), "lock"),
        (json, "module"),
        (Local, "as a class"),
        (pd.Series(["a"], dtype="category"), "category"),
        (np.ma.masked_array([1]), "MaskedArray"),
        (Pair(1, 2), "of its own"),
        (Slotted, "as a class"),
        (circle(), "refers to itself"),
        (threading.Thread(), "threading:Thread"),
    ],
)
def test_what_has_no_form_is_named(value, said):
    with pytest.raises(UnencodableError) as caught:
        encode({"inside": [value]}, KNOWN)
    assert said in str(caught.value)


def test_an_object_that_is_not_complete_is_refused():
    with pytest.raises(UnencodableError, match="AttributeError"):
        encode(object.__new__(Point), KNOWN)
