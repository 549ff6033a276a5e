"""`automl fit`: search for an ensemble on a table in a file, show what was found, save it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from automl.cli._options import options_of, with_options

DEFAULT_OUTPUT = Path("automl-model")
SHOWN_CANDIDATES = 15


@with_options("fit")
def fit(  # noqa: PLR0913  one argument for each option of the command
    train: Annotated[Path, typer.Argument(metavar="TRAIN", help="A CSV or Parquet file with the target in it.")],
    *,
    target: Annotated[
        list[str], typer.Option(help="Column to predict; of several give each, or their names with commas between.")
    ],
    groups: Annotated[str | None, typer.Option(help="Column whose equal values stay in one fold.")] = None,
    time_column: Annotated[str | None, typer.Option(help="Column to order by: validate on later rows.")] = None,
    unlabeled: Annotated[
        Path | None, typer.Option(help="Rows that will be predicted, to tell whether they look like TRAIN.")
    ] = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Where to save the model: a file NAME.automl, or a folder.")
    ] = DEFAULT_OUTPUT,
    report: Annotated[
        Path | None, typer.Option(help="HTML report to write as well, after the search, with importance in it.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show every fold.")] = False,
    **given: Any,
) -> None:
    """Search for the best ensemble on TRAIN, show its score and members, and save it."""
    from automl.cli._output import print_audit, print_failures, print_leaderboard, print_score, reasons_of, stdout
    from automl.cli.report import check_place
    from automl.estimator import AutoML

    check_output(output)
    if report is not None:
        check_place(report)
    model = AutoML(**options_of("fit", given), verbose=0 if quiet else 2 if verbose else 1).fit(
        str(train),
        target_of(train, target),
        groups=groups,
        time_column=time_column,
        unlabeled=unlabeled and str(unlabeled),
    )
    written = None if report is None else model.report(report)  # before it is saved, which keeps what was measured
    saved = model.save(output)
    print_leaderboard(model, SHOWN_CANDIDATES)
    print_failures(model, reasons_of(saved))
    print_audit(model)
    print_score(model)
    stdout().print(f"saved: {saved}", highlight=False, markup=False)
    if written is not None:
        stdout().print(f"report: {written}", highlight=False, markup=False)


def target_of(train: Path, given: Sequence[str]) -> str | list[str]:
    """Return the one target that is named, or the list of several; a comma parts names but where a column has it."""
    if len(given) > 1 or "," not in given[0]:
        return given[0] if len(given) == 1 else list(given)
    from automl.machine.quiet_warnings import quiet_warnings
    from automl.table.take_table import read_table

    with quiet_warnings():
        columns = read_table(train).columns
    return given[0] if given[0] in columns else [name.strip() for name in given[0].split(",")]


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
