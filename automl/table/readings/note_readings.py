"""Note readings: tell which columns could be read in more than one way, how they were read, and how to overrule it."""

from __future__ import annotations

from automl.table.readings.read_durations import DURATIONS, HOURS_FIRST, MINUTES_FIRST
from automl.vocabulary.findings import Finding, Severity
from automl.vocabulary.schema import Column, ColumnKind, Schema

DONE = {
    ColumnKind.DATETIME: "read as dates in the format {format}",
    ColumnKind.NUMERIC: "read as numbers such as {format}",
}

IN_WORDS = {
    "": "read as numbers",
    HOURS_FIRST: "read as hours and minutes",
    MINUTES_FIRST: "read as minutes and seconds",
}
TO_KEEP = "To keep them as they stand: AutoML(columns={{{name!r}: 'categorical'}})."


def reading_findings(schema: Schema) -> list[Finding]:
    """Return one warning for each column whose reading is in doubt, and a note where it may surprise."""
    noted = [column for column in schema.columns if column.kind in DONE and column.note and not column.part]
    return [
        *(
            Finding(Severity.WARNING, "reading", each.name, each.doubt, _done(each), _advice(each))
            for each in schema.columns
            if each.doubt
        ),
        *(Finding(Severity.NOTE, "reading", each.name, each.note, _done(each), _advice(each)) for each in noted),
    ]


def note_readings(schema: Schema) -> tuple[str, ...]:
    """Return what is in doubt as sentences."""
    return tuple(
        f"column {each.column!r}: {each.found}; {each.done}. {each.advice}"
        for each in reading_findings(schema)
        if each.severity is Severity.WARNING
    )


def _done(column: Column) -> str:
    written = column.date_format or column.number_format
    if column.kind is ColumnKind.IGNORED:
        return "set aside"
    if column.kind is ColumnKind.NUMERIC and (not written or written in DURATIONS):
        return IN_WORDS[written]
    return DONE[column.kind].format(format=repr(written)) if column.kind in DONE and written else "kept as they are"


def _advice(column: Column) -> str:
    keep = TO_KEEP.format(name=column.name)
    if column.kind is ColumnKind.DATETIME:
        other = "dmy" if column.date_format.partition(" ")[0] != "dmy" else "mdy"
        return f"To say how: AutoML(dates={{{column.name!r}: {other!r}}}), a strptime format, or 'no' for no dates."
    if column.number_format in DURATIONS:
        return f"If that is wrong, write them with hours, minutes and seconds, such as '0:12:30'. {keep}"
    if column.kind is ColumnKind.NUMERIC and not column.number_format:
        return keep
    return (
        f"If that is wrong, write them in one unit, with a decimal point and nothing that parts thousands; the decimal "
        f"sign can be said: AutoML(decimal={{{column.name!r}: ','}})."
    )
