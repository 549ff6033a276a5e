"""Setup: what a search has fixed before its first trial."""

from __future__ import annotations

from dataclasses import dataclass

from automl.steps.fit.store_dataset import StoredDataset
from automl.steps.plan.encode_given import EncodedTable
from automl.steps.plan.given import Search
from automl.steps.resume.keep_run import Run
from automl.steps.resume.log_folds import FoldLog
from automl.steps.trials.assign_resources import Assignment


@dataclass(frozen=True, slots=True)
class Setup:
    """What a search has fixed before its first trial; all trials share it."""

    search: Search
    """Options, plugins and clock."""
    table: EncodedTable
    """The rows, what scores their predictions, and the models to try on them."""
    stored: StoredDataset
    """Where workers find the table."""
    folder: str
    """Where workers leave fitted members."""
    assignment: Assignment
    """How many fits run at once, with how many threads and how much memory each."""
    running: tuple[str, ...] | None = None
    """Numeric columns that only grow with time; None where folds are not in order of time."""
    run: Run | None = None
    """The user's folder in which the search can go on later, where one was named."""
    log: FoldLog | None = None
    """Where finished fits are written down, for a search that can go on later."""
