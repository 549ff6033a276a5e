"""Tell what was seen: what blocks tell of a file, put together, and told once as for the whole of it."""

from __future__ import annotations

import warnings

from automl.predict_files.nouns import NotAlikeError, OtherIdentifierError, Predicted
from automl.predict_files.open_rows import OpenRows
from automl.predict_files.text_rows import NONE, NUMBER, TRUTH, WHOLE
from automl.table.files.read_table import tell
from automl.table.unread_values import tell_unread
from automl.vocabulary.schema import Schema


class SeenSoFar:
    """What the blocks so far have told of their file."""

    def __init__(self, rows: OpenRows, schema: Schema) -> None:
        """Begin with what was found before any block."""
        self._rows, self._schema = rows, schema
        self._unread = dict(rows.unread)
        self._identifier = ""
        self._told: dict[str, None] = {}
        self._kinds: dict[str, str] = {}

    def add(self, predicted: Predicted) -> None:
        """Take in what a block tells; a NotAlikeError where its columns are of other kinds than those before."""
        seen = predicted.seen
        for name, kind in seen.kinds.items():
            self._kinds[name] = _joined(name, self._kinds.get(name, ""), kind)
        for name, unread in seen.unread.items():
            self._unread[name] = self._unread[name].and_then(unread) if name in self._unread else unread
        if seen.identifier and self._identifier not in ("", seen.identifier):
            raise OtherIdentifierError("identifiers are of several kinds")
        self._identifier = seen.identifier
        for message in predicted.warnings:
            if message not in self._told:
                self._told[message] = None
                warnings.warn(message, UserWarning, stacklevel=3)

    def tell(self) -> None:
        """Warn of what is in doubt of the file as a whole."""
        unread = tell_unread(self._schema, self._unread, self._rows.styles)
        tell(self._rows.path, (*self._rows.findings, *unread))


ALIKE = {
    frozenset({NONE, WHOLE}): NUMBER,
    frozenset({NONE, NUMBER}): NUMBER,
    frozenset({WHOLE, NUMBER}): NUMBER,
    frozenset({NONE, TRUTH}): TRUTH,
}
"""What kind two make together, where rows of each give the same alone as among those of the other."""


def _joined(name: str, before: str, now: str) -> str:
    """Return what kind a column's values are of all in all."""
    if not before or before == now:
        return now
    joined = ALIKE.get(frozenset({before, now}))
    if joined is None:
        raise NotAlikeError(f"column {name!r} holds {before} and {now}")
    return joined
