"""Decode: from a JSON tree and its blob to objects of known classes; no file chooses what is called."""

from __future__ import annotations

import copyreg
import dataclasses
import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import Enum
from functools import lru_cache
from itertools import chain
from math import prod
from typing import Any

import numpy as np

from automl.errors import ArtifactError
from automl.storage.compiled import COMPILED, check_rebuilt
from automl.storage.encode import TAG
from automl.storage.known_classes import KnownClasses
from automl.storage.tables import decode_table
from automl.storage.values import made_of
from automl.vocabulary.arrays import Array

PLAIN_TYPES = {"bool": bool, "int": int, "float": float, "str": str, "bytes": bytes}
COPIES = 2
"""Times the size of all data of a part that texts and bytes made of it may take; `encode` writes each once."""
DAMAGED = "The file is damaged or made up; save the model anew."


def decode(tree: Any, blob: bytes, known: KnownClasses, shared: Mapping[str, Any] | None = None) -> Any:
    """Return the value; an `ArtifactError` says what cannot be rebuilt and why.

    `shared` holds the objects that were kept elsewhere, by the names that `encode` was given for them.
    """
    try:
        return _Decoder(blob, known, shared or {}).value(tree)
    except ArtifactError:
        raise
    except Exception as error:
        raise ArtifactError(f"It cannot be rebuilt: {type(error).__name__}: {error}. {DAMAGED}") from error


class _Decoder:
    """Walks a tree once."""

    def __init__(self, blob: bytes, known: KnownClasses, shared: Mapping[str, Any]) -> None:
        self.blob = memoryview(bytearray(blob))  # arrays that are views of it can be written to, as they could before
        self.known = known
        self.shared = shared
        self._seen: dict[int, Any] = {}
        self._left_to_copy = COPIES * len(self.blob)
        self._makers: dict[str, Callable[[dict[str, Any]], Any]] = {
            "tuple": lambda node: tuple(map(self.value, node["items"])),
            "set": lambda node: set(map(self.value, node["items"])),
            "frozenset": lambda node: frozenset(map(self.value, node["items"])),
            "map": lambda node: {self.value(key): self.value(each) for key, each in node["items"]},
            "bytes": lambda node: bytes(self._copied(node["at"])),
            "bytearray": lambda node: bytearray(self._copied(node["at"])),
            "text": lambda node: str(self._copied(node["at"]), "utf-8", "surrogatepass"),
            "int": lambda node: int(node["text"], 16),
            "float": lambda node: float(node["text"]),
            "complex": lambda node: complex(*map(self.value, node["parts"])),
            "range": lambda node: range(*node["parts"]),
            "datetime": lambda node: datetime.fromisoformat(node["text"]),
            "value": lambda node: made_of(node["kind"], self.value(node["parts"])),
            "date": lambda node: date.fromisoformat(node["text"]),
            "array": self._array, "objects": self._objects, "record": self._record, "object": self._object,
            "scalar": lambda node: self._array(node["value"])[()],
            "dtype": lambda node: _dtype(node["dtype"]),
            "type": lambda node: _plain_type(node["name"]),
            "table": lambda node: decode_table(node["kind"], self.value(node["state"])),
            "compiled": lambda node: COMPILED[node["class"]].make(self.value(node["state"])),
            "enum": self._enum,
            "ref": lambda node: self._seen[node["id"]],
            "shared": lambda node: self.shared[node["name"]],
        }  # fmt: skip

    def value(self, node: Any) -> Any:
        kind = type(node)
        if kind is list:
            return [self.value(each) for each in node]
        if kind is not dict:
            return node
        tag = node.get(TAG)
        if tag is None:
            return {key: self.value(each) for key, each in node.items()}
        if tag not in self._makers:
            raise ArtifactError(f"Found {tag!r}, which this version has no form for. {DAMAGED}")
        made = self._makers[tag](node)
        if "id" in node and tag != "ref":
            self._seen[node["id"]] = made
        return made

    def _cut(self, place: list[int]) -> memoryview:
        start, size = place
        if not 0 <= start <= start + size <= len(self.blob):
            raise ArtifactError(f"Found data at {start} to {start + size} of {len(self.blob)} bytes. {DAMAGED}")
        return self.blob[start : start + size]

    def _copied(self, place: list[int]) -> memoryview:
        """Return data that will be copied: what is written once, and so is not to be asked for again and again."""
        data = self._cut(place)
        self._left_to_copy -= len(data)
        if self._left_to_copy < 0:
            raise ArtifactError(f"The same data is asked for more than {COPIES} times. {DAMAGED}")
        return data

    def _array(self, node: dict[str, Any]) -> Array:
        dtype, shape = _dtype(node["dtype"]), tuple(node["shape"])
        data = self._cut(node["at"])
        if min(shape, default=0) < 0 or prod(shape) * dtype.itemsize != len(data):
            raise ArtifactError(f"An array of the shape {shape} has {len(data)} bytes. {DAMAGED}")
        made: Array = np.ndarray(shape, dtype, data, order="F" if node.get("turned") else "C")
        return made

    def _objects(self, node: dict[str, Any]) -> Array:
        items = [self.value(each) for each in node["items"]]
        if prod(node["shape"]) != len(items):
            raise ArtifactError(f"An array of the shape {node['shape']} has {len(items)} items. {DAMAGED}")
        made = np.empty(len(items), dtype=object)
        made[:] = items if not any(np.ndim(each) for each in items) else _each(items)
        return made.reshape(node["shape"])

    def _enum(self, node: dict[str, Any]) -> Enum:
        kind = self.known.find(node["class"])
        if not issubclass(kind, Enum):
            raise ArtifactError(f"Found {node['class']!r}; expected an enumeration. {DAMAGED}")
        name = str(node["name"])
        return kind.__members__[name] if name in kind.__members__ else kind(name)  # an open one takes other names too

    def _record(self, node: dict[str, Any]) -> Any:
        kind = self.known.find(node["class"])
        made = self._new(kind, node)
        fields = _fields(kind)  # type: ignore[arg-type]  # classes are hashable
        for name, each in node["fields"].items():
            if name not in fields:
                raise ArtifactError(
                    f"{kind.__name__} has no field {name!r}: it was saved by another version. Save anew."
                )
            object.__setattr__(made, name, self.value(each))
        for name in fields.keys() - node["fields"].keys():
            object.__setattr__(made, name, _default(kind, fields[name]))
        return made

    def _object(self, node: dict[str, Any]) -> Any:
        made = self._new(self.known.find(node["class"]), node)
        state = self.value(node["state"])
        if hasattr(made, "__setstate__"):
            made.__setstate__(state)
            check_rebuilt(made)
            return made
        parts = state if isinstance(state, tuple) else (state,)
        for name, each in chain.from_iterable((part or {}).items() for part in parts):
            if name.startswith("__") and name.endswith("__"):
                raise ArtifactError(f"Found the attribute {name!r}, which is Python's own. {DAMAGED}")
            object.__setattr__(made, name, each)
        check_rebuilt(made)
        return made

    def _new(self, kind: type[Any], node: dict[str, Any]) -> Any:
        made = copyreg.__newobj__(kind)  # type: ignore[attr-defined]  # typeshed leaves it out
        if "id" in node:
            self._seen[node["id"]] = made  # before its content, which may refer to it
        return made


@lru_cache(maxsize=256)
def _fields(kind: type[Any]) -> dict[str, dataclasses.Field[Any]]:
    return {each.name: each for each in dataclasses.fields(kind)}


@lru_cache(maxsize=256)
def _dtype(written: str) -> np.dtype[Any]:
    plain: Any = written
    if written.startswith("{"):
        fields = json.loads(written)
        plain = {**fields, "formats": [_dtype(each) for each in fields["formats"]]}
    dtype: np.dtype[Any] = np.dtype(plain)
    if dtype.hasobject:
        raise ArtifactError(f"Found an array of {dtype}; expected plain numbers or text. {DAMAGED}")
    return dtype


def _plain_type(name: str) -> type[Any]:
    kind: type[Any] = PLAIN_TYPES.get(name) or np.dtype(name.removeprefix("numpy.")).type
    return kind


def _default(kind: type[Any], missing: dataclasses.Field[Any]) -> Any:
    if missing.default is not dataclasses.MISSING:
        return missing.default
    if missing.default_factory is not dataclasses.MISSING:
        return missing.default_factory()
    raise ArtifactError(
        f"{kind.__name__} lacks its field {missing.name!r}: it was saved by another version. Save anew."
    )


def _each(items: list[Any]) -> Array:
    """Return items that are sequences themselves as the elements of one array."""
    made = np.empty(len(items), dtype=object)
    for place, item in enumerate(items):
        made[place] = item
    return made
