"""Note the columns: say which were set aside, which are read by their parts, and how to have it otherwise."""

from __future__ import annotations

from collections.abc import Iterator

from automl.steps.settle_columns import IDENTIFIER, LEFT_OUT, READ_BY_PARTS, UNSPACED, WRITTEN
from automl.vocabulary.findings import Finding, Severity
from automl.vocabulary.schema import Column, ColumnKind, Schema

MOST_NAMED = 10


def column_findings(schema: Schema) -> Iterator[Finding]:
    """Find what is set aside, and strings that are read by their parts or as text though they have no spaces."""
    for column in schema.columns:
        if column.kind is ColumnKind.IGNORED:
            yield _set_aside(column)
        elif column.note.startswith(WRITTEN):
            parts = ", ".join(each.part for each in schema.columns if each.part and each.source == column.name)
            done = f"used as {column.kind.value}, and by its parts: {parts}"
            yield Finding(Severity.NOTE, "parts", column.name, column.note, done, _otherwise(column, "ignored"))
        elif column.note.startswith(UNSPACED):
            yield Finding(
                Severity.NOTE, "text", column.name, column.note, "read as text, by runs of characters",
                _otherwise(column, "categorical"),
            )  # fmt: skip


def column_notes(schema: Schema) -> tuple[str, ...]:
    """Return as sentences which columns of strings or row numbers no model sees as a whole; nothing for constants."""
    identifiers = [column for column in schema.of_kind(ColumnKind.IGNORED) if column.note.startswith(IDENTIFIER)]
    in_parts = [column for column in schema.of_kind(ColumnKind.IGNORED) if READ_BY_PARTS in column.note]
    notes = []
    if identifiers:
        example = _option(identifiers[0], _kind_of(identifiers[0]))
        notes.append(f"set aside as identifiers: {_names(identifiers)}. To use one all the same: {example}.")
    if in_parts:
        example = _option(in_parts[0], "ignored")
        notes.append(
            f"read by their parts, as nearly every value is distinct: {_names(in_parts)}. To leave one out: {example}."
        )
    return tuple(notes)


def _set_aside(column: Column) -> Finding:
    if READ_BY_PARTS in column.note:
        found, _, parts = column.note.partition(f"; {READ_BY_PARTS}: ")
        done = f"{READ_BY_PARTS}: {parts}"
        return Finding(Severity.NOTE, "parts", column.name, found, done, _otherwise(column, "ignored"))
    if column.note.startswith(IDENTIFIER):
        advice = f"To use it all the same: {_option(column, _kind_of(column))}."
        return Finding(Severity.NOTE, "identifier", column.name, column.note, "set aside; no model sees it", advice)
    topic = "asked" if column.note == LEFT_OUT else "set aside"
    return Finding(Severity.NOTE, topic, column.name, column.note, "set aside; no model sees it", "")


def _kind_of(column: Column) -> str:
    """Return the kind that an identifier would have if it were used."""
    return "numeric" if "numbers the rows" in column.note else "categorical"


def _otherwise(column: Column, kind: str) -> str:
    return f"To {'leave it out' if kind == 'ignored' else 'have it otherwise'}: {_option(column, kind)}."


def _option(column: Column, kind: str) -> str:
    return f"AutoML(columns={{{column.name!r}: {kind!r}}})"


def _names(columns: list[Column]) -> str:
    more = f" and {len(columns) - MOST_NAMED} more" if len(columns) > MOST_NAMED else ""
    return ", ".join(repr(column.name) for column in columns[:MOST_NAMED]) + more
