"""`automl report`: write everything about a saved model into one HTML file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def report(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="A saved model, a file or a folder.")],
    *,
    output: Annotated[Path, typer.Option("--output", "-o", help="HTML file to write.")] = Path("report.html"),
    data: Annotated[
        Path | None,
        typer.Option(help="Rows with their target, best the fitted table: measures importance and dependence on them."),
    ] = None,
    trusted: Annotated[
        bool, typer.Option("--trusted", help="Unpickle members that can be loaded in no other way; they may run code.")
    ] = False,
) -> None:
    """Write a report on MODEL: validation, candidates, errors, importance, the data, and what was not run and why.

    It is one HTML file without scripts, readable offline, in light and in dark. A saved model holds no rows, so
    importance and dependence are measured on those of --data, or before it is saved, by automl fit --report.
    """
    from automl.estimator import AutoML

    check_place(output)
    fitted = AutoML.load(model, trusted=trusted)
    written = fitted.report(output, None if data is None else str(data))
    typer.echo(f"wrote {written}")


def check_place(output: Path) -> None:
    """Refuse to begin where the libraries are missing, or the file cannot be meant."""
    from automl.errors import OptionError
    from automl.reporting.libraries import need

    need("A report", "report", "jinja2", "matplotlib")
    if output.suffix.lower() not in (".html", ".htm"):
        raise OptionError(
            f"Found the name {output.name!r}; a report is HTML, such as report.html. See also automl card."
        )
