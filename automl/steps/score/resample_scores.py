"""Resample scores: how far a score, or the difference of two, would move on other rows of the same kind."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from automl.machine.quiet_warnings import quiet_warnings
from automl.plugin_api.scoring import score_predictions
from automl.plugin_api.specs import MetricSpec
from automl.vocabulary.arrays import Array, Rows
from automl.vocabulary.task import Task

MAX_ROWS = 5_000
"""Rows of one resample. Fewer rows than there are scatter more, by the square root of the ratio, which is undone."""
COVERAGE = 95.0
NEW_SHARE = 0.25
"""Rows of the later table that an interval is about, as a share of the scored ones: what an 80/20 split holds out."""


@dataclass(frozen=True, slots=True)
class Judge:
    """How predictions are scored: the metric, the rows' targets, their weights, and which belong together.

    parts: `(n_rows,)` where the score is the mean over parts of the rows, by their number, rather than that of all at
    once; so it is where parts are predicted by models of another age, or their targets lie elsewhere, as a ranking of
    rows of different times would otherwise be that of the times.
    """

    metric: MetricSpec
    task: Task
    target: Array
    weights: Array | None = None
    groups: Array | None = None
    parts: Array | None = None

    def score(self, predictions: Array, rows: Rows | None = None) -> float:
        """Return the score on the given rows, all of them by default; NaN where the metric has none."""
        if self.parts is not None:
            return self._mean_over_parts(predictions, np.arange(len(self.target)) if rows is None else rows)
        chosen = slice(None) if rows is None else rows
        weights = None if self.weights is None else self.weights[chosen]
        with quiet_warnings():  # a resample may lack a class; the metric's NaN or error says enough
            try:
                return score_predictions(self.metric, self.task, self.target[chosen], predictions[chosen], weights)
            except Exception:
                return math.nan

    def _mean_over_parts(self, predictions: Array, rows: Rows) -> float:
        """Return the mean of the scores of the parts that have one, NaN where none has."""
        whole, parts = replace(self, parts=None), np.asarray(self.parts)[rows]
        scores, counts = [], []
        for part in np.unique(parts):
            own = rows[parts == part]
            score = whole.score(predictions, own)
            if math.isfinite(score):
                scores.append(score)
                counts.append(len(own))
        return float(np.average(scores, weights=counts)) if scores else math.nan


@dataclass(frozen=True, slots=True)
class Resamples:
    """Drawn rows, the same for all predictions that are compared; `shrink` undoes the scatter of smaller draws."""

    draws: tuple[Rows, ...]
    shrink: float

    def scores(self, judge: Judge, predictions: Array) -> Array:
        """Return the score on each draw."""
        return np.array([judge.score(predictions, rows) for rows in self.draws])


def draw_resamples(judge: Judge, count: int, seed: int) -> Resamples:
    """Draw rows, or whole groups, with replacement, about `MAX_ROWS` at most in each draw."""
    rng, n_rows = np.random.default_rng(seed), len(judge.target)
    size = min(n_rows, MAX_ROWS)
    if judge.groups is None:
        draws: tuple[Rows, ...] = tuple(rng.integers(0, n_rows, size) for _ in range(count))
        return Resamples(draws, math.sqrt(size / n_rows))
    _, number, counts = np.unique(judge.groups, return_inverse=True, return_counts=True)
    by_group, starts = np.argsort(number, kind="stable"), np.cumsum(counts) - counts
    n_drawn = max(1, round(len(counts) * size / n_rows))
    draws = tuple(_rows_of(rng.integers(0, len(counts), n_drawn), by_group, starts, counts) for _ in range(count))
    return Resamples(draws, math.sqrt(n_drawn / len(counts)))


def standard_error(resampled: Array, shrink: float) -> float:
    """Return the standard deviation of resampled scores or differences; NaN where fewer than two have a value."""
    known = resampled[np.isfinite(resampled)]
    return float(known.std(ddof=1) * shrink) if len(known) > 1 else math.nan


def percentile_interval(
    score: float, resampled: Array, shrink: float, metric: MetricSpec, new_share: float = NEW_SHARE
) -> tuple[float, float]:
    """Return where the score of later rows of the same kind lies, 95 times in 100; the score alone without draws.

    `new_share` is how many later rows there are for each scored one. Two things move: the score, known from so many
    rows only, by what the draws show; and the later rows' own score, by as much on as many rows, and by
    `1 / sqrt(new_share)` times as much on fewer. Together that is `sqrt(1 + 1 / new_share)`: 2.24 times the draws'
    scatter for a quarter of the rows. Infinity asks for the score that the predictor would have on endless rows. The
    interval never goes past the metric's optimum. That later rows are of another kind is not in it.
    """
    known = resampled[np.isfinite(resampled)]
    if len(known) < 2 or not math.isfinite(score):
        return score, score
    tail = (100.0 - COVERAGE) / 2.0
    widened = shrink * math.sqrt(1.0 + 1.0 / new_share)
    low, high = (np.percentile(known, [tail, 100.0 - tail]) - known.mean()) * widened + score
    low, high = min(float(low), score), max(float(high), score)
    if metric.greater_is_better:
        return low, max(score, min(high, metric.optimum))
    return min(score, max(low, metric.optimum)), high


def _rows_of(drawn: Sequence[int] | Array, by_group: Rows, starts: Array, counts: Array) -> Rows:
    """Return the rows of the drawn groups, one group after another, repeated where a group is drawn again."""
    lengths = counts[drawn]
    offsets = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return np.asarray(by_group[np.repeat(starts[drawn], lengths) + offsets])
