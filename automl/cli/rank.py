"""`automl rank`: put the rows of a table in a file in order within their groups, with a saved model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def rank(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="A saved model, a file or a folder.")],
    table: Annotated[Path, typer.Argument(metavar="FILE", help="A CSV or Parquet file with the same columns.")],
    *,
    k: Annotated[int, typer.Option("--first", "-k", min=0, help="Rows of each group to write, 0 for all.")] = 10,
    groups: Annotated[
        str | None, typer.Option(help="Column that says which group a row is of; by default that of the fit.")
    ] = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="CSV or Parquet file to write.")] = Path("ranked.csv"),
    trusted: Annotated[
        bool, typer.Option("--trusted", help="Unpickle members that can be loaded in no other way; they may run code.")
    ] = False,
) -> None:
    """Write the best rows of each group in FILE, best first, with their rank and score."""
    from automl.errors import OptionError
    from automl.estimator import AutoML
    from automl.predict_files.write_table import check_output, write_table
    from automl.table.read_like import read_like
    from automl.vocabulary.places import place_of

    output = place_of(output)
    check_output(output, model, table)
    fitted = AutoML.load(model, trusted=trusted)
    if not hasattr(fitted, "rank"):
        raise OptionError(f"rank is for models of rankings; this is a {fitted.task_.kind.value}. Use automl predict.")
    frame = read_like(table, fitted.schema_, fitted.task_)
    best = fitted.rank(frame, k or None, groups=groups)
    write_table(best, output)
    typer.echo(f"wrote {len(best)} rows to {output}")
