"""Output: what several commands print: the score, the leaderboard, the failures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

from automl.vocabulary.states import Stage

if TYPE_CHECKING:
    from rich.console import Console

    from automl.estimator import AutoML

PIPED_WIDTH = 160
"""Columns to format for where stdout is no terminal."""
MOST_CAUSES, MOST_NAMED = 8, 4
FAILURES = ("model", "stage", "count", "cause")
LEADERBOARD = ("rank", "model", "score", "weight", "status", "folds", "fit_seconds", "origin")


def print_score(model: AutoML) -> None:
    """Print the cross-fitted score with its interval, and the kind of ensemble."""
    from automl.report import spell_score  # which imports pandas

    told = spell_score(model.metric_, model.score_, model.interval_)
    stdout().print(
        f"{told}  (ensemble: {model.ensemble_})",
        highlight=False,
        markup=False,
    )
    for note in model.notes_:
        stdout().print(f"note: {note}", highlight=False, markup=False)


def print_leaderboard(model: AutoML, most: int, *, members_only: bool = False) -> None:
    """Print the best candidates with their weights in the ensemble."""
    frame = model.leaderboard()
    chosen = frame[frame["weight"] > 0].sort_values("weight", ascending=False) if members_only else frame
    title = "Members of the ensemble" if members_only else "Candidates"
    rows = chosen[list(LEADERBOARD)].head(most).itertuples(index=False)
    print_table(title, LEADERBOARD, rows)
    if len(chosen) > most:
        stdout().print(f"... and {len(chosen) - most} more", highlight=False)


def print_failures(model: AutoML, reasons_in: str) -> None:
    """Print what broke, one line a cause, then how much was not run; `reasons_in` says where each has its reason."""
    frame = model.failures()
    is_left_out = (
        (frame["stage"] == Stage.CHOOSE)
        | ((frame["stage"] == Stage.ENSEMBLE) & (frame["traceback"] == ""))
        | ((frame["stage"] == Stage.REFIT) & (frame["traceback"] == ""))
        | (frame["stage"] == Stage.STOPPED)
    )
    broken, left_out = frame[~is_left_out], frame[is_left_out]
    console = stdout()
    for row in broken.head(MOST_CAUSES).itertuples(index=False):
        console.print(f"failed: {row.model} ({row.stage}, {row.count} x): {row.cause}", highlight=False, markup=False)
    if len(broken) > MOST_CAUSES:
        console.print(f"... and {len(broken) - MOST_CAUSES} more causes of failure", highlight=False)
    if len(left_out):
        names = ", ".join(sorted(set(left_out["model"])))
        text = f"not run ({int(left_out['count'].sum())} x): {names}; why: {reasons_in}"
        console.print(text, highlight=False, markup=False, soft_wrap=True)


def reasons_of(saved: Path) -> str:
    """Return the command that shows what did not run, with the reasons that a saved model keeps."""
    return f"automl leaderboard {quote(str(saved))} --failures"


def print_reasons(model: AutoML) -> None:
    """Print whatever did not run or broke, one row a cause, with how often."""
    frame = model.failures()
    if frame.empty:
        stdout().print("Nothing broke, and all that was to be tried was run.", highlight=False)
        return
    print_table("Did not run, or broke", FAILURES, frame[list(FAILURES)].itertuples(index=False))


def print_audit(model: AutoML) -> None:
    """Print the warnings of the audit, with what can be done, and how many notes there are."""
    frame = model.audit_
    for row in frame[frame["severity"] == "warning"].itertuples(index=False):
        of = f" {row.column!r}" if row.column else ""
        stdout().print(f"warning: {row.topic}{of}: {row.found}. {row.advice}", highlight=False, markup=False)
    notes = frame[frame["severity"] == "note"]
    if len(notes):
        told = []
        for topic, rows in notes.groupby("topic", sort=False):
            names = [repr(name) for name in rows["column"] if name]
            more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
            told.append(f"{topic} {', '.join(names[:MOST_NAMED])}{more}".strip())
        stdout().print(f"noted: {'; '.join(told)} (audit_ and the report tell more)", highlight=False, markup=False)


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print a table on stdout; numbers stand to the right, with five significant digits."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    rows = [tuple(row) for row in rows]
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for position, name in enumerate(columns):
        is_number = bool(rows) and all(isinstance(row[position], int | float) for row in rows)
        table.add_column(name, justify="right" if is_number else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(f"{cell:.5g}" if isinstance(cell, float) else str(cell)) for cell in row))
    stdout().print(table)


def stdout() -> Console:
    """Return a console on stdout, wide enough for a table where it is piped."""
    from rich.console import Console

    console = Console()
    return console if console.is_terminal else Console(width=PIPED_WIDTH)
