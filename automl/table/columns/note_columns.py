"""Note the columns: say which were set aside, which are read by their parts, and how to have it otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from automl.table.columns.settle_columns import DISTINCT
from automl.vocabulary.findings import Finding, Severity
from automl.vocabulary.schema import Column, ColumnKind, Noted, Schema

MOST_NAMED = 10
SHARE_WORDS = "names of categories share words"


def column_findings(schema: Schema) -> Iterator[Finding]:
    """Find what is set aside, and strings that are read by their parts or as text though they have few spaces."""
    parts: dict[str, list[str]] = {}
    for column in schema.columns:
        if column.part:
            parts.setdefault(column.source, []).append(column.part)
    for column in schema.columns:
        taken = f"its parts: {', '.join(parts.get(column.name, ()))}"
        if column.kind is ColumnKind.IGNORED and column.name in parts:
            yield _note("parts", column, f"read by {taken}", _otherwise(column, "ignored"))
        elif column.kind is ColumnKind.IGNORED:
            yield _set_aside(column)
        elif column.noted == Noted.WRITTEN:
            done = f"used as {column.kind.value}, and by {taken}"
            yield _note("parts", column, done, _otherwise(column, "ignored"))
        elif column.noted == Noted.RECURRING:
            yield _note(
                "text", column, "read as text, by its words or runs of characters", _otherwise(column, "ignored")
            )
    yield from map(_by_names, schema.of_kind(ColumnKind.NAME))


def column_notes(schema: Schema) -> tuple[str, ...]:
    """Return as sentences which columns are set aside as identifiers, and which no model sees as a whole."""
    needed = set(schema.needed)
    out = schema.of_kind(ColumnKind.IGNORED)
    in_parts = [column for column in out if column.name in needed]
    identifiers = [column for column in out if column.name not in needed and column.noted.is_identifier]
    notes = []
    if identifiers:
        example = _option(identifiers[0], _kind_of(identifiers[0]))
        notes.append(f"set aside as identifiers: {_names(identifiers)}. To use one all the same: {example}.")
    if in_parts:
        example = _option(in_parts[0], "ignored")
        notes.append(f"read by their parts, as {DISTINCT}: {_names(in_parts)}. To leave one out: {example}.")
    return tuple(notes)


def _by_names(column: Column) -> Finding:
    told = replace(column, name=column.source, note=SHARE_WORDS)
    return _note("names", told, "used as a category, and by the words of its names", _otherwise(told, "ignored"))


def _set_aside(column: Column) -> Finding:
    if column.noted.is_identifier:
        advice = f"To use it all the same: {_option(column, _kind_of(column))}."
        return _note("identifier", column, "set aside; no model sees it", advice)
    return _note("asked" if column.noted == Noted.ASKED else "set aside", column, "set aside; no model sees it", "")


def _note(topic: str, column: Column, done: str, advice: str) -> Finding:
    return Finding(Severity.NOTE, topic, column.name, column.note, done, advice)


def _kind_of(column: Column) -> str:
    """Return the kind that an identifier would have if it were used."""
    return "numeric" if column.noted == Noted.NUMBERING else "categorical"


def _otherwise(column: Column, kind: str) -> str:
    return f"To leave it out: {_option(column, kind)}, or say another kind."


def _option(column: Column, kind: str) -> str:
    return f"AutoML(columns={{{column.name!r}: {kind!r}}})"


def _names(columns: list[Column]) -> str:
    more = f" and {len(columns) - MOST_NAMED} more" if len(columns) > MOST_NAMED else ""
    return ", ".join(repr(column.name) for column in columns[:MOST_NAMED]) + more
