"""`automl compete`: from a competition's files to a checked submission, with every guess told."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from automl.cli._options import options_of, with_options
from automl.steps.plan.options import FOUND, SEARCH, split_names

if TYPE_CHECKING:
    from automl.competition.nouns import CompetitionResult
    from automl.estimator import AutoML

BLEND = "Blending"
KAGGLE = "Kaggle, with its own program installed and set up"
SHOWN_MEMBERS = 10


@with_options("compete")
def compete(  # noqa: PLR0913  one argument for each option of the command
    train: Annotated[
        Path | None,
        typer.Argument(
            metavar="TRAIN", help="The table with the target in it; or a folder that holds all three files."
        ),
    ] = None,
    test: Annotated[Path | None, typer.Argument(metavar="TEST", help="The rows to predict.")] = None,
    *,
    sample: Annotated[
        Path | None, typer.Option(help="The sample submission: which rows and columns are wanted.")
    ] = None,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", help="The submission; NAME_oof.csv, NAME_test.csv, NAME_run.json go beside it."),
    ] = Path("submission.csv"),
    model: Annotated[Path | None, typer.Option(help="Where to save the model as well, such as NAME.automl.")] = None,
    target: Annotated[
        list[str] | None,
        typer.Option(
            help="Column of TRAIN to predict; of several give each, or their names with commas between.",
            rich_help_panel=FOUND,
        ),
    ] = None,
    identifier: Annotated[
        str | None,
        typer.Option("--id", help="Column that tells rows apart; several with commas between.", rich_help_panel=FOUND),
    ] = None,
    proba: Annotated[
        bool | None, typer.Option("--proba/--labels", help="Submit probabilities, or labels.", rich_help_panel=FOUND)
    ] = None,
    positive: Annotated[
        str | None, typer.Option(help="Class whose probability is submitted.", rich_help_panel=FOUND)
    ] = None,
    train_on_id: Annotated[
        bool | None,
        typer.Option(
            "--train-on-id/--no-train-on-id",
            help="Whether models see the id; by default where it is a date, or rows share it.",
            rich_help_panel=FOUND,
        ),
    ] = None,
    encoding: Annotated[str, typer.Option(help="Of the files, such as cp1251.", rich_help_panel=FOUND)] = "",
    separator: Annotated[str, typer.Option(help="Of the files' columns, such as ';'.", rich_help_panel=FOUND)] = "",
    groups: Annotated[
        str | None, typer.Option(help="Column whose equal values stay in one fold.", rich_help_panel=SEARCH)
    ] = None,
    time_column: Annotated[
        str | None, typer.Option(help="Column to order by: validate on later rows.", rich_help_panel=SEARCH)
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.", rich_help_panel=SEARCH)] = False,
    blend: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="RUN",
            help="An earlier run to join, over its folds: its submission, a folder of runs, or any NAME_oof.csv with "
            "NAME_test.csv beside it. May be given several times.",
            rich_help_panel=BLEND,
        ),
    ] = None,
    fit: Annotated[
        bool, typer.Option("--fit/--no-fit", help="Fit as well, or join earlier runs alone.", rich_help_panel=BLEND)
    ] = True,
    download: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Competition to download, into a folder NAME.", rich_help_panel=KAGGLE),
    ] = None,
    submit: Annotated[
        str | None, typer.Option(metavar="NAME", help="Competition to submit to.", rich_help_panel=KAGGLE)
    ] = None,
    message: Annotated[
        str | None, typer.Option("--message", "-m", help="What to call the submission there.", rich_help_panel=KAGGLE)
    ] = None,
    **given: Any,
) -> None:
    """Go from TRAIN, TEST and a sample submission to a checked SUBMISSION.

    It finds the id, the target, what is to be submitted and the metric,
    and says each in one line with its reason; options go before guesses.
    It fits without the id, predicts, and holds the submission against the
    sample: ids, order, columns, values. Beside it go out-of-fold and test
    predictions, to blend with later, and a record. It needs no network.

    Example: automl compete train.csv test.csv --sample sample.csv --metric auc
    """
    from automl.cli.fit import check_output, target_of
    from automl.competition.kaggle import find_program
    from automl.errors import OptionError
    from automl.estimator import AutoML

    if model is not None and not fit:
        raise OptionError("Found --model and --no-fit; without a fit there is no model to save. Leave one out.")
    files = find_tables(train, test, sample, download)
    if submit is not None:
        find_program()
    if model is not None:
        check_output(model)
    estimator = AutoML(**options_of("compete", given), verbose=0 if quiet else 1)
    result = estimator.compete(
        *files,
        output,
        target=target_of(files[0], target) if target else None,
        identifier=split_names(identifier) or (),
        form=None if proba is None else "probabilities" if proba else "labels",
        positive=positive,
        train_on_id=train_on_id,
        groups=groups,
        time_column=time_column,
        blend=blend or (),
        fit=fit,
        encoding=encoding,
        separator=separator,
        tell=typer.echo,
    )
    show(estimator, result, fit)
    if model is not None:
        typer.echo(f"model:       {estimator.save(model)}")
    if submit is not None:
        submit_result(submit, result, message)


def find_tables(
    train: Path | None, test: Path | None, sample: Path | None, competition: str | None
) -> tuple[Path, Path, Path | None]:
    """Return the three files: as given, from the folder given, or from the competition to download."""
    from automl.competition.kaggle import download
    from automl.competition.read_files import find_files
    from automl.errors import OptionError
    from automl.vocabulary.places import place_of

    if competition is not None and train is None:
        train = Path(competition)
        fresh = download(competition, train)
        typer.echo(f"download: {train}/ ({'from Kaggle' if fresh else 'there already; remove it to download again'})")
    if train is not None and place_of(train).is_dir() and test is None:
        found = find_files(place_of(train))
        return found[0], found[1], sample or found[2]
    if train is None or test is None:
        raise OptionError("Found no TRAIN and TEST; expected both files, a folder that holds them, or --download NAME.")
    return train, test, sample


def show(model: AutoML, result: CompetitionResult, fitted: bool) -> None:
    """Print members, warnings, the score, what was checked, and the files."""
    from automl.cli._output import print_audit, print_failures, print_leaderboard, print_table, stdout

    if fitted:
        print_leaderboard(model, SHOWN_MEMBERS, members_only=True)
        print_failures(model, f'"not_run" in {result.record.name}')
        print_audit(model)
    if result.blended:
        print_table("Blend", ("run", "score", "weight"), result.blended)
    low, high = result.interval
    lines = [f"note: {note}" for note in result.notes]
    lines.append(
        f"score:       {result.metric} {result.score:.5g}, 95 % interval {low:.5g} to {high:.5g}, on rows that neither "
        f"the members nor their weights have seen"
    )
    lines.append(f"checked:     {result.checked}")
    lines.append(f"submission:  {result.submission}")
    lines.append(f"beside it:   {result.out_of_fold.name}, {result.test_predictions.name}, {result.record.name}")
    for line in lines:
        stdout().print(line, highlight=False, markup=False, soft_wrap=True)


def submit_result(competition: str, result: CompetitionResult, message: str | None) -> None:
    """Submit what was written, and print what Kaggle's program says."""
    from automl.competition.kaggle import submit

    said = submit(competition, result.submission, message or f"automl: {result.metric} {result.score:.5g}")
    typer.echo(f"submitted:   {said.splitlines()[-1] if said else competition}")
