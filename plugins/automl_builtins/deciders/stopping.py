"""Stopping: end a timed search when nothing has improved for long."""

from __future__ import annotations

import math

from automl.plugin_api import SearchProgress, hookimpl

LEAST_PATIENCE = 120.0
"""Seconds without improvement that are always waited for."""
PATIENCE_SHARE = 0.4
"""Share of the time limit that is waited for where that is longer."""
LEAST_TRIALS = 30
"""Finished candidates without improvement that are waited for as well: few of a large table say little yet, and each
may still bring the ensemble something that the best one lacks."""


@hookimpl
def automl_should_stop(progress: SearchProgress) -> bool | None:
    """Stop a timed search after `max(120 s, 40 % of the limit)` and 30 candidates without improvement.

    The time that a candidate still under way has taken is not counted: a long one may be what improves the ensemble. A
    search that ends by count has to give the same result on every machine, so the clock has no say in it.
    """
    if progress.time_limit is None:
        return None
    if progress.n_finished == 0 or not math.isfinite(progress.best_loss):
        return False
    idle = progress.seconds_since_improvement - progress.longest_under_way
    is_long = idle > max(LEAST_PATIENCE, PATIENCE_SHARE * progress.time_limit)
    return is_long and progress.trials_since_improvement >= LEAST_TRIALS
