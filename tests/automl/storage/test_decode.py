"""A tree that was not made by `encode` gives one error and no object of a class that is not known."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.errors import ArtifactError
from automl.storage.decode import decode
from tests.automl.storage.values import KNOWN, Point

POINT = "tests.automl.storage.values:Point"
TAGS = (
    "tuple", "set", "map", "bytes", "text", "int", "float", "complex", "range", "datetime", "date", "array", "objects",
    "record", "object", "scalar", "dtype", "type", "table", "compiled", "enum", "ref", "shared", "id",
    "value",
)  # fmt: skip
NAMES = (
    "$",
    "items",
    "at",
    "text",
    "parts",
    "dtype",
    "shape",
    "class",
    "state",
    "fields",
    "value",
    "kind",
    "name",
    "id",
)
WORDS = ["x", "<f8", POINT, "csr_matrix", "Period", *TAGS]
VALUES = st.recursive(
    st.one_of(st.none(), st.integers(-9, 99), st.floats(), st.sampled_from(WORDS)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
        st.tuples(st.sampled_from(TAGS), st.dictionaries(st.sampled_from(NAMES), inner)).map(
            lambda pair: {**pair[1], "$": pair[0]}
        ),
    ),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=50, deadline=None)
@given(VALUES)
def test_any_tree_gives_a_value_or_one_kind_of_error(tree):
    with suppress(ArtifactError):
        decode(tree, bytes(64), KNOWN)


def test_a_tree_too_deep_is_refused():
    tree = []
    for _ in range(100_000):
        tree = [tree]
    with pytest.raises(ArtifactError, match="RecursionError"):
        decode(tree, b"", KNOWN)


@pytest.mark.parametrize("place", [[0, 65], [-8, 8], [60, 8], [8, -8], [2**70, 1]])
def test_data_outside_the_blob_is_refused(place):
    with pytest.raises(ArtifactError, match="of 64 bytes"):
        decode({"$": "bytes", "at": place}, bytes(64), KNOWN)


@pytest.mark.parametrize("kind", ["bytes", "bytearray", "text"])
def test_data_that_is_asked_for_again_and_again_is_refused(kind):
    with pytest.raises(ArtifactError, match="more than 2 times"):
        decode([{"$": kind, "at": [0, 64]}] * 50, b"a" * 64, KNOWN)


@pytest.mark.parametrize("shape", [[7], [9], [-1, -8], [2**40, 2**40]])
def test_an_array_that_does_not_fit_its_data_is_refused(shape):
    with pytest.raises(ArtifactError, match="of the shape"):
        decode({"$": "array", "dtype": "<f8", "shape": shape, "at": [0, 64]}, bytes(64), KNOWN)


def test_a_record_of_an_older_version_gets_the_defaults_of_its_new_fields():
    found = decode({"$": "record", "class": POINT, "fields": {"x": 1.0}}, b"", KNOWN)
    assert found == Point(1.0)


@pytest.mark.parametrize(
    ("fields", "said"), [({"x": 1, "y": 2}, "has no field 'y'"), ({"label": "a"}, "lacks its field 'x'")]
)
def test_a_record_of_a_newer_version_is_refused(fields, said):
    with pytest.raises(ArtifactError, match=said):
        decode({"$": "record", "class": POINT, "fields": fields}, b"", KNOWN)


def test_no_array_of_objects_is_read_from_bytes():
    for dtype in ("O", "|O8", '{"names": ["a"], "formats": ["O"], "offsets": [0], "itemsize": 8}'):
        with pytest.raises(ArtifactError):
            decode({"$": "array", "dtype": dtype, "shape": [8], "at": [0, 64]}, bytes(64), KNOWN)
