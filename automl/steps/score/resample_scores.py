"""Resample scores: how far a score, or the difference of two, would move on other rows of the same kind."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from automl.plugin_api.scoring import never_past_optimum
from automl.plugin_api.specs import MetricSpec
from automl.steps.score.judge import Judge
from automl.vocabulary.arrays import Array, Rows

MAX_ROWS = 5_000
"""Rows of one resample. Fewer rows than there are scatter more, by the square root of the ratio, which is undone."""
HURRIED_DRAWS = 20
"""Resamples where they take a second in all at most, however little time is left."""
COVERAGE = 95.0
NEW_SHARE = 0.25
"""Rows of the later table that an interval is about, as a share of the scored ones: what an 80/20 split holds out."""


@dataclass(frozen=True, slots=True)
class Resamples:
    """Drawn rows, the same for all predictions that are compared; `shrink` undoes the scatter of smaller draws."""

    draws: tuple[Rows, ...]
    shrink: float

    def scores(self, judge: Judge, predictions: Array) -> Array:
        """Return the score on each draw; a metric that judges by group takes one that is drawn twice for two."""
        return np.array([_drawn(judge, rows).score(predictions[rows]) for rows in self.draws])


def draw_resamples(judge: Judge, count: int, seed: int) -> Resamples:
    """Draw rows, or whole groups, with replacement, about `MAX_ROWS` at most in each draw."""
    rng, n_rows = np.random.default_rng(seed), len(judge.target)
    size = min(n_rows, MAX_ROWS)
    units = judge.groups if judge.units is None and judge.metric.needs_groups else judge.units
    if units is None:
        draws: tuple[Rows, ...] = tuple(rng.integers(0, n_rows, size) for _ in range(count))
        return Resamples(draws, math.sqrt(size / n_rows))
    _, number, counts = np.unique(units, return_inverse=True, return_counts=True)
    by_group, starts = np.argsort(number, kind="stable"), np.cumsum(counts) - counts
    n_drawn = max(1, round(len(counts) * size / n_rows))
    draws = tuple(_rows_of(rng.integers(0, len(counts), n_drawn), by_group, starts, counts) for _ in range(count))
    return Resamples(draws, math.sqrt(n_drawn / len(counts)))


def count_draws(judge: Judge, predictions: Array, most: int, seconds: float) -> int:
    """Return how many resamples, at most `most`, can be scored in the seconds; see `HURRIED_DRAWS`."""
    if math.isinf(seconds):
        return most
    (rows,) = draw_resamples(judge, 1, 0).draws
    begun = time.monotonic()
    judge.score(predictions, rows)
    each = max(time.monotonic() - begun, 1e-6)
    return int(np.clip(seconds / each, np.clip(1.0 / each, 2, HURRIED_DRAWS), most))


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
    low, high = never_past_optimum(metric, low, high)
    return min(score, low), max(score, high)


def _drawn(judge: Judge, rows: Rows) -> Judge:
    """Return the judge of drawn rows, among which some stand several times."""
    drawn = judge.at(rows)
    if not judge.metric.needs_groups:
        return drawn
    _, number = np.unique(np.asarray(drawn.groups), return_inverse=True)
    return replace(drawn, groups=number + (int(number.max()) + 1) * times_before(rows))


def times_before(rows: Rows) -> Rows:
    """Return how often each drawn row stands before its place, `(n_drawn,)`."""
    order = np.argsort(rows, kind="stable")
    _, starts, counts = np.unique(rows[order], return_index=True, return_counts=True)
    found = np.empty(len(rows), dtype=np.int64)
    found[order] = np.arange(len(rows)) - np.repeat(starts, counts)
    return found


def _rows_of(drawn: Sequence[int] | Array, by_group: Rows, starts: Array, counts: Array) -> Rows:
    """Return the rows of the drawn groups, one group after another, repeated where a group is drawn again."""
    lengths = counts[drawn]
    offsets = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return np.asarray(by_group[np.repeat(starts[drawn], lengths) + offsets])
