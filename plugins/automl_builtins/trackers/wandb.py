"""Weights & Biases: keeps each search as a run, with curves, facts, and tables of candidates and failures."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Any

from automl.plugin_api import Event, SearchFinished, SearchStarted, TrackerSpec, TrackRequest, hookimpl
from automl_builtins.trackers._course import Course, facts_of

PROJECT = "automl"
"""The project of a search for which none was named, here or in WANDB_PROJECT."""


class WandbTracker:
    """A run of Weights & Biases for one search, in the project PLACE, else that of WANDB_PROJECT, else "automl".

    Whether runs are sent, and where to, is wandb's own setting (WANDB_MODE, WANDB_BASE_URL, `wandb login`). A run that
    the program has open already gets the search, and stays open; its own steps go on.
    """

    def __init__(self, request: TrackRequest) -> None:
        """Begin the run, so that a server that cannot be reached, or a missing key, is noticed before any fit."""
        import wandb

        self._wandb: Any = wandb
        self._is_own = wandb.run is None
        place = request.place or os.environ.get("WANDB_PROJECT", "") or PROJECT
        quiet = wandb.Settings(silent=True)
        self._run: Any = wandb.init(project=place, job_type="search", settings=quiet) if self._is_own else wandb.run
        self._course = Course()

    def observe(self, event: Event) -> None:
        """Write what happened; where that fails the run ends as failed, and the error is raised."""
        try:
            self._write(event)
        except Exception:
            self._end(1)
            raise

    def _write(self, event: Event) -> None:
        numbers = self._course.take(event)
        if isinstance(event, SearchStarted):
            self._run.config.update({"automl": facts_of(event)}, allow_val_change=True)
        if numbers:
            self._run.log({**numbers, "candidate/number": self._course.step})
        if isinstance(event, SearchFinished):
            self._write_tables()
            self._run.summary["automl/ended"] = event.reason
            self._end(1 if event.error else 0)

    def _write_tables(self) -> None:
        for name, rows in self._course.tables.items():
            if rows:
                cells = [["" if cell is None else str(cell) for cell in row.values()] for row in rows]
                self._run.log({f"automl/{name}": self._wandb.Table(columns=list(rows[0]), data=cells)})

    def _end(self, code: int) -> None:
        if self._is_own:
            with suppress(Exception):  # of a server that is gone
                self._run.finish(exit_code=code)


WANDB = TrackerSpec(
    name="wandb", build=WandbTracker, requires=("wandb",), install="pip install 'ensemble-automl[wandb]'"
)


@hookimpl
def automl_trackers() -> tuple[TrackerSpec, ...]:
    """Offer Weights & Biases."""
    return (WANDB,)
