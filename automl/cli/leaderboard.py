"""`automl leaderboard`: show what a saved model was chosen from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def leaderboard(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="A saved model, a file or a folder.")],
    rows: Annotated[int, typer.Option(min=1, help="Most candidates to show.")] = 30,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print every candidate and column as CSV.")] = False,
    failures: Annotated[
        bool, typer.Option("--failures", help="Show in their place what did not run or broke, each with its reason.")
    ] = False,
    trusted: Annotated[
        bool, typer.Option("--trusted", help="Unpickle members that can be loaded in no other way; they may run code.")
    ] = False,
) -> None:
    """Show the candidates of a saved model, best first, with their weights in the ensemble; or what did not run."""
    from automl.cli._output import print_failures, print_leaderboard, print_reasons, print_score, reasons_of
    from automl.estimator import AutoML

    fitted = AutoML.load(model, trusted=trusted)
    if as_csv:
        frame = fitted.failures() if failures else fitted.leaderboard()
        typer.echo(frame.to_csv(index=False), nl=False)
        return
    if failures:
        print_reasons(fitted)
        return
    print_leaderboard(fitted, rows)
    print_failures(fitted, reasons_of(model))
    print_score(fitted)
