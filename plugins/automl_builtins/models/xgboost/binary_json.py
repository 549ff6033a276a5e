"""Universal Binary JSON, as XGBoost writes its models: objects, lists, text and arrays of numbers.

Only what XGBoost writes is read (https://xgboost.readthedocs.io/en/stable/tutorials/saving_model.html, https://ubjson.org):
no sizes in bytes other than "L", no typed objects, no numbers in text.
"""

from __future__ import annotations

import struct
from typing import Any

import numpy as np

KINDS = {"U": "u1", "i": "i1", "I": ">i2", "l": ">i4", "L": ">i8", "d": ">f4", "D": ">f8"}
NUMBERS = {ord(letter): np.dtype(kind) for letter, kind in KINDS.items()}
OBJECT, OBJECT_END, LIST, LIST_END, TYPE, COUNT, TEXT, LONG = (ord(letter) for letter in "{}[]$#SL")
CONSTANTS = {ord("T"): True, ord("F"): False, ord("Z"): None}
DEEPEST = 20
_LENGTH = struct.Struct(">q")


def read_binary_json(data: bytes) -> Any:
    """Return the value written as `data`: dicts with keys of bytes, lists, bytes, and arrays that share its memory.

    Raises ValueError for what breaks off, or is of a kind that XGBoost does not write.
    """
    try:
        return _value(data, 0, 0)[0]
    except (IndexError, struct.error) as error:
        raise ValueError(f"The model breaks off: {error}.") from error


def _value(data: bytes, at: int, depth: int) -> tuple[Any, int]:
    """Return the value that begins at a position, and where it ends."""
    mark, at = data[at], at + 1
    if mark == OBJECT and depth < DEEPEST:
        return _object(data, at, depth + 1)
    if mark == LIST and depth < DEEPEST:
        return _list(data, at, depth + 1)
    if mark == TEXT:
        return _text(data, at)
    if mark in NUMBERS:
        number = np.frombuffer(data, NUMBERS[mark], 1, at)
        return number[0], at + number.nbytes
    if mark in CONSTANTS:
        return CONSTANTS[mark], at
    raise ValueError(f"The model holds {chr(mark)!r} at byte {at - 1}; expected a value.")


def _object(data: bytes, at: int, depth: int) -> tuple[dict[bytes, Any], int]:
    found = {}
    while data[at] != OBJECT_END:
        name, at = _text(data, at)
        found[name], at = _value(data, at, depth)
    return found, at + 1


def _list(data: bytes, at: int, depth: int) -> tuple[Any, int]:
    if data[at] == TYPE:
        kind = NUMBERS.get(data[at + 1])
        if kind is None or data[at + 2] != COUNT:
            raise ValueError(f"The model holds an array of unknown type at byte {at}.")
        count, at = _size(data, at + 3)
        return np.frombuffer(data, kind, count, at) if count else np.empty(0, kind), at + count * kind.itemsize
    found = []
    if data[at] == COUNT:
        count, at = _size(data, at + 1)
        for _ in range(count):
            value, at = _value(data, at, depth)
            found.append(value)
        return found, at
    while data[at] != LIST_END:
        value, at = _value(data, at, depth)
        found.append(value)
    return found, at + 1


def _text(data: bytes, at: int) -> tuple[bytes, int]:
    size, at = _size(data, at)
    text = data[at : at + size]
    if len(text) < size:
        raise ValueError("The model breaks off in a text.")
    return text, at + size


def _size(data: bytes, at: int) -> tuple[int, int]:
    """Return a count, which is never below 0, and where it ends."""
    size = _LENGTH.unpack_from(data, at + 1)[0]
    if data[at] != LONG or size < 0:
        raise ValueError(f"The model holds no count at byte {at}.")
    return size, at + 1 + _LENGTH.size
