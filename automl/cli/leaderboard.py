"""`automl leaderboard`: show what a saved model was chosen from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def leaderboard(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="A saved model, a file or a folder.")],
    rows: Annotated[int, typer.Option(help="Most candidates to show.")] = 30,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print every candidate and column as CSV.")] = False,
    trusted: Annotated[
        bool, typer.Option("--trusted", help="Unpickle members that can be loaded in no other way; they may run code.")
    ] = False,
) -> None:
    """Show the candidates of a saved model, best first, with their weights in the ensemble."""
    from automl.cli._output import print_failures, print_leaderboard, print_score
    from automl.estimator import AutoML

    fitted = AutoML.load(model, trusted=trusted)
    if as_csv:
        typer.echo(fitted.leaderboard().to_csv(index=False), nl=False)
        return
    print_leaderboard(fitted, rows)
    print_failures(fitted)
    print_score(fitted)
