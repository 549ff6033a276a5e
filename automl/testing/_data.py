"""Tiny tables: prepared ones for models, raw ones for preprocessors, all with the same easy signal."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from automl.plugin_api import (
    CLASSIFICATION,
    ROWS,
    Array,
    Block,
    Column,
    ColumnKind,
    Dataset,
    MetricSpec,
    Placed,
    Schema,
    Task,
    TaskKind,
    Trait,
)

TASKS = {
    TaskKind.BINARY: Task(TaskKind.BINARY, "target", ("no", "yes")),
    TaskKind.MULTICLASS: Task(TaskKind.MULTICLASS, "target", ("high", "low", "middle")),
    TaskKind.REGRESSION: Task(TaskKind.REGRESSION, "target"),
}
FORMS = {
    TaskKind("quantile"): Task(
        TaskKind("quantile"), "target", parts=(Block("target", trait=Trait.ORDERED, levels=(0.1, 0.5, 0.9)),)
    )
}
"""Tasks with outputs of a form of their own, for what says that it does them."""
LEVELS = ("bad", "fair", "good")
DISTRICTS = tuple(f"district {number:02}" for number in range(30))
ODD_NAMES = (
    "a b", "", "é[0]", '{"key": "x,y"}', "<0>", "1", "line\nbreak", "target", "n" * 300, "%s", "a__b", "'", "/", "NaN",
)  # fmt: skip
START_OF_2020 = 1_577_836_800.0
DAY = 86_400.0
IMAGE_SIDE = 16
SENTENCE = 4


@dataclass(frozen=True, slots=True)
class Split:
    """Rows to learn from, rows for early stopping, and rows to predict; each with its target."""

    train: Dataset
    valid: Dataset
    test: Dataset


def make_split(
    task: Task,
    kinds: frozenset[ColumnKind],
    *,
    n_train: int = 160,
    n_numbers: int = 4,
    noise: float = 0.6,
) -> Split:
    """Return prepared rows with columns of the given kinds, and no missing values; labels of rows are shuffled.

    The level of a row, 0 to 2, shows in every column and decides the target; only the last number is pure noise.
    """
    n_valid, n_test = max(40, n_train // 8), 80
    n_rows = n_train + n_valid + n_test
    rng = np.random.default_rng(17)
    level: Array = rng.uniform(0.0, 2.0, n_rows)
    if task.has_classes:
        level = rng.integers(0, task.n_outputs, n_rows) * (2.0 / (task.n_outputs - 1))
    columns, values = _make_columns(level, kinds, n_numbers, noise, rng, True)
    features = _frame(values).set_axis(rng.permutation(n_rows) + 1000, axis=0)
    whole = _dataset(features, _target(level, task, rng), Schema(columns), task)
    cuts = np.cumsum([0, n_train, n_valid, n_test])
    train, valid, test = (pick(whole, np.arange(*cuts[part : part + 2])) for part in range(3))
    return Split(train, valid, test)


def make_raw(kind: ColumnKind | None, task: Task, *, n_rows: int = 120, missing: bool = False) -> Dataset:
    """Return raw stored columns of one kind (None: numeric features, as finishing steps take them).

    missing: whether some cells are missing, in the way in which this kind stores that.
    """
    rng = np.random.default_rng(23)
    level = rng.integers(0, 3, n_rows).astype(np.float64)
    wanted = frozenset({kind or ColumnKind.NUMERIC})
    columns, values = _make_columns(level, wanted, 3, 0.3, rng, False)
    if missing:
        for column in columns:
            lost = rng.random(n_rows) < 0.3
            values[column.name] = np.where(lost, np.array(missing_value(column.kind)), values[column.name]).astype(
                values[column.name].dtype
            )
        columns = tuple(replace(column, missing_fraction=0.3) for column in columns)
    target = _target(level if task.kind is not TaskKind.BINARY else np.minimum(level, 1.0) * 2.0, task, rng)
    return _dataset(_frame(values), target, Schema(columns), task)


def missing_value(kind: ColumnKind) -> Any:
    """Return what stands for a missing value in a raw stored column."""
    if kind is ColumnKind.CATEGORICAL:
        return -1
    if kind is ColumnKind.TEXT:
        return ""
    return None if kind in (ColumnKind.IMAGE, ColumnKind.SEQUENCE) else np.nan


def pick(data: Dataset, rows: Array) -> Dataset:
    """Return some rows of a dataset, in the order of `rows`."""
    features = data.features.iloc[rows] if isinstance(data.features, pd.DataFrame) else data.features[rows]
    weights = None if data.weights is None else data.weights[rows]
    return replace(data, features=features, target=data.target[rows], rows=data.rows[rows], weights=weights)


def with_features(data: Dataset, features: Any, schema: Schema | None = None) -> Dataset:
    """Return the dataset with other features, and a fingerprint of its own."""
    content = (
        features.to_string() if isinstance(features, pd.DataFrame) else repr((features.shape, features.data.sum()))
    )
    mark = hashlib.sha256(content.encode()).hexdigest()[:12]
    return replace(data, features=features, schema=schema or data.schema, fingerprint=f"{data.fingerprint}/{mark}")


def renamed(data: Dataset, names: Sequence[str] = ODD_NAMES) -> Dataset:
    """Return the dataset with its columns renamed, in the frame and in the schema."""
    columns = tuple(replace(column, name=name) for column, name in zip(data.schema.columns, names, strict=False))
    features = data.features.copy()
    features.columns = pd.Index([column.name for column in columns], dtype=object)
    return replace(data, features=features, schema=Schema(columns))


def _dataset(features: pd.DataFrame, target: Array, schema: Schema, task: Task) -> Dataset:
    texts = pd.DataFrame({place: _as_text(features.iloc[:, place].to_numpy()) for place in range(features.shape[1])})
    content = pd.util.hash_pandas_object(texts, index=False).to_numpy().tobytes()
    mark = hashlib.sha256(content + repr((features.shape, task.kind, schema.names)).encode()).hexdigest()[:12]
    return Dataset(features, target, schema, task, np.arange(len(target)), fingerprint=f"contract-kit-{mark}")


def _as_text(values: Array) -> Array:
    """Return objects as text, of an image, which is an array, the sum of its pixels; other values as they are."""
    if values.dtype != object:
        return values
    return np.array([str(each.sum()) if isinstance(each, np.ndarray) else str(each) for each in values])


def _frame(values: dict[str, Any]) -> pd.DataFrame:
    """Return a frame that keeps the types of its columns; text stays `object`, as in the engine."""
    frame = pd.DataFrame({name: pd.Series(each, dtype=each.dtype) for name, each in values.items()})
    return frame.set_axis(pd.Index(list(values), dtype=object), axis=1)


def _target(level: Array, task: Task, rng: np.random.Generator) -> Array:
    if task.targets:
        return np.column_stack([_target(level, each, rng) for each in task.targets])
    if not task.has_classes:
        return np.asarray(100.0 + 10.0 * level + rng.normal(0.0, 0.5, len(level)))
    return np.round(level * (len(task.classes) - 1) / 2.0).astype(np.int64)


def _make_columns(
    level: Array, kinds: frozenset[ColumnKind], n_numbers: int, noise: float, rng: np.random.Generator, prepared: bool
) -> tuple[tuple[Column, ...], dict[str, Any]]:
    """Return columns that all show the level, and their values; `prepared` ones have codes as float32."""

    def near() -> Any:
        return np.clip(np.round(level + rng.normal(0.0, noise, len(level))), 0, 2).astype(np.int64)

    code = np.float32 if prepared else np.int32
    made: list[tuple[Column, Any]] = []
    if ColumnKind.NUMERIC in kinds:
        made += _numbers(level, n_numbers, noise, rng)
    if ColumnKind.BOOLEAN in kinds:
        made.append((Column("flag", ColumnKind.BOOLEAN), (near() >= 1).astype(np.float32)))
    if ColumnKind.CATEGORICAL in kinds:
        made.append((Column("rating", ColumnKind.CATEGORICAL, categories=LEVELS), near().astype(code)))
        spread_out = near() * 10 + rng.integers(0, 10, len(level))
        made.append((Column("district", ColumnKind.CATEGORICAL, categories=DISTRICTS), spread_out.astype(code)))
    if ColumnKind.DATETIME in kinds:
        made += _dates(level, rng)
    made += [(column, values(near(), rng)) for column, values in OF_OBJECTS if column.kind in kinds]
    columns = tuple(replace(column, n_distinct=len(np.unique(_as_text(values)))) for column, values in made)
    return columns, {column.name: values for column, values in made}


def _numbers(level: Array, count: int, noise: float, rng: np.random.Generator) -> list[tuple[Column, Any]]:
    """Return numbers that rise and fall with the level in turn, and one last one of noise."""
    signs = [(-1.0) ** number for number in range(count - 1)] + [0.0]
    return [
        (
            Column(f"number_{number}", ColumnKind.NUMERIC),
            (sign * level + rng.normal(0.0, noise, len(level))).astype(np.float32),
        )
        for number, sign in enumerate(signs)
    ]


def _dates(level: Array, rng: np.random.Generator) -> list[tuple[Column, Any]]:
    """Return a day and a moment of that day, as seconds since 1970."""
    day = START_OF_2020 + np.floor(level * 400.0 + rng.uniform(0.0, 100.0, len(level))) * DAY
    moment = day + np.floor(rng.uniform(0.0, 24.0, len(level))) * 3600.0
    return [
        (Column("day", ColumnKind.DATETIME), day),
        (Column("moment", ColumnKind.DATETIME, has_time=True), moment),
    ]


def _sentences(level: Array, rng: np.random.Generator) -> Array:
    filler = ("we stayed", "the room was", "it is a", "they called it", "on the whole")
    starts = rng.integers(0, len(filler), len(level))
    made = [f"{filler[start]} {LEVELS[each]} place" for start, each in zip(starts, level, strict=True)]
    return np.array(made, dtype=object)


def _posts(level: Array, rng: np.random.Generator) -> Array:
    """Return what posts are called, whose words say the level of their row."""
    places = ("north", "south", "old town", "harbour", "airport", "central station", "hill", "river side")
    made = [
        f"{LEVELS[each]} post {places[place]}"
        for each, place in zip(level, rng.integers(0, 8, len(level)), strict=True)
    ]
    return np.array(made, dtype=object)


def _words(level: Array, rng: np.random.Generator) -> Array:
    """Return words in sentences of four, which say the level of their row."""
    cells = np.empty(len(level), dtype=object)
    words = [f"{LEVELS[each]}{rng.choice(('', 'ish', '-like'))}" for each in level]
    for start in range(0, len(level), SENTENCE):
        text = ROWS.join(words[start : start + SENTENCE])
        for place in range(min(SENTENCE, len(level) - start)):
            cells[start + place] = Placed(place, text)
    return cells


def _images(level: Array, rng: np.random.Generator) -> Array:
    """Return small pictures, from dark to bright with the level; a few are equal."""
    shades = np.array([20, 120, 230])[level] + rng.integers(-15, 16, len(level))
    pictures = np.empty(len(level), dtype=object)
    for row, shade in enumerate(shades):
        pictures[row] = np.full((IMAGE_SIDE, IMAGE_SIDE, 3), shade, dtype=np.uint8)
    return pictures


def log_loss(target: Array, probabilities: Array, weights: Array | None = None) -> float:
    """Return the mean negative log-probability of the true class; probabilities are cut at 1e-6."""
    hit = np.clip(np.asarray(probabilities, dtype=np.float64)[np.arange(len(target)), target], 1e-6, 1.0)
    return float(np.average(-np.log(hit), weights=weights))


def rmse(target: Array, values: Array, weights: Array | None = None) -> float:
    """Return the root of the mean squared error."""
    return float(np.sqrt(np.average((np.asarray(values, dtype=np.float64).ravel() - target) ** 2, weights=weights)))


def pinball(target: Array, outputs: Array, weights: Array | None, task: Task) -> float:
    """Return the mean pinball loss over rows and levels."""
    levels = np.asarray(task.blocks[0].levels)
    missing = target[:, None] - np.asarray(outputs, dtype=np.float64)
    return float(np.average(np.maximum(levels * missing, (levels - 1.0) * missing).mean(axis=1), weights=weights))


LOG_LOSS = MetricSpec("log_loss", log_loss, False, 0.0, "probabilities", CLASSIFICATION, objective="log_loss")
RMSE = MetricSpec("rmse", rmse, False, 0.0, "values", frozenset({TaskKind.REGRESSION}), objective="squared")


def rmse_of_targets(target: Array, values: Array, weights: Array | None = None) -> float:
    """Return the mean over several targets of the root of the mean squared error."""
    return float(np.mean([rmse(each, found, weights) for each, found in zip(target.T, values.T, strict=True)]))


RMSE_OF_TARGETS = MetricSpec("rmse", rmse_of_targets, False, 0.0, "outputs", frozenset(), objective="squared")
PINBALL = MetricSpec("pinball", pinball, False, 0.0, "outputs", frozenset(FORMS), needs_task=True)


def metric_for(task: Task) -> MetricSpec:
    """Return the metric by which the kit judges predictions of this task."""
    if task.targets:
        return RMSE_OF_TARGETS
    if task.parts:
        return PINBALL
    return LOG_LOSS if task.has_classes else RMSE


OF_OBJECTS = (
    (Column("note", ColumnKind.TEXT), _sentences),
    (Column("post name", ColumnKind.NAME, source="post", part="name"), _posts),
    (Column("word", ColumnKind.SEQUENCE), _words),
    (Column("picture", ColumnKind.IMAGE, side=IMAGE_SIDE), _images),
)
"""Columns whose cells are objects, and how they are made of the level of each row."""
