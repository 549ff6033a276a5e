"""Binary JSON: what XGBoost writes is read, and what is damaged refused."""

from __future__ import annotations

import json
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl_builtins.models.xgboost.binary_json import read_binary_json

VALUES = st.recursive(
    st.booleans() | st.binary(max_size=5) | st.lists(st.integers(-9, 9), max_size=4).map(np.int32),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.binary(max_size=5), each, max_size=3),
    max_leaves=8,
)


def length(number):
    return b"L" + struct.pack(">q", number)


def written(value):
    """Return a value in binary JSON, as XGBoost writes it."""
    if isinstance(value, bool):
        return b"T" if value else b"F"
    if isinstance(value, bytes):
        return b"S" + length(len(value)) + value
    if isinstance(value, dict):
        return b"{" + b"".join(length(len(name)) + name + written(each) for name, each in value.items()) + b"}"
    if isinstance(value, list):
        return b"[#" + length(len(value)) + b"".join(map(written, value))
    letter = {"i": b"l", "f": b"d", "u": b"U"}[value.dtype.kind]
    return b"[$" + letter + b"#" + length(value.size) + value.astype(value.dtype.newbyteorder(">")).tobytes()


def plain(value):
    if isinstance(value, dict):
        return {name.hex(): plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return value.hex() if isinstance(value, bytes) else value if isinstance(value, bool) else ["array", *value.tolist()]


@given(VALUES)
def test_what_is_written_is_read(value):
    found = read_binary_json(written(value))
    assert json.dumps(plain(found)) == json.dumps(plain(value))


@given(VALUES, st.data())
def test_what_breaks_off_is_refused(value, data):
    whole = written(value)
    part = whole[: data.draw(st.integers(0, len(whole) - 1))]
    with pytest.raises(ValueError, match=r"breaks off|no count|buffer"):
        read_binary_json(part)


def test_a_model_nested_without_end_is_refused():
    with pytest.raises(ValueError, match="expected a value"):
        read_binary_json(b"[" * 100_000)
