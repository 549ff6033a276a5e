"""Small raw tables of each column kind, with odd names, missing values and a column without any value."""

from __future__ import annotations

import numpy as np
import pandas as pd

from automl.plugin_api import (
    Column,
    ColumnKind,
    Dataset,
    FitContext,
    PreprocessRequest,
    Schema,
    Task,
    TaskKind,
)
from automl_builtins.preprocessors import arithmetic, categorical, crosses, datetime, numeric, text, word_means

BINARY = Task(TaskKind.BINARY, "y", ("no", "yes"))
MULTICLASS = Task(TaskKind.MULTICLASS, "y", ("a", "b", "c"))
REGRESSION = Task(TaskKind.REGRESSION, "y")
NAMES = ("", "a b", "é", "a=b")
MODULES = (numeric, categorical, datetime, text, arithmetic, crosses, word_means)
SPECS = {spec.name: spec for module in MODULES for spec in module.automl_preprocessors()}
FINISHING = [name for name, spec in SPECS.items() if not spec.handles]


def numbers(n_rows=80, seed=0):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(n_rows, 4)).astype(np.float32)
    values[rng.random(values.shape) < 0.1] = np.nan
    values[:, 1] = 7.0
    values[:, 3] = np.nan
    return pd.DataFrame(values, columns=list(NAMES)), tuple(Column(name, ColumnKind.NUMERIC) for name in NAMES)


def categories(n_rows=80, seed=0):
    rng = np.random.default_rng(seed)
    codes = rng.integers(-1, 4, size=(n_rows, 4)).astype(np.int32)
    codes[:, 3] = -1
    levels = ("x", "y=z", "", "ü")
    return pd.DataFrame(codes, columns=list(NAMES)), tuple(
        Column(name, ColumnKind.CATEGORICAL, categories=levels) for name in NAMES
    )


def dates(n_rows=80, seed=0):
    rng = np.random.default_rng(seed)
    seconds = rng.uniform(-2e9, 4e9, size=(n_rows, 4))
    seconds[rng.random(seconds.shape) < 0.1] = np.nan
    seconds[:, 3] = np.nan
    return pd.DataFrame(seconds, columns=list(NAMES)), tuple(
        Column(name, ColumnKind.DATETIME, has_time=i % 2 == 0) for i, name in enumerate(NAMES)
    )


def texts(n_rows=80, seed=0):
    rng = np.random.default_rng(seed)
    words = np.array(["good", "BAD", "film", "actor", "42", "été", "really,", "a", "plot!", "日本語"])
    made = {name: [" ".join(rng.choice(words, size=rng.integers(0, 12))) for _ in range(n_rows)] for name in NAMES}
    made["a=b"] = [""] * n_rows
    return pd.DataFrame(made, dtype=object), tuple(Column(name, ColumnKind.TEXT) for name in NAMES)


def table_for(name, n_rows=80, seed=0):
    """Return a raw table that the preprocessor can take, and what its columns are."""
    handles = SPECS[name].handles
    for kind, make in (
        (ColumnKind.CATEGORICAL, categories),
        (ColumnKind.DATETIME, dates),
        (ColumnKind.TEXT, texts),
        (ColumnKind.NAME, texts),
    ):
        if kind in handles:
            return make(n_rows, seed)
    return numbers(n_rows, seed)


def dataset(frame, columns, task=BINARY, target=None, seed=0):
    rng = np.random.default_rng(seed)
    if target is None:
        size = len(frame)
        target = rng.integers(0, task.n_outputs, size) if task.kind.is_classification else rng.normal(size=size)
    return Dataset(frame, np.asarray(target), Schema(columns), task, np.arange(len(frame)))


def build(name, columns, task=BINARY, **params):
    return SPECS[name].build(PreprocessRequest(columns, task, params))


def fitted(name, frame, columns, task=BINARY, target=None, seed=0, **params):
    """Return the fitted preprocessor and its transformed training rows."""
    made = build(name, columns, task, **params)
    return made, made.fit_transform(dataset(frame, columns, task, target), FitContext(seed=seed))


def dense(features):
    return features.toarray() if hasattr(features, "tocsr") else features.to_numpy()


def names_of(preprocessor):
    return [column.name for column in preprocessor.output_columns()]
