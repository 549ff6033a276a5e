"""`automl predict`: predict the rows of a table in a file with a saved model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def predict(  # noqa: PLR0913  the options of a command
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="A saved model, a file or a folder.")],
    test: Annotated[
        Path,
        typer.Argument(
            metavar="TEST", help="CSV, Parquet, or a folder of Parquet, with the same columns; a target is not needed."
        ),
    ],
    *,
    output: Annotated[Path, typer.Option("--output", "-o", help="CSV or Parquet file to write.")] = Path(
        "predictions.csv"
    ),
    probabilities: Annotated[
        bool, typer.Option("--probabilities", help="Write one column of probability a class, named after it.")
    ] = False,
    interval: Annotated[
        float | None,
        typer.Option(
            "--interval",
            metavar="COVERAGE",
            help="Write the ends of an interval that so great a share of values lies in, such as 0.9, of numbers.",
        ),
    ] = None,
    labels: Annotated[
        float | None,
        typer.Option(
            "--set", metavar="COVERAGE", help="Write the labels that the true one is among so often, with | between."
        ),
    ] = None,
    identifier: Annotated[str | None, typer.Option("--id", help="Column of TEST to copy in front.")] = None,
    jobs: Annotated[
        int,
        typer.Option(
            help="Cores to use; -1 for all. Other processes are brought up where this one would take over 10 s more. "
            "On a cluster, how many blocks at once in all."
        ),
    ] = -1,
    executor: Annotated[
        str | None,
        typer.Option(
            metavar="CLUSTER",
            help="Machines that predict the blocks of a large file: dask:tcp://HOST:8786 or ray; by default this one.",
        ),
    ] = None,
    trusted: Annotated[
        bool, typer.Option("--trusted", help="Unpickle members that can be loaded in no other way; they may run code.")
    ] = False,
) -> None:
    """Predict the rows of TEST, in their order, and write them to a file; large ones block by block."""
    from automl.cli._progress import told_rows
    from automl.estimator import AutoML
    from automl.predict_files.write_table import check_output
    from automl.vocabulary.places import place_of

    output = place_of(output)
    check_output(output, model, test)
    fitted = AutoML.load(model, trusted=trusted).set_params(n_jobs=jobs)
    fitted.set_params(**({} if executor is None else {"executor": executor}))
    wishes = {"interval": interval, "labels": labels, "identifier": identifier}
    with told_rows() as tell:
        n_rows = fitted.predict_file(test, output, probabilities=probabilities, tell=tell, **wishes)
    typer.echo(f"wrote {n_rows} rows to {output}")
