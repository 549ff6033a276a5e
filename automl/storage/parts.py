"""Parts: named values as files, each encoded by itself, and only where that cannot be done pickled by itself."""

from __future__ import annotations

import io
import json
import pickle
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from automl.errors import ArtifactError
from automl.storage.decode import decode
from automl.storage.encode import UnencodableError, encode
from automl.storage.known_classes import KnownClasses

TREE, BLOB, PICKLE = ".json", ".bin", ".pkl"


@dataclass(slots=True)
class PartsWriter:
    """Collects files. `pickled` says of each pickled part why it had to be; `classes` names all that were encoded."""

    known: KnownClasses
    files: dict[str, bytes] = field(default_factory=dict)
    pickled: dict[str, str] = field(default_factory=dict)
    classes: set[str] = field(default_factory=set)
    _shared: dict[int, str] = field(default_factory=dict)

    def add(self, name: str, value: Any) -> None:
        """Write one part."""
        try:
            encoded = encode(value, self.known, self._shared)
        except UnencodableError as reason:
            self.files[name + PICKLE] = self._pickle(name, value, str(reason))
            self.pickled[name + PICKLE] = str(reason)
            return
        tree = {"part": name, "value": encoded.tree}
        self.files[name + TREE] = json.dumps(tree, separators=(",", ":"), allow_nan=False).encode()
        if encoded.blob:
            self.files[name + BLOB] = encoded.blob
        self.classes |= encoded.classes

    def share(self, name: str, value: Any) -> None:
        """Write one part that later parts refer to; it has to live until they are written."""
        self.add(name, value)
        self._shared[id(value)] = name

    def files_of(self, name: str) -> list[str]:
        """Return the names of a part's files."""
        return [name + suffix for suffix in (TREE, BLOB, PICKLE) if name + suffix in self.files]

    def _pickle(self, name: str, value: Any, reason: str) -> bytes:
        import cloudpickle

        class Pickler(cloudpickle.Pickler):  # type: ignore[misc]  # cloudpickle has no types
            persistent_id = staticmethod(lambda each: self._shared.get(id(each)))

        stream = io.BytesIO()
        try:
            Pickler(stream, protocol=pickle.HIGHEST_PROTOCOL).dump(value)
        except Exception as error:
            raise ArtifactError(
                f"The part {name!r} of the model can be saved in no way: {reason}; and it cannot be pickled either: "
                f"{type(error).__name__}: {error}. A plugin keeps something that belongs to this process alone."
            ) from error
        return stream.getvalue()


@dataclass(slots=True)
class PartsReader:
    """Rebuilds parts from files that have been checked. Pickled ones are only ever touched with `trusted`."""

    files: Mapping[str, bytes]
    known: KnownClasses
    trusted: bool = False
    _shared: dict[str, Any] = field(default_factory=dict)

    def get(self, name: str) -> Any:
        """Return one part."""
        try:
            if name + PICKLE in self.files:
                return self._unpickle(self.files[name + PICKLE])
            written = json.loads(self.files[name + TREE])
            if written["part"] != name:
                raise ArtifactError(f"It is the part {written['part']!r} in its place: files have been swapped.")
            return decode(written["value"], self.files.get(name + BLOB, b""), self.known, self._shared)
        except Exception as error:
            found = str(error) if isinstance(error, ArtifactError) else f"{type(error).__name__}: {error}"
            raise ArtifactError(f"The part {name!r} cannot be loaded. {found}") from error

    def get_shared(self, name: str) -> Any:
        """Return one part and keep it for those that refer to it."""
        self._shared[name] = self.get(name)
        return self._shared[name]

    def _unpickle(self, data: bytes) -> Any:
        if not self.trusted:
            raise ArtifactError("It is pickled; expected trusted=True.")
        shared = self._shared

        class Unpickler(pickle.Unpickler):
            def persistent_load(self, name: str) -> Any:
                return shared[name]

        return Unpickler(io.BytesIO(data)).load()
