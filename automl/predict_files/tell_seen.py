"""Tell what was seen: what blocks tell of a file, put together, and told once as for the whole of it."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path

from automl.predict_files.nouns import NotAlikeError, Predicted
from automl.table.files.read_table import tell
from automl.table.unread_values import Unread, tell_unread
from automl.vocabulary.schema import Schema


class SeenSoFar:
    """What the blocks so far have told of their file."""

    def __init__(self, path: Path, schema: Schema, styles: Mapping[str, str], unread: Mapping[str, Unread]) -> None:
        """Begin with what was found before any block."""
        self._path, self._schema, self._styles = path, schema, styles
        self._unread = dict(unread)
        self._told: dict[str, None] = {}
        self._kinds: dict[str, str] = {}

    def add(self, predicted: Predicted) -> None:
        """Take in what a block tells; a NotAlikeError where its columns are of other kinds than those before."""
        seen = predicted.seen
        for name, kind in seen.kinds.items():
            self._kinds[name] = _joined(name, self._kinds.get(name, ""), kind)
        for name, unread in seen.unread.items():
            self._unread[name] = self._unread[name].and_then(unread) if name in self._unread else unread
        for message in (*seen.told, *predicted.warnings):
            if message not in self._told:
                self._told[message] = None
                warnings.warn(message, UserWarning, stacklevel=3)

    def tell(self) -> None:
        """Warn of columns of which more than a few values could not be read."""
        tell(self._path, tuple(tell_unread(self._schema, self._unread, self._styles)))


ALIKE = {frozenset({"whole", "number"}): "number"}
"""Kinds that make a third one together."""


def _joined(name: str, before: str, now: str) -> str:
    """Return what kind a column's values are of all in all; "" is that of no known value."""
    if not before or not now or before == now:
        return before or now
    joined = ALIKE.get(frozenset({before, now}))
    if joined is None:
        raise NotAlikeError(f"column {name!r} holds values of the kinds {before} and {now}")
    return joined
