"""Importance: by how much the score falls where a column's values are shuffled among the rows."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from automl.plugin_api.scoring import lower_is_better
from automl.plugin_api.specs import MetricSpec
from automl.predictor import Predictor
from automl.reporting.labelled import Labelled
from automl.steps.score.judge import Judge
from automl.steps.score.resample_scores import Resamples, draw_resamples
from automl.vocabulary.arrays import Array
from automl.vocabulary.schema import ColumnKind, Schema

IMPORTANCE_COLUMNS = ("feature", "importance", "low", "high", "repeats")
ROWS_AT_ONCE = 50_000
"""Rows that are predicted in one call: several shuffled copies of the table, one below the other."""
DRAWS = 100
"""Resamples of the rows that an interval rests on, spread over the repeats."""
Z = 1.959964


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is spent on importance: shuffles of each column, and seconds after which no further one is begun."""

    repeats: int = 5
    time_limit: float | None = None
    seed: int = 0
    n_jobs: int = 1


def permutation_importance(
    predictor: Predictor, rows: Labelled, metric: MetricSpec, effort: Effort = Effort()
) -> pd.DataFrame:
    """Return a row a column, the most important first.

    `importance` is the mean over the repeats of how much the metric's score falls, so that greater is always more
    important (Breiman, 2001; Fisher, Rudin and Dominici, 2019). `low` to `high` is a 95 % interval over other rows of
    the same kind and other shuffles: in each repeat the fall is measured on bootstrap resamples as well. Columns that
    no model sees have 0. Once the time is over, no further repeat is begun.
    """
    begun, rng = time.monotonic(), np.random.default_rng([effort.seed, 709])
    work = _Work(predictor, rows, metric, effort)
    groups = columns_together(predictor.schema)
    falls: dict[str, list[float]] = {name: [] for name in groups}
    drawn: dict[str, list[float]] = {name: [] for name in groups}
    for repeat in range(effort.repeats):
        took = time.monotonic() - begun
        if repeat and effort.time_limit is not None and took * (repeat + 1) / repeat > effort.time_limit:
            break
        order = rng.permutation(len(rows.target))
        for name, outputs in work.shuffled(groups, order):
            fall, resampled = work.fall(outputs, repeat)
            falls[name].append(fall)
            drawn[name].extend(resampled[np.isfinite(resampled)].tolist())
    found = []
    for name, each in falls.items():
        mean = float(np.mean(each))
        half = Z * float(np.std(drawn[name], ddof=1)) * work.shrink if len(drawn[name]) > 1 else np.nan
        found.append((name, mean, mean - half, mean + half, len(each)))
    unused = [name for name in predictor.schema.given if name not in groups]
    found.sort(key=lambda each: -each[1])
    found += [(name, 0.0, 0.0, 0.0, 0) for name in unused]
    return pd.DataFrame(found, columns=list(IMPORTANCE_COLUMNS))


def columns_together(schema: Schema) -> dict[str, list[str]]:
    """Return for each column of the user's table that models see the stored columns made of it: itself and parts."""
    groups: dict[str, list[str]] = {}
    for column in schema.columns:
        if column.kind is not ColumnKind.IGNORED:
            groups.setdefault(column.source if column.part else column.name, []).append(column.name)
    return groups


class _Work:
    """The rows as they are, scored; and what shuffled copies of them score."""

    def __init__(self, predictor: Predictor, rows: Labelled, metric: MetricSpec, effort: Effort) -> None:
        self.predictor, self.rows, self.n_jobs = predictor, rows, effort.n_jobs
        self.draws = max(5, DRAWS // effort.repeats)
        self.parts = list(rows.parts(predictor))
        self.judge = Judge(metric, predictor.task, rows.target, groups=rows.groups, decide=predictor.decided)
        self.resamples: dict[int, tuple[Resamples, Array]] = {}
        self.seed = effort.seed
        self.base = np.empty((len(rows.target), predictor.task.n_outputs))
        for part, chosen in self.parts:
            self.base[chosen] = part.predict_stored(rows.stored.iloc[chosen], self.n_jobs)
        self.loss = self.judge.loss(self.base)
        self.shrink = 1.0

    def shuffled(self, groups: dict[str, list[str]], order: Array) -> Iterator[tuple[str, Array]]:
        """Yield each group's name with the predictions of all rows where its columns are shuffled."""
        names = list(groups)
        at_once = max(1, ROWS_AT_ONCE // max(1, len(order)))
        for start in range(0, len(names), at_once):
            chosen = names[start : start + at_once]
            outputs = np.empty((len(chosen), *self.base.shape))
            for part, rows in self.parts:
                table = shuffled_copies(self.rows.stored, [groups[name] for name in chosen], rows, order[rows])
                found = part.predict_stored(table, self.n_jobs)
                outputs[:, rows] = found.reshape(len(chosen), len(rows), -1)
            yield from zip(chosen, outputs, strict=True)

    def fall(self, outputs: Array, repeat: int) -> tuple[float, Array]:
        """Return how much worse predictions score than those of the rows as they are: on all rows, and on resamples."""
        if repeat not in self.resamples:
            drawn = draw_resamples(self.judge, self.draws, self.seed + repeat)
            self.resamples[repeat] = drawn, drawn.scores(self.judge, self.base)
            self.shrink = drawn.shrink
        drawn, base = self.resamples[repeat]
        fall = self.judge.loss(outputs) - self.loss
        return fall, lower_is_better(self.judge.metric, drawn.scores(self.judge, outputs) - base)


def shuffled_copies(stored: pd.DataFrame, groups: list[list[str]], rows: Array, sources: Array) -> pd.DataFrame:
    """Return a copy of the rows for each group, one below the other, in which its columns come from the sources."""
    table = stored.take(np.tile(rows, len(groups))).reset_index(drop=True)
    for number, names in enumerate(groups):
        place = slice(number * len(rows), (number + 1) * len(rows))
        for name in names:
            values = table[name].to_numpy(copy=True)
            values[place] = stored[name].to_numpy()[sources]
            table[name] = values
    return table
