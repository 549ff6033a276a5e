"""What comes before the first fit, and the preparation of a fold, grows as the table does: calls are counted."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from automl import AutoML
from automl.fitted.preparation import take_positions
from automl.plugin_api.protocols import FitContext
from automl.registry import discover
from automl.steps.audit.audit_given import audit_given
from automl.steps.audit.check_table import check_table
from automl.steps.fit.choose_preparation import choose_preparation
from automl.steps.fit.prepare_fold import prepare_fold
from automl.steps.fit.store_dataset import open_dataset, store_dataset
from automl.steps.fit.worker_cache import WorkerCache
from automl.steps.plan.encode_given import encode_given
from automl.steps.plan.given import Given, Search
from automl.steps.plan.parse_settings import parse_settings
from automl.steps.plan.understand import understand
from automl.steps.review.keep_rows import know_rows
from automl.table.take_table import Extras
from automl.vocabulary.deadline import Stopwatch

REGISTRY = discover()
SETTINGS = parse_settings({**AutoML(time_limit=60, n_jobs=1, verbose=0).get_params(deep=False)})
KINDS = ("numbers", "letters", "dates", "copies")


def drawn(kind: str, n_rows: int, n_columns: int) -> pd.DataFrame:
    """Draw a table of one kind of columns, with a target."""
    rng = np.random.default_rng(n_columns)
    values: Any = rng.normal(size=(n_rows, n_columns))
    if kind == "letters":
        values = rng.choice(list("abc"), values.shape)
    elif kind == "dates":
        values = (np.datetime64("2020-01-01") + rng.integers(0, 999, values.shape)).astype(str)
    elif kind == "copies":
        values[:5], values[0] = 1.0, np.nan
        values[:, n_columns // 2 :] = values[:, : n_columns - n_columns // 2]
    frame = pd.DataFrame(values, columns=[f"c{i}" for i in range(n_columns)])
    return frame.assign(y=np.arange(n_rows) % 2)


def before_the_first_fit(frame: pd.DataFrame, folder: Path) -> None:
    """Go through the steps of a search up to its first job, and of a worker up to its first fit; check the table."""
    search = Search(SETTINGS, REGISTRY, Stopwatch())
    asked = understand(Given(frame, "y", Extras()), search)
    table = encode_given(asked, search, folder)
    dataset, schema = table.dataset, table.dataset.schema
    opened = open_dataset(store_dataset(dataset, asked.plan, folder / str(len(frame) * frame.shape[1])).files)
    check_table(frame, schema, audit_given(asked, table, search).profile, ("y",))
    know_rows(dataset.features, dataset.target, asked.plan, schema.columns)
    preparation = choose_preparation(table.models["linear"], {}, schema, REGISTRY.preprocessors)
    context = FitContext(seed=0, threads=1, cache=WorkerCache(100.0))
    _ = prepare_fold(opened.dataset, opened.plan.folds[0], preparation, REGISTRY.preprocessors, context).megabytes


def calls_of(work: Callable[[], None]) -> int:
    """Return how many functions are called meanwhile, those written in C included."""
    counted = 0

    def count(frame: Any, event: str, argument: Any) -> None:
        nonlocal counted
        counted += event in ("call", "c_call")

    kept = sys.getprofile()
    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(kept)
    return counted


@pytest.mark.parametrize("kind", KINDS)
def test_four_times_the_columns_take_about_four_times_the_calls(kind, tmp_path):
    before_the_first_fit(drawn(kind, 40, 3), tmp_path / "first")  # imports, and what is made once
    few, many = (calls_of(lambda n=n: before_the_first_fit(drawn(kind, 40, n), tmp_path)) for n in (12, 48))
    assert many < 4.4 * few


def test_four_times_the_rows_take_about_as_many_calls(tmp_path):
    before_the_first_fit(drawn("numbers", 40, 10), tmp_path / "first")
    few, many = (calls_of(lambda n=n: before_the_first_fit(drawn("numbers", n, 10), tmp_path)) for n in (300, 1200))
    assert many < 1.5 * few


def test_what_a_step_does_not_take_is_found_in_one_pass():
    class Counted(tuple):
        passes = 0

        def __iter__(self):
            Counted.passes += 1
            return super().__iter__()

    frame = pd.DataFrame(np.zeros((2, 50), dtype=np.float32))
    taken, rest = take_positions(frame, Counted(range(0, 50, 2)))
    assert (taken.shape, rest.shape) == ((2, 25), (2, 25))
    assert Counted.passes <= 3
