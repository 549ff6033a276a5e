"""`automl card`: write the model card of a saved model, in Markdown."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def card(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="A saved model, a file or a folder.")],
    *,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Markdown file to write; by default it is printed.")
    ] = None,
    trusted: Annotated[
        bool, typer.Option("--trusted", help="Unpickle members that can be loaded in no other way; they may run code.")
    ] = False,
) -> None:
    """Print the model card of MODEL: what it is for, how good it is and how that is known, and where it is weak."""
    from automl.estimator import AutoML

    text = AutoML.load(model, trusted=trusted).card(output)
    typer.echo(text if output is None else f"wrote {output}", nl=output is not None)
