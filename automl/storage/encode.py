"""Encode: a fitted object becomes a JSON tree, which names known classes, and a blob with its numbers and texts."""

from __future__ import annotations

import copyreg
import dataclasses
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import lru_cache
from typing import Any

import numpy as np

from automl.storage.compiled import COMPILED
from automl.storage.known_classes import KnownClasses, name_of
from automl.storage.tables import encode_table, is_table
from automl.storage.values import parts_of
from automl.vocabulary.arrays import Array

TAG = "$"
"""A JSON object with this key stands for something; one without it is a dictionary of its own."""
LONG_TEXT = 256
MOST_DIGITS = 15
"""Whole numbers of more digits are not exact in every reader of JSON."""
ALIGNMENT = 64


class UnencodableError(TypeError):
    """An object holds something that cannot be written without pickle; the message says what."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """A JSON tree, the blob that it points into, and the names of the classes in it."""

    tree: Any
    blob: bytes
    classes: frozenset[str]


def encode(value: Any, known: KnownClasses, shared: Mapping[int, str] | None = None) -> Encoded:
    """Encode a value.

    `shared` names objects, by their `id`, that are kept elsewhere. An `UnencodableError` says what has no form.
    """
    encoder = _Encoder(known, shared or {})
    try:
        tree = encoder.value(value)
    except UnencodableError:
        raise
    except RecursionError as error:
        raise UnencodableError("it refers to itself, or is nested too deeply") from error
    except Exception as error:  # what a plugin's own `__getstate__` raises, or an object that is not complete
        raise UnencodableError(f"{type(error).__name__}: {error}") from error
    return Encoded(tree, bytes(encoder.blob), frozenset(encoder.classes))


class _Encoder:
    """Walks a value once; objects and arrays met again become references."""

    def __init__(self, known: KnownClasses, shared: Mapping[int, str]) -> None:
        self.known = known
        self.shared = shared
        self.blob = bytearray()
        self.classes: set[str] = set()
        self._nodes: dict[int, dict[str, Any]] = {}
        self._kept: list[Any] = []
        self._references = 0
        self._forms: dict[type[Any], Callable[[Any], Any]] = {
            type(None): _itself, bool: _itself, int: self._int, float: _float, str: self._text,
            list: lambda items: [self.value(each) for each in items], dict: self._dict,
            tuple: lambda items: {TAG: "tuple", "items": [self.value(each) for each in items]},
            set: self._set, frozenset: self._set,
            bytes: lambda data: {TAG: "bytes", "at": self._add(data)},
            bytearray: lambda data: {TAG: "bytearray", "at": self._add(data)},
            complex: lambda number: {TAG: "complex", "parts": [_float(number.real), _float(number.imag)]},
            range: lambda each: {TAG: "range", "parts": [each.start, each.stop, each.step]},
            date: lambda day: {TAG: "date", "text": day.isoformat()},
        }  # fmt: skip

    def value(self, value: Any) -> Any:
        form = self._forms.get(type(value))
        if form is not None:
            return form(value)
        if id(value) in self.shared:
            return {TAG: "shared", "name": self.shared[id(value)]}
        if id(value) in self._nodes:
            return self._reference(self._nodes[id(value)])
        node: dict[str, Any] = {}
        self._nodes[id(value)] = node
        self._kept.append(value)  # an id is good for as long as its object lives
        node.update(self._object(value))
        return node

    def _reference(self, node: dict[str, Any]) -> Any:
        if "id" not in node:
            node["id"] = self._references
            self._references += 1
        return {TAG: "ref", "id": node["id"]}

    def _object(self, value: Any) -> dict[str, Any]:
        name = name_of(type(value))
        if type(value) in (np.ndarray, np.memmap):
            return self._array(value)
        if isinstance(value, np.generic):
            return {TAG: "scalar", "value": self._array(np.asarray(value))}
        taken = parts_of(value)
        if taken is not None:
            return {TAG: "value", "kind": taken[0], "parts": self.value(taken[1])}
        if is_table(value):
            kind, state = encode_table(value)
            return {TAG: "table", "kind": kind, "state": self.value(state)}
        if name in COMPILED:
            return {TAG: "compiled", "class": name, "state": self.value(COMPILED[name].take(value))}
        return _type_node(value) or self._instance(value)

    def _instance(self, value: Any) -> dict[str, Any]:
        kind = type(value)
        reason = self.known.why_not(kind)
        if reason:
            raise UnencodableError(reason)
        name = name_of(kind)
        self.classes.add(name)
        if isinstance(value, Enum):
            return {TAG: "enum", "class": name, "name": value.name}
        if is_record(value):
            fields = {each.name: self.value(getattr(value, each.name)) for each in dataclasses.fields(value)}
            return {TAG: "record", "class": name, "fields": fields}
        return {TAG: "object", "class": name, "state": self.value(_state(value))}

    def _array(self, array: Array) -> dict[str, Any]:
        if array.dtype.hasobject:
            if array.dtype != object:
                raise UnencodableError(f"an array of {array.dtype} holds objects")
            return {TAG: "objects", "shape": list(array.shape), "items": [self.value(each) for each in array.ravel()]}
        is_turned = array.flags.f_contiguous and not array.flags.c_contiguous
        data = np.ascontiguousarray(array.T if is_turned else array)
        node = {TAG: "array", "dtype": _dtype(array.dtype), "shape": list(array.shape), "at": self._add(data.tobytes())}
        return {**node, "turned": True} if is_turned else node

    def _add(self, data: bytes | bytearray) -> list[int]:
        """Return the place of the data in the blob: where it begins and how many bytes it has."""
        self.blob.extend(bytes(-len(self.blob) % ALIGNMENT))
        start = len(self.blob)
        self.blob.extend(data)
        return [start, len(data)]

    def _int(self, number: int) -> Any:
        return number if abs(number) < 10**MOST_DIGITS else {TAG: "int", "text": hex(number)}

    def _text(self, text: str) -> Any:
        return text if len(text) < LONG_TEXT else {TAG: "text", "at": self._add(text.encode("utf-8", "surrogatepass"))}

    def _dict(self, items: dict[Any, Any]) -> Any:
        if all(type(key) is str for key in items) and TAG not in items:
            return {key: self.value(each) for key, each in items.items()}
        return {TAG: "map", "items": [[self.value(key), self.value(each)] for key, each in items.items()]}

    def _set(self, items: set[Any] | frozenset[Any]) -> Any:
        return {TAG: type(items).__name__, "items": [self.value(each) for each in sorted(items, key=repr)]}


def is_record(value: Any) -> bool:
    """Tell whether a value is a dataclass that holds its fields and nothing else."""
    kind = type(value)
    if not dataclasses.is_dataclass(kind) or set(getattr(value, "__dict__", ())) - _field_names(kind):
        return False
    own = [vars(each) for each in kind.__mro__ if each is not object]
    hooks = [each[name] for each in own for name in ("__getstate__", "__setstate__", "__reduce__") if name in each]
    return all(hook.__module__ == "dataclasses" for hook in hooks)


def _field_names(kind: type[Any]) -> set[str]:
    return {each.name for each in dataclasses.fields(kind)}


def _state(value: Any) -> Any:
    """Return what an object would give to pickle, where its class is all that is needed to make it anew."""
    reduced = value.__reduce_ex__(4)
    make, arguments, state, *items = (*reduced, None, None, None)[:5] if isinstance(reduced, tuple) else (None,) * 5
    if make is not copyreg.__newobj__ or arguments != (type(value),) or any(each is not None for each in items):  # type: ignore[attr-defined]  # typeshed leaves it out
        raise UnencodableError(f"{name_of(type(value))} is made by a function of its own when it is copied")
    return state


def _itself(value: Any) -> Any:
    return value


def _float(number: float) -> Any:
    return number if math.isfinite(number) else {TAG: "float", "text": repr(number)}


@lru_cache(maxsize=256)
def _dtype(dtype: np.dtype[Any]) -> str:
    """Return a dtype as NumPy writes it, or one of named fields as JSON with their places."""
    if dtype.subdtype is not None or dtype.hasobject:
        raise UnencodableError(f"an array has the dtype {dtype}")
    if dtype.fields is None:
        return dtype.str
    names = list(dtype.names or ())
    formats = [_dtype(dtype.fields[name][0]) for name in names]
    offsets = [dtype.fields[name][1] for name in names]
    return json.dumps({"names": names, "formats": formats, "offsets": offsets, "itemsize": dtype.itemsize})


def _type_node(value: Any) -> dict[str, Any] | None:
    """Return what stands for a dtype or a class of numbers; None where the value is neither."""
    if isinstance(value, np.dtype):
        return {TAG: "dtype", "dtype": _dtype(value)}
    return {TAG: "type", "name": _plain_type(value)} if isinstance(value, type) else None


def _plain_type(kind: type[Any]) -> str:
    if kind in (bool, int, float, str, bytes):
        return kind.__name__
    if issubclass(kind, np.generic) and kind.__module__ == "numpy" and kind is not np.void:
        return f"numpy.{np.dtype(kind).name}"
    raise UnencodableError(f"{name_of(kind)} is kept as a class rather than as an object of it")
