"""The command line: one command a file; what is heavy is imported inside the commands, so that --help is quick."""

from __future__ import annotations

import io
import sys
import warnings
from typing import TextIO

import typer

from automl.cli.card import card
from automl.cli.check import check
from automl.cli.check_plugin import check_plugin
from automl.cli.compete import compete
from automl.cli.demo import demo
from automl.cli.fit import fit
from automl.cli.inspect import inspect
from automl.cli.leaderboard import leaderboard
from automl.cli.list_plugins import list_plugins
from automl.cli.machines import machines
from automl.cli.new_plugin import new_plugin
from automl.cli.predict import predict
from automl.cli.rank import rank
from automl.cli.report import report
from automl.errors import AutoMLError

USER_ERROR = 2
"""Exit status where what was asked for cannot be done as asked."""

app = typer.Typer(
    help="AutoML whose models are plugins: a table in, a scored ensemble out, inside a time limit.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command("fit")(fit)
app.command("predict")(predict)
app.command("rank")(rank)
app.command("compete")(compete)
app.command("check")(check)
app.command("leaderboard")(leaderboard)
app.command("report")(report)
app.command("card")(card)
app.command("inspect")(inspect)
app.command("plugins")(list_plugins)
app.command("machines")(machines)
app.command("check-plugin")(check_plugin)
app.command("new-plugin")(new_plugin)
app.command("demo")(demo)


def _show_version(wanted: bool) -> None:
    if wanted:
        from automl import __version__

        typer.echo(f"automl {__version__}")
        raise typer.Exit()


@app.callback()
def options(
    version: bool = typer.Option(False, "--version", callback=_show_version, is_eager=True, help="Show the version."),
) -> None:
    """AutoML whose models are plugins: a table in, a scored ensemble out, inside a time limit."""


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Show what is meant for the user as a sentence, without the place in the code that told it; others as usual."""
    if issubclass(category, UserWarning):
        typer.secho(f"Warning: {message}", fg="yellow", err=True)
    else:
        (file or sys.stderr).write(warnings.formatwarning(message, category, filename, lineno, line))


def _never_refuse_a_character() -> None:
    r"""Have what a terminal cannot show printed as "\\u0432": names and labels are in every script, terminals are not.

    A window's program has no streams, and one that calls `main` may have put others in their place.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def main() -> None:
    """Run the command line; an error of the domain is one message on stderr and exit status 2, without a traceback."""
    _never_refuse_a_character()
    try:
        with warnings.catch_warnings():
            warnings.showwarning = _show_warning
            app()
    except AutoMLError as error:
        typer.secho(f"Error: {error}", fg="red", err=True)
        sys.exit(USER_ERROR)
