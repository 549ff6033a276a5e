"""`automl fit`: search for an ensemble on a table in a file, show what was found, save it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

DEFAULT_OUTPUT = Path("automl-model")
SHOWN_CANDIDATES = 15


def fit(  # noqa: PLR0913  one argument for each option of the command
    train: Annotated[Path, typer.Argument(metavar="TRAIN", help="A CSV or Parquet file with the target in it.")],
    *,
    target: Annotated[str, typer.Option(help="Column to predict.")],
    time_limit: Annotated[
        str, typer.Option(help="Time for everything, such as 90s, 10m, 1.5h; none to end by --max-trials alone.")
    ] = "5m",
    max_trials: Annotated[int | None, typer.Option(help="Most candidates to try.")] = None,
    metric: Annotated[str | None, typer.Option(help="What to optimise, such as roc_auc, log_loss, rmse.")] = None,
    task: Annotated[
        str | None, typer.Option(help="binary, multiclass, classification or regression; by default from the target.")
    ] = None,
    models: Annotated[str | None, typer.Option(help="Names of the models to try, with commas between.")] = None,
    exclude: Annotated[str | None, typer.Option(help="Names of models to leave out, with commas between.")] = None,
    cv: Annotated[int | None, typer.Option(help="Number of folds; by default by rows and budget.")] = None,
    ensemble: Annotated[str, typer.Option(help="auto, voting, weighted, stacking or none.")] = "auto",
    jobs: Annotated[int, typer.Option(help="Cores to use; -1 for all.")] = -1,
    memory_limit: Annotated[str | None, typer.Option(help="Memory to use, such as 8GB.")] = None,
    predict_time_limit: Annotated[float | None, typer.Option(help="Most seconds to predict a row of many.")] = None,
    refit: Annotated[
        bool | None,
        typer.Option(help="Fit each member again on all rows, to predict sooner; by default where folds are in time."),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of every random choice; 0 by default.")] = None,
    groups: Annotated[str | None, typer.Option(help="Column whose equal values stay in one fold.")] = None,
    time_column: Annotated[str | None, typer.Option(help="Column to order by: validate on later rows.")] = None,
    unlabeled: Annotated[
        Path | None, typer.Option(help="Rows that will be predicted, to tell whether they look like TRAIN.")
    ] = None,
    track: Annotated[
        list[str] | None,
        typer.Option(help="Tool that keeps the course: mlflow, tensorboard, or tensorboard:FOLDER. Repeatable."),
    ] = None,
    dates: Annotated[
        list[str] | None,
        typer.Option(help="Order of day and month: dmy, mdy, ymd, or of one column: COLUMN=dmy. Repeatable."),
    ] = None,
    decimal: Annotated[
        list[str] | None, typer.Option(help="Decimal sign of numbers as text, or of one column: COLUMN=SIGN.")
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(help="Kind of a column: NAME=text, categorical, numeric, boolean, datetime, ignored. Repeatable."),
    ] = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Where to save the model: a file NAME.automl, or a folder.")
    ] = DEFAULT_OUTPUT,
    report: Annotated[
        Path | None, typer.Option(help="HTML report to write as well, after the search, with importance in it.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show every fold.")] = False,
) -> None:
    """Search for the best ensemble on TRAIN, show its score and members, and save it."""
    from automl.cli._output import print_audit, print_failures, print_leaderboard, print_score, reasons_of, stdout
    from automl.cli.report import check_place
    from automl.estimator import AutoML

    check_output(output)
    if report is not None:
        check_place(report)
    model = AutoML(
        time_limit=None if time_limit.lower() == "none" else time_limit,
        max_trials=max_trials,
        metric=metric,
        task=task,
        models=split_names(models),
        exclude=split_names(exclude) or (),
        cv=cv,
        ensemble=ensemble,
        n_jobs=jobs,
        memory_limit=memory_limit,
        predict_time_limit=predict_time_limit,
        refit=refit,
        track=tuple(track or ()),
        dates=by_column(dates),
        decimal=by_column(decimal),
        columns=by_column(column),
        random_state=seed,
        verbose=0 if quiet else 2 if verbose else 1,
    ).fit(str(train), target, groups=groups, time_column=time_column, unlabeled=unlabeled and str(unlabeled))
    written = None if report is None else model.report(report)  # before it is saved, which keeps what was measured
    saved = model.save(output)
    print_leaderboard(model, SHOWN_CANDIDATES)
    print_failures(model, reasons_of(saved))
    print_audit(model)
    print_score(model)
    stdout().print(f"saved: {saved}", highlight=False, markup=False)
    if written is not None:
        stdout().print(f"report: {written}", highlight=False, markup=False)


def split_names(text: str | None) -> list[str] | None:
    """Return the names in "a, b"; None where the option was not given."""
    return None if text is None else [name.strip() for name in text.split(",") if name.strip()]


def by_column(given: list[str] | None) -> dict[str, str] | None:
    """Return what "COLUMN=WORD" says of each column, and "WORD" of all, under ""; None where nothing was given."""
    pairs = [each.rpartition("=") for each in given or ()]
    return {name: word for name, _, word in pairs} if pairs else None


def check_output(output: Path) -> None:
    """Refuse a place where nothing can be saved before the search has spent its time."""
    from automl.artifact import check_place
    from automl.errors import ArtifactError
    from automl.vocabulary.places import place_of

    output = place_of(output)
    check_place(output)
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ArtifactError(
            f"The folder {str(output.parent)!r} cannot be made: {error}. Choose another place."
        ) from error
