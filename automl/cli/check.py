"""`automl check`: compare a table in a file with the one that a saved model was fitted on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

SHOWN = ("column", "kind", "dtype", "missing_fitted", "missing", "distance", "p_value", "verdict")


def check(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="A saved model, a file or a folder.")],
    table: Annotated[Path, typer.Argument(metavar="FILE", help="A CSV or Parquet file to compare.")],
    *,
    strict: Annotated[bool, typer.Option("--strict", help="End with an error that lists the problems.")] = False,
    every: Annotated[bool, typer.Option("--all", help="Show the columns that are as they were, too.")] = False,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="CSV or Parquet file for the report.")] = None,
    trusted: Annotated[
        bool, typer.Option("--trusted", help="Unpickle members that can be loaded in no other way; they may run code.")
    ] = False,
) -> None:
    """Compare FILE with the table that MODEL was fitted on: columns, missing values, categories, ranges and drift."""
    from automl.cli._output import print_table
    from automl.errors import InputError
    from automl.estimator import AutoML
    from automl.predict_files.write_table import check_output, write_table
    from automl.steps.audit.check_table import FINE, refuse_problems
    from automl.table.read_like import read_like
    from automl.vocabulary.places import place_of

    output = None if output is None else place_of(output)
    if output is not None:
        check_output(output, model, table)
    fitted = AutoML.load(model, trusted=trusted)
    frame = read_like(table, fitted.schema_, fitted.task_)
    if strict and frame.empty:
        raise InputError(f"{str(table)!r} has no rows; expected some to compare. Check how the file was made.")
    report = fitted.check(frame)
    if output is not None:
        write_table(report, output)
    shown = report if every else report[~report["verdict"].isin(FINE)]
    if len(shown):
        print_table("Columns", SHOWN, shown[list(SHOWN)].itertuples(index=False))
    typer.echo(f"{int((~report['verdict'].isin(FINE)).sum())} of {len(report)} columns differ from those fitted")
    if frame.empty:
        typer.echo(f"{str(table)!r} has no rows: only the names of its columns were compared")
    if strict:
        refuse_problems(report)
