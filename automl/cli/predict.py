"""`automl predict`: predict the rows of a table in a file with a saved model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import pandas as pd

    from automl.estimator import AutoML
    from automl.vocabulary.arrays import Array
    from automl.vocabulary.task import Task

WRITTEN = (".csv", ".csv.gz", ".csv.zip", ".parquet")
"""How the names of the files that are written end."""


def predict(  # noqa: PLR0913  the options of a command
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="A saved model, a file or a folder.")],
    test: Annotated[
        Path,
        typer.Argument(metavar="TEST", help="A CSV or Parquet file with the same columns; a target is not needed."),
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
    trusted: Annotated[
        bool, typer.Option("--trusted", help="Unpickle members that can be loaded in no other way; they may run code.")
    ] = False,
) -> None:
    """Predict the rows of TEST, in their order, and write them to a file."""
    from automl.estimator import AutoML
    from automl.table.read_like import read_like
    from automl.vocabulary.places import place_of

    output = place_of(output)
    check_output(output, model, test)
    fitted = AutoML.load(model, trusted=trusted)
    table = read_like(test, fitted.schema_, fitted.task_)
    coverages = {"interval": interval, "labels": labels}
    predictions = predict_frame(fitted, table, probabilities=probabilities, identifier=identifier, **coverages)
    if identifier is not None:
        predictions[identifier] = as_written(test, table[identifier].reset_index(drop=True)).to_numpy()
    write_table(predictions, output)
    typer.echo(f"wrote {len(predictions)} rows to {output}")


def check_output(output: Path, *read: Path) -> None:
    """Refuse to write over what is read, and kinds of files that are not written."""
    from automl.errors import OptionError

    if not output.name.lower().endswith(WRITTEN):
        raise OptionError(
            f"Found the output {str(output)!r}; expected a name that ends in one of {', '.join(WRITTEN)}. Choose "
            f"another by --output."
        )
    for path in read:
        if path.exists() and output.resolve() == path.resolve():
            raise OptionError(f"{str(output)!r} would be written over what is read. Choose another place by --output.")


def predict_frame(
    model: AutoML,
    table: pd.DataFrame,
    *,
    probabilities: bool,
    identifier: str | None,
    interval: float | None = None,
    labels: float | None = None,
) -> pd.DataFrame:
    """Return the predictions as a frame: the identifier if wanted, then the target, or a column for each of several.

    interval, labels: coverages of an interval of values, and of a set of labels, to put behind; None for neither.
    """
    import pandas as pd

    from automl.errors import InputError, OptionError, unknown_name

    if identifier is not None and identifier not in table.columns:
        raise InputError(unknown_name("column for --id", identifier, table.columns))
    if probabilities and not model.task_.has_some_classes:
        raise OptionError("--probabilities is for classification; this model predicts numbers. Leave the option out.")
    numbers = predict_columns(model.task_)
    names = probability_columns(model.task_) if probabilities else numbers
    target = model.task_.target
    beside = [f"{target}_low", f"{target}_high"] if interval is not None else []
    beside += [f"{target}_set"] if labels is not None else []
    if identifier in (*names, *beside):
        raise OptionError(
            f"Found --id {identifier!r}, which is also the name of a column of predictions; expected one of another "
            f"name. Rename it in the table, or leave --id out."
        )
    if probabilities:
        predictions = _probabilities(model, table, names)
    else:
        found = model.predict(table)
        predictions = pd.DataFrame({numbers[0]: found}) if found.ndim == 1 else pd.DataFrame(found, columns=numbers)
        predictions = predictions.infer_objects() if model.task_.targets else predictions
    if interval is not None:
        predictions[beside[:2]] = model.predict_interval(table, interval)
    if labels is not None:
        predictions[beside[-1]] = _joined(model, model.predict_set(table, labels))
    if identifier is not None:
        predictions.insert(0, identifier, table[identifier].to_numpy())
    return predictions


def _probabilities(model: AutoML, table: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    import numpy as np
    import pandas as pd

    from automl.errors import OptionError

    found = model.predict_proba(table)
    if not isinstance(found, list) and found.ndim == 1:
        raise OptionError(
            "--probabilities is for rows of one prediction each; those of this table hold lists. Give one row for each "
            "element, or leave the option out."
        )
    return pd.DataFrame(np.hstack(found) if isinstance(found, list) else found, columns=names)


def _joined(model: AutoML, sets: Array) -> list[str]:
    """Return the labels of each set with a bar between; one within a label is written with a backslash before it."""
    names = [str(label).replace("|", "\\|") for label in model.classes_]
    return ["|".join(name for name, is_in in zip(names, row, strict=True) if is_in) for row in sets.tolist()]


def predict_columns(task: Task) -> list[str]:
    """Return the names of what `predict` gives: the target, each of several, or one for each number that a row has."""
    from automl.vocabulary.outputs import output_names

    return list(task.target_names) if task.classes or task.targets else output_names(task)


def probability_columns(task: Task) -> list[str]:
    """Return the names of what `predict_proba` gives: each class, each of several labels, or each target's classes."""
    from automl.vocabulary.outputs import output_names

    if not task.targets:
        return [str(label) for label in task.classes]
    pairs = zip(task.targets, task.blocks, strict=True)
    of_classes = [bool(each.classes) for each, block in pairs for _ in range(block.width)]
    return [name for name, counts in zip(output_names(task), of_classes, strict=True) if counts]


def as_written(path: Path, values: pd.Series) -> pd.Series:
    """Return a column of a file as it is written there, with zeros in front and all digits; of Parquet, its values."""
    from automl.table.files.read_table import read_file
    from automl.table.files.read_text import Asked

    name = str(values.name)
    frame, layout = read_file(path, Asked(text=(name,), only=(name,)))
    is_text = layout.width > 0 and not (frame[name] == values.astype(str)).all()
    return frame[name] if is_text else values


def write_table(table: pd.DataFrame, output: Path) -> None:
    """Write CSV, or Parquet where the file's name ends in .parquet."""
    from automl.errors import InputError

    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        if output.suffix.lower() == ".parquet":
            _as_parquet(table, output)
        else:
            table.to_csv(output, index=False)
    except OSError as error:
        raise InputError(f"{str(output)!r} cannot be written: {error}. Choose another place with --output.") from error


def _as_parquet(table: pd.DataFrame, output: Path) -> None:
    """Write Parquet; labels that it has no type for, such as intervals, as text."""
    try:
        table.to_parquet(output, index=False)
    except (ValueError, TypeError, OverflowError, NotImplementedError):  # what Arrow raises
        texts = {name: table[name].map(str) for name in table.columns if table[name].dtype == object}
        table.assign(**texts).to_parquet(output, index=False)
